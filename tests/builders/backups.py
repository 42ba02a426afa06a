# SPDX-License-Identifier: Apache-2.0
"""A registry whose bytes are in a folder, for tests that back it up and restore it elsewhere."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrepot.entry.opening import DEFAULT_STORE
from entrepot.entry.restoring import Place
from entrepot.features.backup.blobs import Stored
from entrepot.features.backup.blobs import copy_blobs
from entrepot.features.backup.taking import Taken
from entrepot.features.backup.taking import Wanted
from entrepot.features.backup.taking import take
from entrepot.features.tokens import load_instance_key
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.kernel.clock import DAY_MS
from tests.builders.core import RunningCore
from tests.builders.core import a_core


def quiet(_text: str) -> None:
    """Say nothing."""


@contextmanager
def a_stored_core(folder: Path) -> Iterator[RunningCore]:
    """Hold a core whose database and blobs are those of a data folder with an instance key."""
    folder.mkdir(exist_ok=True)
    load_instance_key(folder)
    storage = FilesystemStorage.open(folder / "blobs")
    assert storage.continuity  # asked for the first time by code that may block
    with a_core(folder, storage, manifest_cache_mib=0) as running:
        yield running


def a_place(folder: Path, key_of: Path | None = None) -> Place:
    """Return a place to restore to, with the instance key of another one, or one of its own."""
    folder.mkdir(exist_ok=True)
    if key_of is None:
        load_instance_key(folder)
    else:
        shutil.copy(key_of / "instance.key", folder)
    return Place(folder, FilesystemStorage.open(folder / "blobs"), DEFAULT_STORE)


def backed_up(running: RunningCore, folder: Path, name: str = "first", *, with_blobs: bool = False) -> Taken:
    """Take a backup that is kept for a day."""
    taken = take(running.database, running.clock, Wanted(name, folder, DAY_MS), quiet)
    if with_blobs:
        assert not asyncio.run(copy_blobs(running.database, taken, Stored(running.core.stores), quiet)).lost_count
    return taken
