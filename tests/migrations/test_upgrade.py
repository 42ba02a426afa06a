# SPDX-License-Identifier: Apache-2.0
"""An upgraded database is the one that the tables declare, however the upgrade went."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.migrating import alembic_config
from entrepot.infra.database.migrating import differences

Declarations = dict[str, list[str]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "database"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """An empty database."""
    database = Database(path)
    yield database
    database.close()


def declarations(path: Path) -> Declarations:
    """Return what SQLite itself says of every table and index: its columns and constraints, sorted."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {f"{kind} {name}": _parts(sql) for kind, name, sql in rows if name != "alembic_version"}


def _parts(sql: str) -> list[str]:
    """Split a declaration at the commas that are not in brackets."""
    head, _, rest = " ".join(sql.split()).partition("(")
    body, _, tail = rest.rpartition(")")
    parts, depth, part = [head.strip(), tail.strip()], 0, ""
    for character in body:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += character
    return sorted([*parts, part.strip()])


def other_process(what: str, path: Path) -> "subprocess.Popen[str]":
    """Start the second process."""
    command = (sys.executable, "-m", "tests.migrations.upgrading", what, str(path))
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_an_upgraded_schema_is_the_declared_one(database: Database) -> None:
    """Alembic finds nothing in the database that the tables do not declare, nor the other way round."""
    schema.upgrade(database)
    with database.engine.connect() as connection:
        assert differences(connection) == []


def test_an_upgraded_schema_is_a_fresh_one(database: Database, path: Path, tmp_path: Path) -> None:
    """Column by column and constraint by constraint, both say the same to SQLite."""
    schema.upgrade(database)
    fresh = Database(tmp_path / "fresh")
    metadata.create_all(fresh.engine)
    fresh.close()
    expected = declarations(tmp_path / "fresh")
    found = declarations(path)

    assert found.keys() == expected.keys()
    for name, parts in expected.items():
        assert found[name] == parts, name


def test_the_comparison_sees_a_constraint(database: Database, path: Path) -> None:
    """A foreign key that lost its name or its rule would be noticed."""
    schema.upgrade(database)
    tags = "; ".join(declarations(path)["table tags"])

    assert re.search(r"CONSTRAINT fk_tags_digest FOREIGN KEY\(repo_id, digest\) REFERENCES manifests", tags)
    assert "ON DELETE RESTRICT" in tags


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE unknown (id INTEGER PRIMARY KEY)",
        "ALTER TABLE blobs ADD COLUMN more TEXT",
        "DROP INDEX ix_holds_until",
        "DROP TABLE grants",
    ],
)
def test_a_difference_is_found(database: Database, change: str) -> None:
    """A table, a column or an index too many or too few is listed."""
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.execute(text(change))
        assert differences(connection) != []


def test_upgrading_again_changes_nothing(database: Database, path: Path) -> None:
    """The second upgrade finds the schema current."""
    first = schema.upgrade(database)
    before = declarations(path)
    second = schema.upgrade(database)

    assert (first.current, first.is_current) == (None, False)
    assert (second.current, second.is_current) == (second.needed, True)
    assert declarations(path) == before
    schema.require_current(database)


def test_two_processes_upgrade_at_once(database: Database, path: Path) -> None:
    """One does it while the other waits; neither fails."""
    with other_process("upgrade", path) as one, other_process("upgrade", path) as two:
        for process in (one, two):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = {process.communicate()[0].strip() for process in (one, two)}

    assert (one.returncode, two.returncode) == (0, 0)
    assert "None" in told
    schema.require_current(database)
    with database.engine.connect() as connection:
        assert differences(connection) == []


@pytest.mark.parametrize("after", [0, 1, 20, 45])
def test_a_crash_in_the_middle_leaves_the_old_schema(database: Database, path: Path, after: int) -> None:
    """An upgrade that is killed has not begun; the next one does all of it."""
    with other_process(str(after), path) as dying:
        pass
    left = declarations(path)

    assert dying.returncode == -9
    assert left == {}
    with pytest.raises(schema.SchemaOutdated):
        schema.require_current(database)
    assert schema.upgrade(database).current is None
    schema.require_current(database)


def test_a_crash_before_the_commit_leaves_the_old_schema(database: Database, path: Path, tmp_path: Path) -> None:
    """The very last moment counts too: what was not committed is not there."""
    schema.upgrade(Database(tmp_path / "whole"))
    statements = len(declarations(tmp_path / "whole"))
    with other_process(str(statements + 1), path) as dying:
        pass

    assert dying.returncode == -9
    assert declarations(path) == {}


def test_a_failing_upgrade_leaves_the_old_schema(database: Database, path: Path) -> None:
    """A statement that fails undoes those before it."""
    with database.engine.connect() as connection:
        connection.execute(text("CREATE TABLE tags (somebody TEXT)"))
    with pytest.raises(Exception, match="table tags already exists"):
        schema.upgrade(database)

    assert list(declarations(path)) == ["table tags"]


def test_a_database_of_a_newer_version_is_refused(database: Database, path: Path) -> None:
    """A schema that this version does not know is left alone, with the way out."""
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = declarations(path)

    for attempt in (schema.upgrade, schema.require_current, schema.state):
        with pytest.raises(schema.SchemaTooNew, match="the database is at 9999, this program knows up to") as caught:
            attempt(database)
        assert "newer" in caught.value.hint
    assert declarations(path) == before


def test_an_outdated_database_is_refused(database: Database) -> None:
    """Nothing but an upgrade works on a database without the schema, and the message says how to upgrade."""
    with pytest.raises(schema.SchemaOutdated, match="the database is at no revision") as caught:
        schema.require_current(database)

    assert "entrepot db upgrade" in caught.value.hint


def test_the_newest_revision_is_the_one_of_the_migrations() -> None:
    """It is read from their names, which say what alembic finds in them: one line of revisions, in order."""
    script = ScriptDirectory.from_config(alembic_config(schema.MIGRATIONS))
    found = [revision.revision for revision in script.walk_revisions()]

    assert found == sorted(found, reverse=True)
    assert schema.needed_revision() == script.get_current_head() == found[0]
    assert len(found) == len(list((schema.MIGRATIONS / "versions").glob("[0-9]*.py")))


def test_a_start_without_an_upgrade_does_without_alembic() -> None:
    """It takes a quarter of a second to import."""
    script = "import sys, entrepot.entry.cli, entrepot.entry.server; sys.exit('alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
