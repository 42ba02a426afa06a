# SPDX-License-Identifier: Apache-2.0
"""Delivering: in order within a repository, at least once, and no receiver slows another one down."""

import asyncio
from collections import Counter

import pytest

from entrepot.features.webhooks.deliverer import Capacity
from entrepot.features.webhooks.models import PAUSED_AFTER_MS
from entrepot.features.webhooks.models import TRIED_MS
from entrepot.features.webhooks.models import PausedBy
from entrepot.features.webhooks.queue import Claimed
from entrepot.features.webhooks.store import webhooks
from entrepot.infra.events import outbox
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.webhooks.queueing import Queueing

LEASE_MS = Capacity().lease_ms

pytestmark = pytest.mark.anyio


async def test_what_happens_in_a_repository_is_told_in_order(queueing: Queueing) -> None:
    """Two processes deliver, and nobody is told of the second before the first was tried."""
    webhook = await queueing.webhook()
    queueing.start()
    subjects = [str(number) for number in range(20)]
    await queueing.queue(webhook, *subjects)

    await queueing.deliver()

    assert [subject for _, subject in queueing.receivers.came] == subjects
    assert set(await queueing.states(webhook)) == {"delivered"}


async def test_a_delivery_that_fails_holds_nothing_up(queueing: Queueing, clock: SettableClock) -> None:
    """What comes behind it goes on; it is tried again later, with the same id."""
    webhook = await queueing.webhook()
    queueing.receivers.is_up = lambda _, subject: subject != "1"
    await queueing.queue(webhook, "1", "2", "3")

    await queueing.deliver()
    assert await queueing.states(webhook) == ["due", "delivered", "delivered"]

    queueing.receivers.is_up = lambda *_: True
    clock.advance(5 * SECOND_MS)
    await queueing.deliver()
    assert [subject for _, subject in queueing.receivers.came] == ["1", "2", "3", "1"]
    assert await queueing.states(webhook) == ["delivered"] * 3


async def test_repositories_do_not_wait_for_each_other(queueing: Queueing) -> None:
    """While the first of one is being sent, that of another one is too."""
    webhook, all_there = await queueing.webhook(), asyncio.Event()
    await queueing.queue(webhook, "a1", "a2", repository="team/a")
    await queueing.queue(webhook, "b1", repository="team/b")

    async def wait(_claimed: Claimed) -> None:
        """Answer nothing before both are here."""
        if len(queueing.receivers.came) >= 2:
            all_there.set()
        await all_there.wait()

    queueing.receivers.before = wait
    await queueing.deliver()

    assert {subject for _, subject in queueing.receivers.came[:2]} == {"a1", "b1"}
    assert queueing.receivers.came[2] == ("hook", "a2")


async def test_a_process_that_dies_while_sending_loses_nothing(queueing: Queueing, clock: SettableClock) -> None:
    """Nothing was written down, so another process sends it again once the lease is over; order is kept."""
    webhook = await queueing.webhook()
    dead, sent = queueing.start(), asyncio.Event()
    await queueing.queue(webhook, "1", "2")

    async def never_end(_claimed: Claimed) -> None:
        """Be sent, and then let the process be gone."""
        sent.set()
        await asyncio.Event().wait()

    queueing.receivers.before = never_end
    await dead.turn()
    await sent.wait()
    queueing.receivers.before = None
    clock.advance(LEASE_MS - 1)
    assert not await queueing.deliverer.turn()
    clock.advance(1)
    queueing.deliverers.remove(dead)
    await queueing.deliver()
    await dead.leave()

    assert [subject for _, subject in queueing.receivers.came] == ["1", "1", "2"]
    assert await queueing.states(webhook) == ["delivered", "delivered"]


async def test_what_a_slow_process_finds_out_too_late_changes_nothing(queueing: Queueing, clock: SettableClock) -> None:
    """Its lease was over, another process delivered: what it has to say of the delivery is no longer asked for."""
    webhook, go_on = await queueing.webhook(), asyncio.Event()
    slow = queueing.start()
    await queueing.queue(webhook, "1")

    async def wait(_claimed: Claimed) -> None:
        """Take longer than a lease."""
        await go_on.wait()

    queueing.receivers.before = wait
    await slow.turn()
    await asyncio.sleep(0)
    queueing.receivers.before, queueing.receivers.is_up = None, lambda *_: True
    clock.advance(LEASE_MS)
    queueing.deliverers.remove(slow)
    await queueing.deliver()
    queueing.receivers.is_up = lambda *_: False
    go_on.set()
    queueing.deliverers.append(slow)
    await queueing.deliver()

    [delivery] = await queueing.log(webhook)
    assert (delivery.state.value, delivery.attempts) == ("delivered", 1)


async def test_a_process_that_stops_gives_back_what_it_was_at(queueing: Queueing, clock: SettableClock) -> None:
    """Another one sends it at once, and does not wait for the lease."""
    webhook, sent = await queueing.webhook(), asyncio.Event()
    stopping = queueing.start()
    await queueing.queue(webhook, "1", "2")

    async def never_end(_claimed: Claimed) -> None:
        """Take for ever."""
        sent.set()
        await asyncio.Event().wait()

    queueing.receivers.before = never_end
    running = asyncio.create_task(stopping.run())
    await sent.wait()
    running.cancel()
    await asyncio.wait([running])
    queueing.receivers.before = None
    clock.advance(5 * SECOND_MS)
    await queueing.deliver()

    assert await queueing.states(webhook) == ["delivered", "delivered"]
    assert [subject for _, subject in queueing.receivers.came] == ["1", "1", "2"]


async def test_dead_receivers_slow_nobody(queueing: Queueing) -> None:
    """Receivers that never answer hold a few places; a live one hears all of a burst meanwhile."""
    dead = [await queueing.webhook(f"dead-{number}") for number in range(6)]
    live, go_on = await queueing.webhook("live"), asyncio.Event()
    for webhook in dead:
        for number in range(10):
            await queueing.queue(webhook, str(number), repository=f"team/{number}")
    await queueing.queue(live, *map(str, range(50)))

    async def wait(claimed: Claimed) -> None:
        """Leave the dead ones waiting."""
        if claimed.sender.webhook.id != live.id:
            await go_on.wait()

    queueing.receivers.before = wait
    async with asyncio.timeout(20):
        while len([name for name, _ in queueing.receivers.came if name == "live"]) < 50:
            await queueing.deliverer.turn()
            await asyncio.sleep(0.001)

    held = Counter(name for name, _ in queueing.receivers.came if name != "live")
    assert max(held.values()) <= Capacity().of_webhook
    go_on.set()
    await queueing.deliver()


async def test_receivers_that_fail_have_half_of_the_places(queueing: Queueing, clock: SettableClock) -> None:
    """One each, and all of them together no more than that, however many there are."""
    queueing.receivers.is_up = lambda *_: False
    failing = [await queueing.webhook(f"failing-{number:02}") for number in range(20)]
    for webhook in failing:
        await queueing.queue(webhook, "1")
    await queueing.deliver()
    clock.advance(MINUTE_MS)
    go_on = asyncio.Event()

    async def wait(_claimed: Claimed) -> None:
        """Hold the place."""
        await go_on.wait()

    queueing.receivers.came.clear()
    queueing.receivers.before = wait
    for _ in range(3):
        await queueing.deliverer.turn()
        await asyncio.sleep(0)
    assert len(queueing.receivers.came) == Capacity().all_failing
    go_on.set()
    await queueing.deliver()


async def test_after_a_day_a_delivery_is_given_up(queueing: Queueing, clock: SettableClock) -> None:
    """It is tried ever more seldom for 24 hours, and then no more."""
    webhook = await queueing.webhook()
    queueing.receivers.is_up = lambda *_: False
    await queueing.queue(webhook, "1")
    began = clock()

    while (due := await queueing.next_due()) is not None:
        clock.advance(max(0, due - clock()))
        await queueing.deliver()

    [delivery] = await queueing.log(webhook)
    assert (delivery.state.value, delivery.reason) == ("failed", "down")
    assert clock() - began == TRIED_MS
    assert 24 <= delivery.attempts <= 80


async def test_a_receiver_that_is_back_within_the_day_hears_everything(
    queueing: Queueing, clock: SettableClock
) -> None:
    """23 hours are no time: everything that happened meanwhile arrives, once."""
    webhook = await queueing.webhook()
    queueing.receivers.is_up = lambda *_: False
    for hour in range(23):
        await queueing.queue(webhook, str(hour))
        await queueing.deliver()
        clock.advance(HOUR_MS)
    queueing.receivers.is_up = lambda *_: True
    queueing.receivers.came.clear()
    clock.advance(HOUR_MS - SECOND_MS)
    await queueing.deliver()

    assert set(await queueing.states(webhook)) == {"delivered"}
    assert sorted(subject for _, subject in queueing.receivers.came) == sorted(map(str, range(23)))


async def test_a_receiver_that_takes_nothing_for_days_is_paused(queueing: Queueing, clock: SettableClock) -> None:
    """It is told why; what happens from then on waits, and goes out when it is resumed."""
    webhook = await queueing.webhook()
    queueing.receivers.is_up = lambda *_: False
    while not (await queueing.shown(webhook)).is_paused:
        await queueing.queue(webhook, str(clock()))
        await queueing.deliver()
        clock.advance(6 * HOUR_MS)

    paused = await queueing.shown(webhook)
    assert paused.paused_by is PausedBy.FAILURE
    assert PAUSED_AFTER_MS <= (paused.paused_at or 0) - (paused.failing_since or 0) <= PAUSED_AFTER_MS + DAY_MS
    told = await queueing.database.read(outbox.read_after, outbox.BEGINNING, 100)
    assert [row.type for row in told] == [Change.WEBHOOK_PAUSED.value]
    assert "every attempt has failed for 3 days" in told[0].payload


async def test_a_success_ends_the_count_of_failures(queueing: Queueing, clock: SettableClock) -> None:
    """A receiver that fails now and then is never paused."""
    webhook = await queueing.webhook()
    for day in range(8):
        queueing.receivers.is_up = lambda _, subject: subject.startswith("up")
        await queueing.queue(webhook, f"down-{day}", f"up-{day}")
        await queueing.deliver()
        clock.advance(DAY_MS)

    assert not (await queueing.shown(webhook)).is_paused


async def test_nothing_is_sent_while_a_webhook_is_paused(queueing: Queueing) -> None:
    """Its queue stays."""
    webhook = await queueing.webhook()
    await queueing.database.write(webhooks.pause, webhook.id, PausedBy.PERSON, queueing.clock(), "")
    await queueing.queue(webhook, "1")
    await queueing.deliver()
    assert (queueing.receivers.came, await queueing.states(webhook)) == ([], ["due"])


async def test_a_webhook_that_is_deleted_stops_at_once(queueing: Queueing) -> None:
    """What was being sent is forgotten with it, and what comes of it is no error."""
    webhook, go_on = await queueing.webhook(), asyncio.Event()
    await queueing.queue(webhook, "1", "2", "3")

    async def wait(_claimed: Claimed) -> None:
        """Be sent while the webhook goes."""
        await go_on.wait()

    queueing.receivers.before = wait
    await queueing.deliverer.turn()
    await asyncio.sleep(0)
    await queueing.database.write_locked(webhooks.remove, webhook.id)
    go_on.set()
    await queueing.deliver()

    assert [subject for _, subject in queueing.receivers.came] == ["1"]


async def test_a_receiver_may_ask_for_a_longer_pause(queueing: Queueing, clock: SettableClock) -> None:
    """`Retry-After` is longer than our own pause, and counts."""
    webhook = await queueing.webhook()
    queueing.receivers.is_up = lambda *_: False
    queueing.receivers.retry_after_seconds = 1_800
    await queueing.queue(webhook, "1")
    await queueing.deliver()
    assert await queueing.next_due() == clock() + 1_800 * SECOND_MS
