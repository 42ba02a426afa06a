# SPDX-License-Identifier: Apache-2.0
"""What is old or too much is forgotten, and nothing else."""

import pytest

from entrepot.features.webhooks.jobs import Tidying
from entrepot.features.webhooks.models import KEPT_DAYS
from entrepot.features.webhooks.store import tidying
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.webhooks.queueing import Queueing

pytestmark = pytest.mark.anyio


async def test_what_ended_a_month_ago_is_forgotten(queueing: Queueing, clock: SettableClock) -> None:
    """By when it ended; what has not ended stays, however old it is."""
    webhook = await queueing.webhook()
    await queueing.queue(webhook, "old")
    await queueing.deliver()
    clock.advance(HOUR_MS)
    await queueing.queue(webhook, "newer")
    await queueing.deliver()
    await queueing.queue(webhook, "waits")
    clock.advance(KEPT_DAYS * DAY_MS)

    assert await Tidying(queueing.database, clock).run() == 1
    assert [each.subject for each in await queueing.log(webhook)] == ["newer", "waits"]


async def test_only_so_many_are_kept_of_each_webhook(queueing: Queueing, clock: SettableClock) -> None:
    """The newest of each state."""
    webhook, other = await queueing.webhook(), await queueing.webhook("other")
    queueing.receivers.is_up = lambda _, subject: subject != "x"
    for each in (webhook, other):
        await queueing.queue(each, *map(str, range(5)))
    await queueing.queue(webhook, "6")
    await queueing.deliver()

    assert await Tidying(queueing.database, clock, kept=5).run() == 1
    assert [each.subject for each in await queueing.log(webhook)] == ["1", "2", "3", "4", "6"]
    assert len(await queueing.log(other)) == 5


async def test_what_waits_beyond_the_limit_is_given_up_with_a_reason(queueing: Queueing, clock: SettableClock) -> None:
    """The oldest; the first of a repository is due, and so is not among them, and the others go on behind it."""
    webhook = await queueing.webhook()
    await queueing.queue(webhook, *map(str, range(6)))

    assert await Tidying(queueing.database, clock, waiting=2).run() == 3
    log = await queueing.log(webhook)
    assert [each.state.value for each in log] == ["due", "dropped", "dropped", "dropped", "waiting", "waiting"]
    assert {each.reason for each in log[1:4]} == {tidying.TOO_MUCH}
    await queueing.deliver()
    assert [subject for _, subject in queueing.receivers.came] == ["0", "4", "5"]


async def test_figures_tell_what_waits_and_what_came_of_attempts(queueing: Queueing, clock: SettableClock) -> None:
    """Counts by outcome, and how old the oldest is."""
    webhook, began = await queueing.webhook(), clock()
    queueing.receivers.is_up = lambda _, subject: subject != "1"
    await queueing.queue(webhook, "1", "2", "3")
    await queueing.deliver()

    found = await queueing.database.survey(tidying.figures)
    assert (found.waiting, found.oldest, found.paused) == (1, began, 0)
    assert found.attempts == {"delivered": 2, "failed": 1}
