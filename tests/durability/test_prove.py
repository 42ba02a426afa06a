# SPDX-License-Identifier: Apache-2.0
"""The proof finds every sync that is missing, late or failed."""

from pathlib import Path

import pytest

from tests.durability.prove import main
from tests.durability.prove import prove
from tests.durability.recording import LOG
from tests.durability.recording import OBJECT
from tests.durability.recording import ROOT
from tests.durability.recording import UPLOAD
from tests.durability.recording import Recording


@pytest.fixture
def recording() -> Recording:
    """A correct server that took one push."""
    recording = Recording()
    recording.start()
    recording.push()
    return recording


def reasons(lines: list[str]) -> list[str]:
    """Prove, and return what was found."""
    return [violation.reason for violation in prove(lines, ROOT)]


def test_a_correct_server_is_proved(recording: Recording) -> None:
    """What was synced in time is no violation."""
    assert prove(recording.lines, ROOT) == []


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (UPLOAD, "A1 was synced, after line"),
        (OBJECT.parent, "the folder of A1 was synced, after its rename"),
        (OBJECT.parent.parent, "the folder above A1 was synced"),
        (LOG, "notes.db-wal was synced"),
    ],
    ids=["file", "folder", "folder-above", "log"],
)
def test_a_missing_sync_is_found(recording: Recording, path: Path, found: str) -> None:
    """Leaving out any one sync of a push is reported, as the only thing."""
    (reason,) = reasons(recording.without("fsync", path))

    assert reason.startswith(found)


def test_the_folder_of_a_new_database_must_be_synced(recording: Recording) -> None:
    """A log or database whose name may vanish protects nothing."""
    found = reasons(recording.without("fsync", ROOT))

    assert [reason.partition(" was synced")[0] for reason in found] == [
        "the folder of notes.db-wal",
        "the folder of notes.db",
    ]


def test_a_violation_names_the_acknowledgement_and_the_line(recording: Recording) -> None:
    """The report leads to the place in the trace."""
    lines = recording.without("fsync", LOG)

    (violation,) = prove(lines, ROOT)

    assert (violation.acknowledgement, violation.line) == (1, len(lines))
    assert str(violation).startswith(f"acknowledgement 1 left (line {len(lines)}) before notes.db-wal was synced")


@pytest.mark.parametrize("path", [UPLOAD, OBJECT.parent, LOG], ids=["file", "folder", "log"])
def test_a_sync_that_failed_is_none(recording: Recording, path: Path) -> None:
    """An error from the disk means that nothing was synced."""
    place = recording.place("fsync", path)
    recording.lines[place] = recording.lines[place].replace("= 0", "= -1 EIO (Input/output error)")

    assert len(reasons(recording.lines)) == 1


def test_a_sync_before_the_last_write_is_none(recording: Recording) -> None:
    """Bytes that came after the sync are not on the disk."""
    recording.write(UPLOAD, b"more", 7)
    recording.lines.insert(recording.place("fsync", UPLOAD) + 1, recording.lines.pop())

    (reason,) = reasons(recording.lines)

    assert reason.startswith("A1 was synced, after line")


def test_a_sync_that_has_not_ended_is_none(recording: Recording) -> None:
    """An answer that leaves while another thread still syncs leaves too early."""
    (reason,) = reasons(recording.prolong("fsync", LOG, by=1))

    assert reason.startswith("notes.db-wal was synced")


def test_a_sync_that_began_before_a_write_had_ended_is_none(recording: Recording) -> None:
    """A sync promises only what had been written when it began."""
    (reason,) = reasons(recording.prolong("pwrite64", UPLOAD, by=1))

    assert reason.startswith("A1 was synced, after line")


def test_an_object_is_not_changed_once_visible(recording: Recording) -> None:
    """A write after the rename is reported, synced or not."""
    answer = recording.lines.pop()
    recording.write(OBJECT, b"more", 7)
    recording.sync(OBJECT)

    assert ["was finished" in reason for reason in reasons([*recording.lines, answer])] == [True]


def test_an_answer_without_a_record_is_found(recording: Recording) -> None:
    """A file was stored, but the database was told nothing of it."""
    for _ in range(2):
        recording.lines = recording.without("pwrite64", LOG)

    (reason,) = reasons(recording.lines)

    assert reason.startswith("notes.db-wal was written to, after files were renamed")


def test_each_acknowledgement_answers_for_itself(recording: Recording) -> None:
    """The second push is judged by its own syncs, not by those of the first."""
    recording.push()

    assert [violation.acknowledgement for violation in prove(recording.without("fsync", LOG, which=-1), ROOT)] == [2]
    assert [violation.acknowledgement for violation in prove(recording.without("fsync", LOG, which=-2), ROOT)] == [1]


def test_other_answers_promise_nothing(recording: Recording) -> None:
    """Only answers that begin with the acknowledgement are looked at."""
    recording.lines.pop()
    recording.answer(b"HTTP/1.1 202 Accepted\r\n")

    assert reasons(recording.without("fsync", LOG)) == []


def test_a_trace_can_be_proved_from_the_command_line(recording: Recording, tmp_path: Path) -> None:
    """The exit status tells whether there were violations."""
    trace = tmp_path / "trace"
    outcomes = []
    for lines in (recording.lines, recording.without("fsync", LOG)):
        trace.write_text("".join(lines))
        outcomes.append(main([str(trace), str(ROOT)]))

    assert outcomes == [0, 1]
