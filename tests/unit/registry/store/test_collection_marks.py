# SPDX-License-Identifier: Apache-2.0
"""Places that walks have come to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import digest_of
from entrepot.registry.store import collection_marks
from entrepot.registry.store.reclaim import LeasedLink
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.databases import a_database

PLACE = LeasedLink(Milliseconds(7), RepositoryId(1), digest_of(b"a layer"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database without marks."""
    database = a_database(tmp_path)
    yield database
    database.close()


def test_a_place_is_found_as_it_was_kept(database: Database) -> None:
    """The last one under each name."""
    for place in (LeasedLink(Milliseconds(1), RepositoryId(1), PLACE.digest), PLACE):
        database.write_now(collection_marks.set_place, "leases", place)
    database.write_now(collection_marks.set_place, "objects", "objects/zz")

    assert database.snapshot_now(collection_marks.find, "leases", LeasedLink) == PLACE
    assert database.snapshot_now(collection_marks.find, "objects", str) == "objects/zz"


def test_a_walk_begins_anew_without_a_place(database: Database) -> None:
    """Before the first was kept, and after it was removed."""
    assert database.snapshot_now(collection_marks.find, "leases", LeasedLink) is None
    database.write_now(collection_marks.set_place, "leases", PLACE)

    database.write_now(collection_marks.remove, "leases")

    assert database.snapshot_now(collection_marks.find, "leases", LeasedLink) is None
