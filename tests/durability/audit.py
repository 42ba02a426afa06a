# SPDX-License-Identifier: Apache-2.0
"""Looking at what the workload left behind, with the code that will use it."""

import asyncio
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from tests.durability.operations import Acknowledge
from tests.durability.workload import DATABASE
from tests.durability.workload import DURABLE
from tests.durability.workload import STORAGE
from tests.durability.workload import content_of


def check_workload(data: Path, acknowledged: Sequence[Acknowledge]) -> list[str]:
    """Return what is wrong: an acknowledged object that is not noted or not there, or any that is not complete."""
    keys = [told.data.removeprefix(DURABLE).strip().decode() for told in acknowledged]
    return [*_database_faults(data / DATABASE, keys), *asyncio.run(_storage_faults(data / STORAGE, keys))]


def _database_faults(path: Path, keys: Sequence[str]) -> Iterator[str]:
    if not keys:
        return
    database = SqliteDatabase(path)
    try:
        with database.reading() as connection:
            noted = set(connection.execute(text("SELECT key FROM objects")).scalars())
            state = integrity(connection)
        yield from (f"{key} is not in the database" for key in keys if key not in noted)
        if state != "ok":
            yield f"the database is damaged: {state}"
    except DatabaseError as error:
        yield f"the database cannot be read: {error.orig}"
    finally:
        database.close()


def integrity(connection: Connection) -> str:
    """Return what SQLite thinks of the file: `ok`, or what is wrong with it."""
    return str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())


async def _storage_faults(root: Path, keys: Sequence[str]) -> list[str]:
    storage = await asyncio.to_thread(FilesystemStorage.open, root)
    listed = [found.key async for found in storage.list_objects()]
    faults = []
    for key in {*keys, *listed}:
        try:
            content = b"".join([chunk async for chunk in storage.read(ObjectKey(key))])
        except (StorageError, StorageUnavailable) as error:
            faults.append(f"{key}: {error.message}")
        else:
            if content != content_of(key):
                faults.append(f"{key} is not complete: {len(content)} bytes")
    return faults
