# SPDX-License-Identifier: Apache-2.0
"""What belongs to what: parts of indexes, referrers, and bytes that something else needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Fate
from entrepot.features.retention.policies import PlanState
from entrepot.features.usage.store.uses import note_start
from entrepot.kernel.clock import DAY_MS
from entrepot.oci.digest import referrers_tag
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.reference import RepositoryName
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.builders.retention import an_image
from tests.builders.retention import carried_out
from tests.builders.retention import deleting
from tests.builders.retention import hold
from tests.builders.retention import judged
from tests.builders.retention import planned
from tests.builders.retention import tags_of
from tests.builders.retention import there

pytestmark = pytest.mark.anyio


OTHER = RepositoryName("team/other")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core whose uses are recorded."""
    with a_core(tmp_path) as running:
        running.database.write_now(note_start, running.clock())
        yield running


async def test_parts_of_an_index_and_referrers_are_no_artifacts_of_their_own(running: RunningCore) -> None:
    """They go with what they belong to."""
    child, lone = an_image(1), an_image(2)
    await running.put_image(child)
    await running.put_image(lone)
    index = an_index(child.descriptor())
    await running.put_manifest(index, "1.0")
    signature = an_image_manifest(subject=index.descriptor(), artifactType="text/signature")
    await running.put_image(signature)
    old_signature = an_image(4)
    await running.put_image(old_signature, f"{referrers_tag(index.digest)}.sig")
    everything = deleting(older_than_days=0)

    assert set(await judged(running, REPOSITORY, everything)) == {(index.digest, "1.0"), (lone.digest, None)}
    signed = deleting(with_referrer="text/signature")
    found = await judged(running, REPOSITORY, signed)
    assert found == {(index.digest, "1.0"): Fate.DELETED, (lone.digest, None): Fate.KEPT}

    plan = await planned(running, everything)
    assert (plan.deletions, plan.state) == (2, PlanState.PLANNED)
    await carried_out(running, plan)
    assert not await judged(running)


async def test_a_part_stays_for_an_index_that_does(running: RunningCore) -> None:
    """Or for a tag of its own, which rules are asked about as about any other."""
    shared, tagged, lone = an_image(1), an_image(2), an_image(3)
    for image, tags in ((shared, ()), (tagged, ("pr-1-amd64",)), (lone, ())):
        await running.put_image(image, *tags)
    await running.put_manifest(an_index(*(each.descriptor() for each in (shared, tagged, lone))), "pr-1")
    await running.put_manifest(an_index(shared.descriptor()), "1.0")

    await carried_out(running, await planned(running, deleting(tags=("pr-1",))))
    assert await there(running) == {shared.digest, tagged.digest, an_index(shared.descriptor()).digest}
    await carried_out(running, await planned(running, deleting(tags=("pr-*",))))
    assert await there(running) == {shared.digest, an_index(shared.descriptor()).digest}


async def test_a_tag_on_a_part_goes_and_the_part_stays(running: RunningCore) -> None:
    """Rules that delete artifacts leave it until its index is gone; rules that delete tags do not."""
    part = an_image(1)
    await running.put_image(part, "amd64")
    await running.put_manifest(an_index(part.descriptor()), "1.0")

    kept = await judged(running, REPOSITORY, deleting(tags=("amd64",)))
    assert kept == {(part.digest, "amd64"): Fate.KEPT, (an_index(part.descriptor()).digest, "1.0"): Fate.KEPT}
    await carried_out(running, await planned(running, deleting(Effect.DELETE_TAGS, tags=("amd64",))))
    assert await there(running) == {part.digest, an_index(part.descriptor()).digest}
    assert await tags_of(running) == ["1.0"]


@pytest.mark.parametrize("kind", ["pin", "legal"])
async def test_what_protects_a_part_or_a_referrer_protects_the_whole(running: RunningCore, kind: str) -> None:
    """A cluster runs the image of its platform; what is evidence may be a signature."""
    part, signed = an_image(1), an_image(2)
    await running.put_image(part)
    await running.put_manifest(an_index(part.descriptor()), "1.0")
    await running.put_image(signed, "2.0")
    signature = an_image_manifest(subject=signed.descriptor(), artifactType="text/signature")
    await running.put_image(signature)
    plan = await planned(running, deleting(older_than_days=0))
    assert plan.deletions == 2
    for digest in (part.digest, signature.digest):
        await hold(running, digest, kind)

    assert set((await judged(running, REPOSITORY, deleting(older_than_days=0))).values()) == {Fate.KEPT}
    await carried_out(running, plan)
    assert await tags_of(running) == ["1.0", "2.0"]


async def test_what_came_back_from_the_bin_is_as_new(running: RunningCore) -> None:
    """Somebody wanted it: it is not thrown away again the same night."""
    image = an_image(1)
    await running.put_image(image)
    running.clock.advance(60 * DAY_MS)
    untagged = deleting(is_tagged=False, unused_for_days=30)
    await carried_out(running, await planned(running, untagged))
    assert not await judged(running)

    await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, image.digest)
    assert (await planned(running, untagged)).deletions == 0
    running.clock.advance(30 * DAY_MS)
    assert (await planned(running, untagged)).deletions == 1


async def test_bytes_are_told_that_nothing_needs_any_more(running: RunningCore) -> None:
    """Neither here nor in another repository; what is in the bin needs nothing."""
    config, *layers = [f"{number}".encode() * (number + 1) * 100 for number in range(5)]
    old = an_image_of(config, *layers[:3])
    await put(running, REPOSITORY, old, [config, *layers[:3]], "pr-1")
    await put(running, REPOSITORY, an_image_of(config, layers[0]), [], "1.0")
    await put(running, OTHER, an_image_of(config, layers[1]), [config, layers[1]], "1.0")
    gone = an_image_of(config, layers[2], layers[3])
    await put(running, REPOSITORY, gone, [layers[3]], "pr-2")
    await running.delete.manifest(EVERYBODY, REPOSITORY, gone.digest)

    plan = await planned(running, deleting(tags=("pr-*",)))

    assert plan.freed_bytes == len(layers[2])
    assert plan.bytes == len(old.payload)


def an_image_of(config: bytes, *layers: bytes) -> BuiltManifest:
    """Make an image of a configuration and layers."""
    return an_image_manifest(config=a_descriptor(config, OCI_CONFIG), layers=[a_descriptor(each) for each in layers])


async def put(running: RunningCore, name: RepositoryName, image: BuiltManifest, blobs: list[bytes], tag: str) -> None:
    """Push an image with those of its blobs that are not there."""
    for blob in blobs:
        await running.put_blob(blob, name)
    await running.put_manifest(image, tag, repository=name)
