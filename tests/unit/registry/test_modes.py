# SPDX-License-Identifier: Apache-2.0
"""Modes in the memory of a process: how old they may be, which counts, and what happens while nobody can ask."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.entry.everything import Everything
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.errors import BlobUnknown
from entrepot.registry.held_upload import Chunk
from entrepot.registry.mode_changes import MAX_SCOPES
from entrepot.registry.mode_changes import ModeChanges
from entrepot.registry.mode_changes import TooManyModes
from entrepot.registry.modes import FRESH_SECONDS
from entrepot.registry.modes import Modes
from entrepot.registry.modes import RefusedByMode
from entrepot.registry.store import modes as store
from entrepot.registry.store.modes import INSTANCE
from entrepot.registry.store.modes import Mode
from entrepot.registry.store.modes import ModeSetting
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.fakes.cut_database import CutDatabase

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path, open_database=CutDatabase) as running:
        yield running


def a_setting(mode: Mode, scope: str = INSTANCE) -> ModeSetting:
    """Make what somebody set."""
    return ModeSetting(scope, mode, "because", "user:root", Milliseconds(1))


async def set_mode(running: RunningCore, mode: Mode, scope: str = INSTANCE) -> None:
    """Set a mode in this process."""
    await ModeChanges(running.core).set(EVERYBODY, scope, mode, "because", lambda _: None)


async def test_a_mode_set_elsewhere_counts_soon(running: RunningCore) -> None:
    """What another process set is found once what is known is a second old, by one statement for all requests."""
    now = [0.0]
    database = running.database
    assert isinstance(database, CutDatabase)
    modes = await asyncio.to_thread(Modes, database, Everything(), lambda: now[0])
    await database.write(store.put, a_setting(Mode.READ_ONLY))
    now[0] = FRESH_SECONDS / 2
    assert await modes.allows_changing()
    before, now[0] = database.reads, FRESH_SECONDS
    answers = [await modes.allows_changing(name) for name in ("team/app", "other", INSTANCE) * 10]

    assert answers == [False] * 30
    assert database.reads == before + 1


async def test_modes_stay_while_the_database_is_away(running: RunningCore) -> None:
    """What was in force is in force until somebody can say otherwise."""
    now = [0.0]
    database = running.database
    assert isinstance(database, CutDatabase)
    await database.write(store.put, a_setting(Mode.READ_ONLY))
    modes = await asyncio.to_thread(Modes, database, Everything(), lambda: now[0])
    database.is_away, now[0] = True, 10_000.0

    assert not await modes.allows_changing()


@pytest.mark.parametrize(
    ("whole", "own", "expected"),
    [
        (Mode.RW, Mode.NO_DELETE, False),
        (Mode.NO_DELETE, Mode.RW, False),
        (Mode.MAINTENANCE, Mode.NO_DELETE, False),
        (Mode.RW, Mode.RW, True),
    ],
)
async def test_nothing_is_collected_where_nothing_may_be_deleted(
    running: RunningCore, whole: Mode, own: Mode, expected: bool
) -> None:
    """Neither mode may be against it; the one of a project is against it in that project only."""
    await set_mode(running, whole)
    await set_mode(running, own, "team")
    modes = running.core.modes

    assert await modes.allows_collection("team") == expected
    assert await modes.allows_collection("other") == (whole is Mode.RW)
    assert await modes.closed_to_collection() == (frozenset() if own is Mode.RW else {"team"})


async def test_uploads_do_not_expire_where_nothing_may_be_deleted(running: RunningCore) -> None:
    """Those of other projects do."""
    for name in (REPOSITORY, "other/app"):
        await running.uploads.start(EVERYBODY, type(REPOSITORY)(name))
    await set_mode(running, Mode.NO_DELETE, "team")
    running.clock.advance(1_000 * 3_600_000)

    assert await running.uploads.expire() == 1
    await set_mode(running, Mode.RW, "team")
    assert await running.uploads.expire() == 1


async def test_a_blob_whose_bytes_took_long_is_not_recorded(running: RunningCore) -> None:
    """A mode that began while bytes arrived refuses the end of the upload, which stays to be closed later."""
    session = await running.uploads.start(EVERYBODY, REPOSITORY)
    digest = await running.put_blob(b"content", type(REPOSITORY)("other/app"))

    async def slow() -> Any:
        """Bring the bytes, and the mode with them."""
        yield b"content"
        await set_mode(running, Mode.READ_ONLY)

    from_client = running.uploads.finish(EVERYBODY, REPOSITORY, session.id, digest, Chunk(slow()))
    with pytest.raises(RefusedByMode):
        await from_client
    await set_mode(running, Mode.RW)
    with pytest.raises(BlobUnknown):
        await running.pull.blob(EVERYBODY, REPOSITORY, digest)
    await running.uploads.finish(EVERYBODY, REPOSITORY, session.id, digest, Chunk(body_of(b"content")))

    assert await running.get_blob(digest) == b"content"


async def test_there_are_only_so_many_modes(running: RunningCore) -> None:
    """One more project gets none; one that has one may change it, and the registry's own can end."""

    def fill(connection: Any) -> None:
        """Give as many projects a mode as there can be."""
        for number in range(MAX_SCOPES):
            store.put(connection, a_setting(Mode.READ_ONLY, f"p{number}"))

    await running.database.write(fill)
    with pytest.raises(TooManyModes):
        await set_mode(running, Mode.READ_ONLY, "one-more")
    await set_mode(running, Mode.NO_DELETE, "p0")

    assert await running.core.modes.allows_changing("p0/app")
