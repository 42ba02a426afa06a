# SPDX-License-Identifier: Apache-2.0
"""What a backup names stays as long as it is kept, and not longer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.reclaim import FORGOTTEN_MS
from entrepot.registry.store import backup_contents
from entrepot.registry.store import backups
from entrepot.registry.store.backups import BackupId
from entrepot.registry.store.backups import Facts
from entrepot.registry.store.backups import NewBackup
from entrepot.registry.store.blobs import mark_missing
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
CONTENT = len(A_LAYER) + len(A_CONFIG)
KEPT_MS = 30 * DAY_MS

pytestmark = pytest.mark.anyio


@pytest.fixture
def collecting(tmp_path: Path) -> Iterator[Collecting]:
    """A collector, on a clock that tests set."""
    with a_core(tmp_path) as running:
        yield Collecting(running)


@pytest.fixture
def running(collecting: Collecting) -> RunningCore:
    """The core that it works on."""
    return collecting.running


async def begin(running: RunningCore, name: str = "nightly", kept_ms: int = KEPT_MS) -> BackupId:
    """Record a backup that is about to be taken."""
    now = running.clock()
    return await running.database.write(backups.add, NewBackup(name, "/backup", "root@host", now, after(now, kept_ms)))


async def end_it(running: RunningCore, backup: BackupId, kept_ms: int = KEPT_MS) -> bool:
    """Record that it was taken now."""
    newest = await running.database.read(backup_contents.newest_object)
    moments = (running.clock(), after(running.clock(), kept_ms))
    return await running.database.write(backups.complete, backup, moments, newest, Facts())


async def back_up(running: RunningCore, name: str = "nightly", kept_ms: int = KEPT_MS) -> None:
    """Take a backup."""
    assert await end_it(running, await begin(running, name, kept_ms), kept_ms)


async def test_bytes_stay_until_the_backup_expires(collecting: Collecting, running: RunningCore) -> None:
    """Of what it names, however long ago that was deleted; then they go."""
    await running.put_image(IMAGE)
    await back_up(running)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    await collecting.collect_after(KEPT_MS - 1)
    assert await collecting.stored_bytes() == CONTENT
    await collecting.collect_after(1)

    assert await collecting.stored_bytes() == 0


async def test_bytes_go_when_the_backup_is_removed(collecting: Collecting, running: RunningCore) -> None:
    """Before its time too."""
    await running.put_image(IMAGE)
    await back_up(running)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    await collecting.collect_at_last()

    await running.database.write(backups.end, "nightly", running.clock())
    await collecting.collect()

    assert await collecting.stored_bytes() == 0


async def test_what_was_pushed_after_the_backup_goes(collecting: Collecting, running: RunningCore) -> None:
    """A backup names only what was there."""
    await back_up(running)
    running.clock.advance(HOUR_MS)
    await running.put_image(IMAGE)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    await collecting.collect_at_last()

    assert await collecting.stored_bytes() == 0


async def test_a_later_backup_holds_nothing_that_was_dead(collecting: Collecting, running: RunningCore) -> None:
    """Or a backup every day would keep everything for ever."""
    await running.put_image(IMAGE)
    await back_up(running)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    await collecting.collect_after(KEPT_MS - DAY_MS)
    await back_up(running, "later")

    await collecting.collect_after(DAY_MS)

    assert await collecting.stored_bytes() == 0


async def test_an_older_backup_may_be_kept_longer(collecting: Collecting, running: RunningCore) -> None:
    """Bytes stay for the last one that names them."""
    await running.put_image(IMAGE)
    await back_up(running, "yearly", 365 * DAY_MS)
    await back_up(running)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    await collecting.collect_after(364 * DAY_MS)
    assert await collecting.stored_bytes() == CONTENT
    await collecting.collect_after(DAY_MS)

    assert await collecting.stored_bytes() == 0


async def test_a_backup_under_way_holds_everything(collecting: Collecting, running: RunningCore) -> None:
    """Nobody knows yet what it names; one that died does so until its time is over."""
    await begin(running, kept_ms=KEPT_MS)
    await running.put_image(IMAGE)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    await collecting.collect_after(KEPT_MS - 1)
    assert await collecting.stored_bytes() == CONTENT
    await collecting.collect_after(1)

    assert await collecting.stored_bytes() == 0


async def test_a_backup_that_ended_is_not_completed(collecting: Collecting, running: RunningCore) -> None:
    """What it names may be gone already."""
    backup = await begin(running)
    await collecting.collect_after(KEPT_MS)

    assert not await end_it(running, backup)


async def test_a_promise_tells_what_stays_for_a_backup(collecting: Collecting, running: RunningCore) -> None:
    """Which one, until when, and how much; freeing now frees the rest."""
    await running.put_image(IMAGE)
    await back_up(running)
    until = after(running.clock(), KEPT_MS)

    promise = await collecting.promises.preview(EVERYBODY, REPOSITORY, IMAGE.digest)
    freed = await collecting.promises.free_now(EVERYBODY, REPOSITORY, IMAGE.digest)

    assert promise.held_back == freed.held_back == [backups.HeldBack("nightly", until, 2, CONTENT)]
    assert promise.freed_bytes == freed.freed_bytes == promise.objects == 0
    assert await collecting.stored_bytes() == CONTENT
    assert await running.database.survey(backups.held_back) == [backups.HeldBack("nightly", until, 2, CONTENT)]


async def test_what_was_never_an_object_goes(collecting: Collecting, running: RunningCore) -> None:
    """No backup names the second upload of the same content."""
    await running.put_blob(A_LAYER)
    await begin(running)
    await running.put_blob(A_LAYER)

    await collecting.steps.delete_objects()

    assert await collecting.stored_bytes() == len(A_LAYER)


async def test_the_bytes_of_a_damaged_object_stay(collecting: Collecting, running: RunningCore) -> None:
    """They may be away only for now, and the backup names them."""
    await running.put_blob(A_LAYER)
    await back_up(running)
    [key] = await collecting.stored()
    await running.database.write(mark_missing, key)
    await running.put_blob(A_LAYER)

    await collecting.collect()

    assert key in await collecting.stored()


async def test_ended_backups_are_forgotten(collecting: Collecting, running: RunningCore) -> None:
    """A month later."""
    await back_up(running)
    await collecting.collect_after(KEPT_MS)
    assert [each.state for each in await running.database.read(backups.newest_first)] == ["ended"]

    await collecting.collect_after(FORGOTTEN_MS)

    assert await running.database.read(backups.newest_first) == []


async def test_the_last_holder_is_the_one_that_is_kept_longest() -> None:
    """Whichever was taken last."""
    known = [
        backups.Backup(
            BackupId(number),
            f"number-{number}",
            "",
            "",
            Milliseconds(0),
            Milliseconds(0),
            Milliseconds(until),
            None,
            None,
            Facts(),
        )
        for number, until in ((2, 10), (1, 20))
    ]

    assert backups.last_holder(known, Milliseconds(5)) == known[1]
    assert backups.holder(known, Milliseconds(5)) == known[0]
    assert backups.holder(known, Milliseconds(5), below=BackupId(2)) == known[1]
    assert backups.holder(known, None) is None


async def test_what_a_backup_holds_alone_is_told(collecting: Collecting, running: RunningCore) -> None:
    """Nothing of that stays when it ends; what an older one names too stays for that."""

    async def alone(name: str) -> int:
        """Return the bytes that stay for it and no other one."""
        known = await running.database.read(backups.holding)
        backup = next(each for each in known if each.name == name)
        return (await running.database.read(backups.held_alone, backup, known)).bytes

    await back_up(running, "first")
    await running.put_image(IMAGE)
    running.clock.advance(HOUR_MS)
    await back_up(running, "second")
    await back_up(running, "third")
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    await collecting.collect_after(10 * DAY_MS)

    assert [await alone(name) for name in ("first", "second", "third")] == [0, 0, 0]
    assert await running.database.read(backups.held_bytes) == CONTENT
    await running.database.write(backups.end, "second", running.clock())
    assert [await alone(name) for name in ("first", "third")] == [0, CONTENT]
    await running.database.write(backups.end, "third", running.clock())
    await collecting.collect_after(0)
    assert await collecting.stored_bytes() == 0
