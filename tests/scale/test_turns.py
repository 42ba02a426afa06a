# SPDX-License-Identifier: Apache-2.0
"""Processes that change one repository at the same moment, each with connections of its own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import func
from sqlalchemy import select

from entrepot.infra.database.postgresql import AGAIN
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.registry.store import repositories
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tags
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import a_database
from tests.builders.databases import opened
from tests.builders.databases import place_of
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

ROUNDS = 20

pytestmark = pytest.mark.anyio


@pytest.fixture
def cores(tmp_path: Path) -> Iterator[list[RunningCore]]:
    """Two processes, as far as the database can tell, that share the bytes."""
    storage, first = MemoryStorage(), a_database(tmp_path)
    with (
        a_core(tmp_path / "one", storage, open_database=lambda _folder: first) as one,
        a_core(tmp_path / "other", storage, open_database=lambda _folder: opened(place_of(first))) as other,
    ):
        yield [one, other]


def children(connection: Connection) -> tuple[int, int]:
    """Count the children of indexes, and those that their index holds."""
    row = connection.execute(select(func.count(), func.count(manifest_children.c.child))).one()
    return row[0], row[1]


def tags_into_the_bin(connection: Connection) -> list[str]:
    """Return the tags that point at deleted manifests."""
    named = and_(manifests.c.repo_id == tags.c.repo_id, manifests.c.digest == tags.c.digest)
    found = select(tags.c.name).join(manifests, named).where(manifests.c.deleted_at.is_not(None))
    return list(connection.execute(found).scalars())


def runs_again(core: RunningCore) -> int:
    """Tell how many writes were run again."""
    return int(next(each.values[0] for each in core.database.measure() if each.metric is AGAIN))


async def test_an_index_and_its_child_find_each_other(cores: list[RunningCore]) -> None:
    """Whichever is committed first: the index holds the child."""
    for number in range(ROUNDS):
        child = an_image_manifest(annotations={"number": str(number)})
        index = an_index(child.descriptor(), annotations={"number": str(number)})
        await cores[0].put_image(an_image_manifest())
        await asyncio.gather(cores[0].put_manifest(child), cores[1].put_manifest(index))

    assert await cores[0].database.read(children) == (ROUNDS, ROUNDS)


async def test_a_deletion_and_a_push_of_a_manifest_take_turns(cores: list[RunningCore]) -> None:
    """A tag never points at a manifest in the bin."""
    image = an_image_manifest()
    for _ in range(ROUNDS):
        await cores[0].put_image(image)
        await asyncio.gather(
            cores[0].delete.manifest(EVERYBODY, REPOSITORY, image.digest),
            cores[1].put_manifest(image, "latest"),
        )

        assert await cores[0].database.read(tags_into_the_bin) == []


async def test_nobody_is_undone_for_waiting(cores: list[RunningCore]) -> None:
    """Pushes of different manifests into one repository wait for each other, and none is run again."""
    images = [an_image_manifest(annotations={"number": str(number)}) for number in range(ROUNDS)]
    await cores[0].put_image(images[0])
    before = [runs_again(core) for core in cores]

    await asyncio.gather(*(cores[number % 2].put_manifest(image) for number, image in enumerate(images)))

    assert [runs_again(core) for core in cores] == before


async def test_a_repository_is_made_once(cores: list[RunningCore]) -> None:
    """Two that make it at the same moment get the same one."""
    made = await asyncio.gather(
        *(
            core.database.write_locked(repositories.lock_or_make, REPOSITORY, core.core.default_store, core.clock())
            for core in cores * 4
        )
    )

    assert len({each.id for each in made}) == 1
