# SPDX-License-Identifier: Apache-2.0
"""Without an archive, images come back from their bytes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.archive.errors import ArchiveUnusable
from entrepot.features.archive.models import BASES
from entrepot.features.archive.models import MANIFESTS
from entrepot.features.archive.models import SEGMENTS
from entrepot.features.archive.rebuilding import Sources
from entrepot.features.archive.recovering import REPOSITORY
from entrepot.features.archive.recovering import rebuild_from_bytes
from entrepot.features.archive.report import Report
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.oci.digest import encoded_of
from entrepot.registry.verify import Options
from entrepot.registry.verify import verify_report
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.features.archive.archived import STORE_URL
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import an_archived_core
from tests.unit.features.archive.archived import came_back
from tests.unit.features.archive.archived import names_in
from tests.unit.features.archive.archived import quiet

ALONE = an_image_manifest()
CHILD = an_image_manifest(annotations={"a": "child"})
INDEX = an_index(CHILD.descriptor())
REFERRER = an_image_manifest(subject=INDEX.descriptor())


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[Archived]:
    """A registry that archives."""
    with an_archived_core(tmp_path / "data") as found:
        yield found


async def recover(archived: Archived, file: Path) -> Report:
    """Rebuild from the bytes."""
    sources = Sources(archived.running.storage, archived.documents, STORE_URL)
    return await asyncio.to_thread(rebuild_from_bytes, sources, file, archived.running.clock(), quiet)


async def violations(archived: Archived, file: Path) -> int:
    """Count what `entrepot verify` finds wrong."""
    database = SqliteDatabase(file)
    storages = {archived.running.core.default_store: archived.running.storage}
    found = await verify_report(database, storages, archived.running.clock, Options())
    await asyncio.to_thread(database.close)
    return found.violations


@pytest.mark.anyio
async def test_images_come_back_by_digest(archived: Archived, tmp_path: Path) -> None:
    """Those that nothing leads to are tagged: no child of an index, no referrer of what is there."""
    for built in (ALONE, CHILD, INDEX, REFERRER):
        await archived.running.put_image(built)
    await archived.write_base()
    for folder in (BASES, SEGMENTS):
        for name in await names_in(archived.documents, folder):
            await archived.documents.delete(name)

    report = await recover(archived, tmp_path / "rebuilt.db")

    found = await came_back(tmp_path / "rebuilt.db", tmp_path / "target")
    assert {row[1] for row in found["manifests"]} == {each.digest for each in (ALONE, CHILD, INDEX, REFERRER)}
    assert {(row[0], row[1], row[2]) for row in found["tags"]} == {
        (REPOSITORY, encoded_of(each.digest)[:12], each.digest) for each in (ALONE, INDEX)
    }
    assert report.is_complete, report
    assert await violations(archived, tmp_path / "rebuilt.db") == 0


@pytest.mark.anyio
async def test_a_manifest_that_is_an_object_is_recognised(archived: Archived, tmp_path: Path) -> None:
    """So registries that kept manifests as blobs can be recovered."""
    await archived.running.put_image(ALONE)
    await archived.running.put_blob(ALONE.payload)
    assert not await names_in(archived.documents, MANIFESTS)

    await recover(archived, tmp_path / "rebuilt.db")

    found = await came_back(tmp_path / "rebuilt.db", tmp_path / "target")
    assert [row[1] for row in found["manifests"]] == [ALONE.digest]


@pytest.mark.anyio
async def test_an_image_that_lacks_a_blob_is_left_out_and_named(archived: Archived, tmp_path: Path) -> None:
    """So is an index of nothing but such images."""
    for built in (CHILD, INDEX):
        await archived.running.put_image(built)
    await archived.write_base()
    for key in [found.key async for found in archived.running.storage.list_objects() if found.size == len(A_LAYER)]:
        await archived.running.storage.delete(key)

    report = await recover(archived, tmp_path / "rebuilt.db")

    [lack] = report.lacks.values()
    assert lack.named == sorted([CHILD.digest, INDEX.digest])
    assert report.counts["manifests"] == 0


@pytest.mark.anyio
async def test_of_nothing_nothing_is_made(archived: Archived, tmp_path: Path) -> None:
    """An empty storage is taken for the wrong one."""
    with pytest.raises(ArchiveUnusable):
        await recover(archived, tmp_path / "rebuilt.db")
