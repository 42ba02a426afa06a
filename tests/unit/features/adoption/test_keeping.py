# SPDX-License-Identifier: Apache-2.0
"""What becomes of adopted bytes: nothing goes while another registry may serve the tree, and later what is dead."""

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.registry.adoption import TreeIsOurs
from entrepot.registry.held_upload import Chunk
from entrepot.registry.sweeps import Sweeps
from tests.builders.core import EVERYBODY
from tests.builders.core import body_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.unit.features.adoption.adopting import Adopting
from tests.unit.registry.collecting import Collecting

IMAGE = an_image_manifest()
NEWER = an_image_manifest(annotations={"is": "newer"})
CONFIG, LAYER = digest_of(A_CONFIG), digest_of(A_LAYER)
APP, OTHER = RepositoryName("team/app"), RepositoryName("team/other")

pytestmark = pytest.mark.anyio


@pytest.fixture
async def adopted(adopting: Adopting) -> Adopting:
    """A registry that has adopted an image."""
    adopting.tree.put_image("team/app", IMAGE, "1")
    await adopting.adopt()
    return adopting


async def delete(adopted: Adopting, digest: Digest = IMAGE.digest) -> None:
    """Delete an image and let every time end that it stays for."""
    await adopted.running.delete.manifest(EVERYBODY, APP, digest)
    await Collecting(adopted.running).collect_at_last()
    await Collecting(adopted.running).collect_after(DAY_MS)


async def test_nothing_goes_while_another_registry_may_serve_the_tree(adopted: Adopting) -> None:
    """Here the image is gone, and there it is whole: adopted again, it is here again."""
    await delete(adopted)

    assert await Collecting(adopted.running).left() == {}
    assert adopted.tree.data(LAYER).read_bytes() == A_LAYER
    adopted.tree.put_image("team/app", NEWER, "2")
    await adopted.adopt()
    await Collecting(adopted.running).collect_after(DAY_MS)
    assert await adopted.blob("team/app", LAYER) == A_LAYER
    assert await adopted.violations() == []


async def test_dead_bytes_go_once_the_tree_is_ours(adopted: Adopting) -> None:
    """Those that were adopted, and with them their folders; what nobody adopted stays."""
    unknown = adopted.tree.put_blob("team/app", b"nobody needs it")
    assert await adopted.adoption.finish()

    await delete(adopted)

    assert not adopted.tree.data(LAYER).parent.exists()
    assert not adopted.tree.data(CONFIG).exists()
    assert adopted.tree.data(unknown).exists()
    assert adopted.tree.data(IMAGE.digest).exists()


async def test_nothing_is_adopted_from_a_tree_that_is_ours(adopted: Adopting) -> None:
    """So no key is used again whose bytes went."""
    await adopted.adoption.finish()
    adopted.tree.put_image("team/app", NEWER, "2")

    with pytest.raises(TreeIsOurs):
        await adopted.adopt()

    assert not await adopted.adoption.finish()
    assert [event.type for event in await adopted.running.events()].count("tree.taken") == 1


async def test_sweeps_let_the_tree_be(adopted: Adopting) -> None:
    """They go by the list of objects, in which none of it is."""
    adopted.tree.put_blob("team/app", b"nobody needs it")
    adopted.running.clock.advance(100 * DAY_MS)
    found = [each async for each in adopted.running.storage.list_objects()]

    buried = await Sweeps(adopted.running.core).bury_orphans(adopted.running.core.default_store, found)

    assert (found, buried.objects) == ([], 0)


async def test_what_is_pushed_again_is_here_already(adopted: Adopting) -> None:
    """The second bytes go, and those of the tree stay."""
    await adopted.running.put_blob(A_LAYER, OTHER)
    await Collecting(adopted.running).collect_after(DAY_MS)

    assert [found async for found in adopted.running.storage.list_objects()] == []
    assert adopted.tree.data(LAYER).read_bytes() == A_LAYER
    assert await adopted.blob("team/other", LAYER) == A_LAYER


async def test_it_is_mounted(adopted: Adopting) -> None:
    """Into another repository, without a byte being moved, and holds there when the first is gone."""
    await adopted.adoption.finish()
    for digest in (LAYER, CONFIG):
        assert await adopted.running.mounts.mount(EVERYBODY, OTHER, digest, APP)
    await adopted.running.put_manifest(NEWER, "1", repository=OTHER)

    await delete(adopted)

    assert await adopted.blob("team/other", LAYER) == A_LAYER


async def test_a_push_heals_what_the_tree_has_lost(adopted: Adopting) -> None:
    """The new bytes are an object of our own, and adopting again does not take it back."""
    adopted.tree.data(LAYER).unlink()
    await adopted.running.put_blob(A_LAYER, APP)
    adopted.tree.put_blob("team/app", A_LAYER)

    await adopted.adopt()

    assert len([found async for found in adopted.running.storage.list_objects()]) == 1
    assert await adopted.violations() == []


async def test_what_was_pushed_before_is_not_adopted(adopting: Adopting) -> None:
    """The store has the bytes once as far as it knows."""
    await adopting.running.put_blob(A_LAYER, OTHER)
    adopting.tree.put_image("team/app", IMAGE, "1")

    report = await adopting.adopt()

    assert report.blobs == 1
    assert await adopting.blob("team/app", LAYER) == A_LAYER
    assert await adopting.violations() == []


async def test_bytes_that_were_found_wrong_are_not_adopted_again(adopted: Adopting) -> None:
    """Until somebody pushes them."""
    adopted.tree.data(LAYER).write_bytes(A_LAYER[::-1])
    await Sweeps(adopted.running.core).rehash(1_000_000)
    adopted.tree.put_image("team/app", NEWER, "2")

    report = await adopted.adopt()

    assert [problem.what for problem in report.listed] == [f"manifest {NEWER.digest}", "tag 2"]


async def test_an_upload_goes_on_beside_it(adopted: Adopting) -> None:
    """New objects come to lie beside the tree."""
    session = await adopted.running.uploads.start(EVERYBODY, APP)
    content = b"new content"
    await adopted.running.uploads.finish(EVERYBODY, APP, session.id, digest_of(content), Chunk(body_of(content)))

    assert len([found async for found in adopted.running.storage.list_objects()]) == 1
