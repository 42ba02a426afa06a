# SPDX-License-Identifier: Apache-2.0
"""Walking over repositories and their tags."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.kernel.spans import EVERY_NAME
from entrepot.oci.reference import RepositoryName
from entrepot.registry.named_places import NamedPlace
from entrepot.registry.named_places import named_places
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()
ALL = ["a/one", "a/one:1", "a/one:2", "a/two", "a/two:1", "b/one", "b/one:1"]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with three repositories."""
    with a_core(tmp_path) as running:
        asyncio.run(push(running))
        yield running


async def push(running: RunningCore) -> None:
    """Push an image under some tags."""
    for name, *tags in (("a/one", "1", "2"), ("a/two", "1"), ("b/one", "1")):
        await running.put_image(IMAGE, *tags, repository=RepositoryName(name))


def walked(connection: Connection, after: NamedPlace, matching: str = "") -> list[str]:
    """Return the places behind one, in repositories that contain a text."""
    found = named_places(connection, [EVERY_NAME], lambda name: matching in name, after)
    return [f"{each.repository}:{each.tag}" if each.tag else each.repository for each in found]


def test_each_place_comes_once_and_in_order(running: RunningCore) -> None:
    """A repository before its tags; from any place on."""

    def from_everywhere(connection: Connection) -> None:
        """Begin behind each place."""
        assert walked(connection, NamedPlace()) == ALL
        for number, place in enumerate(ALL):
            repository, _, tag = place.partition(":")
            assert walked(connection, NamedPlace(repository, tag)) == ALL[number + 1 :]

    running.database.snapshot_now(from_everywhere)


def test_tags_are_looked_at_where_the_repository_matches(running: RunningCore) -> None:
    """The others are yielded by themselves: whoever counts how much was looked at counts them."""
    found = running.database.snapshot_now(walked, NamedPlace(), "two")

    assert found == ["a/one", "a/two", "a/two:1", "b/one"]


def test_a_tag_comes_with_what_it_points_at(running: RunningCore) -> None:
    """So nobody has to look it up."""
    found = running.database.snapshot_now(
        lambda c: [each.digest for each in named_places(c, [EVERY_NAME], lambda _name: True, NamedPlace())]
    )

    assert found == [IMAGE.digest if ":" in place else None for place in ALL]
