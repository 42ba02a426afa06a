# SPDX-License-Identifier: Apache-2.0
"""What was adopted from another registry moves as well: under a key of our own, and its tree stays as it is."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.adoption.models import Wanted
from entrepot.features.adoption.run import adopt
from entrepot.features.adoption.run import quiet
from entrepot.infra.storage.adopted import adopted_key
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.folder_tree import FolderTree
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.oci.digest import digest_of
from entrepot.registry.adoption import Adoption
from entrepot.registry.store.collection_figures import Amount
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.moving import TwoNodes
from tests.builders.moving import two_nodes
from tests.builders.trees import DistributionTree
from tests.contracts.storage.content import collect
from tests.unit.registry.collecting import Collecting

pytestmark = pytest.mark.anyio

SIZE = len(A_LAYER) + len(A_CONFIG)


@pytest.fixture
def tree(tmp_path: Path) -> DistributionTree:
    """An image that another registry left in the folder of the second place."""
    tree = DistributionTree(tmp_path / "blobs")
    tree.put_image(REPOSITORY, an_image_manifest(), "latest")
    return tree


@pytest.fixture
def nodes(tmp_path: Path, tree: DistributionTree) -> Iterator[TwoNodes]:
    """A registry whose bytes are to move from that folder to memory."""
    folder = FilesystemStorage.open(tree.root)
    assert folder.continuity  # asked for the first time by code that may block
    with two_nodes(tmp_path, MemoryStorage("first"), folder) as nodes:
        yield nodes


async def adopted(nodes: TwoNodes, tree: DistributionTree) -> None:
    """Let the registry have the image."""
    await adopt(Adoption(nodes.old.core), FolderTree(tree.root), Wanted(), quiet)


async def key_of(nodes: TwoNodes, blob: bytes) -> ObjectKey:
    """Return where a blob is."""
    found = await nodes.new.pull.blob(EVERYBODY, REPOSITORY, digest_of(blob))
    assert found.linked is not None
    return found.linked.object_key


async def test_it_gets_a_key_of_our_own(nodes: TwoNodes, tree: DistributionTree) -> None:
    """Both nodes read the same bytes as before, and the tree is as it was."""
    await adopted(nodes, tree)
    before = {file: file.read_bytes() for file in tree.root.rglob("docker/**/*") if file.is_file()}

    moved, again = await nodes.move(), await nodes.move()

    assert (moved.copied, moved.is_complete) == (Amount(2, SIZE), True)
    assert (again.copied, again.present) == (Amount(), Amount(2, SIZE))
    for blob in (A_LAYER, A_CONFIG):
        key = await key_of(nodes, blob)
        assert key.startswith("objects/")
        assert await collect(nodes.first.read(key)) == blob
        assert await nodes.old.get_blob(digest_of(blob)) == await nodes.new.get_blob(digest_of(blob)) == blob
    assert {file: file.read_bytes() for file in before} == before
    assert (await nodes.second_place.standing()).is_settled


async def test_damage_is_named_with_its_key(nodes: TwoNodes, tree: DistributionTree) -> None:
    """And its row stays as it is."""
    await adopted(nodes, tree)
    path = tree.root / adopted_key(digest_of(A_LAYER))
    path.write_bytes(bytes(len(A_LAYER)))

    moved = await nodes.move()

    assert [each.key for each in moved.unmoved] == [adopted_key(digest_of(A_LAYER))]
    assert await key_of(nodes, A_LAYER) == adopted_key(digest_of(A_LAYER))
    assert len([found async for found in nodes.first.list_objects()]) == 1


async def test_what_is_deleted_while_it_is_copied_leaves_no_copy(nodes: TwoNodes, tree: DistributionTree) -> None:
    """No row takes the new key then."""
    await adopted(nodes, tree)
    gate, reached = asyncio.Event(), asyncio.Event()
    nodes.first.faults.gates["after put"] = gate
    nodes.first.faults.reached["after put"] = reached
    moving = asyncio.create_task(nodes.move())
    await reached.wait()
    await nodes.old.delete.manifest(EVERYBODY, REPOSITORY, an_image_manifest().digest)
    await Collecting(nodes.old).collect_at_last()

    gate.set()
    moved = await moving

    assert (moved.gone, moved.is_complete) == (2, True)
    assert [found async for found in nodes.first.list_objects()] == []
