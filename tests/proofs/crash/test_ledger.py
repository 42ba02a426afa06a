# SPDX-License-Identifier: Apache-2.0
"""What a tag may point at, after pushes and deletes of which some were never acknowledged."""

import math

import pytest

from tests.crash.ledger import Ledger
from tests.crash.ledger import TagWrite

NEVER = math.inf


def possible(*writes: TagWrite) -> set[str | None]:
    """Return what a tag with such a history may be."""
    ledger = Ledger()
    ledger.tags["crash/app", "latest"].extend(writes)
    return ledger.possible("crash/app", "latest")


@pytest.mark.parametrize(
    ("writes", "expected"),
    [
        pytest.param((), {None}, id="never written"),
        pytest.param((TagWrite("a", 1, 2),), {"a"}, id="acknowledged"),
        pytest.param((TagWrite("a", 1, NEVER),), {"a", None}, id="in flight on nothing"),
        pytest.param((TagWrite("a", 1, 2), TagWrite("b", 3, 4)), {"b"}, id="overwritten"),
        pytest.param((TagWrite("a", 1, 2), TagWrite(None, 3, 4)), {None}, id="deleted"),
        pytest.param((TagWrite(None, 1, 2), TagWrite("a", 3, 4)), {"a"}, id="deleted and written again"),
        pytest.param((TagWrite("a", 1, 2), TagWrite("b", 3, NEVER)), {"a", "b"}, id="overwrite in flight"),
        pytest.param((TagWrite("a", 1, 2), TagWrite(None, 3, NEVER)), {"a", None}, id="delete in flight"),
        pytest.param((TagWrite("a", 1, 4), TagWrite("b", 2, 3)), {"a", "b"}, id="overlapping, either order"),
        pytest.param((TagWrite("a", 1, 4), TagWrite(None, 2, 3)), {"a", None}, id="overlapping a delete"),
        pytest.param((TagWrite("a", 1, NEVER), TagWrite("b", 2, 3)), {"a", "b"}, id="in flight before and after"),
        pytest.param(
            (TagWrite("a", 1, 3), TagWrite("b", 2, 5), TagWrite("c", 4, 6)), {"b", "c"}, id="only the last overlap"
        ),
    ],
)
def test_a_tag_has_a_value_that_nothing_acknowledged_replaced(
    writes: tuple[TagWrite, ...], expected: set[str | None]
) -> None:
    """A value is possible until a write that began after its acknowledgement is acknowledged itself."""
    assert possible(*writes) == expected


def test_a_write_is_acknowledged_when_its_block_ends() -> None:
    """A tag with an acknowledged push may be that, and cannot be absent."""
    ledger = Ledger()
    for digest in ("a", "b"):
        with ledger.tag_write("crash/app", "latest", digest):
            pass

    assert "b" in ledger.possible("crash/app", "latest")
    assert None not in ledger.possible("crash/app", "latest")


def test_a_write_whose_block_fails_stays_in_flight() -> None:
    """Whether a lost push happened is not known, so both values are possible."""
    ledger = Ledger()
    with pytest.raises(ConnectionError), ledger.tag_write("crash/app", "latest", "a"):
        raise ConnectionError

    assert ledger.possible("crash/app", "latest") == {"a", None}
