# SPDX-License-Identifier: Apache-2.0
"""Which schema a database has, which this program needs, and the way from one to the other."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import as_unavailable
from entrepot.infra.database.metadata import metadata
from entrepot.kernel.errors import AppError

_MIGRATIONS = Path(__file__).parent / "migrations"


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
    script = ScriptDirectory.from_config(_config())
    with as_unavailable, database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    needed = needed_revision()
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise SchemaTooNew(f"the database is at {current}, this program knows up to {needed}")
    return SchemaState(current, needed)


@cache
def needed_revision() -> str:
    """Return the revision that this program needs. Reads the migrations, once."""
    needed = ScriptDirectory.from_config(_config()).get_current_head()
    if needed is None:
        raise RuntimeError("this installation has no migrations")
    return needed


def upgrade(database: Database) -> SchemaState:
    """Bring the database to the schema this program needs; return the state before.

    All of it happens in one transaction: it is done or not begun, and of several
    processes one does it while the others wait. Raises `SchemaTooNew` and `DatabaseUnavailable`.
    """
    before = state(database)
    if before.is_current:
        return before
    with as_unavailable, database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            command.upgrade(_config(connection), "head")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
    return before


def require_current(database: Database) -> None:
    """Raise `SchemaOutdated` or `SchemaTooNew` unless the database has the schema this program needs."""
    found = state(database)
    if not found.is_current:
        raise SchemaOutdated(f"the database is at {found.current or 'no revision'}, this program needs {found.needed}")


async def require_unchanged(database: Database, needed: str) -> None:
    """Do nothing if the database answers and is at revision `needed`. Raises `SchemaChanged`, `DatabaseUnavailable`."""
    current = await database.read(lambda connection: MigrationContext.configure(connection).get_current_revision())
    if current != needed:
        raise SchemaChanged(f"the database is at {current or 'no revision'}, this program needs {needed}")


def differences(connection: Connection) -> list[str]:
    """List what a database has that the tables do not declare, and the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return [repr(difference) for difference in compare_metadata(context, metadata)]


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
