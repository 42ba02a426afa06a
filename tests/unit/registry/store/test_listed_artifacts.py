# SPDX-License-Identifier: Apache-2.0
"""The pages of the artifacts of a repository, and of its bin."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import literal
from sqlalchemy import select

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.oci.digest import Digest
from entrepot.registry.store import listed_artifacts
from entrepot.registry.store import repositories
from entrepot.registry.store.listed_artifacts import LONGEST
from entrepot.registry.store.listed_artifacts import MAX_LOOKED_AT
from entrepot.registry.store.listed_artifacts import BinPlace
from entrepot.registry.store.listed_artifacts import ListedManifest
from entrepot.registry.store.listed_artifacts import Wanted
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import sqlite_of
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.store.plans import plans_of

IMAGES = [an_image_manifest(annotations={"number": str(number)}) for number in range(7)]
DIGESTS = [image.digest for image in IMAGES]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with `IMAGES`, pushed one millisecond after the other; those with even numbers have two tags."""
    with a_core(tmp_path) as running:
        asyncio.run(push(running))
        yield running


async def push(running: RunningCore) -> None:
    """Push them."""
    for number, image in enumerate(IMAGES):
        await running.put_image(image, *([f"b{number}", f"a{number}"] if number % 2 == 0 else []))
        running.clock.advance(1)


def repo_of(connection: Connection) -> RepositoryId:
    """Return the repository's id."""
    found = repositories.find(connection, REPOSITORY)
    assert found is not None
    return found.id


def walk(
    connection: Connection, wanted: Wanted, limit: int, most: int = MAX_LOOKED_AT
) -> Iterator[list[ListedManifest]]:
    """Yield every page."""
    place, is_first = None, True
    while is_first or place is not None:
        is_first = False
        found, place = listed_artifacts.page(connection, repo_of(connection), wanted, place, limit, most)
        yield found


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
@pytest.mark.parametrize("is_newest_first", [True, False])
@pytest.mark.parametrize("is_tagged", [None, True, False])
def test_every_artifact_comes_once_in_the_order_of_pushes(
    running: RunningCore, limit: int, is_newest_first: bool, is_tagged: bool | None
) -> None:
    """Those with a tag, those without, or all; a page is full but for the last."""
    wanted_ones = Wanted(is_newest_first, is_tagged)
    pages = running.database.snapshot_now(lambda connection: list(walk(connection, wanted_ones, limit)))

    wanted = {None: DIGESTS, True: DIGESTS[::2], False: DIGESTS[1::2]}[is_tagged]
    assert [each.digest for page in pages for each in page] == (wanted[::-1] if is_newest_first else wanted)
    assert all(len(page) == limit for page in pages[:-1])


def test_only_some_digests_may_be_wanted(running: RunningCore) -> None:
    """A statement selects them."""
    two = select(literal(DIGESTS[1]).label("digest")).union_all(select(literal(DIGESTS[4]))).subquery()
    wanted = Wanted(among=(select(two.c.digest),))
    (page,) = running.database.snapshot_now(lambda connection: list(walk(connection, wanted, 10)))

    assert [each.digest for each in page] == [DIGESTS[4], DIGESTS[1]]


def test_a_filtered_page_looks_at_some_only(running: RunningCore) -> None:
    """It ends where it may look no further, with what it found until there, and the next one goes on."""
    none = select(literal("nothing").label("digest")).subquery()
    wanted = Wanted(among=(select(none.c.digest),))
    pages = running.database.snapshot_now(lambda connection: list(walk(connection, wanted, 2, 3)))

    assert pages == [[], [], []]


def test_what_is_deleted_is_in_the_bin_instead(running: RunningCore) -> None:
    """The last deleted first, with the tags that went along and who did it, until it can no longer be restored."""
    asyncio.run(delete(running, *DIGESTS[:3]))
    now = running.clock()
    look = running.database.snapshot_now
    repo_id = look(repo_of)
    (page,) = look(lambda connection: list(walk(connection, Wanted(), 10)))
    binned = look(listed_artifacts.in_the_bin, repo_id, LONGEST, 10, now)
    later = look(listed_artifacts.in_the_bin, repo_id, LONGEST, 10, after(now, 7 * DAY_MS))

    assert [each.digest for each in page] == DIGESTS[:2:-1]
    assert [(each.digest, each.tags, each.deleted_by) for each in binned] == [
        (DIGESTS[2], ("a2", "b2"), EVERYBODY.principal.identity),
        (DIGESTS[1], (), EVERYBODY.principal.identity),
        (DIGESTS[0], ("a0", "b0"), EVERYBODY.principal.identity),
    ]
    assert later == []


def test_the_bin_comes_in_pages(running: RunningCore) -> None:
    """Each begins behind the one before."""
    asyncio.run(delete(running, *DIGESTS[:3]))
    found: list[Digest] = []
    place = LONGEST
    look = running.database.snapshot_now
    while page := look(listed_artifacts.in_the_bin, look(repo_of), place, 1, running.clock()):
        found += [each.digest for each in page]
        place = BinPlace(page[-1].restorable_until, page[-1].digest)

    assert found == DIGESTS[2::-1]


async def delete(running: RunningCore, *digests: Digest) -> None:
    """Delete one after the other."""
    for digest in digests:
        await running.delete.manifest(EVERYBODY, REPOSITORY, digest)
        running.clock.advance(1)


@pytest.mark.sqlite
@pytest.mark.parametrize("is_newest_first", [True, False])
@pytest.mark.parametrize("is_tagged", [None, True])
def test_pages_are_searched_for_in_an_index(
    running: RunningCore, is_newest_first: bool, is_tagged: bool | None
) -> None:
    """Nothing is sorted, and only what may be shown is looked at."""
    wanted = Wanted(is_newest_first, is_tagged, (select(literal("x").label("digest")),) if is_tagged else ())
    with sqlite_of(running.database).reading() as connection:
        repo_id = repo_of(connection)
        plans = plans_of(connection, lambda one: listed_artifacts.page(one, repo_id, wanted, None, 3))
        plans += plans_of(
            connection, lambda one: listed_artifacts.in_the_bin(one, repo_id, LONGEST, 3, running.clock())
        )

    assert len(plans) == (2 if is_tagged is None else 3)
    for plan in plans:
        assert "TEMP B-TREE" not in plan
        assert "SCAN manifests" not in plan
        assert "SCAN tags" not in plan
        assert "SCAN tag_history" not in plan
