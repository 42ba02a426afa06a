# SPDX-License-Identifier: Apache-2.0
"""Backups, as operators take and restore them: everything comes back, and what goes wrong changes nothing."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import msgspec
import pytest

from entrepot.entry import restoring
from entrepot.entry.drilling import Extent
from entrepot.entry.drilling import NotSigned
from entrepot.entry.drilling import drill
from entrepot.entry.drilling import read_report
from entrepot.entry.drilling import sign
from entrepot.entry.restoring import CannotRestore
from entrepot.entry.restoring import Place
from entrepot.entry.restoring import Restored
from entrepot.features.audit.store.checkpoints import keys
from entrepot.features.backup.description import BLOBS
from entrepot.features.backup.description import read_description
from entrepot.features.backup.errors import BackupExists
from entrepot.features.backup.pruning import prune_blobs
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens.instance_key import load_instance_key
from entrepot.features.usage.recorder import Recorder
from entrepot.infra.database.backup_file import BackupDamaged
from entrepot.infra.database.engine import Database
from entrepot.infra.database.schema import SchemaTooNew
from entrepot.infra.events import outbox
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store import backup_contents
from entrepot.registry.store import backups
from tests.builders.backups import a_place
from tests.builders.backups import a_stored_core
from tests.builders.backups import backed_up
from tests.builders.backups import quiet
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.databases import a_database
from tests.builders.databases import place_of
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.server import ROOT
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
OTHERS = [an_image_manifest(annotations={"number": str(number)}) for number in range(40)]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A registry with one image that has a tag."""
    with a_stored_core(tmp_path / "data") as running:
        asyncio.run(running.put_image(IMAGE, "latest"))
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where to restore to: with the same key, and no blobs."""
    return a_place(tmp_path / "other", key_of=tmp_path / "data")


@pytest.fixture
def target(place: Place) -> Iterator[Database]:
    """A database without a row, of the engine that the tests run on."""
    with closing(a_database(place.data_dir)) as database:
        yield database


def restored(path: Path, target: Database, place: Place) -> Restored:
    """Restore as the command does."""
    return restoring.restore(path, target, place, system_clock, quiet)


def rows(database: Database) -> int:
    """Count what is live."""
    return database.snapshot_now(backup_contents.figures).manifests


def test_everything_comes_back(running: RunningCore, tmp_path: Path, target: Database, place: Place) -> None:
    """Tags, manifests and blobs, also where the storage has none of them; tags begin a new epoch."""
    taken = backed_up(running, tmp_path / "backups", with_blobs=True)

    found = restored(taken.path, target, place)
    verified = restoring.verify(target, place.storage, quiet)

    assert found.blobs is not None
    assert (found.blobs.copied, found.blobs.lost_count, verified.outcome.lost_count) == (2, 0, 0)
    with a_stored_core(place.data_dir) as other:
        pulled = asyncio.run(other.pull.manifest(EVERYBODY, REPOSITORY, TagName("latest"), is_head=False))
        assert pulled.payload == IMAGE.payload
        assert asyncio.run(other.get_blob(digest_of(A_LAYER))) == A_LAYER


def test_the_backup_is_known_where_it_is_restored(
    running: RunningCore, tmp_path: Path, target: Database, place: Place
) -> None:
    """It still holds back what it names, what happened is on record, and uploads that were under way are gone."""
    asyncio.run(running.uploads.start(EVERYBODY, REPOSITORY))
    taken = backed_up(running, tmp_path / "backups")

    restored(taken.path, target, place)

    [known] = target.snapshot_now(backups.newest_first)
    assert (known.state, known.newest_object) == ("kept", taken.description.newest_object)
    events = target.snapshot_now(outbox.read_after, outbox.BEGINNING, 1_000)
    assert events[-1].type == "backup.restored"
    with a_stored_core(place.data_dir) as other:
        assert asyncio.run(other.tables())["uploads"] == []


def test_uses_are_recorded_anew_after_a_restore(
    running: RunningCore, tmp_path: Path, target: Database, place: Place
) -> None:
    """What was used since the backup is in no database, and must not seem to be known."""
    running.database.write_now(Recorder(running.database, running.clock).begin)
    taken = backed_up(running, tmp_path / "backups")

    restored(taken.path, target, place)

    with a_stored_core(place.data_dir) as other:
        assert asyncio.run(other.tables())["usage_recordings"] == []


async def churn(running: RunningCore, begun: asyncio.Event, taken: asyncio.Event) -> None:
    """Push, delete and collect, until some time after a backup was taken."""
    collecting, left = Collecting(running), 10
    for number in count():
        image, name = OTHERS[number % len(OTHERS)], RepositoryName(f"team/app-{number % 3}")
        await running.put_image(image, f"v{number}", repository=name)
        await running.put_blob(b"layer %d" % number, name)
        if number % 2:
            await running.delete.manifest(EVERYBODY, name, image.digest)
        running.clock.advance(HOUR_MS)
        await collecting.collect()
        if number == 5:
            begun.set()
        left -= taken.is_set()
        if not left:
            return


async def backed_up_under_load(running: RunningCore, folder: Path) -> Path:
    """Take a backup meanwhile."""
    begun, taken = asyncio.Event(), asyncio.Event()
    pushing = asyncio.create_task(churn(running, begun, taken))
    await begun.wait()
    path = (await asyncio.to_thread(backed_up, running, folder)).path
    taken.set()
    await pushing
    return path


def test_a_backup_under_load_is_whole(running: RunningCore, tmp_path: Path, target: Database, place: Place) -> None:
    """While others push, delete and collect: every tag that is in it can be pulled, with the right bytes."""
    path = asyncio.run(backed_up_under_load(running, tmp_path / "backups"))
    same = Place(place.data_dir, running.storage, place.store_url)
    found = drill(path, same, running.clock, Extent(tags=0, is_deep=True), quiet)

    assert found.failures == []
    assert found.is_good
    assert found.tags_pulled == found.tags > 0
    restored(path, target, same)
    assert restoring.verify(target, running.storage, quiet).outcome.lost_count == 0


def test_only_new_blobs_are_copied(running: RunningCore, tmp_path: Path) -> None:
    """Again and again into the same folder, from which only goes what no backup there names."""
    folder = tmp_path / "backups"
    backed_up(running, folder, with_blobs=True)
    asyncio.run(running.put_blob(b"new"))
    second = backed_up(running, folder, "second", with_blobs=True)
    assert asyncio.run(prune_blobs(folder, quiet, is_dry=False)).objects == 0

    second.path.unlink()
    pruned = asyncio.run(prune_blobs(folder, quiet, is_dry=False))

    assert (pruned.objects, pruned.bytes, pruned.kept) == (1, 3, 2)


def test_blobs_that_are_lost_are_told(running: RunningCore, tmp_path: Path, target: Database, place: Place) -> None:
    """By the tags that cannot be pulled for it; pushing them heals it."""
    taken = backed_up(running, tmp_path / "backups")

    restored(taken.path, target, place)
    verified = restoring.verify(target, place.storage, quiet)

    assert verified.outcome.lost_count == 2
    assert [(each.repository, each.name) for each in verified.tags] == [(REPOSITORY, "latest")]
    with a_stored_core(place.data_dir) as other:
        asyncio.run(other.put_image(IMAGE))
    assert restoring.verify(target, place.storage, quiet).outcome.lost_count == 0


def test_nothing_is_overwritten(running: RunningCore, tmp_path: Path, place: Place) -> None:
    """Neither a database that holds something, nor a backup."""
    taken = backed_up(running, tmp_path / "backups")

    with pytest.raises(CannotRestore, match="not empty"):
        restored(taken.path, running.database, place)
    with pytest.raises(BackupExists):
        backed_up(running, tmp_path / "backups")
    assert taken.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("harm", ["cut", "row", "text"])
def test_a_damaged_file_is_found(
    running: RunningCore, tmp_path: Path, target: Database, place: Place, harm: str
) -> None:
    """Cut off, changed in a row, or something else: nothing is restored."""
    path = backed_up(running, tmp_path / "backups").path
    if harm == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif harm == "text":
        path.write_text("no backup")
    else:
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("UPDATE tags SET updated_by = 'user:mallory'")

    with pytest.raises(BackupDamaged):
        restored(path, target, place)

    assert rows(target) == 0


def test_the_instance_key_has_to_be_the_right_one(running: RunningCore, tmp_path: Path) -> None:
    """Before anything is written: with another one no secret of the backup can be read."""
    load_signing_keys(running.database, load_instance_key(tmp_path / "data"), system_clock)
    taken = backed_up(running, tmp_path / "backups")
    wrong = a_place(tmp_path / "wrong")
    with closing(a_database(wrong.data_dir)) as target:
        with pytest.raises(CannotRestore, match="is not that of the instance"):
            restored(taken.path, target, wrong)
        (wrong.data_dir / "instance.key").unlink()
        with pytest.raises(CannotRestore, match=r"no instance\.key"):
            restored(taken.path, target, wrong)

        assert rows(target) == 0


def test_a_newer_backup_is_refused(running: RunningCore, tmp_path: Path, target: Database, place: Place) -> None:
    """It needs the version that made it, or a newer one."""
    path = backed_up(running, tmp_path / "backups").path
    newer = msgspec.structs.replace(read_description(path), revision="9999")
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE entrepot_backup SET about = ?", (msgspec.json.encode(newer),))

    with pytest.raises(SchemaTooNew):
        restored(path, target, place)


def test_a_drill_is_signed(running: RunningCore, tmp_path: Path) -> None:
    """With a key of the instance, so that a report that was changed is found."""
    data = tmp_path / "data"
    path = backed_up(running, tmp_path / "backups").path
    place = Place(data, running.storage, "file:blobs")

    found = drill(path, place, running.clock, Extent(tags=10, is_deep=False), quiet)
    token = sign(found, running.database, place, "here", running.clock)
    known = [(each.kid, each.public_jwk) for each in running.database.snapshot_now(keys)]

    assert (found.tags_pulled, found.tags_failed, found.objects_lost) == (1, 0, 0)
    assert read_report(token, known) == found
    head, payload, signature = token.split(".")
    with pytest.raises(NotSigned):
        read_report(f"{head}.{payload[:-4]}AAAA.{signature}", known)
    with pytest.raises(NotSigned):
        read_report(token, [])


def test_a_drill_finds_what_is_lost(running: RunningCore, tmp_path: Path) -> None:
    """And says which tags cannot be pulled."""
    path = backed_up(running, tmp_path / "backups").path
    place = Place(tmp_path / "data", a_place(tmp_path / "other").storage, "file:blobs")

    found = drill(path, place, running.clock, Extent(tags=0, is_deep=False), quiet)

    assert (found.objects_lost, found.tags_failed, found.is_good) == (2, 1, False)
    assert found.failures[0].startswith("team/app:latest: ")


KILLED = """
import asyncio, os, sys
from pathlib import Path
import entrepot.entry.tables
from entrepot.entry import restoring
from entrepot.features.backup.blobs import Stored, copy_blobs
from entrepot.features.backup.taking import Wanted, take
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.kernel.clock import DAY_MS, system_clock
from tests.builders.databases import opened

what, at, where, data, folder = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5])
database, storage = opened(where), FilesystemStorage.open(data / "blobs")

def say(text):
    if text.startswith(at):
        os.kill(os.getpid(), 9)

if what == "restore":
    place = restoring.Place(data, storage, "file:blobs")
    restoring.restore(folder / "first.backup", database, place, system_clock, say)
else:
    taken = take(database, system_clock, Wanted("killed", folder, DAY_MS), say)
    asyncio.run(copy_blobs(database, taken, Stored({1: storage}), say))
"""


def in_a_process(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program that may import the tests' own modules, wherever the tests were started."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], check=False, capture_output=True, env=environment
    )


def killed(what: str, at: str, database: Database, data: Path, folder: Path) -> None:
    """Do something in a process that is killed when it comes to a point."""
    done = in_a_process(KILLED, what, at, place_of(database), str(data), str(folder))
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("at", ["reading", "checking", "copying bytes"])
def test_a_backup_that_is_killed_leaves_nothing_half(running: RunningCore, tmp_path: Path, at: str) -> None:
    """A file is there only if it is whole, and the next backup clears away what is left."""
    folder = tmp_path / "backups"

    killed("backup", at, running.database, tmp_path / "data", folder)

    whole = list(folder.glob("*.backup"))
    assert [read_description(each).name for each in whole] == (["killed"] if at == "copying bytes" else [])
    taken = backed_up(running, folder, with_blobs=True)
    assert sorted(each.name for each in folder.iterdir()) == sorted([BLOBS, taken.path.name, *(e.name for e in whole)])


@pytest.mark.parametrize("at", ["checking", "bringing", "copying", "comparing"])
def test_a_restore_that_is_killed_restores_nothing(
    running: RunningCore, tmp_path: Path, target: Database, place: Place, at: str
) -> None:
    """No server finds half of it; it is run again."""
    taken = backed_up(running, tmp_path / "backups", with_blobs=True)

    killed("restore", at, target, place.data_dir, taken.path.parent)

    assert rows(target) == 0
    restored(taken.path, target, place)
    assert restoring.verify(target, place.storage, quiet).outcome.lost_count == 0


FULL = """
import resource, sys
from pathlib import Path
import entrepot.entry.tables
from entrepot.features.backup import taking
from entrepot.infra.database.backup_file import BackupNotWritten
from entrepot.kernel.clock import DAY_MS, system_clock
from tests.builders.databases import opened

database = opened(sys.argv[1])

def fill(text):
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

try:
    taking.take(database, system_clock, taking.Wanted("full", Path(sys.argv[2]), DAY_MS), fill)
except BackupNotWritten as error:
    print(error.message)
"""


def test_a_full_disk_is_told(running: RunningCore, tmp_path: Path) -> None:
    """Nothing is left of the backup, which holds nothing back."""
    folder = tmp_path / "backups"

    done = in_a_process(FULL, place_of(running.database), str(folder))

    assert b"the backup cannot be written" in done.stdout, done.stderr.decode()
    assert list(folder.iterdir()) == []
