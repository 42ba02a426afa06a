# SPDX-License-Identifier: Apache-2.0
"""Reading traces."""

from pathlib import Path

import pytest

from tests.durability.operations import Create
from tests.durability.operations import Operation
from tests.durability.operations import Truncate
from tests.durability.operations import UnknownOperationError
from tests.durability.operations import Write
from tests.durability.operations import operations
from tests.durability.recording import LOG
from tests.durability.recording import ROOT
from tests.durability.recording import UPLOAD
from tests.durability.recording import Recording
from tests.durability.trace import NEVER
from tests.durability.trace import read_trace

PATH = r"\x2f\x61\x22\x3e"


def done_in(recording: Recording) -> list[Operation]:
    """Read the operations of a recording."""
    return operations(recording.lines, ROOT, b"HTTP/1.1 201")


def test_a_call_on_one_line_is_read() -> None:
    """Name, descriptor, path, strings and result come from one line, whatever characters a path has."""
    (call,) = read_trace([f'7 pwrite64(3<{PATH}>, "\\x00\\xff", 2, 10) = 2\n'])

    assert (call.name, call.descriptor, call.path, call.strings) == ("pwrite64", 3, Path('/a">'), [b"\x00\xff"])
    assert (call.began, call.ended, call.result, call.words[-1]) == (1, 1, 2, "10")


def test_a_call_that_was_interrupted_by_another_is_put_together() -> None:
    """A call lasts from the line where it began to the line where it was resumed."""
    fsync, unlink = read_trace(
        [f"7 fsync(3<{PATH}> <unfinished ...>\n", f'8 unlink("{PATH}") = 0\n', "7 <... fsync resumed>) = 0\n"]
    )

    assert (fsync.name, fsync.path, fsync.began, fsync.ended, fsync.result) == ("fsync", Path('/a">'), 1, 3, 0)
    assert (unlink.began, unlink.ended) == (2, 2)


def test_a_call_without_an_end_never_ended() -> None:
    """The last calls of a killed program are known, with no result."""
    (call,) = read_trace([f"7 fsync(3<{PATH}> <unfinished ...>\n", "7 +++ killed by SIGKILL +++\n"])

    assert (call.ended, call.result) == (NEVER, -1)


def test_the_position_of_plain_writes_is_followed() -> None:
    """`write` goes on where the last one ended, and at the end of a file that was opened for appending."""
    recording = Recording()
    hexed = "".join(f"\\x{byte:02x}" for byte in str(UPLOAD).encode())
    recording.create(UPLOAD)
    recording.call(f'write(5<{hexed}>, "\\x61\\x62", 2)', "2")
    recording.call(f'writev(5<{hexed}>, [{{iov_base="\\x63", iov_len=1}}, {{iov_base="\\x64", iov_len=1}}], 2)', "2")
    recording.call(f'openat(AT_FDCWD<\\x2f>, "{hexed}", O_WRONLY|O_APPEND)', f"8<{hexed}>")
    recording.call(f'write(8<{hexed}>, "\\x65", 1)', "1")

    writes = [(done.offset, done.data) for done in done_in(recording) if isinstance(done, Write)]

    assert writes == [(0, b"ab"), (2, b"cd"), (4, b"e")]


def test_only_what_the_kernel_took_was_written() -> None:
    """A short write wrote less than it was given."""
    recording = Recording()
    recording.write(LOG, b"abc")
    recording.lines[0] = recording.lines[0].replace("= 3", "= 1")

    assert [done.data for done in done_in(recording) if isinstance(done, Write)] == [b"a"]


def test_opening_may_create_or_empty_a_file() -> None:
    """O_CREAT counts when there was no file, O_TRUNC when there was one."""
    recording = Recording()
    recording.create(UPLOAD)
    recording.create(UPLOAD)
    recording.create(UPLOAD)
    recording.lines[2] = recording.lines[2].replace("O_EXCL", "O_TRUNC")

    assert [type(done) for done in done_in(recording)] == [Create, Truncate]


def test_a_call_that_failed_did_nothing() -> None:
    """Errors are not operations."""
    recording = Recording()
    recording.sync(LOG, "-1 EIO (Input/output error) (INJECTED)")
    recording.call('mkdir("\\x2f\\x73", 0700)', "-1 EEXIST (File exists)")

    assert done_in(recording) == []


def test_a_change_that_is_not_modelled_is_refused() -> None:
    """Nothing is concluded from a trace with, say, `fallocate` in the folder; elsewhere it does not matter."""
    recording = Recording()
    recording.call("fallocate(3<\\x2f\\x74>, 0, 0, 10)", "0")
    assert done_in(recording) == []

    recording.call("fallocate(3<" + "".join(f"\\x{byte:02x}" for byte in str(LOG).encode()) + ">, 0, 0, 10)", "0")
    with pytest.raises(UnknownOperationError, match="line 2: fallocate"):
        done_in(recording)
