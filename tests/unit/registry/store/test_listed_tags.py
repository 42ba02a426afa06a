# SPDX-License-Identifier: Apache-2.0
"""The pages of the tags of a repository."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import text as sql

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import TagName
from entrepot.oci.version_order import version_key
from entrepot.registry.events import Cause
from entrepot.registry.store import listed_tags
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.listed_tags import TaggedManifest
from entrepot.registry.store.listed_tags import TagOrder
from entrepot.registry.store.listed_tags import TagPlace
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.tags import Change
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import sqlite_of
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.store.plans import plans_of

IMAGE = an_image_manifest()
NAMES = ["latest", "1.10", "1.9", "V1.9", "1.9-rc.1", "1.9-rc.1_b", "sha-1F", "x", "2", "10", "A", "a_b", "aXb"]
TIMES = {name: Milliseconds(100 + number % 5) for number, name in enumerate(NAMES)}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with the tags `NAMES`, one that was deleted, and one of another repository."""
    with a_core(tmp_path) as running:
        asyncio.run(running.put_image(IMAGE))
        running.database.write_now(set_tags)
        yield running


def set_tags(connection: Connection) -> None:
    """Set them, each at its time."""
    repo_id = repo_of(connection)
    for name, at in {**TIMES, "gone": Milliseconds(1)}.items():
        tags.move(connection, repo_id, TagName(name), IMAGE.digest, Change("r", "user:bob", Cause.USER, at, at))
    gone = Change("r", "user:bob", Cause.USER, Milliseconds(2), Milliseconds(3))
    tags.move(connection, repo_id, TagName("gone"), None, gone)


def repo_of(connection: Connection) -> RepositoryId:
    """Return the repository's id."""
    found = repositories.find(connection, REPOSITORY)
    assert found is not None
    return found.id


def in_order(order: TagOrder) -> list[str]:
    """Return `NAMES` as an order has them."""
    is_backwards = order.value.startswith("-")
    if order in (TagOrder.NAME, TagOrder.NAME_BACKWARDS):
        return sorted(NAMES, reverse=is_backwards)
    if order in (TagOrder.UPDATED, TagOrder.NEWEST):
        return sorted(NAMES, key=lambda name: (TIMES[name], name), reverse=is_backwards)
    versions = sorted(filter(version_key, NAMES), key=lambda name: (version_key(name), name), reverse=is_backwards)
    return versions + sorted(name for name in NAMES if not version_key(name))


def walk(connection: Connection, order: TagOrder, text: str, limit: int) -> Iterator[list[TaggedManifest]]:
    """Yield every page that holds something."""
    after = None
    while found := listed_tags.page(connection, repo_of(connection), order, after, text, limit):
        yield found
        after = TagPlace(found[-1].name, found[-1].updated_at)


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
@pytest.mark.parametrize("text", ["", "1", "A", "_", "nothing"])
@pytest.mark.parametrize("order", TagOrder)
def test_every_page_follows_the_one_before(running: RunningCore, order: TagOrder, text: str, limit: int) -> None:
    """Each tag whose name contains the text comes once, in order, in pages that are full but for the last."""
    pages = running.database.snapshot_now(lambda connection: list(walk(connection, order, text, limit)))

    expected = [name for name in in_order(order) if text.lower() in name.lower()]
    assert [tag.name for page in pages for tag in page] == expected
    assert all(len(page) == limit for page in pages[:-1])


def test_a_tag_says_who_set_it_and_what_it_points_at(running: RunningCore) -> None:
    """One that was deleted is not there, and neither is one of another repository."""
    repo_id = running.database.snapshot_now(repo_of)
    found = running.database.snapshot_now(listed_tags.tagged, repo_id, TagName("x"))
    gone = running.database.snapshot_now(listed_tags.tagged, repo_id, TagName("gone"))

    config = "application/vnd.oci.image.config.v1+json"
    assert found == TaggedManifest(TagName("x"), IMAGE.digest, TIMES["x"], "user:bob", IMAGE.media_type, config)
    assert gone is None


@pytest.mark.sqlite
@pytest.mark.parametrize("text", ["", "1"])
@pytest.mark.parametrize("after", [None, TagPlace("1.9", Milliseconds(102)), TagPlace("latest", Milliseconds(100))])
@pytest.mark.parametrize("order", TagOrder)
def test_pages_are_searched_for_in_an_index(
    running: RunningCore, order: TagOrder, after: TagPlace | None, text: str
) -> None:
    """At most two statements; each begins where the page does, and nothing is sorted or walked from the start."""
    with sqlite_of(running.database).reading() as connection:
        repo_id = repo_of(connection)
        plans = plans_of(connection, lambda reading: listed_tags.page(reading, repo_id, order, after, text, 3))

    assert 1 <= len(plans) <= 2
    for plan in plans:
        assert "TEMP B-TREE" not in plan
        assert "SCAN" not in plan
        assert re.search(r"SEARCH tags USING INDEX \w+ \(repo_id=\? AND ", plan)


def test_a_tag_that_is_set_gets_the_key_of_its_version(running: RunningCore) -> None:
    """So that it can be sorted from its first moment."""
    asked = sql("SELECT name, version_key FROM tags ORDER BY name")
    rows = running.database.snapshot_now(lambda connection: connection.execute(asked).all())

    assert {name: key for name, key in rows if name != "gone"} == {name: version_key(name) for name in NAMES}
