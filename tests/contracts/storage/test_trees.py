# SPDX-License-Identifier: Apache-2.0
"""What every tree of another registry promises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.folder_tree import FolderTree
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.tree import FileTooLong
from entrepot.infra.storage.tree import Tree
from tests.builders.buckets import bucket_of
from tests.builders.trees import plant
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import SMALL_PARTS

FILES = {
    "docker/registry/v2/repositories/team/a/_layers/x/link": b"one",
    "docker/registry/v2/repositories/team/_manifests/link": b"two",
    "docker/registry/v2/repositories/team/_layers/x/link": b"",
    "docker/registry/v2/repositories/app/_layers/x/link": b"three",
    "docker/registry/v2/blobs/x/data": b"four",
    "objects/xx/y": b"five",
}
REPOSITORIES = "docker/registry/v2/repositories/"

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["folder", "s3"])
async def tree(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Tree]:
    """A tree with `FILES`, among others in its place."""
    if request.param == "folder":
        storage = await asyncio.to_thread(FilesystemStorage.open, tmp_path)
        for path, data in FILES.items():
            await plant(storage, path, data)
        yield FolderTree(tmp_path)
        return
    server = S3Server(SMALL_PARTS)
    async with server.serving():
        bucket = bucket_of(server, tmp_path)
        for path, data in FILES.items():
            await plant(bucket, path, data)
        yield bucket.tree
        await bucket.close()


async def test_files_come_folder_by_folder(tree: Tree) -> None:
    """What is a repository's own comes together, sorted by name; what is elsewhere does not come."""
    found = [(each.path, each.size, each.flaw) async for each in tree.files(REPOSITORIES)]

    assert found == [(path, len(FILES[path]), "") for path in sorted(FILES) if path.startswith(REPOSITORIES)]


async def test_files_are_read(tree: Tree) -> None:
    """Each has a size and its bytes."""
    path = f"{REPOSITORIES}app/_layers/x/link"

    assert (await tree.size(path), await tree.read(path, 5)) == (5, b"three")


async def test_longer_files_are_not_read(tree: Tree) -> None:
    """Nobody fills the memory."""
    with pytest.raises(FileTooLong):
        await tree.read(f"{REPOSITORIES}app/_layers/x/link", 4)


async def test_a_file_may_be_missing(tree: Tree) -> None:
    """A folder is no file, either."""
    for path in (f"{REPOSITORIES}app/_layers/y/link", f"{REPOSITORIES}app/_layers", "no/such/folder/x"):
        assert await tree.size(path) is None
        with pytest.raises(ObjectMissing):
            await tree.read(path, 5)


async def test_nothing_may_be_there(tree: Tree) -> None:
    """A folder that is not there has no files."""
    assert [each async for each in tree.files("docker/registry/v3/")] == []
