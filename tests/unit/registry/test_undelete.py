# SPDX-License-Identifier: Apache-2.0
"""Bringing back manifests with what their deletion took along."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.digest import referrers_tag
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.events import EventType
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from entrepot.registry.undelete import NotDeleted
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.planted import ALLOWED
from tests.unit.registry.planted import PlantedGate

IMAGE = an_image_manifest()
SIGNATURE = an_image_manifest(subject=IMAGE.descriptor())
FALLBACK = TagName(referrers_tag(IMAGE.digest))

pytestmark = pytest.mark.anyio


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


async def push(running: RunningCore) -> None:
    """Push the image under two tags, and what refers to it under the tag that old clients keep."""
    await running.put_image(IMAGE, "1.0", "2.0")
    await running.put_image(SIGNATURE, FALLBACK)


async def test_all_that_went_comes_back(running: RunningCore) -> None:
    """Referrers, the tags of old clients and the manifest's own, each with an event."""
    await push(running)
    deleted = await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    restored = await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    assert sorted(restored.digests) == sorted(deleted.digests) == sorted([IMAGE.digest, SIGNATURE.digest])
    assert sorted(restored.tags) == ["1.0", "2.0"]
    assert sorted(deleted.tags) == sorted(["1.0", "2.0", FALLBACK])
    assert (await running.pull.manifest(EVERYBODY, REPOSITORY, FALLBACK, is_head=True)).digest == SIGNATURE.digest
    assert (await running.pull.manifest(EVERYBODY, REPOSITORY, TagName("2.0"), is_head=True)).digest == IMAGE.digest
    kinds = [event.type for event in await running.events()][-5:]
    assert kinds.count(EventType.MANIFEST_RESTORED) == 2
    assert kinds.count(EventType.TAG_MOVED) == 3


async def test_a_tag_that_was_deleted_before_stays_deleted(running: RunningCore) -> None:
    """Only what this deletion took comes back."""
    await push(running)
    await running.delete.tag(EVERYBODY, REPOSITORY, TagName("1.0"))
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    restored = await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    assert restored.tags == ["2.0"]


async def test_a_gate_may_refuse_the_manifest_or_one_of_its_tags(running: RunningCore) -> None:
    """Then nothing comes back; the gate that watches manifests is shown the one that comes back."""
    await push(running)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    writing = PlantedGate(operations=frozenset({Operation.MANIFEST_WRITE}))
    setting = PlantedGate(
        lambda about: Deny("2.0 is final") if about.tag == "2.0" else ALLOWED, frozenset({Operation.TAG_SET})
    )
    running.core.gates.mount([writing, setting])
    before = await running.tables()

    with pytest.raises(Denied, match="is final"):
        await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)

    assert [about.manifest_digest for about in writing.asked] == [IMAGE.digest]
    assert writing.asked[0].manifest is not None
    assert await running.tables() == before


async def test_what_cannot_be_restored_is_refused(running: RunningCore) -> None:
    """What is there, what never was, and what is in no repository."""
    await push(running)

    with pytest.raises(NotDeleted):
        await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    with pytest.raises(ManifestUnknown, match="can no longer be restored"):
        await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, an_image_manifest(layers=[]).digest)
    with pytest.raises(NameUnknown):
        await running.undelete.restore_manifest(EVERYBODY, RepositoryName("team/nil"), IMAGE.digest)
