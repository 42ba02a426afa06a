# SPDX-License-Identifier: Apache-2.0
"""`entrepot db check`: what an upgrade would do, for people and for programs."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.entry.cli import application
from entrepot.entry.configuration import DATABASE_FILE
from entrepot.infra.database import schema
from entrepot.infra.database.migrating import alembic_config
from entrepot.infra.database.schema import SchemaOutdated
from entrepot.infra.database.schema import SchemaUnknown
from entrepot.infra.database.sqlite import SqliteDatabase

FILE = Path("data") / DATABASE_FILE
TAGS = 12_345


def run(*arguments: str) -> Result:
    """Run `entrepot db`."""
    return CliRunner().invoke(application, ["db", *arguments])


@pytest.fixture
def old() -> None:
    """A database of an older version, with tags."""
    FILE.parent.mkdir()
    with closing(SqliteDatabase(FILE)) as database, database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        command.upgrade(alembic_config(schema.MIGRATIONS, connection), "0006")
        connection.execute(text("INSERT INTO stores (id, url) VALUES (1, 'file:blobs')"))
        connection.execute(text("INSERT INTO repositories VALUES (1, 'team/app', 'team', 1, 1, 1)"))
        tag = "INSERT INTO tags VALUES (1, :name, NULL, 0, 1, 'r', 1, 'user:bob')"
        connection.execute(text(tag), [{"name": f"v{number}"} for number in range(TAGS)])
        connection.exec_driver_sql("COMMIT")


@pytest.mark.usefixtures("old")
def test_an_upgrade_is_told_before_it_is_done() -> None:
    """Each migration, the tables whose rows it goes through, how many these are, and about how long it takes."""
    before = FILE.read_bytes()
    result = run("check")

    needed = schema.needed_revision()
    assert isinstance(result.exception, SchemaOutdated)
    assert result.stdout.splitlines()[:4] == [
        f"The database is at 0006. An upgrade to {needed} would do:",
        "  0007  What sorts tags by version and time and artifacts by their push, and who deleted what is in the bin.",
        "        manifests, 0 rows: builds 2 indexes, less than a second",
        "        tags, 12,345 rows: reads or rewrites its rows and builds 2 indexes, about 1 s",
    ]
    assert result.stdout.splitlines()[4] == "  0008  Sessions of the console."
    assert result.stdout.splitlines()[-1] == "In one transaction, which takes about 1 s."
    assert FILE.read_bytes() == before


@pytest.mark.usefixtures("old")
def test_the_plan_is_there_for_programs() -> None:
    """As JSON, with the same exit status."""
    result = run("check", "--json")

    plan = json.loads(result.stdout)
    assert isinstance(result.exception, SchemaOutdated)
    assert (plan["revision"], plan["needed"]) == ("0006", schema.needed_revision())
    assert [each["revision"] for each in plan["migrations"]][:2] == ["0007", "0008"]
    assert plan["migrations"][0]["tables"][1] == {"table": "tags", "rows": TAGS, "visits": 1, "indexes": 2}
    assert plan["seconds"] >= plan["migrations"][0]["seconds"] > 1


def test_a_current_database_has_no_plan() -> None:
    """The exit status is 0."""
    run("upgrade")
    told, as_json = run("check"), run("check", "--json")

    assert (told.exit_code, as_json.exit_code) == (0, 0)
    assert told.stdout == "The database has the schema this version needs.\n"
    assert json.loads(as_json.stdout)["migrations"] == []


@pytest.mark.parametrize("words", [("check",), ("check", "--json"), ("upgrade",)])
def test_a_database_of_another_program_is_left_alone(words: tuple[str, ...]) -> None:
    """Its tables are named."""
    FILE.parent.mkdir()
    with closing(SqliteDatabase(FILE)) as database, database.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER)")
    result = run(*words)

    assert isinstance(result.exception, SchemaUnknown)
    assert "tables of something else: accounts" in str(result.exception)
    assert result.stdout == ""
