# SPDX-License-Identifier: Apache-2.0
"""Deleting from a folder of backups the blobs that none of them names."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from entrepot.features.backup.blobs import left_aside
from entrepot.features.backup.description import BLOBS
from entrepot.features.backup.description import SUFFIX
from entrepot.features.backup.description import read_description
from entrepot.features.backup.taking import Say
from entrepot.infra.database.backup_file import BackupDamaged
from entrepot.infra.database.backup_file import reading
from entrepot.infra.storage.adopted import original_key
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StoredObject
from entrepot.registry.store import backup_contents

AT_ONCE = 500


@dataclass(slots=True)
class Pruned:
    """What was deleted, or would be, and how many blobs so many backups name."""

    backups: int
    objects: int = 0
    bytes: int = 0
    kept: int = 0


async def prune_blobs(folder: Path, say: Say, *, is_dry: bool) -> Pruned:
    """Delete what no backup in the folder names. Raises `BackupDamaged` when there is none, or one cannot be read."""
    async with left_aside() as stack:
        storage, connections = await asyncio.to_thread(_opened, folder, stack)
        return await _pruned(storage, connections, say, is_dry=is_dry)


def _opened(folder: Path, stack: ExitStack) -> tuple[FilesystemStorage, list[Connection]]:
    files = sorted(folder.glob(f"*{SUFFIX}"))
    if not files or not (folder / BLOBS).is_dir():
        raise BackupDamaged(f"there are no backups with blobs in {folder}", hint="Nothing was deleted.")
    for file in files:
        read_description(file)
    return FilesystemStorage.open(folder / BLOBS), [stack.enter_context(reading(file)) for file in files]


async def _pruned(storage: FilesystemStorage, backups: list[Connection], say: Say, *, is_dry: bool) -> Pruned:
    pruned = Pruned(len(backups))
    batch: list[StoredObject] = []
    async for found in storage.list_objects():
        batch.append(found)
        if len(batch) == AT_ONCE:
            await _prune(storage, backups, batch, pruned, is_dry=is_dry)
            say(f"looking at blobs: {pruned.kept:,} are named, {pruned.objects:,} are not")
            batch = []
    await _prune(storage, backups, batch, pruned, is_dry=is_dry)
    return pruned


async def _prune(
    storage: FilesystemStorage, backups: list[Connection], batch: list[StoredObject], pruned: Pruned, *, is_dry: bool
) -> None:
    keys = {key for each in batch for key in (each.key, original_key(each.key))}
    named = await asyncio.to_thread(_named_among, backups, list(keys))
    for each in batch:
        if each.key in named or original_key(each.key) in named:
            pruned.kept += 1
            continue
        pruned.objects += 1
        pruned.bytes += each.size
        if not is_dry:
            await storage.delete(each.key)


def _named_among(backups: list[Connection], keys: list[ObjectKey]) -> set[ObjectKey]:
    return {key for backup in backups for key in backup_contents.named_among(backup, keys)}
