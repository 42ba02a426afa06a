# SPDX-License-Identifier: Apache-2.0
"""What a server promised, in which order, and what a power cut may leave of it."""

from pathlib import Path

import pytest

from tests.durability.operations import Acknowledge
from tests.durability.operations import Sync
from tests.durability.server_audit import ServerAudit
from tests.durability.server_audit import possible
from tests.durability.server_workload import Promise
from tests.durability.server_workload import pair

TAG, BLOB = "/v2/app/manifests/latest", "/v2/app/blobs/sha256:0"
PROMISES: list[Promise] = [{TAG: b"one"}, {TAG: b"two", BLOB: b"blob"}, {TAG: None}]


def answer(line: int) -> Acknowledge:
    """An acknowledgement in one line of a trace."""
    return Acknowledge(line, line, Path("socket"), b"HTTP/1.1 201")


def test_nothing_is_promised_before_the_first_acknowledgement() -> None:
    """The first request may have been carried out, and no later one."""
    assert possible(PROMISES, 0) == {TAG: [None, b"one"]}


def test_the_request_under_way_may_have_been_carried_out() -> None:
    """What it changes has the value from before, or the one from after."""
    assert possible(PROMISES, 1) == {TAG: [b"one", b"two"], BLOB: [None, b"blob"]}


def test_what_it_does_not_change_has_one_value() -> None:
    """A blob stays while its tag is deleted."""
    assert possible(PROMISES, 2) == {TAG: [b"two", None], BLOB: [b"blob"]}


def test_a_delete_is_a_promise() -> None:
    """After the last acknowledgement each path has its last value, which may be none."""
    assert possible(PROMISES, 3) == {TAG: [None], BLOB: [b"blob"]}


def test_answers_that_promise_nothing_are_left_out() -> None:
    """The answers to parts of an upload are no acknowledgements, and other operations stay."""
    sync = Sync(2, 2, Path("log"))

    recorded = pair([answer(1), sync, answer(3)], [{}, {TAG: b"one"}])

    assert recorded.done == [sync, answer(3)]
    assert recorded.promises == [{TAG: b"one"}]


def test_every_answer_is_in_the_trace() -> None:
    """A trace that misses an acknowledgement proves nothing."""
    with pytest.raises(ValueError, match="longer"):
        pair([answer(1)], [{TAG: b"one"}, {TAG: b"two"}])


def test_a_promise_that_was_not_kept_is_found(tmp_path: Path) -> None:
    """Entrepot starts on the folder and does not have what was acknowledged."""
    (fault,) = ServerAudit([{TAG: b"one"}])(tmp_path, [answer(1)])

    assert fault == f"{TAG} is nothing, promised: 3 bytes b'one'"


def test_a_folder_without_acknowledgements_may_be_empty(tmp_path: Path) -> None:
    """A cut before the first acknowledgement loses nothing."""
    assert ServerAudit([])(tmp_path, []) == []


def test_a_server_that_cannot_start_is_a_fault(tmp_path: Path) -> None:
    """A damaged database is reported, not raised."""
    (tmp_path / "entrepot.db").write_bytes(b"no database at all, but bytes of some other kind" * 100)

    (fault,) = ServerAudit([])(tmp_path, [])

    assert fault.startswith("the server does not start again: ")
