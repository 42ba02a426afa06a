# SPDX-License-Identifier: Apache-2.0
"""Which schema a database has, which this program needs, and the way from one to the other."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import table

from entrepot.infra.database.engine import Database
from entrepot.infra.database.plan import Migration
from entrepot.infra.database.plan import Plan
from entrepot.infra.database.plan import read_migration
from entrepot.infra.database.plan import step
from entrepot.kernel.errors import AppError

MIGRATIONS = Path(__file__).parent / "migrations"
MAX_TABLES_NAMED = 5

_REVISION = re.compile(r"\d{4}")
_OURS = frozenset({"blobs", "manifests", "repositories"})
"""Tables that are there at every revision; another program may count its revisions as we do."""

_versions = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where alembic keeps the revision that a database is at."""


Tell = Callable[[Migration], None]


class SchemaTooNew(AppError):
    """The database was made by a newer Entrepot."""

    code = "schema_too_new"
    default_hint = "Run the version that made it, or a newer one; a schema is never taken back."


class SchemaOutdated(AppError):
    """The database needs an upgrade first."""

    code = "schema_outdated"
    default_hint = "Stop every process that uses it, make a copy, then run: entrepot db upgrade"


class SchemaUnknown(AppError):
    """The database belongs to another program."""

    code = "schema_unknown"
    default_hint = "Nothing was changed. Give Entrepot a database of its own."


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


def _tell_nobody(_migration: Migration) -> None:
    """Do without being told."""


def state(database: Database) -> SchemaState:
    """Compare the database with this program. Raises `SchemaTooNew`, `SchemaUnknown` and `DatabaseUnavailable`."""
    return _compared(*database.snapshot_now(_look))


def needed_revision() -> str:
    """Return the revision that this program needs."""
    return _revisions()[-1]


def is_known(revision: str) -> bool:
    """Tell whether this program can bring a database to that revision."""
    return revision in _revisions()


def revision_in(connection: Connection) -> str | None:
    """Return the revision that the database is at, None where there is none."""
    return _revision(connection) if inspect(connection).has_table(_versions.name) else None


def plan(database: Database) -> Plan:
    """Tell what `upgrade` would do. Reads only, and counts rows. Raises as `state`."""
    found = state(database)
    pending = [each for each in _migrations() if each.revision > (found.current or "")]
    rows = database.snapshot_now(_count, {table for each in pending for table in each.tables})
    return Plan(found.current, found.needed, tuple(step(each, rows) for each in pending))


def upgrade(database: Database, tell: Tell = _tell_nobody) -> SchemaState:
    """Bring the database to the schema this program needs; return the state before.

    All of it happens in one transaction: it is done or not begun, and of several
    processes one does it while the others wait. `tell` is called when a migration
    begins. Raises as `state`.
    """
    before = state(database)
    if not before.is_current:
        database.change_schema(upgrading(tell))
    return before


def upgrading(tell: Tell = _tell_nobody, until: str | None = None) -> Callable[[Connection], None]:
    """Return what does so in a transaction that nobody else changes the schema beside. Reads the migrations now.

    Migrations behind the revision `until` are left for later.
    """
    from entrepot.infra.database.migrating import migrate  # noqa: PLC0415 - heavy, and few starts need it

    known = _migrations()

    def upgrade_within(connection: Connection) -> None:
        current = _compared(*_look(connection)).current
        if pending := [each for each in known if (current or "") < each.revision <= (until or needed_revision())]:
            migrate(connection, MIGRATIONS, pending, tell)

    return upgrade_within


def require_current(database: Database) -> None:
    """Raise `SchemaOutdated` or `SchemaTooNew` unless the database has the schema this program needs."""
    found = state(database)
    if not found.is_current:
        raise SchemaOutdated(f"the database is at {found.current or 'no revision'}, this program needs {found.needed}")


async def require_unchanged(database: Database, needed: str) -> None:
    """Do nothing if the database answers and is at revision `needed`. Raises `SchemaChanged`, `DatabaseUnavailable`."""
    current = await database.read(revision_in)
    if current != needed:
        raise SchemaChanged(f"the database is at {current or 'no revision'}, this program needs {needed}")


def _look(connection: Connection) -> tuple[str | None, frozenset[str]]:
    """Return the revision, None where there is none, and the names of all tables."""
    tables = frozenset(inspect(connection).get_table_names())
    return _revision(connection) if _versions.name in tables else None, tables


def _compared(current: str | None, tables: frozenset[str]) -> SchemaState:
    if current is None and (others := sorted(tables - {_versions.name})):
        named = ", ".join(others[:MAX_TABLES_NAMED])
        more = f" and {len(others) - MAX_TABLES_NAMED} more" if len(others) > MAX_TABLES_NAMED else ""
        raise SchemaUnknown(f"the database holds tables of something else: {named}{more}")
    if current is not None and not (_REVISION.fullmatch(current) and tables >= _OURS):
        raise SchemaUnknown(f"the database is at revision {current} of another program")
    if current is not None and current not in _revisions():
        raise SchemaTooNew(f"the database is at {current}, this program knows up to {needed_revision()}")
    return SchemaState(current, needed_revision())


def _count(connection: Connection, wanted: set[str]) -> dict[str, int]:
    """Count the rows of the tables that are there."""
    there = sorted(wanted.intersection(inspect(connection).get_table_names()))
    return {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in there}


def _revision(connection: Connection) -> str | None:
    return connection.execute(select(_versions.c.version_num)).scalar()


@cache
def _revisions() -> tuple[str, ...]:
    """Return every revision that this program knows, oldest first: what the names of the migrations begin with."""
    return tuple(file.name.partition("_")[0] for file in _files())


def _migrations() -> list[Migration]:
    return [read_migration(file) for file in _files()]


def _files() -> list[Path]:
    return sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
