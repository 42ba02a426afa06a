# SPDX-License-Identifier: Apache-2.0
"""Opening what the settings name: the database and the storage."""

from pathlib import Path

from entrepot.entry.configuration import Settings
from entrepot.infra.database.engine import Database
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.folder_documents import FolderDocuments
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.memory_documents import MemoryDocuments
from entrepot.kernel.errors import NotFound

DEFAULT_STORE = "file:blobs"
"""How the folder `blobs` of the data folder is recorded: by no absolute path, so that the data folder may move."""


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


def open_existing_database(settings: Settings) -> Database:
    """Open the database unless it is a file that is not there: then raises `NotFound`."""
    if not settings.database.url and not settings.database_path.is_file():
        raise NotFound(f"there is no database at {settings.database_path}", hint="Name the data folder with --data.")
    return open_database(settings)


def open_storage(settings: Settings) -> Storage:
    """Open the configured storage. Raises `StorageUnavailable`."""
    url = settings.storage.url
    if url.startswith("memory:"):
        return MemoryStorage()
    return FilesystemStorage.open(_folder(settings))


def open_documents(settings: Settings) -> Documents:
    """Open what is beside the objects of the configured storage."""
    return MemoryDocuments() if settings.storage.url.startswith("memory:") else FolderDocuments(_folder(settings))


def _folder(settings: Settings) -> Path:
    url = settings.storage.url
    return Path(url.removeprefix("file://")) if url else settings.data_dir / "blobs"
