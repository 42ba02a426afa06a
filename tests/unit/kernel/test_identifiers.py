# SPDX-License-Identifier: Apache-2.0
"""Identifiers sort by time of birth, and nobody makes one twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from entrepot.kernel.identifiers import is_ulid
from entrepot.kernel.identifiers import new_ulid

MANY = 200


def test_those_of_one_millisecond_sort_as_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are in it; and those after it come after them."""
    now = [1_800_000_000_000_000_000]
    monkeypatch.setattr("time.time_ns", lambda: now[0])
    first = [new_ulid() for _ in range(MANY)]
    now[0] += 1_000_000
    found = [*first, new_ulid()]

    assert found == sorted(set(found))
    assert all(map(is_ulid, found))
    assert {each[:10] for each in first} == {first[0][:10]}


def test_no_two_threads_make_one_twice() -> None:
    """Whatever they take from each other."""
    with ThreadPoolExecutor(8) as threads:
        made = [each for some in threads.map(lambda _: [new_ulid() for _ in range(MANY)], range(8)) for each in some]
    assert len(set(made)) == 8 * MANY
