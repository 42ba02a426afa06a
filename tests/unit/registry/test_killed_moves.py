# SPDX-License-Identifier: Apache-2.0
"""A move that is killed at any point leaves nothing half, and goes on where it was."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.place import Place
from entrepot.oci.digest import digest_of
from tests.builders.buckets import bucket_of
from tests.builders.databases import place_of
from tests.builders.moving import TwoNodes
from tests.builders.moving import two_nodes
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.fakes.s3.server import S3Server
from tests.server import ROOT

KILLED = """
import asyncio, os, sys
from pathlib import Path
from types import SimpleNamespace
import entrepot.entry.tables
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.memory_documents import MemoryDocuments
from entrepot.registry.move_objects import Manner, Move, Places
from tests.builders.buckets import bucket_of
from tests.builders.databases import opened
from tests.builders.moving import NO_KEYS, quiet
from tests.fakes.faulty_place import FaultyPlace
from tests.fakes.s3.traits import SMALL_PARTS

where, url, folder, at = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
first = FilesystemStorage.open(folder / "first")
if url:
    first = bucket_of(SimpleNamespace(url=url, traits=SMALL_PARTS), folder)
came = 0

async def count(_bytes):
    global came
    came += 1
    if came == at:
        os.kill(os.getpid(), 9)

def tell(moved):
    if at == 0 and moved.copied.objects == 2:
        os.kill(os.getpid(), 9)

places = Places(first, FilesystemStorage.open(folder / "second"), MemoryDocuments(), MemoryDocuments())
asyncio.run(Move(opened(where), 1, places, NO_KEYS, Manner(1, tell, count)).run())
"""
BLOBS = [b"small", content(1_500_000), content(2_200_000)]
"""Two of them take several parts in a bucket, and many chunks."""


@contextmanager
def running(folder: Path, first: Place) -> Iterator[TwoNodes]:
    """Hold a registry with some blobs in the second place."""
    second = FilesystemStorage.open(folder / "second")
    assert second.continuity  # asked for the first time by code that may block
    with two_nodes(folder, first, second) as nodes:

        async def push() -> None:
            """Push all blobs."""
            for blob in BLOBS:
                await nodes.old.put_blob(blob)

        asyncio.run(push())
        yield nodes


def killed(nodes: TwoNodes, folder: Path, url: str, at: int) -> None:
    """Move in a process that is killed at a chunk, or between two objects."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "src")))}
    arguments = (place_of(nodes.new.database), url, str(folder), str(at))
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, capture_output=True, env=environment)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


async def require_whole(nodes: TwoNodes) -> None:
    """Require that what the first place has is whole; then that all comes there, and nothing else stays."""
    for blob in BLOBS:
        assert await nodes.new.get_blob(digest_of(blob)) == blob
    async for found in nodes.first.list_objects():
        assert await collect(nodes.first.read(found.key)) in BLOBS
    assert (await nodes.move()).is_complete
    assert sorted([found.size async for found in nodes.first.list_objects()]) == sorted(map(len, BLOBS))
    assert [found async for found in nodes.first.leftovers()] == []
    await nodes.first.place.close()


@pytest.mark.parametrize("at", [0, 4])
def test_a_move_to_a_folder_that_is_killed_goes_on(tmp_path: Path, at: int) -> None:
    """What it was writing is no object, and is cleared away."""
    with running(tmp_path, FilesystemStorage.open(tmp_path / "first")) as nodes:
        killed(nodes, tmp_path, "", at)

        asyncio.run(require_whole(nodes))


@pytest.mark.parametrize("at", [0, 13])
def test_a_move_to_a_bucket_that_is_killed_goes_on(tmp_path: Path, at: int) -> None:
    """Parts that nobody completed are cleared away, although their key is that of an object."""
    with S3Server().running() as server, running(tmp_path, bucket_of(server, tmp_path)) as nodes:
        killed(nodes, tmp_path, server.url, at)

        asyncio.run(require_whole(nodes))
        assert not server.uploads
