# SPDX-License-Identifier: Apache-2.0
"""The queue of what may have lost its last use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.store import collection_queue
from entrepot.registry.store.collection_queue import Queued
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.tombstones import Reason
from tests.builders.databases import a_database

ONE, OTHER = (Queued(RepositoryId(1), digest_of(content), Reason.PURGED) for content in (b"one", b"other"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with an empty queue."""
    database = a_database(tmp_path)
    yield database
    database.close()


def enqueue(database: Database, queued: Queued, at: int, kind: str = "link") -> None:
    """Queue something to be looked at from a moment on."""
    database.write_now(collection_queue.enqueue, kind, [queued], Milliseconds(at))


def due(database: Database, now: int, kind: str = "link", among: list[Digest] | None = None) -> list[Queued]:
    """Return what is due, in order."""
    return database.write_now(collection_queue.take, kind, Milliseconds(now), 10, among)


def test_what_was_queued_first_is_due_first(database: Database) -> None:
    """Each kind has a queue of its own; nothing is due before its moment."""
    enqueue(database, ONE, 2)
    enqueue(database, OTHER, 1)
    enqueue(database, ONE, 1, "blob")

    assert due(database, 0) == []
    assert due(database, 1) == [OTHER]
    assert due(database, 2) == [OTHER, ONE]
    assert due(database, 2, "blob") == [ONE]
    assert due(database, 2, among=[ONE.digest]) == [ONE]


def test_what_is_queued_again_is_looked_at_sooner_never_later(database: Database) -> None:
    """A second reason to look does not put off the first."""
    enqueue(database, ONE, 5)
    enqueue(database, ONE, 9)
    assert due(database, 5) == [ONE]

    enqueue(database, ONE, 3)

    assert due(database, 3) == [ONE]


def test_what_is_postponed_or_forgotten_is_not_due(database: Database) -> None:
    """And nothing else changes."""
    for each in (ONE, OTHER):
        enqueue(database, each, 1)

    database.write_now(collection_queue.postpone, "link", ONE, Milliseconds(4))
    database.write_now(collection_queue.forget, "link", OTHER)

    assert due(database, 3) == []
    assert due(database, 4) == [ONE]
