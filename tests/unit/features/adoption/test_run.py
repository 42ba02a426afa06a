# SPDX-License-Identifier: Apache-2.0
"""What another registry has left is taken over where it lies, and again when more has come."""

import asyncio
from pathlib import Path

import pytest

from entrepot.features.access import parse_pattern
from entrepot.features.adoption.models import Report
from entrepot.features.adoption.models import Wanted
from entrepot.infra.storage.tree import NoTree
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.events import EventType
from entrepot.registry.store.modes import Mode
from tests.builders.core import EVERYBODY
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.features.adoption.adopting import Adopting
from tests.unit.features.adoption.adopting import an_adopting_core
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
NEWER = an_image_manifest(annotations={"is": "newer"})
CONFIG, LAYER = digest_of(A_CONFIG), digest_of(A_LAYER)
APP = RepositoryName("team/app")

pytestmark = pytest.mark.anyio


def numbers(report: Report) -> tuple[int, int, int, int]:
    """Return how many manifests, tags and blobs were taken over, and how many problems there were."""
    return report.manifests, report.tags, report.blobs, report.problems


async def test_an_image_is_pulled_as_it_was_pushed(adopting: Adopting) -> None:
    """By tag and by digest, with blobs that lie where they lay; nothing contradicts itself."""
    adopting.tree.put_image("team/app", IMAGE, "1", "latest")

    report = await adopting.adopt()

    assert numbers(report) == (1, 2, 2, 0)
    assert report.bytes == len(A_CONFIG) + len(A_LAYER)
    for reference in ("1", "latest", IMAGE.digest):
        assert await adopting.pulled("team/app", reference) == IMAGE.payload
    assert await adopting.blob("team/app", LAYER) == A_LAYER
    assert [found async for found in adopting.running.storage.list_objects()] == []
    assert await adopting.violations() == []


async def test_it_is_announced_as_a_push(adopting: Adopting) -> None:
    """Whoever listens hears of repositories, manifests and tags, and the audit log of the run."""
    adopting.tree.put_image("team/app", IMAGE, "1")

    await adopting.adopt()
    await adopting.adopt()

    events = await adopting.running.events()
    assert [event.type for event in events] == [
        EventType.REPOSITORY_CREATED,
        EventType.MANIFEST_PUSHED,
        EventType.TAG_MOVED,
        "tree.adopted",
    ]
    assert {event.principal for event in events} == {"internal:adoption"}


async def test_names_lie_inside_each_other(adopting: Adopting) -> None:
    """A repository may be a folder of others, above and below it in the order of names."""
    names = ["alpine", "a/b", "a/b/1", "a/b/c", "a-b", "a/b-c"]
    for name in names:
        adopting.tree.put_image(name, IMAGE, "1")

    report = await adopting.adopt()

    assert (report.repositories, *numbers(report)) == (6, 6, 6, 2, 0)
    assert [await adopting.pulled(name, "1") for name in names] == [IMAGE.payload] * 6


async def test_an_index_may_come_before_its_children_and_without_some(adopting: Adopting) -> None:
    """Children that are here are held; one that is not is late content."""
    absent = an_image_manifest(annotations={"is": "absent"})
    index = an_index(IMAGE.descriptor(), absent.descriptor())
    adopting.tree.put_image("team/app", IMAGE)
    adopting.tree.put_manifest("team/app", index, "multi")

    report = await adopting.adopt()

    assert numbers(report) == (2, 1, 2, 0)
    assert await adopting.violations() == []


async def test_an_entry_of_an_index_may_be_a_blob(adopting: Adopting) -> None:
    """As BuildKit's caches have them."""
    index = an_index(a_descriptor(A_LAYER))
    adopting.tree.put_blob("team/cache", A_LAYER)
    adopting.tree.put_manifest("team/cache", index, "cache")

    assert numbers(await adopting.adopt()) == (1, 1, 1, 0)
    assert await adopting.blob("team/cache", LAYER) == A_LAYER


async def test_foreign_layers_may_be_elsewhere(adopting: Adopting) -> None:
    """An image is whole without them."""
    foreign = a_descriptor(b"elsewhere", urls=["https://example.com/layer"])
    adopting.tree.put_blob("team/windows", A_CONFIG)
    adopting.tree.put_manifest("team/windows", an_image_manifest(layers=[foreign]), "1")

    assert numbers(await adopting.adopt()) == (1, 1, 1, 0)


async def test_another_run_takes_what_has_come_since(adopting: Adopting) -> None:
    """What is known is not read again, and tags that moved there move here."""
    adopting.tree.put_image("team/app", IMAGE, "1", "2")
    await adopting.adopt()
    adopting.tree.data(LAYER).unlink()
    adopting.tree.put_image("team/app", NEWER, "2", "3")

    report = await adopting.adopt()

    assert numbers(report) == (1, 2, 0, 0)
    assert (report.known_manifests, report.known_tags) == (1, 1)
    assert await adopting.pulled("team/app", "1") == IMAGE.payload
    assert await adopting.pulled("team/app", "2") == NEWER.payload


async def test_a_tag_that_was_changed_here_stays(adopting: Adopting) -> None:
    """Moved or deleted: whoever did so here meant it."""
    adopting.tree.put_image("team/app", IMAGE, "moved", "deleted")
    await adopting.adopt()
    await adopting.running.put_manifest(NEWER, "moved", repository=APP)
    await adopting.running.delete.tag(EVERYBODY, APP, TagName("deleted"))

    report = await adopting.adopt()

    assert (report.left_tags, report.tags, report.problems) == (2, 0, 0)
    assert await adopting.pulled("team/app", "moved") == NEWER.payload


async def test_what_was_deleted_here_stays_deleted(adopting: Adopting) -> None:
    """While it is in the bin."""
    adopting.tree.put_image("team/app", IMAGE)
    await adopting.adopt()
    await adopting.running.delete.manifest(EVERYBODY, APP, IMAGE.digest)

    report = await adopting.adopt()

    assert (report.manifests, report.known_manifests, report.problems) == (0, 1, 0)


async def test_a_dry_run_tells_what_a_run_does(adopting: Adopting) -> None:
    """And does nothing."""
    adopting.tree.put_image("team/app", IMAGE, "1")
    adopting.tree.put_image("team/other", NEWER, "1", "2")
    adopting.tree.write("team/app/_manifests/tags/bad/current/link", "nothing")
    before = await adopting.running.tables()

    dry = await adopting.adopt(Wanted(is_dry=True))

    assert await adopting.running.tables() == before
    assert dry == await adopting.adopt()
    assert numbers(dry) == (2, 3, 2, 1)


async def test_only_what_is_wanted_comes_below_another_name(adopting: Adopting) -> None:
    """A project for all that is old."""
    for name in ("team/app", "team/app/sub", "other/app"):
        adopting.tree.put_image(name, IMAGE, "1")

    report = await adopting.adopt(Wanted(parse_pattern("team/**").matches, "legacy"))

    assert report.repositories == 2
    assert await adopting.pulled("legacy/team/app/sub", "1") == IMAGE.payload
    with pytest.raises(NameUnknown):
        await adopting.pulled("legacy/other/app", "1")


async def test_a_project_that_is_closed_is_told_and_the_rest_comes(adopting: Adopting) -> None:
    """A mode counts for adopting too."""
    adopting.tree.put_image("team/app", IMAGE, "1")
    adopting.tree.put_image("other/app", IMAGE, "1")
    await Collecting(adopting.running).set_mode("team", Mode.READ_ONLY)
    await adopting.running.core.modes.refresh()

    report = await adopting.adopt()

    assert numbers(report) == (1, 1, 2, 2)
    assert {problem.repository for problem in report.listed} == {"team/app"}


async def test_another_folder_is_no_tree(adopting: Adopting) -> None:
    """Whoever named the wrong one is told so, instead of that all is done."""
    with pytest.raises(NoTree):
        await adopting.adopt()


def test_images_may_lack_blobs_where_the_registry_takes_such(tmp_path: Path) -> None:
    """As a push may there."""
    with an_adopting_core(tmp_path, sparse_images=True) as adopting:
        adopting.tree.put_manifest("team/app", IMAGE, "1")

        assert numbers(asyncio.run(adopting.adopt())) == (1, 1, 0, 0)
