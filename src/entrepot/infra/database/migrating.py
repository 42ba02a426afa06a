# SPDX-License-Identifier: Apache-2.0
"""Changing schemas with alembic, which is imported here only: a start that has nothing to change does without it."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from entrepot.infra.database.metadata import metadata


def migrate(connection: Connection, migrations: Path) -> None:
    """Bring the database to the newest schema of the folder `migrations`, all in one transaction."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        command.upgrade(alembic_config(migrations, connection), "head")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


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
