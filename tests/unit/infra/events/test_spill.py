# SPDX-License-Identifier: Apache-2.0
"""Records that wait in a file: in order, within bounds, taken once, and found again by whoever comes next."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from entrepot.infra.events.spill import LOOK_SECONDS
from entrepot.infra.events.spill import Spill

LIMIT = 1_000
A_PROCESS = """
import sys
from pathlib import Path
from entrepot.infra.events.spill import Spill
spill = Spill(Path(sys.argv[1]), 1000, lambda: 0.0)
assert spill.append(b"first") and spill.append(b"second") and spill.append(b"third")
spill.taken(spill.first())
"""


def a_spill(folder: Path, now: Callable[[], float] = lambda: 0.0) -> Spill:
    """Make what a process puts records into."""
    return Spill(folder, LIMIT, now)


def drained(spill: Spill) -> list[bytes]:
    """Take everything."""
    found = []
    while (record := spill.first()) is not None:
        found.append(record.content)
        spill.taken(record)
    return found


def leave_behind(folder: Path) -> None:
    """Let a process put three records aside, take the first, and end."""
    subprocess.run([sys.executable, "-c", A_PROCESS, str(folder)], check=True)


def test_records_are_taken_once_and_in_order(tmp_path: Path) -> None:
    """What was put aside while others were taken follows them; and nothing is left on the disk."""
    spill = a_spill(tmp_path / "spill")
    spill.append(b"one")
    spill.append(b"two")
    first = spill.first()
    assert first is not None
    spill.append(b"x" * 300)

    assert spill.first() == first
    assert drained(spill) == [b"one", b"two", b"x" * 300]
    assert spill.waiting_bytes == 0
    assert list((tmp_path / "spill").iterdir()) == []
    assert spill.append(b"later")
    assert drained(spill) == [b"later"]


def test_room_is_bounded(tmp_path: Path) -> None:
    """A record that does not fit is refused; a shorter one may still fit, and taking all makes room."""
    spill = a_spill(tmp_path)

    assert [spill.append(b"x" * size) for size in (600, 600, 300)] == [True, False, True]
    assert [len(content) for content in drained(spill)] == [600, 300]
    assert spill.append(b"x" * 600)


def test_another_process_takes_over_what_one_left(tmp_path: Path) -> None:
    """What was not taken yet, the torn end left out; files of processes that live are left alone."""
    leave_behind(tmp_path)
    (left,) = tmp_path.iterdir()
    with left.open("ab") as file:
        file.write(b"+cut sho")
    living = a_spill(tmp_path)
    assert drained(living) == [b"second", b"third"]
    living.append(b"mine")

    assert a_spill(tmp_path).first() is None
    assert drained(living) == [b"mine"]


def test_a_record_that_was_not_marked_is_given_out_again(tmp_path: Path) -> None:
    """A crash after storing a record and before marking it doubles that one, and no other."""
    program = A_PROCESS.replace("spill.taken(spill.first())", "spill.taken(spill.first()); spill.first()")
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)

    assert drained(a_spill(tmp_path)) == [b"second", b"third"]


def test_files_left_behind_are_looked_for_now_and_then(tmp_path: Path) -> None:
    """At first, and a minute later again."""
    now = [0.0]
    spill = a_spill(tmp_path, lambda: now[0])
    assert spill.first() is None
    leave_behind(tmp_path)
    soon = spill.first()
    now[0] = LOOK_SECONDS

    assert soon is None
    assert drained(spill) == [b"second", b"third"]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    """The caller is told, and nothing raises."""
    (tmp_path / "file").touch()

    assert not a_spill(tmp_path / "file").append(b"one")
