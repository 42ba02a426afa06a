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

from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.plan import Migration


def migrate(
    connection: Connection, migrations: Path, pending: Sequence[Migration], tell: Callable[[Migration], None]
) -> None:
    """Bring the database to the newest schema of the folder `migrations`, in the caller's transaction.

    Calls `tell` when each of the `pending` ones begins.
    """
    coming = iter(pending)

    def tell_next(**_applied: Any) -> None:
        if (begun := next(coming, None)) is not None:
            tell(begun)

    config = alembic_config(migrations, connection)
    config.attributes["on_version_apply"] = tell_next
    tell_next()
    command.upgrade(config, "head")


def differences(connection: Connection) -> list[str]:
    """List what a database has that the tables do not declare, and the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return [repr(difference) for difference in compare_metadata(context, metadata)]


def alembic_config(migrations: Path, connection: Connection | None = None) -> Config:
    """Return what alembic needs to find the migrations, and in them the database."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    return config
