# SPDX-License-Identifier: Apache-2.0
"""`entrepot db`: the schema of the database, and moving to another one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.progress import SpinnerColumn
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import open_database
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import require_keys
from entrepot.infra.database import schema
from entrepot.infra.database.plan import Migration
from entrepot.infra.database.plan import Plan
from entrepot.infra.database.plan import TableWork

database_commands = typer.Typer(help="The schema of the database, and moving to another one.", no_args_is_help=True)

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
    try:
        require_keys(settings, database)
        with _shown() as tell:
            before = schema.upgrade(database, tell)
    finally:
        database.close()
    change = "was there already" if before.is_current else f"was {before.current or 'empty'}"
    Console(highlight=False).print(f"The database is at {before.needed} ({change}).", markup=False)


@database_commands.command()
def check(
    data: Data = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Tell what an upgrade would do, and about how long it takes; exit status 1 when the database needs one.

    Reads only: run it at any time, also while the server is busy. Rows are counted.

    Example: entrepot db check --data ./data
    """
    override(data_dir=data)
    database = open_existing_database(load())
    try:
        plan = schema.plan(database)
        if is_json:
            sys.stdout.write(msgspec.json.encode(_as_json(plan)).decode() + "\n")
        else:
            Console(highlight=False, soft_wrap=True).print(_as_text(plan), markup=False)
        schema.require_current(database)
    finally:
        database.close()


@database_commands.command()
def move(
    to: Annotated[str, typer.Option("--to", help="`postgresql://user@host/name?sslmode=verify-full`, or `sqlite`.")],
    to_password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password of the database to move to.")
    ] = None,
    data: Data = None,
) -> None:
    """Copy everything to another database, which is new, and compare the two; the old one is left as it is.

    From SQLite to PostgreSQL, or from PostgreSQL to the file entrepot.db in the data folder. All servers have to be
    stopped. The bytes stay where they are. Whatever goes wrong, nothing was moved, and it can be run again.

    Example: entrepot db move --to postgresql://entrepot@db.example/entrepot --to-password-file ./password
    """
    from entrepot.entry import moving  # noqa: PLC0415 - only this command needs PostgreSQL's driver as well

    override(data_dir=data)
    moving.move(load(), to, to_password_file)


@contextmanager
def _shown() -> Iterator[schema.Tell]:
    """Show each migration with the time it takes, on a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:

        def tell(migration: Migration) -> None:
            for task in progress.tasks:
                progress.update(task.id, completed=1)
            progress.add_task(f"{migration.revision}  {migration.description}", total=1)

        yield tell


def _as_text(plan: Plan) -> str:
    if not plan.steps:
        return "The database has the schema this version needs."
    lines = [f"The database is at {plan.current or 'no revision'}. An upgrade to {plan.needed} would do:"]
    for step in plan.steps:
        lines.append(f"  {step.revision}  {step.description}")
        lines += [f"        {_work(each)}" for each in step.work]
    lines.append(f"In one transaction, which takes {_about(plan.seconds)}.")
    return "\n".join(lines)


def _work(work: TableWork) -> str:
    parts = ["reads or rewrites its rows"] * bool(work.visits)
    parts += [f"builds {work.indexes} index{'es' if work.indexes > 1 else ''}"] * bool(work.indexes)
    return f"{work.table}, {work.rows:,} rows: {' and '.join(parts)}, {_about(work.seconds)}"


def _about(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"


def _as_json(plan: Plan) -> dict[str, object]:
    return {
        "revision": plan.current,
        "needed": plan.needed,
        "seconds": round(plan.seconds, 1),
        "migrations": [
            {
                "revision": step.revision,
                "description": step.description,
                "seconds": round(step.seconds, 1),
                "tables": [msgspec.to_builtins(work) for work in step.work],
            }
            for step in plan.steps
        ],
    }
