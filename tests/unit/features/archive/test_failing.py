# SPDX-License-Identifier: Apache-2.0
"""An archive that cannot be written says why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.archive.models import MANIFESTS
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.memory_documents import MemoryDocuments
from tests.builders.core import REPOSITORY
from tests.builders.manifests import an_image_manifest
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import an_archived_core


class Refusing(MemoryDocuments):
    """Documents that take no manifests."""

    async def write(self, name: str, data: bytes) -> None:
        """Take everything else."""
        if name.startswith(MANIFESTS):
            raise StorageUnavailable("the bucket cannot be reached")
        await super().write(name, data)


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[Archived]:
    """A registry that archives where manifests are not taken."""
    with an_archived_core(tmp_path / "data") as found:
        yield Archived(found.running, Refusing())


@pytest.mark.anyio
async def test_the_first_reason_is_told(archived: Archived) -> None:
    """Of several manifests that are written at once, and none of which is."""
    images = [an_image_manifest(annotations={"number": str(number)}) for number in range(3)]
    for image in images:
        await archived.running.put_image(image)

    with pytest.raises(StorageUnavailable, match="the bucket cannot be reached"):
        await archived.archiver.write_manifests([(REPOSITORY, image.digest) for image in images])
