# SPDX-License-Identifier: Apache-2.0
"""What goes with a deleted manifest, what stays, and what comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.errors import Conflict
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import Unsupported
from entrepot.oci.reference import TagName
from entrepot.registry.events import EventType
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from entrepot.registry.repositories import Repositories
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.planted import PlantedGate

pytestmark = pytest.mark.anyio

IMAGE = an_image_manifest()
SIGNATURE = an_index(annotations={"kind": "signature"})
REMARK = an_index(subject=SIGNATURE.descriptor())
"""Refers to the signature, whatever the signature itself says of its subject."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


async def delete(running: RunningCore, built: BuiltManifest) -> None:
    """Delete a manifest by digest."""
    await running.delete.manifest(EVERYBODY, REPOSITORY, built.digest)


async def restore(running: RunningCore, tag: str, built: BuiltManifest) -> None:
    """Restore a tag."""
    await running.undelete.restore_tag(EVERYBODY, REPOSITORY, TagName(tag), built.digest)


async def is_there(running: RunningCore, reference: str) -> bool:
    """Tell whether a manifest is found by a tag or a digest."""
    found = Digest(reference) if ":" in reference else TagName(reference)
    try:
        await running.pull.manifest(EVERYBODY, REPOSITORY, found, is_head=True)
    except ManifestUnknown:
        return False
    return True


async def tag_names(running: RunningCore) -> list[str]:
    """List the tags."""
    return list((await Repositories(running.core).tags(REPOSITORY, "", 100)).names)


async def test_what_a_derived_tag_names_goes_with_its_own_referrers(running: RunningCore) -> None:
    """A signature under `sha256-<hex>.sig` goes with the image, and so does what refers to the signature."""
    await running.put_image(IMAGE, "latest")
    await running.put_manifest(SIGNATURE, f"{referrers_tag(IMAGE.digest)}.sig")
    await running.put_manifest(REMARK)
    await delete(running, IMAGE)

    assert not await is_there(running, SIGNATURE.digest)
    assert not await is_there(running, REMARK.digest)
    await restore(running, "latest", IMAGE)
    assert await is_there(running, f"{referrers_tag(IMAGE.digest)}.sig")
    assert await is_there(running, REMARK.digest)


async def test_a_tag_that_only_begins_like_a_derived_one_stays(running: RunningCore) -> None:
    """`sha256-<hex>` with something else behind it is somebody's own tag."""
    name = f"{referrers_tag(IMAGE.digest)}-and-more"
    await running.put_image(IMAGE, "latest")
    await running.put_manifest(SIGNATURE, name)
    await delete(running, IMAGE)

    assert await is_there(running, name)


@pytest.mark.parametrize("number", range(4))
async def test_a_parent_that_goes_too_spares_nothing(running: RunningCore, number: int) -> None:
    """A referrer whose only parent is another referrer of the same subject goes, in whatever order they are found."""
    sbom = an_index(subject=IMAGE.descriptor(), annotations={"number": str(number)})
    bundle = an_index(sbom.descriptor(), subject=IMAGE.descriptor())
    await running.put_image(IMAGE)
    await running.put_manifest(sbom)
    await running.put_manifest(bundle)
    await delete(running, IMAGE)

    assert not await is_there(running, bundle.digest)
    assert not await is_there(running, sbom.digest)


async def test_what_has_a_tag_or_a_parent_of_its_own_stays(running: RunningCore) -> None:
    """A referrer is spared while somebody else needs it, and goes alone later."""
    tagged = an_index(subject=IMAGE.descriptor(), annotations={"is": "tagged"})
    held = an_index(subject=IMAGE.descriptor(), annotations={"is": "held"})
    parent = an_index(held.descriptor())
    await running.put_image(IMAGE)
    await running.put_manifest(tagged, "sbom")
    await running.put_manifest(held)
    await running.put_manifest(parent)
    await delete(running, IMAGE)

    assert await is_there(running, "sbom")
    assert await is_there(running, held.digest)


async def test_a_derived_tag_does_not_come_back_to_a_deleted_manifest(running: RunningCore) -> None:
    """A signature that was spared and then deleted by itself stays deleted when its subject is restored."""
    derived = f"{referrers_tag(IMAGE.digest)}.sig"
    await running.put_image(IMAGE, "latest")
    await running.put_manifest(SIGNATURE, derived, "spared")
    await delete(running, IMAGE)
    await delete(running, SIGNATURE)
    await restore(running, "latest", IMAGE)

    assert await tag_names(running) == ["latest"]


async def test_a_derived_tag_itself_can_be_restored(running: RunningCore) -> None:
    """Restoring `sha256-<hex>` brings its subject back, and moves the tag once."""
    derived = referrers_tag(IMAGE.digest)
    await running.put_image(IMAGE)
    await running.put_manifest(SIGNATURE, derived)
    await delete(running, IMAGE)
    before = len(await running.events())
    await restore(running, derived, SIGNATURE)
    events = (await running.events())[before:]

    assert await is_there(running, IMAGE.digest)
    assert [event.type for event in events].count(EventType.TAG_MOVED) == 1


async def test_a_tag_that_stands_there_is_not_restored(running: RunningCore) -> None:
    """Restoring to what a tag points at changes nothing, and says so."""
    await running.put_image(IMAGE, "latest")
    before = await running.tables()
    with pytest.raises(Conflict):
        await restore(running, "latest", IMAGE)

    assert await running.tables() == before


async def test_an_index_holds_a_blob_that_was_hidden_when_it_came(running: RunningCore) -> None:
    """A child that is a blob is protected from the moment it is there, also when it had been deleted before."""
    layer = await running.put_blob(A_LAYER)
    await running.delete.blob(EVERYBODY, REPOSITORY, layer)
    await running.put_manifest(an_index(a_descriptor(A_LAYER)), "cache")
    await running.put_blob(A_LAYER)

    with pytest.raises(Unsupported):
        await running.delete.blob(EVERYBODY, REPOSITORY, layer)


async def test_an_index_holds_a_blob_that_was_lost_when_it_came(running: RunningCore) -> None:
    """The same when the blob's bytes had been missing."""
    layer = await running.put_blob(A_LAYER)
    found = await running.pull.blob(EVERYBODY, REPOSITORY, layer)
    assert found.linked is not None
    await running.storage.delete(found.linked.object_key)
    with pytest.raises(BlobUnknown):
        await running.pull.keep_for_push(EVERYBODY, found.linked)
    await running.put_manifest(an_index(a_descriptor(A_LAYER)), "cache")
    await running.put_blob(A_LAYER)

    with pytest.raises(Unsupported):
        await running.delete.blob(EVERYBODY, REPOSITORY, layer)


async def test_an_index_holds_a_blob_that_a_restored_image_brings_back(running: RunningCore) -> None:
    """A blob that becomes visible with an image from the bin is held by whoever waited for it."""
    await running.put_image(IMAGE, "latest")
    await delete(running, IMAGE)
    await running.delete.blob(EVERYBODY, REPOSITORY, digest_of(A_LAYER))
    await running.put_manifest(an_index(a_descriptor(A_LAYER)), "cache")
    await restore(running, "latest", IMAGE)
    await delete(running, IMAGE)

    with pytest.raises(Unsupported):
        await running.delete.blob(EVERYBODY, REPOSITORY, digest_of(A_LAYER))


@pytest.mark.parametrize(
    ("tag", "operations"),
    [
        ("latest", [Operation.TAG_MOVE]),
        ("fresh", [Operation.TAG_SET, Operation.TAG_COPY]),
        ("other", [Operation.TAG_MOVE, Operation.TAG_COPY]),
    ],
)
async def test_gates_are_asked_before_a_tag_is_restored(
    running: RunningCore, tag: str, operations: list[Operation]
) -> None:
    """A restored tag is one that is set or moved, and copied when it never pointed there itself."""
    await running.put_image(IMAGE, "latest")
    await running.put_manifest(SIGNATURE, "latest", "other")
    before = await running.tables()
    gate = PlantedGate()
    running.core.gates.mount([gate, PlantedGate(Deny("frozen"), frozenset(operations[-1:]))])

    with pytest.raises(Denied, match="frozen"):
        await restore(running, tag, IMAGE)
    assert [context.operation for context in gate.asked] == operations
    assert {context.digest for context in gate.asked} == {IMAGE.digest}
    assert await running.tables() == before
