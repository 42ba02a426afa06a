# SPDX-License-Identifier: Apache-2.0
"""Opening what the settings name: the database, the keys and the storage."""

import asyncio
from collections.abc import Coroutine
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from entrepot.entry.configuration import DEFAULT_PLACE
from entrepot.entry.configuration import PlaceSettings
from entrepot.entry.configuration import Settings
from entrepot.entry.instance import Task
from entrepot.features.tokens import INSTANCE_KEY_FILE_NAME
from entrepot.features.tokens import InstanceKey
from entrepot.features.tokens import WrongInstanceKey
from entrepot.features.tokens import has_secrets
from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens import require_instance_key
from entrepot.features.tokens import with_root
from entrepot.infra.database.clock import DatabaseClock
from entrepot.infra.database.engine import Database
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.keys.key_file import read_key
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.folder_documents import FolderDocuments
from entrepot.infra.storage.folder_tree import FolderTree
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.measured import MeasuredStorage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.memory_documents import MemoryDocuments
from entrepot.infra.storage.place import Place
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.infra.storage.tree import NoTree
from entrepot.infra.storage.tree import Tree
from entrepot.infra.storage.two_documents import TwoDocuments
from entrepot.infra.storage.two_places import TwoPlaces
from entrepot.infra.telemetry.metrics import Measured
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import NotFound
from entrepot.registry.object_keys import RecordedKeys
from entrepot.registry.store import object_keys

if TYPE_CHECKING:
    from entrepot.infra.storage.s3.storage import S3Storage

T = TypeVar("T")

DEFAULT_STORE = DEFAULT_PLACE

BUCKETS = ("s3:", "azure:", "gs:")
"""How the addresses of storages in buckets begin."""


class StoreKeysMissing(AppError):
    """Content is encrypted by keys that the configuration does not name."""

    code = "store_keys_missing"


def open_database(settings: Settings) -> Database:
    """Open the database; its schema is the caller's to check."""
    wanted = settings.database
    if not wanted.url:
        return SqliteDatabase(settings.database_path)
    from entrepot.infra.database.postgresql import PostgresqlDatabase  # noqa: PLC0415 - who has none does without it
    from entrepot.infra.database.server import DatabaseServer  # noqa: PLC0415

    return PostgresqlDatabase(
        DatabaseServer(wanted.url.get_secret_value(), wanted.password_file, wanted.password_command, wanted.connections)
    )


def open_clock(database: Database) -> tuple[Clock, tuple[Task, ...]]:
    """Return what time it is for all that share a database, and what has to run for that. Raises `DatabaseUnavailable`.

    One machine has one clock; several agree on that of their database server.
    """
    if database.engine_name == "sqlite":
        return system_clock, ()
    clock = DatabaseClock(database)
    clock.start()
    return clock, (clock.run,)


def between_nodes(settings: Settings, news: Doorbell, work: Doorbell) -> tuple[Doorbell, tuple[Task, ...]]:
    """Return what rings for the commits of every process, and what has to run for that: nothing, unless configured."""
    commits, wanted = Doorbell(), settings.database
    if not wanted.listen_url:
        return commits, ()
    from entrepot.infra.database.server import DatabaseServer  # noqa: PLC0415 - who has none does without it
    from entrepot.infra.events.relay import Relay  # noqa: PLC0415

    server = DatabaseServer(wanted.listen_url.get_secret_value(), wanted.password_file, wanted.password_command)
    relay = Relay(server, {"news": news, "work": work}, {"news": commits, "work": work})
    return commits, (relay.run,)


def has_database(settings: Settings) -> bool:
    """Tell whether there may be a database: a file that is not there is none."""
    return bool(settings.database.url) or settings.database_path.is_file()


def open_existing_database(settings: Settings) -> Database:
    """Open the database unless it is a file that is not there: then raises `NotFound`."""
    if not has_database(settings):
        raise NotFound(f"there is no database at {settings.database_path}", hint="Name the data folder with --data.")
    return open_database(settings)


def open_storage(settings: Settings, database: Database) -> Storage:
    """Open the configured storage, measured. Raises `StorageUnavailable`, and as `store_keys`."""
    plain = open_bytes(settings)
    parts = (plain,) if isinstance(plain, Measured) else ()
    return MeasuredStorage(readable(plain, store_keys(settings), database), parts)


def readable(storage: Storage, keys: StoreKeys, database: Database) -> Storage:
    """Return the storage as its content is read: decrypted with keys that a database has recorded."""
    return EncryptedStorage(storage, keys, RecordedKeys(database)) if keys.by_id else storage


def open_bytes(settings: Settings) -> Storage:
    """Open the configured storage as it is, for whatever copies objects without opening them.

    Raises `StorageUnavailable`.
    """
    first, second = settings.storage, settings.storage.second
    if not second.url:
        return open_place(settings, first)
    return TwoPlaces(open_place(settings, first), open_place(settings, second))


def open_place(settings: Settings, place: PlaceSettings) -> Place:
    """Open one of the configured places. Raises `StorageUnavailable`."""
    if place.url.startswith("memory:"):
        return MemoryStorage()
    if place.url.startswith(BUCKETS):
        return _open_bucket(settings, place)
    return FilesystemStorage.open(_folder(settings, place))


def open_documents(settings: Settings) -> Documents:
    """Open what is beside the objects of the configured storage."""
    first, second = settings.storage, settings.storage.second
    if not second.url:
        return documents_of(settings, first)
    return TwoDocuments(documents_of(settings, first), documents_of(settings, second))


def documents_of(settings: Settings, place: PlaceSettings) -> Documents:
    """Open what is beside the objects of one of the configured places."""
    if place.url.startswith("memory:"):
        return MemoryDocuments()
    if place.url.startswith(BUCKETS):
        return _open_bucket(settings, place).documents
    return FolderDocuments(_folder(settings, place))


def store_urls(settings: Settings) -> tuple[str, ...]:
    """Return by which addresses the configured storage may be recorded: the first is the one that it is to have."""
    folder = (settings.data_dir / "blobs").resolve()
    places = [place for place in (settings.storage, settings.storage.second) if place is settings.storage or place.url]
    urls = [place.url or DEFAULT_STORE for place in places]
    urls += [DEFAULT_STORE for url in urls if url.startswith("file:///") and Path(url[7:]).resolve() == folder]
    return tuple(dict.fromkeys(urls))


def open_tree(settings: Settings) -> Tree:
    """Open what another registry may have left in the configured storage. Raises `NoTree`."""
    place = settings.storage
    if place.url.startswith("memory:"):
        raise NoTree("a storage in memory holds nothing of another registry")
    if place.url.startswith(BUCKETS):
        return _open_bucket(settings, place).tree
    return FolderTree(_folder(settings, place))


def _folder(settings: Settings, place: PlaceSettings) -> Path:
    is_default = place.url in ("", DEFAULT_STORE)
    return settings.data_dir / "blobs" if is_default else Path(place.url.removeprefix("file://"))


def run_with(storages: Iterable[Storage], work: Coroutine[Any, Any, T]) -> T:
    """Do work in an event loop of its own, at whose end the storages let go of their connections."""

    async def closing() -> T:
        """Do it, then let go."""
        try:
            return await work
        finally:
            for storage in storages:
                await storage.close()

    return asyncio.run(closing())


def _open_bucket(settings: Settings, place: PlaceSettings) -> "S3Storage":
    from entrepot.infra.storage.s3.opening import Surroundings  # noqa: PLC0415 - who has no bucket does without it

    spool_dir, sending = settings.server.spool_dir or settings.data_dir / "spool", place.redirects
    around = Surroundings(settings.outgoing, spool_dir, settings.server.spool_mib, sending)
    if place.url.startswith("azure:"):
        from entrepot.infra.storage.azure.opening import open_container  # noqa: PLC0415

        return open_container(place.url, place.azure, around)
    if place.url.startswith("gs:"):
        from entrepot.infra.storage.google.opening import open_google  # noqa: PLC0415

        return open_google(place.url, place.google, around)
    from entrepot.infra.storage.s3.opening import open_bucket  # noqa: PLC0415

    return open_bucket(place.url, place.s3, around)


def store_keys(settings: Settings) -> StoreKeys:
    """Return the configured keys of the store. Raises `InvalidKey` and `KeyFileUnreadable`."""
    named = settings.storage.encryption
    active = None if named.key_file is None else read_key(named.key_file)
    return StoreKeys(active, [read_key(path) for path in named.other_key_files])


def open_instance_key(settings: Settings, database: Database) -> InstanceKey:
    """Return the instance key, which the first call makes, as `load_instance_key` and `with_root` do."""
    return with_root(database, load_instance_key(settings.data_dir, settings.keys))


def open_known_database(settings: Settings) -> Database:
    """Open the database, if the keys are those that it needs. Raises as `require_keys`."""
    database = open_database(settings)
    try:
        require_keys(settings, database)
    except BaseException:
        database.close()
        raise
    return database


def require_keys(settings: Settings, database: Database | None) -> None:
    """Raise an `AppError` that says what to do unless the configured keys are those that the database needs.

    Writes nothing. The schema may be of any version; without a database only the files are read.
    """
    keys = store_keys(settings)
    if database is None:
        if _has_instance_key(settings):
            load_instance_key(settings.data_dir, settings.keys)
        return
    _require_instance_key(settings, database)
    needed = database.snapshot_now(object_keys.needed)
    if missing := [key_id for key_id in needed if key_id not in keys.by_id]:
        given = ", ".join(f"{key.id} ({key.origin})" for key in keys.by_id.values()) or "none"
        raise StoreKeysMissing(
            f"content in the store is encrypted by keys that are not configured: {', '.join(missing)}. Given: {given}",
            hint="Name their files in storage.encryption.key_file and storage.encryption.other_key_files. "
            "Nothing was written. A file holds the wrong key if entrepot keys status prints another id for it.",
        )


def _require_instance_key(settings: Settings, database: Database) -> None:
    """Look for secrets first: whoever makes the key beside us, in a first start, makes its file before any of them."""
    is_needed = database.snapshot_now(has_secrets)
    if _has_instance_key(settings):
        instance_key = load_instance_key(settings.data_dir, settings.keys)
        database.snapshot_now(require_instance_key, instance_key)
    elif is_needed:
        raise WrongInstanceKey(
            f"the secrets in the database are encrypted, and {settings.data_dir / INSTANCE_KEY_FILE_NAME} is gone",
            hint="Restore the file from where you keep a copy of it. Nothing was written.",
        )


def _has_instance_key(settings: Settings) -> bool:
    """Tell whether there ought to be an instance key already: the default file is made where it is missing."""
    named = settings.keys
    is_named = bool(named.instance_key.get_secret_value()) or named.instance_key_file is not None
    return is_named or (settings.data_dir / INSTANCE_KEY_FILE_NAME).exists()
