# SPDX-License-Identifier: Apache-2.0
"""Opening what the settings name: the database and the storage."""

from pathlib import Path

from entrepot.entry.configuration import Settings
from entrepot.entry.instance import Task
from entrepot.infra.database.clock import DatabaseClock
from entrepot.infra.database.engine import Database
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
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
    if url.startswith("s3:"):
        from entrepot.infra.storage.s3.opening import Surroundings  # noqa: PLC0415 - who has no bucket does without it
        from entrepot.infra.storage.s3.opening import open_bucket  # noqa: PLC0415

        spool_dir = settings.server.spool_dir or settings.data_dir / "spool"
        sending = settings.storage.redirects
        around = Surroundings(settings.outgoing, spool_dir, settings.server.spool_mib, sending)
        return open_bucket(url, settings.storage.s3, around)
    return FilesystemStorage.open(Path(url.removeprefix("file://")) if url else settings.data_dir / "blobs")
