# SPDX-License-Identifier: Apache-2.0
"""One stream, on a core to which everybody has every right until a test says otherwise."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from entrepot.entry.everything import Everything
from entrepot.features.events.errors import StreamsExhausted
from entrepot.features.events.models import Filter
from entrepot.features.events.models import Start
from entrepot.features.events.models import Tidings
from entrepot.features.events.service import Events
from entrepot.features.events.subscription import Pace
from entrepot.features.events.subscription import Subscription
from entrepot.infra.events import outbox
from entrepot.infra.events.tail import Tail
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unavailable
from entrepot.registry.rights import Rights
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import until_final
from tests.builders.manifests import an_image_manifest
from tests.interop.core_alone import EverybodyIsKnown

ALICE, BOB = Principal(PrincipalKind.USER, "alice"), Principal(PrincipalKind.USER, "bob")
EVERYTHING, NOW = Filter(), Start()
RESET = "event: reset"
KEPT = 4
QUICK = Pace(check_seconds=0.0, heartbeat_seconds=0.05, retry_ms=500)
PATIENCE_SECONDS = 10.0

pytestmark = pytest.mark.anyio


class Logins(EverybodyIsKnown):
    """Logins that end, and that may not be asked about for a while."""

    def __init__(self) -> None:
        self.are_live = True
        self.times_away = 0

    async def is_live(self, principal: Principal) -> bool:
        """Answer, if that can be."""
        if self.times_away:
            self.times_away -= 1
            raise Unavailable
        return self.are_live


class Repositories(Everything):
    """Rights to repositories that are taken away."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return those that are not hidden."""
        return set(repositories) - self.hidden


class Stage:
    """A core with events, and a listener whose login and rights a test holds."""

    def __init__(self, running: RunningCore) -> None:
        self.running = running
        self.logins, self.repositories = Logins(), Repositories()
        tail = Tail(running.database, Tidings.of, kept_rows=KEPT)
        self.events = Events(tail, Rights(self.logins, self.repositories), QUICK)

    async def push(self, number: int) -> None:
        """Push an image: two events, and one more for the first."""
        await self.running.put_image(an_image_manifest(annotations={"number": f"{number}"}), f"v{number}")

    async def place(self) -> str:
        """Return the place behind everything that has happened, as streams tell it."""
        await until_final(self.running.database)
        end = await self.running.database.read(outbox.end)
        return f"{end.txid}-{end.seq}"

    @asynccontextmanager
    async def listening(self, wanted: Filter = EVERYTHING, start: Start = NOW) -> AsyncIterator["Chunks"]:
        """Hold a stream."""
        subscription = await self.events.subscribe(ALICE, wanted, start)
        try:
            yield Chunks(subscription)
        finally:
            subscription.close()


class Chunks:
    """What a stream yields, one at a time: like a client that reads as slowly as a test wants."""

    def __init__(self, subscription: Subscription) -> None:
        self._chunks = subscription.chunks()

    async def next(self) -> str:
        """Return the next that is no heartbeat."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (chunk := (await anext(self._chunks)).decode()).startswith(":"):
                pass
            return chunk

    async def comes_to(self, place: str) -> None:
        """Return once a heartbeat tells of that place, with nothing told before it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (chunk := (await anext(self._chunks)).decode()) != f":\nid: {place}\n\n":
                assert chunk.startswith(":")

    async def tags(self, last: str) -> list[str]:
        """Return the tags that were moved, up to that one."""
        found: list[str] = []
        while last not in found:
            found += [line.split('"tag":"')[1].split('"')[0] for line in _moves(await self.next())]
        return found


def _moves(chunk: str) -> list[str]:
    return [line for line in chunk.splitlines() if line.startswith('data: {"type":"tag.moved"')]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An empty core, and nobody who listens."""
    with a_core(tmp_path) as running:
        yield Stage(running)


async def test_a_slow_reader_is_told_that_it_missed_something(stage: Stage) -> None:
    """It holds nothing in memory, hears `reset` once more has happened than is kept, and goes on from there."""
    async with stage.listening() as slow, stage.listening() as quick:
        await slow.next()
        for number in range(KEPT):
            await stage.push(number)
            assert await quick.tags(f"v{number}") == [f"v{number}"]
        told = await slow.next()
        await stage.push(KEPT)

        assert told.startswith(RESET)
        assert await slow.tags(f"v{KEPT}") == [f"v{KEPT}"]


async def test_more_than_is_kept_in_memory_is_replayed(stage: Stage) -> None:
    """Who comes back hears from the outbox what the process has forgotten, and then goes over to what is new."""
    await stage.push(0)
    first = await stage.place()
    for number in range(1, 3 * KEPT):
        await stage.push(number)
    async with stage.listening(start=Start(after=first)) as stream:
        replayed = await stream.tags(f"v{3 * KEPT - 1}")
        await stage.push(3 * KEPT)
        new = await stream.tags(f"v{3 * KEPT}")

    assert replayed == [f"v{number}" for number in range(1, 3 * KEPT)]
    assert new == [f"v{3 * KEPT}"]


async def test_nothing_is_told_while_a_login_cannot_be_asked_about(stage: Stage) -> None:
    """What happens meanwhile is told afterwards: nothing is lost, and the stream does not end."""
    async with stage.listening() as stream:
        await stream.next()
        stage.logins.times_away = 3
        await stage.push(0)

        assert await stream.tags("v0") == ["v0"]
        assert stage.logins.times_away == 0


async def test_a_login_that_ends_ends_the_stream(stage: Stage) -> None:
    """Before anything more is told on it."""
    async with stage.listening() as stream:
        await stream.next()
        stage.logins.are_live = False
        await stage.push(0)

        with pytest.raises(StopAsyncIteration):
            await stream.next()


async def test_rights_count_as_they_are_when_something_is_told(stage: Stage) -> None:
    """Not as they were when it happened."""
    async with stage.listening() as stream:
        await stream.next()
        stage.repositories.hidden = {"team/app"}
        await stage.push(0)
        await stream.comes_to(await stage.place())
        stage.repositories.hidden = set()
        await stage.push(1)

        assert await stream.tags("v1") == ["v1"]


async def test_a_heartbeat_moves_the_place_to_resume_from(stage: Stage) -> None:
    """Past what was not told: coming back is cheap for who hears little."""
    async with stage.listening(Filter(project="other")) as stream:
        opening = await stream.next()
        await stage.push(0)
        await stream.comes_to(await stage.place())

    assert opening == "retry: 500\nid: 0-0\n\n"


async def test_a_process_serves_only_so_many(stage: Stage) -> None:
    """Whoever comes after them is asked to come back."""
    rights = Rights(stage.logins, stage.repositories)
    events = Events(Tail(stage.running.database, Tidings.of), rights, QUICK, capacity=1)
    first = await events.subscribe(ALICE, EVERYTHING, NOW)
    with pytest.raises(StreamsExhausted):
        await events.subscribe(BOB, EVERYTHING, NOW)
    first.close()

    (await events.subscribe(BOB, EVERYTHING, NOW)).close()
