# SPDX-License-Identifier: Apache-2.0
"""A registry whose storage is the folder that another one has filled."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from entrepot.features.adoption.models import Report
from entrepot.features.adoption.models import Wanted
from entrepot.features.adoption.run import adopt
from entrepot.features.adoption.run import quiet
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.folder_tree import FolderTree
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.adoption import Adoption
from entrepot.registry.verify import Options
from entrepot.registry.verify import verify_report
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.trees import DistributionTree

ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Adopting:
    """A core, and the tree beside its objects."""

    running: RunningCore
    tree: DistributionTree
    adoption: Adoption
    may_be_sparse: bool = False

    async def adopt(self, wanted: Wanted = ALL) -> Report:
        """Adopt what is in the tree now."""
        return await adopt(self.adoption, FolderTree(self.tree.root), wanted, quiet, may_be_sparse=self.may_be_sparse)

    async def pulled(self, repository: str, reference: str) -> bytes | None:
        """Pull a manifest by tag or digest."""
        target = Digest(reference) if ":" in reference else TagName(reference)
        found = await self.running.pull.manifest(EVERYBODY, RepositoryName(repository), target, is_head=False)
        return found.payload

    async def blob(self, repository: str, digest: Digest) -> bytes:
        """Pull a blob."""
        return await self.running.get_blob(digest, RepositoryName(repository))

    async def violations(self) -> list[str]:
        """Return what `entrepot verify --deep` finds wrong."""
        storages = {self.running.core.default_store: self.running.storage}
        found = await verify_report(self.running.database, storages, self.running.clock, Options(is_deep=True))
        return [each.message for each in found.findings]


@contextmanager
def an_adopting_core(folder: Path, *, sparse_images: bool = False) -> Iterator[Adopting]:
    """Hold a core whose storage is the folder `store`, in which there is an empty tree."""
    root = folder / "store"
    storage = FilesystemStorage.open(root)
    assert storage.continuity  # asked for the first time by code that may block
    with a_core(folder / "data", storage, manifest_cache_mib=0, sparse_images=sparse_images) as running:
        yield Adopting(running, DistributionTree(root), Adoption(running.core), sparse_images)
