# SPDX-License-Identifier: Apache-2.0
"""Backups and rebuilt databases know adopted objects: their bytes are where they lay, or are brought back elsewhere."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from entrepot.entry import restoring
from entrepot.entry.restoring import Place
from entrepot.features.adoption.models import Wanted
from entrepot.features.adoption.run import adopt
from entrepot.features.adoption.run import quiet as untold
from entrepot.features.backup.description import BLOBS
from entrepot.features.backup.pruning import prune_blobs
from entrepot.features.backup.taking import Taken
from entrepot.infra.database.engine import Database
from entrepot.infra.storage.folder_documents import FolderDocuments
from entrepot.infra.storage.folder_tree import FolderTree
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import TagName
from entrepot.registry.adoption import Adoption
from tests.builders.backups import a_place
from tests.builders.backups import a_stored_core
from tests.builders.backups import backed_up
from tests.builders.backups import quiet
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.databases import a_database
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.trees import DistributionTree
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import came_back
from tests.unit.features.archive.archived import state

IMAGE = an_image_manifest()
LAYER = digest_of(A_LAYER)


@pytest.fixture
def tree(tmp_path: Path) -> DistributionTree:
    """What another registry has left in the storage."""
    tree = DistributionTree(tmp_path / "data" / "blobs")
    tree.put_image(REPOSITORY, IMAGE, "latest")
    return tree


@pytest.fixture
def running(tmp_path: Path, tree: DistributionTree) -> Iterator[RunningCore]:
    """A registry that has adopted an image."""
    with a_stored_core(tmp_path / "data") as running:
        asyncio.run(adopt(Adoption(running.core), FolderTree(tree.root), Wanted(), untold))
        yield running


@pytest.fixture
def taken(running: RunningCore, tmp_path: Path) -> Taken:
    """A backup of it with its bytes."""
    return backed_up(running, tmp_path / "backups", with_blobs=True)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where to restore to."""
    return a_place(tmp_path / "other", key_of=tmp_path / "data")


@pytest.fixture
def target(place: Place) -> Iterator[Database]:
    """A database without a row."""
    with closing(a_database(place.data_dir)) as database:
        yield database


def restored(taken: Taken, target: Database, place: Place) -> tuple[int, int]:
    """Restore a backup, verify it, and return how many objects were copied and how many are lost."""
    found = restoring.restore(taken.path, target, place, system_clock, quiet)
    verified = restoring.verify(target, place.storage, quiet)
    assert found.blobs is not None
    return found.blobs.copied, verified.outcome.lost_count


def test_copies_come_back_where_the_tree_is_gone(taken: Taken, target: Database, place: Place) -> None:
    """As objects of our own, that are pulled."""
    assert restored(taken, target, place) == (2, 0)

    with a_stored_core(place.data_dir) as other:
        pulled = asyncio.run(other.pull.manifest(EVERYBODY, REPOSITORY, TagName("latest"), is_head=False))
        assert pulled.payload == IMAGE.payload
        assert asyncio.run(other.get_blob(LAYER)) == A_LAYER
        assert not (place.data_dir / "blobs" / "docker").exists()


def test_nothing_is_copied_where_the_tree_is(
    taken: Taken, target: Database, place: Place, tree: DistributionTree
) -> None:
    """The keys stay as they are, also where something else is lost."""
    shutil.copytree(tree.root / "docker", place.data_dir / "blobs" / "docker")

    assert restored(taken, target, place) == (0, 0)


def test_a_second_backup_copies_nothing_again(taken: Taken, running: RunningCore, tmp_path: Path) -> None:
    """Both name the same copies, and pruning lets them be while one of them does."""
    again = backed_up(running, tmp_path / "backups", "second", with_blobs=True)
    taken.path.unlink()

    pruned = asyncio.run(prune_blobs(tmp_path / "backups", quiet, is_dry=False))

    assert (pruned.kept, pruned.objects) == (2, 0)
    assert len([file for file in (again.path.parent / BLOBS / "objects").rglob("*") if file.is_file()]) == 2


def test_copies_that_no_backup_names_are_pruned(taken: Taken, running: RunningCore, tmp_path: Path) -> None:
    """As any other object is."""
    taken.path.unlink()
    with a_stored_core(tmp_path / "empty") as empty:
        backed_up(empty, tmp_path / "backups", "empty", with_blobs=True)

    assert asyncio.run(prune_blobs(tmp_path / "backups", quiet, is_dry=False)).objects == 2


@pytest.mark.anyio
async def test_a_rebuilt_database_finds_them(running: RunningCore, tree: DistributionTree, tmp_path: Path) -> None:
    """They are in no list of objects, and are looked for one by one."""
    archived = Archived(running, FolderDocuments(tree.root))
    await archived.write_base()
    await archived.archive()
    held = await running.database.snapshot(state)
    tree.data(IMAGE.digest).unlink()

    report = await archived.rebuild(tmp_path / "rebuilt.db")

    assert report.is_complete, report
    assert await came_back(tmp_path / "rebuilt.db", tmp_path / "target") == held
