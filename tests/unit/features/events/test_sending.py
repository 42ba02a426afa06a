# SPDX-License-Identifier: Apache-2.0
"""Sending what happens to a sink: everything, in order, at least once, by one process at a time."""

import asyncio
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import pytest

from entrepot.features.events import store
from entrepot.features.events.cloudevents import NAMES
from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.sending import LEASE_MS
from entrepot.features.events.sending import Sending
from entrepot.features.events.sending import Wanted
from entrepot.features.events.sinks.interface import NotSent
from entrepot.features.events.sinks.interface import Sink
from entrepot.infra.events import outbox
from entrepot.infra.events.pacing import Doorbell
from entrepot.kernel.clock import DAY_MS
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import until_final
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio

WANTED = Wanted(NAMES - {"repository.created"}, "https://registry.example")
IMAGES = [an_image_manifest(marker=str(number)) for number in range(3)]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with nothing in it."""
    with a_core(tmp_path) as running:
        yield running


class ListSink(Sink):
    """Keeps what it is sent; says no, or ends after it took everything, as often as told."""

    def __init__(self) -> None:
        self.taken: list[CloudEvent] = []
        self.refusals = 0
        self.crashes = 0

    async def send(self, events: Sequence[CloudEvent]) -> None:
        """Take them, or not."""
        if self.refusals:
            self.refusals -= 1
            raise NotSent("the sink is full")
        self.taken += events
        if self.crashes:
            self.crashes -= 1
            raise asyncio.CancelledError

    async def close(self) -> None:
        """Hold nothing."""

    @property
    def ids(self) -> list[str]:
        """What came, in order."""
        return [each.id for each in self.taken]

    def names(self) -> list[str]:
        """What happened, in order."""
        return [each.name for each in self.taken]


def a_sending(running: RunningCore, sink: Sink, name: str = "bus", wanted: Wanted = WANTED) -> Sending:
    """Return what sends, as another process would."""
    return Sending(name, sink, wanted, running.database, Doorbell(), running.clock)


async def send_all(sending: Sending) -> None:
    """Send until nothing waits."""
    while await sending.step():
        pass


async def push(running: RunningCore, *numbers: int) -> None:
    """Push images with tags; what others do on the same server meanwhile holds the events of that back for a moment."""
    for number in numbers:
        await running.put_image(IMAGES[number], f"v{number}")
    await until_final(running.database)


async def test_everything_arrives_in_the_order_of_commits(running: RunningCore) -> None:
    """What happened before the sink was known does not."""
    sink = ListSink()
    await push(running, 0)
    await send_all(sending := a_sending(running, sink))
    assert sink.taken == []
    await push(running, 1, 2)
    await send_all(sending)

    assert sink.names() == ["manifest.pushed", "tag.created"] * 2
    assert [each.sequence for each in sink.taken] == sorted({each.sequence for each in sink.taken})
    assert {each.source for each in sink.taken} == {"https://registry.example"}


async def test_only_what_is_wanted_is_sent(running: RunningCore) -> None:
    """And the cursor passes the rest."""
    sink = ListSink()
    sending = a_sending(running, sink, wanted=Wanted(frozenset({"tag.created"}), ""))
    await send_all(sending)
    await push(running, 0, 1)
    await send_all(sending)

    assert sink.names() == ["tag.created"] * 2
    [lag] = [each for each in await running.database.read(outbox.lag) if each.name == "sink:bus"]
    assert lag.behind == 0


async def test_a_sink_that_fails_is_sent_it_again(running: RunningCore) -> None:
    """Nothing is skipped; that it fails, since when and why stands beside its cursor until it takes something."""
    sink = ListSink()
    await send_all(sending := a_sending(running, sink))
    await push(running, 0, 1)
    sink.refusals = 2
    pauses = [await sending.try_step() for _ in range(2)]
    [failing] = [each for each in await running.database.read(outbox.lag) if each.name == "sink:bus"]
    await send_all(sending)
    [healthy] = [each for each in await running.database.read(outbox.lag) if each.name == "sink:bus"]

    assert all(pause is not None and pause >= 500 for pause in pauses)
    assert (failing.last_error, failing.failing_since) == ("the sink is full", running.clock())
    assert sink.names() == ["manifest.pushed", "tag.created"] * 2
    assert healthy.failing_since is None


async def test_a_process_that_ends_before_it_notes_it_has_it_sent_again(running: RunningCore) -> None:
    """By the next one, with the same ids, so that whoever reads them can drop what came twice."""
    sink = ListSink()
    await send_all(first := a_sending(running, sink))
    await push(running, 0)
    sink.crashes = 1
    with pytest.raises(asyncio.CancelledError):
        await first.step()
    running.clock.now += LEASE_MS
    await send_all(a_sending(running, sink))

    once = sink.ids[:2]
    assert sink.ids == once * 2
    assert len(set(once)) == 2


async def test_one_process_sends_at_a_time(running: RunningCore) -> None:
    """Another one waits until its lease is over."""
    mine, others = ListSink(), ListSink()
    await send_all(first := a_sending(running, mine))
    await send_all(second := a_sending(running, others))
    await push(running, 0)
    await send_all(second)
    assert others.taken == []
    await send_all(first)
    assert mine.names() == ["manifest.pushed", "tag.created"]

    running.clock.now += LEASE_MS
    await push(running, 1)
    await send_all(second)
    await send_all(first)
    assert others.names() == ["manifest.pushed", "tag.created"]
    assert len(mine.taken) == 2


async def test_a_sink_that_was_taken_out_is_forgotten(running: RunningCore) -> None:
    """A week later; until then it keeps what happened, for it may come back."""
    sink = ListSink()
    for name in ("bus", "archive"):
        await a_sending(running, sink, name).step()
    early = await running.database.write(store.forget_others, ["bus"], running.clock())
    running.clock.now += DAY_MS
    gone = await running.database.write(store.forget_others, ["bus"], running.clock())

    assert (early, gone) == ([], ["archive"])
    assert await running.database.read(outbox.cursor_of, "sink:archive") is None
    assert await running.database.read(outbox.cursor_of, "sink:bus") is not None
