# SPDX-License-Identifier: Apache-2.0
"""Descriptions as they are kept, and whom to ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.features.descriptions import store
from entrepot.features.descriptions.errors import DescriptionInvalid
from entrepot.features.descriptions.models import Brief
from entrepot.features.descriptions.models import Described
from entrepot.features.descriptions.models import Description
from entrepot.features.descriptions.models import Kind
from entrepot.features.descriptions.models import Owner
from entrepot.features.descriptions.models import OwnerKind
from entrepot.features.descriptions.models import Place
from entrepot.features.descriptions.models import read_owner
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from tests.builders.databases import a_database

APP, TEAM = Place(Kind.REPOSITORY, "team/app", "team"), Place(Kind.PROJECT, "team", "team")
ALICE, DEVELOPERS = Owner(OwnerKind.USER, "alice"), Owner(OwnerKind.GROUP, "developers")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database without descriptions."""
    database = a_database(tmp_path)
    yield database
    database.close()


def said(summary: str, owner: Owner | None = None, revision: int = 1) -> Described:
    """Make a description."""
    return Described(Description(summary, "", owner), revision, Milliseconds(5), "user:root")


def test_one_is_said_of_a_place(database: Database) -> None:
    """Another takes its place; a repository of one segment is not its project."""
    alone = Place(Kind.REPOSITORY, "team", "team")
    for place, described in ((TEAM, said("one")), (alone, said("two")), (TEAM, said("three", ALICE, 2))):
        database.write_now(store.put, place, described)

    found = [database.snapshot_now(store.find, place) for place in (TEAM, alone, APP)]
    assert [(each.description.summary, each.revision) for each in found] == [("three", 2), ("two", 1), ("", 0)]


def test_the_owner_of_the_project_is_asked_where_the_repository_has_none(database: Database) -> None:
    """Nobody is where neither has."""

    def owner(connection: Connection) -> Owner | None:
        """Find whom to ask."""
        return store.owner_of(connection, RepositoryName("team/app"))

    found = [database.snapshot_now(owner)]
    for place, described in ((APP, said("x")), (TEAM, said("x", DEVELOPERS)), (APP, said("x", ALICE))):
        database.write_now(store.put, place, described)
        found.append(database.snapshot_now(owner))

    assert found == [None, None, DEVELOPERS, ALICE]


def test_lists_ask_for_many(database: Database) -> None:
    """Those of which nothing was said are left out."""
    database.write_now(store.put, APP, said("The shop", ALICE))

    found = database.snapshot_now(store.briefs_of, Kind.REPOSITORY, ["team/app", "team/other", "team"])
    assert found == {"team/app": Brief("The shop", ALICE)}


def test_those_of_a_project_go_with_it(database: Database) -> None:
    """And no others."""
    database.write_now(store.put, APP, said("x"))
    database.write_now(store.remove_within, "te")
    assert database.snapshot_now(store.find, APP).revision == 1

    database.write_now(store.remove_within, "team")
    assert database.snapshot_now(store.find, APP).revision == 0


@pytest.mark.parametrize("stored", ["", "alice", "planet:earth", ":x"])
def test_what_names_no_owner_is_none(stored: str) -> None:
    """A newer version may know other kinds."""
    assert read_owner(stored) is None


def test_owners_are_read_as_they_are_stored() -> None:
    """Colons in a contact are its own."""
    for owner in (ALICE, DEVELOPERS, Owner(OwnerKind.CONTACT, "user:mallory")):
        assert read_owner(str(owner)) == owner


@pytest.mark.parametrize("name", ["", " a", "a\nb", "x" * 256])
def test_an_owner_is_one_line(name: str) -> None:
    """Of some length."""
    with pytest.raises(DescriptionInvalid):
        Owner(OwnerKind.CONTACT, name)
