# SPDX-License-Identifier: Apache-2.0
"""Restoring a backup into an empty database, of either engine: all of it, or nothing.

The backup is copied, brought to this version's schema and put in order there; then blobs come back that the storage
lacks; the rows go last, in one transaction. So a restore that was interrupted has restored nothing, and is run again.
"""

import shutil
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from entrepot.entry.opening import run_with
from entrepot.features.audit.keys import unseal
from entrepot.features.audit.store.checkpoints import keys as audit_keys
from entrepot.features.backup.description import BLOBS
from entrepot.features.backup.description import Description
from entrepot.features.backup.description import read_description
from entrepot.features.backup.description import require_whole
from entrepot.features.backup.taking import Say
from entrepot.features.system.store import forget_all
from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens.instance_key import INSTANCE_KEY_FILE_NAME
from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.keys import unseal as unseal_signing_key
from entrepot.features.tokens.store.signing_keys import usable_keys
from entrepot.features.usage import forget_start
from entrepot.infra.database import copying
from entrepot.infra.database import schema
from entrepot.infra.database.backup_file import not_written
from entrepot.infra.database.engine import Database
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.events.renumbering import renumber
from entrepot.infra.keys.settings import KeySettings
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.backup_blobs import NO_KEYS
from entrepot.registry.backup_blobs import Outcome
from entrepot.registry.backup_blobs import check_objects
from entrepot.registry.backup_blobs import copy_objects
from entrepot.registry.store import backup_contents
from entrepot.registry.store import backups
from entrepot.registry.store.backup_contents import TagPlace
from entrepot.registry.store.blobs import mark_missing
from entrepot.registry.store.repositories import StoreId

MAX_TAGS = 1_000
DIGESTS_AT_ONCE = 200


class CannotRestore(AppError):
    """The backup cannot be restored here."""

    code = "cannot_restore"
    default_hint = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Place:
    """Where to restore to: the data folder, the storage as it is, its address, and the keys of both."""

    data_dir: Path
    storage: Storage
    store_url: str
    keys: KeySettings = field(default_factory=KeySettings)
    store_keys: StoreKeys = field(default_factory=lambda: StoreKeys(None))


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what came back of its blobs: None where there was no folder of them."""

    description: Description
    revision_before: str
    blobs: Outcome | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found when everything was read again, and the tags that cannot be pulled, at most `MAX_TAGS`."""

    outcome: Outcome
    tags: list[TagPlace]


def restore(path: Path, target: Database, place: Place, clock: Clock, say: Say) -> Restored:
    """Restore a backup. Raises `BackupDamaged`, `SchemaTooNew`, `CannotRestore`, `CannotMove` and what storages raise.

    Then the database is as it was: without a row.
    """
    description = read_description(path)
    require_key(place.data_dir, place.keys)
    require_empty(target)
    say("reading the backup")
    require_whole(path, description, lambda table, _: say(f"checking {table}"))
    with prepared(path, description, place, clock) as scratch:
        blobs = bring_back(path.parent / BLOBS, scratch, place, say)
        copying.move(
            scratch,
            target,
            copying.AS_IT_IS,
            lambda at: say(f"{at.phase} {at.table}: {at.done:,} of {at.total:,} rows"),
        )
    return Restored(description, description.revision, blobs)


def verify(
    database: Database, storage: Storage, say: Say, *, is_deep: bool = True, keys: StoreKeys = NO_KEYS
) -> Verified:
    """Read the bytes of every live object again; what is lost is marked, so that the next push of it heals it.

    Encrypted ones are opened with `keys`.
    """

    def tell(outcome: Outcome) -> None:
        """Say how far it is."""
        say(f"verifying: {outcome.objects:,} blobs, {outcome.read_bytes / 2**20:,.0f} MiB, {outcome.lost_count:,} lost")

    stores = database.snapshot_now(backup_contents.used_stores)

    def pages(after: str) -> list[backup_contents.Listed]:
        """Return a page of the inventory."""
        return database.snapshot_now(backup_contents.inventory, after, DIGESTS_AT_ONCE)

    checking = check_objects(pages, dict.fromkeys(stores, storage), tell, is_deep=is_deep, keys=keys)
    outcome = run_with([storage], checking)
    tags: dict[tuple[str, str], TagPlace] = {}
    digests = outcome.lost_digests
    for start in range(0, len(digests), DIGESTS_AT_ONCE):
        some = database.snapshot_now(backup_contents.tags_with, digests[start : start + DIGESTS_AT_ONCE], MAX_TAGS)
        tags |= {(each.repository, each.name): each for each in some}
    for lost in outcome.lost:
        database.write_now(mark_missing, lost.object_key)
    return Verified(outcome, [tags[key] for key in sorted(tags)][:MAX_TAGS])


def require_key(data_dir: Path, keys: KeySettings) -> None:
    """Raise `CannotRestore` where there is no instance key: the one that a start would make opens no secret of old."""
    is_named = keys.instance_key_file is not None or bool(keys.instance_key.get_secret_value())
    if not is_named and not (data_dir / INSTANCE_KEY_FILE_NAME).is_file():
        raise CannotRestore(
            f"there is no {INSTANCE_KEY_FILE_NAME} in {data_dir}",
            hint="Put the one of the instance that was backed up there, mode 600. A backup does not hold it.",
        )


def require_empty(target: Database) -> None:
    """Raise `CannotRestore` unless the database is new."""
    if schema.state(target).current is not None:
        try:
            target.snapshot_now(copying.require_empty)
        except copying.CannotMove as error:
            raise CannotRestore(
                f"the database {target.address} is not empty",
                hint="Stop every server, and restore into a new one: nothing is ever overwritten. "
                "Another data folder is named with --data, another database in the configuration.",
            ) from error


@contextmanager
def prepared(path: Path, description: Description, place: Place, clock: Clock) -> Iterator[SqliteDatabase]:
    """Hold a copy of a backup with this version's schema, put in order for the place; it is gone at the end.

    Raises `CannotRestore` where the instance key is another one's.
    """
    with not_written(), tempfile.TemporaryDirectory(prefix=".restore-", dir=place.data_dir) as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        with closing(SqliteDatabase(copy)) as scratch:
            schema.upgrade(scratch)
            key = load_instance_key(place.data_dir, place.keys)
            scratch.snapshot_now(_require_right_key, key)
            scratch.change_schema(partial(_settle, description=description, store_url=place.store_url, now=clock()))
            yield scratch


def bring_back(folder: Path, scratch: Database, place: Place, say: Say) -> Outcome | None:
    """Copy back what the storage lacks; None where there is no folder of blobs beside the backup."""
    if not folder.is_dir():
        return None
    stores = scratch.snapshot_now(backup_contents.used_stores)
    source = FilesystemStorage.open(folder)

    def tell(outcome: Outcome) -> None:
        """Say how far it is."""
        say(f"bringing blobs back: {outcome.objects:,} looked at, {outcome.copied:,} copied")

    def pages(after: str) -> list[backup_contents.Listed]:
        """Return a page of the inventory."""
        return scratch.snapshot_now(backup_contents.inventory, after, DIGESTS_AT_ONCE)

    sources: Mapping[StoreId, Storage] = dict.fromkeys(stores, source)
    copying_back = copy_objects(pages, sources, dict.fromkeys(stores, place.storage), tell, place.store_keys)
    outcome = run_with([place.storage], copying_back)
    scratch.write_now(backup_contents.rename, outcome.renamed)
    for lost in outcome.lost:
        scratch.write_now(mark_missing, lost.object_key)
    return outcome


def _require_right_key(connection: Connection, key: InstanceKey) -> None:
    """Open every secret of the instance, without showing any. Raises `CannotRestore`."""
    try:
        for stored in audit_keys(connection):
            unseal(stored.private_key_encrypted, key)
        for signing in usable_keys(connection, Milliseconds(0)):
            unseal_signing_key(signing, key)
    except AppError as error:
        raise CannotRestore(
            f"the {INSTANCE_KEY_FILE_NAME} that is here is not that of the instance that was backed up",
            hint="Nothing was changed. Put the right one there: without it every login and signature of old is lost.",
        ) from error


def _settle(connection: Connection, description: Description, store_url: str, now: Milliseconds) -> None:
    used = backup_contents.used_stores(connection)
    if len(used) > 1:
        raise CannotRestore(f"its objects are in {len(used)} stores, and one is configured")
    for store, url in used.items():
        if url != store_url:
            backup_contents.move_store(connection, store, store_url)
    backup_contents.settle(connection)
    renumber(connection)
    forget_all(connection)
    forget_start(connection)
    taken = backups.find(connection, description.name)
    if taken is not None:
        moments = (description.taken_at, description.expires_at)
        backups.complete(connection, taken.id, moments, description.newest_object, taken.facts)
    told = {"taken_at": rfc3339(description.taken_at), "version": description.version}
    announce(connection, Change.BACKUP_RESTORED, now, Told(object=f"backup:{description.name}", after=told))
