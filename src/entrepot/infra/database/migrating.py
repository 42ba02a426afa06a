# SPDX-License-Identifier: Apache-2.0
"""Changing schemas with alembic, which is imported here only: a start that has nothing to change does without it."""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from entrepot.infra.database.metadata import family_table
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.plan import Migration


def migrate(
    connection: Connection, migrations: Path, pending: Sequence[Migration], tell: Callable[[Migration], None]
) -> None:
    """Bring the database to the schema of the last of the `pending` migrations, in the caller's transaction.

    Calls `tell` when each of them begins.
    """
    coming = iter(pending)

    def tell_next(**_applied: Any) -> None:
        if (begun := next(coming, None)) is not None:
            tell(begun)

    config = alembic_config(migrations, connection)
    config.attributes["on_version_apply"] = tell_next
    tell_next()
    command.upgrade(config, pending[-1].revision)


def differences(connection: Connection) -> list[str]:
    """List what a database has that the tables do not declare, and the other way round."""
    options = {"compare_type": True, "compare_server_default": True, "include_name": _is_fixed}
    declared = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return [repr(difference) for difference in declared]


def _is_fixed(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether something is declared, and not of a family whose tables come and go."""
    return kind != "table" or name is None or family_table(name) is None


def alembic_config(migrations: Path, connection: Connection | None = None) -> Config:
    """Return what alembic needs to find the migrations, and in them the database."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    return config
