# SPDX-License-Identifier: Apache-2.0
"""A request that takes an upload up while another lets go of it finds all that the other did, or waits."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Concatenate
from typing import ParamSpec
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import RangeInvalid
from entrepot.registry.held_upload import Chunk
from entrepot.registry.store import uploads
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.databases import a_database
from tests.fakes.relayed_database import RelayedDatabase

P = ParamSpec("P")
T = TypeVar("T")

LOOKS_BY_TWO = 4
"""How often two requests have looked for an upload when each was about to write to it, or waits for it."""


class HeldDatabase(RelayedDatabase):
    """The database of a folder, that records the progress of uploads once `LOOKS_BY_TWO` looks for them were taken."""

    def __init__(self, folder: Path) -> None:
        super().__init__(a_database(folder))
        self.looks = 0
        self.is_contested = asyncio.Event()

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read, counting looks for uploads."""
        self.looks += work == uploads.find
        if self.looks >= LOOKS_BY_TWO:
            self.is_contested.set()
        return await super().read(work, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write, after waiting if it is progress."""
        if work == uploads.save:
            async with asyncio.timeout(10):
                await self.is_contested.wait()
        return await super().write(work, *args, **kwargs)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core on a file system and that database."""
    storage = FilesystemStorage.open(tmp_path / "blobs")
    with a_core(tmp_path, storage, open_database=HeldDatabase) as running:
        yield running


@pytest.mark.anyio
async def test_nobody_takes_up_an_upload_before_its_progress_is_recorded(running: RunningCore) -> None:
    """The second request is told where the first one stopped, and its bytes do not take the place of others."""
    upload = await running.uploads.start(EVERYBODY, REPOSITORY)
    first, second = (
        asyncio.create_task(running.uploads.append(REPOSITORY, upload.id, Chunk(body_of(data), 0)))
        for data in (b"first", b"other and longer")
    )

    assert (await first).offset == 5
    with pytest.raises(RangeInvalid) as refused:
        await second
    assert refused.value.detail["offset"] == 5
    await running.uploads.finish(EVERYBODY, REPOSITORY, upload.id, digest_of(b"first!"), Chunk(body_of(b"!"), 5))
    assert await running.get_blob(digest_of(b"first!")) == b"first!"
