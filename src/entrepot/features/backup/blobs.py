# SPDX-License-Identifier: Apache-2.0
"""The bytes that a backup names, in the folder beside its file."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import ExitStack
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from entrepot.features.backup.description import BLOBS
from entrepot.features.backup.taking import Say
from entrepot.features.backup.taking import Taken
from entrepot.infra.database.backup_file import reading
from entrepot.infra.database.engine import Database
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.registry.backup_blobs import NO_KEYS
from entrepot.registry.backup_blobs import PAGE
from entrepot.registry.backup_blobs import Outcome
from entrepot.registry.backup_blobs import copy_objects
from entrepot.registry.store import backup_contents
from entrepot.registry.store import backups
from entrepot.registry.store.backup_contents import Listed
from entrepot.registry.store.repositories import StoreId


@dataclass(frozen=True, slots=True)
class Stored:
    """Where bytes are: storages that give objects as they are stored, encrypted ones too, and the keys of those."""

    storages: Mapping[StoreId, Storage]
    keys: StoreKeys = NO_KEYS


async def copy_blobs(database: Database, taken: Taken, stored: Stored, say: Say) -> Outcome:
    """Copy the bytes that a backup names to the folder beside its file, but for those that are there already."""
    folder = taken.path.parent / BLOBS

    def tell(outcome: Outcome) -> None:
        """Say how far it is."""
        total = taken.description.objects
        say(f"copying bytes: {outcome.objects:,} of {total:,}, {outcome.copied_bytes / 2**20:,.0f} MiB copied")

    target = await asyncio.to_thread(FilesystemStorage.open, folder)
    async with left_aside() as stack:
        connection = await asyncio.to_thread(stack.enter_context, reading(taken.path))
        stores = await asyncio.to_thread(backup_contents.used_stores, connection)
        outcome = await copy_objects(
            pages_of(connection), stored.storages, dict.fromkeys(stores, target), tell, stored.keys
        )
    await asyncio.to_thread(database.write_now, _note, taken, str(folder), outcome.lost_count)
    return outcome


@asynccontextmanager
async def left_aside() -> AsyncIterator[ExitStack]:
    """Hold a stack that is left in a thread: what is on it blocks."""
    stack = ExitStack()
    try:
        yield stack
    finally:
        await asyncio.to_thread(stack.close)


def pages_of(connection: Connection) -> Callable[[str], list[Listed]]:
    """Return what reads the inventory of a backup, page by page."""
    return lambda place: backup_contents.inventory(connection, place, PAGE)


def _note(connection: Connection, taken: Taken, folder: str, lost: int) -> None:
    found = backups.find(connection, taken.description.name)
    if found is not None:
        facts = msgspec.structs.replace(found.facts, blobs=folder, blobs_lost=lost)
        backups.describe(connection, taken.id, facts)
