# SPDX-License-Identifier: Apache-2.0
"""A registry that archives, and the one that is rebuilt of what it left."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.entry.moving import RULES
from entrepot.features.archive.bases import Bases
from entrepot.features.archive.rebuilding import Sources
from entrepot.features.archive.rebuilding import rebuild_from_archive
from entrepot.features.archive.report import Progress
from entrepot.features.archive.report import Report
from entrepot.features.archive.writing import Archiver
from entrepot.infra.database.copying import move
from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.memory_documents import MemoryDocuments
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import SERVER
from tests.builders.databases import an_empty_database
from tests.builders.databases import until_final

STORE_URL = "file:blobs"


class Archived:
    """A core, what archives it, and short ways to lose its database."""

    def __init__(self, running: RunningCore, documents: Documents) -> None:
        self.running = running
        self.documents = documents
        self.archiver = Archiver(running.database, documents, running.clock)
        self.bases = Bases(running.database, documents, self.archiver, running.clock)

    async def archive(self) -> None:
        """Write all that has happened."""
        await until_final(self.running.database)
        while await self.archiver.step(is_due=True):
            pass

    async def write_base(self) -> None:
        """Write a base, whether it is due or not."""
        await until_final(self.running.database)
        await self.bases.write(unguarded)

    async def rebuild(self, file: Path) -> Report:
        """Make a database file from what is beside the bytes."""
        sources = Sources(self.running.storage, self.documents, STORE_URL)
        return await asyncio.to_thread(rebuild_from_archive, sources, file, self.running.clock(), quiet)


async def add_row(running: RunningCore, table: str, row: Mapping[str, object]) -> None:
    """Insert a row."""

    def add(connection: Connection) -> None:
        connection.execute(insert(metadata.tables[table]).values(row))

    await running.database.write(add)


def unguarded(_connection: Connection) -> None:
    """Guard nothing."""


def quiet(_progress: Progress) -> None:
    """Tell nobody."""


@contextmanager
def an_archived_core(folder: Path) -> Iterator[Archived]:
    """Hold a core with an archive that has begun."""
    with a_core(folder, MemoryStorage(), manifest_cache_mib=0) as running:
        yield Archived(running, MemoryDocuments())


@contextmanager
def opened(file: Path, folder: Path) -> Iterator[Database]:
    """Open what was rebuilt, on the engine that is tested. Blocks."""
    database: Database = SqliteDatabase(file)
    if SERVER:
        source, database = database, an_empty_database(folder)
        move(source, database, RULES, lambda _progress: None)
        source.close()
    try:
        yield database
    finally:
        database.close()


def _read(file: Path, folder: Path) -> dict[str, Any]:
    with opened(file, folder) as database:
        return database.snapshot_now(state)


async def came_back(file: Path, folder: Path) -> dict[str, Any]:
    """Return the state of what was rebuilt."""
    return await asyncio.to_thread(_read, file, folder)


def state(connection: Connection) -> dict[str, Any]:
    """Return what somebody who pulls finds: tags with versions and bytes, manifests, and which of them are deleted."""
    named = select(repositories.c.id, repositories.c.name, repositories.c.visible_at.is_not(None))
    names = {row.id: row.name for row in connection.execute(named)}
    return {
        "repositories": sorted(names.values()),
        "manifests": sorted(
            (names[row.repo_id], row.digest, bytes(row.payload), row.deleted_at, row.deletion_id, row.subject)
            for row in connection.execute(select(manifests))
        ),
        "tags": sorted(
            (names[row.repo_id], row.name, row.digest or "", row.epoch, row.hlc)
            for row in connection.execute(select(tags))
        ),
    }


async def names_in(documents: Documents, prefix: str) -> list[str]:
    """List documents."""
    found: AsyncIterator[str] = documents.names(prefix)
    return [name async for name in found]
