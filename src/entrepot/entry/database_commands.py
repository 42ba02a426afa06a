# SPDX-License-Identifier: Apache-2.0
"""`entrepot db`: the schema of the database."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.wiring import open_database
from entrepot.infra.database import schema
from entrepot.kernel.errors import NotFound

database_commands = typer.Typer(help="The schema of the database.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="Folder that holds the database; default ./data.")]


@database_commands.command()
def upgrade(data: Data = None) -> None:
    """Bring the database to the schema this version needs.

    Example: entrepot db upgrade --data ./data
    """
    override(data_dir=data)
    settings = load()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings)
    before = schema.upgrade(database)
    database.close()
    change = "was there already" if before.is_current else f"was {before.current or 'empty'}"
    Console(highlight=False).print(f"The database is at {before.needed} ({change}).", markup=False)


@database_commands.command()
def check(data: Data = None) -> None:
    """Tell whether the database has the schema this version needs; exit status 1 when not.

    Example: entrepot db check --data ./data
    """
    override(data_dir=data)
    settings = load()
    if not settings.database_path.is_file():
        raise NotFound(f"there is no database at {settings.database_path}", hint="Name the data folder with --data.")
    database = open_database(settings)
    try:
        schema.require_current(database)
    finally:
        database.close()
    Console(highlight=False).print("The database has the schema this version needs.")
