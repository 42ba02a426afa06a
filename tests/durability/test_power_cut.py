# SPDX-License-Identifier: Apache-2.0
"""The model of a disk keeps what was synced and may lose everything else."""

import random
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability.operations import operations
from tests.durability.power_cut import Disk
from tests.durability.power_cut import Trial
from tests.durability.power_cut import cut_power
from tests.durability.recording import LOG
from tests.durability.recording import OBJECT
from tests.durability.recording import ROOT
from tests.durability.recording import UPLOAD
from tests.durability.recording import Recording

DRAWS = 60
FILE = ROOT / "file"
OTHER = ROOT / "other"
LONG = bytes(range(1, 251)) * 10

Tree = dict[str, bytes]
Outcomes = Callable[[Recording], list[Tree]]


@pytest.fixture
def outcomes(tmp_path: Path) -> Outcomes:
    """Cut the power at the end of a recording, many times, and say what was left each time."""
    folders = iter(tmp_path / str(number) for number in range(10_000))

    def after_cuts(recording: Recording) -> list[Tree]:
        disk = Disk(operations(recording.lines, ROOT, b"HTTP/1.1 201"), ROOT)
        moment = len(recording.lines) + 1
        return list(restored(disk, moment, folders))

    return after_cuts


def restored(disk: Disk, moment: int, folders: Iterator[Path]) -> Iterator[Tree]:
    """Restore the disk with different draws and read every file."""
    for seed in range(DRAWS):
        folder = next(folders)
        disk.cut(moment, random.Random(seed), folder)
        yield {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def file_with(content: bytes, *, synced: bool = True, named: bool = True) -> Recording:
    """Record a file being written, with or without syncs of it and of its folder."""
    recording = Recording()
    recording.create(FILE)
    recording.write(FILE, content)
    if synced:
        recording.sync(FILE)
    if named:
        recording.sync(ROOT)
    return recording


def test_what_was_synced_survives(outcomes: Outcomes) -> None:
    """Content and name are there after every cut."""
    assert outcomes(file_with(LONG)) == [{"file": LONG}] * DRAWS


def test_content_that_was_not_synced_may_be_anything_in_between(outcomes: Outcomes) -> None:
    """The file may be complete, empty, all zeros, or have some sectors only; bytes never come from nowhere."""
    left = {tree["file"] for tree in outcomes(file_with(LONG, synced=False))}

    assert {LONG, b"", bytes(len(LONG))} < left
    assert all(byte in (0, expected) for content in left for byte, expected in zip(content, LONG, strict=False))


def test_a_name_that_was_not_synced_may_be_missing(outcomes: Outcomes) -> None:
    """Syncing a file does not sync the folder it is in."""
    left = outcomes(file_with(LONG, named=False))

    assert {} in left
    assert {"file": LONG} in left


def test_each_half_of_a_rename_is_lost_on_its_own(outcomes: Outcomes) -> None:
    """Without a sync there may be either name, both, or none."""
    recording = file_with(LONG)
    recording.rename(FILE, OTHER)

    assert {frozenset(tree) for tree in outcomes(recording)} == {
        frozenset(),
        frozenset({"file"}),
        frozenset({"other"}),
        frozenset({"file", "other"}),
    }


def test_a_synced_rename_survives(outcomes: Outcomes) -> None:
    """After a sync of the folder there is the new name, with the content."""
    recording = file_with(LONG)
    recording.rename(FILE, OTHER)
    recording.sync(ROOT)

    assert outcomes(recording) == [{"other": LONG}] * DRAWS


def test_a_second_name_is_a_change_of_its_folder(outcomes: Outcomes) -> None:
    """A link may be lost, and leads to the same content where it is not."""
    recording = file_with(LONG)
    recording.link(FILE, OTHER)

    left = outcomes(recording)

    assert {"file": LONG} in left
    assert {"file": LONG, "other": LONG} in left


def test_a_file_is_lost_with_its_folder(outcomes: Outcomes) -> None:
    """A file in a folder whose name was not synced is unreachable."""
    recording = Recording()
    recording.make_folder(ROOT / "objects")
    recording.sync(ROOT)
    recording.make_folder(OBJECT.parent)
    recording.create(OBJECT)
    recording.sync(OBJECT.parent)

    assert {} in outcomes(recording)


def test_an_unlinked_file_may_come_back(outcomes: Outcomes) -> None:
    """Removing a name is a change like others."""
    recording = file_with(LONG)
    recording.unlink(FILE)

    assert {frozenset(tree) for tree in outcomes(recording)} == {frozenset(), frozenset({"file"})}


def test_a_sync_in_progress_promises_nothing(outcomes: Outcomes) -> None:
    """A cut before a sync has ended may lose what it was about to save."""
    recording = file_with(LONG, synced=False)
    recording.sync(FILE)
    recording.lines[-1] = recording.lines[-1].replace(") = 0", " <unfinished ...>")

    assert {"file": b""} in outcomes(recording)


def test_a_failed_sync_promises_nothing(outcomes: Outcomes) -> None:
    """An error from the disk is no sync."""
    recording = file_with(LONG, synced=False)
    recording.sync(FILE, "-1 EIO (Input/output error)")

    assert {"file": b""} in outcomes(recording)


def test_shared_memory_of_sqlite_is_left_out(outcomes: Outcomes) -> None:
    """The `-shm` file is rebuilt by whoever opens the database."""
    recording = Recording()
    for path in (LOG, LOG.with_name("notes.db-shm")):
        recording.create(path)
        recording.sync(path)
    recording.sync(ROOT)

    assert outcomes(recording) == [{"notes.db-wal": b""}] * DRAWS


def test_a_moment_in_the_past_knows_nothing_of_what_came_later(tmp_path: Path) -> None:
    """What began after the cut never happened."""
    recording = file_with(LONG)
    disk = Disk(operations(recording.lines, ROOT, b"HTTP/1.1 201"), ROOT)

    disk.cut(1, random.Random(0), tmp_path / "before")

    assert list((tmp_path / "before").iterdir()) == []


@pytest.mark.parametrize("lost", [UPLOAD, OBJECT.parent, OBJECT.parent.parent])
def test_power_cuts_find_a_missing_sync(tmp_path: Path, lost: Path) -> None:
    """A push that left out one sync loses its object in some of the cuts, a correct one in none."""

    def check(folder: Path, told: object) -> list[str]:
        path = folder / OBJECT.relative_to(ROOT)
        is_whole = path.is_file() and path.read_bytes() == b"content"
        return [] if is_whole or not told else ["the object is lost"]

    recording = Recording()
    recording.start()
    recording.push()
    recording.sync(ROOT / "objects" / "elsewhere")
    trial = Trial(300, 1, tmp_path)
    whole = operations(recording.lines, ROOT, b"HTTP/1.1 201")
    broken = operations(recording.without("fsync", lost), ROOT, b"HTTP/1.1 201")

    assert not any(cut_power(whole, ROOT, check, trial))
    assert any(cut_power(broken, ROOT, check, trial))
