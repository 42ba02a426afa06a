# SPDX-License-Identifier: Apache-2.0
"""Claiming and forgetting objects that nothing refers to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.store import tombstones
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from tests.builders.core import RunningCore
from tests.builders.core import a_core

NOW, LONG_AGO = Milliseconds(1_000), Milliseconds(0)
STORE = StoreId(1)
DEAD = [DeadObject(ObjectKey(f"objects/0{number}"), STORE, number, Reason.PURGED) for number in range(3)]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with three tombstones, the last of which is not due."""
    with a_core(tmp_path) as running:
        running.database.write_now(tombstones.bury, DEAD[:2], None, NOW)
        running.database.write_now(tombstones.bury, DEAD[2:], None, Milliseconds(NOW + 1))
        yield running


def claim(
    running: RunningCore,
    now: int = NOW,
    given_up: int = LONG_AGO,
    stores: tuple[int, ...] = (STORE,),
    among: list[ObjectKey] | None = None,
) -> list[ObjectKey]:
    """Claim what can be, and return the keys in order."""
    claimed = running.database.write_now(
        tombstones.claim, Milliseconds(now), Milliseconds(given_up), [StoreId(store) for store in stores], 10, among
    )
    return sorted(each.object_key for each in claimed.objects)


def test_what_is_due_is_claimed_once(running: RunningCore) -> None:
    """The second claimer gets nothing, until the first has been given up."""
    due = [each.object_key for each in DEAD[:2]]

    assert claim(running) == due
    assert claim(running) == []
    assert claim(running, given_up=NOW - 1) == []

    assert claim(running, given_up=NOW) == due


def test_only_what_was_asked_for_is_claimed(running: RunningCore) -> None:
    """Keys that are named, and are due; stores that are open here."""
    assert claim(running, stores=()) == []
    assert claim(running, among=[DEAD[1].object_key, DEAD[2].object_key]) == [DEAD[1].object_key]


def test_what_is_gone_is_forgotten(running: RunningCore) -> None:
    """And nothing else."""
    running.database.write_now(tombstones.drop, [DEAD[0].object_key])

    assert claim(running, now=NOW + 1) == [DEAD[1].object_key, DEAD[2].object_key]
