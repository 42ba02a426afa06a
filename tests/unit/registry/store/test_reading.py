# SPDX-License-Identifier: Apache-2.0
"""What pages about repositories and artifacts read costs searches of indexes only."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store import artifacts
from entrepot.registry.store import listed_artifacts
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import sqlite_of
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.store.plans import plans_of

IMAGE = an_image_manifest()
INDEX = an_index(IMAGE.descriptor())
FIRST = RepositoryId(1)
"""The repository that is pushed into."""

READINGS: dict[str, Callable[[Connection], object]] = {
    "repositories": lambda one: repositories.listed(one, [REPOSITORY, RepositoryName("team/other")]),
    "children": lambda one: artifacts.children_of(one, FIRST, [INDEX.digest]),
    "parents": lambda one: artifacts.parents_of(one, FIRST, IMAGE.digest, 10),
    "some": lambda one: listed_artifacts.among(one, FIRST, [IMAGE.digest, INDEX.digest]),
    "deleted tags": lambda one: tags.unset_among(one, FIRST, [TagName("1.0")]),
}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with an image in an index."""
    with a_core(tmp_path) as running:
        asyncio.run(push(running))
        yield running


async def push(running: RunningCore) -> None:
    """Push them."""
    await running.put_image(IMAGE)
    running.clock.advance(1_000)
    await running.put_manifest(INDEX, "1.0", "0.9")


@pytest.mark.sqlite
@pytest.mark.parametrize("reading", READINGS.values(), ids=list(READINGS))
def test_one_statement_searches_indexes(running: RunningCore, reading: Callable[[Connection], object]) -> None:
    """Nothing is walked from its beginning, and nothing sorted."""
    with sqlite_of(running.database).reading() as connection:
        (plan,) = plans_of(connection, reading)

    assert "SEARCH" in plan
    assert "TEMP B-TREE" not in plan
    assert not any(f"SCAN {table}" in plan for table in ("manifest", "tag", "repositories", "others"))


def test_an_index_and_its_entry_know_each_other(running: RunningCore) -> None:
    """One lists the other; an entry that was never here is nobody's to tell of."""
    children = running.database.snapshot_now(artifacts.children_of, FIRST, [INDEX.digest, IMAGE.digest])
    parents = running.database.snapshot_now(artifacts.parents_of, FIRST, IMAGE.digest, 10)

    assert (children, parents) == ({INDEX.digest: [IMAGE.digest]}, [INDEX.digest])


def test_a_repository_tells_its_last_change(running: RunningCore) -> None:
    """Of a push or a tag, whichever came later; of tags set at once, the last by name."""
    (found,) = running.database.snapshot_now(repositories.listed, [REPOSITORY, RepositoryName("team/nil")])

    assert (found.name, found.updated_at, found.latest_tag) == (REPOSITORY, running.clock(), "1.0")
    assert found.created_at == running.clock() - 1_000
