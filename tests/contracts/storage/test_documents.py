# SPDX-License-Identifier: Apache-2.0
"""What every place for documents promises, run against every implementation."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from pathlib import Path

import pytest

from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.folder_documents import FolderDocuments
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.memory_documents import MemoryDocuments
from entrepot.infra.storage.two_documents import TwoDocuments
from tests.contracts.storage.places import CLOUDS
from tests.contracts.storage.places import REALS
from tests.contracts.storage.places import opened_at
from tests.contracts.storage.places import server_of

IMPLEMENTATIONS: dict[str, Callable[[Path], Documents]] = {
    "folder": FolderDocuments,
    "memory": lambda _folder: MemoryDocuments(),
    "two": lambda folder: TwoDocuments(MemoryDocuments(), FolderDocuments(folder)),
}


@pytest.fixture(params=[f"real-{name}-well" for name in REALS] or [*IMPLEMENTATIONS, "s3", *CLOUDS])
async def documents(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Documents]:
    """A place for documents, with none."""
    if request.param in IMPLEMENTATIONS:
        yield await asyncio.to_thread(IMPLEMENTATIONS[request.param], tmp_path)
        return
    async with server_of(request.param).serving() as server:
        beside = (await opened_at(server, request.param, tmp_path)).documents
        yield beside
        await beside.close()


async def names(documents: Documents, prefix: str = "meta/") -> list[str]:
    """List what is there."""
    return [name async for name in documents.names(prefix)]


@pytest.mark.anyio
async def test_what_was_written_is_read(documents: Documents) -> None:
    """A document is what was written last, the whole of it."""
    await documents.write("meta/a/one", b"a longer text")
    await documents.write("meta/a/one", b"short")

    assert await documents.read("meta/a/one") == b"short"


@pytest.mark.anyio
async def test_what_is_not_there_is_missing(documents: Documents) -> None:
    """Reading a name that stands for nothing raises, deleting it does not."""
    await documents.delete("meta/a/one")

    with pytest.raises(DocumentMissing):
        await documents.read("meta/a/one")


@pytest.mark.anyio
async def test_names_come_in_the_order_of_their_bytes(documents: Documents) -> None:
    """A folder stands where its name with the slash does."""
    wanted = ["meta/a/b", "meta/a0", "meta/a00/1", "meta/b/2026/1", "meta/b/2026/2"]
    for name in reversed(wanted):
        await documents.write(name, name.encode())

    assert await names(documents) == wanted


@pytest.mark.anyio
async def test_folders_whose_names_go_on_are_listed_whole(documents: Documents) -> None:
    """Only their order is each store's own."""
    wanted = ["meta/a-b", "meta/a.b/c", "meta/a/b"]
    for name in reversed(wanted):
        await documents.write(name, name.encode())

    assert sorted(await names(documents)) == wanted


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("prefix", "found"),
    [("meta/a/", ["meta/a/1", "meta/a/2"]), ("meta/a", ["meta/a/1", "meta/a/2", "meta/ab/1"]), ("meta/c", [])],
)
async def test_only_names_with_the_prefix_are_listed(documents: Documents, prefix: str, found: list[str]) -> None:
    """A prefix may end within a word."""
    for name in ("meta/a/1", "meta/a/2", "meta/ab/1", "meta/b"):
        await documents.write(name, b"")

    assert await names(documents, prefix) == found


@pytest.mark.anyio
async def test_a_deleted_document_is_gone(documents: Documents) -> None:
    """It is neither listed nor read, and its name may be used again."""
    await documents.write("meta/a/b/c", b"old")
    await documents.delete("meta/a/b/c")

    assert await names(documents) == []
    await documents.write("meta/a/b/c", b"new")
    assert await documents.read("meta/a/b/c") == b"new"


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["objects/ab/x", "meta", "meta/", "meta/../objects", "meta//a", "meta/.a", "meta/a b"])
async def test_what_could_lead_elsewhere_is_no_name(documents: Documents, name: str) -> None:
    """No name leads out of the place for documents."""
    with pytest.raises(StorageError):
        await documents.write(name, b"")
