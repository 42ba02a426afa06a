# SPDX-License-Identifier: Apache-2.0
"""Which schema a database has, which this program needs, and the way from one to the other."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import inspect
from sqlalchemy import select

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import as_unavailable
from entrepot.kernel.errors import AppError

MIGRATIONS = Path(__file__).parent / "migrations"

_versions = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where alembic keeps the revision that a database is at."""


class SchemaTooNew(AppError):
    """The database was made by a newer Entrepot."""

    code = "schema_too_new"
    default_hint = "Run the version that made it, or a newer one; a schema is never taken back."


class SchemaOutdated(AppError):
    """The database needs an upgrade first."""

    code = "schema_outdated"
    default_hint = "Stop every process that uses it, make a copy, then run: entrepot db upgrade"


class SchemaChanged(AppError):
    """The database was given another schema while this process ran."""

    code = "schema_changed"
    default_hint = "Restart this process, with the version that fits the database."


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The revision the database is at (None for an empty one), and the one this program needs."""

    current: str | None
    needed: str

    @property
    def is_current(self) -> bool:
        """Whether nothing has to be done."""
        return self.current == self.needed


def state(database: Database) -> SchemaState:
    """Compare the database with this program. Raises `SchemaTooNew` and `DatabaseUnavailable`."""
    with as_unavailable, database.engine.connect() as connection:
        current = _revision(connection)
    if current is not None and current not in _revisions():
        raise SchemaTooNew(f"the database is at {current}, this program knows up to {needed_revision()}")
    return SchemaState(current, needed_revision())


def needed_revision() -> str:
    """Return the revision that this program needs."""
    return _revisions()[-1]


def upgrade(database: Database) -> SchemaState:
    """Bring the database to the schema this program needs; return the state before.

    All of it happens in one transaction: it is done or not begun, and of several
    processes one does it while the others wait. Raises `SchemaTooNew` and `DatabaseUnavailable`.
    """
    before = state(database)
    if before.is_current:
        return before
    from entrepot.infra.database.migrating import migrate  # noqa: PLC0415 - heavy, and few starts need it

    with as_unavailable, database.engine.connect() as connection:
        migrate(connection, MIGRATIONS)
    return before


def require_current(database: Database) -> None:
    """Raise `SchemaOutdated` or `SchemaTooNew` unless the database has the schema this program needs."""
    found = state(database)
    if not found.is_current:
        raise SchemaOutdated(f"the database is at {found.current or 'no revision'}, this program needs {found.needed}")


async def require_unchanged(database: Database, needed: str) -> None:
    """Do nothing if the database answers and is at revision `needed`. Raises `SchemaChanged`, `DatabaseUnavailable`."""
    current = await database.read(_revision)
    if current != needed:
        raise SchemaChanged(f"the database is at {current or 'no revision'}, this program needs {needed}")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_versions.name):
        return None
    return connection.execute(select(_versions.c.version_num)).scalar()


@cache
def _revisions() -> tuple[str, ...]:
    """Return every revision that this program knows, oldest first: what the names of the migrations begin with."""
    return tuple(sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))
