# SPDX-License-Identifier: Apache-2.0
"""An upgraded database is the one that the tables declare, however the upgrade went."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy import event
from sqlalchemy import text

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.migrating import alembic_config
from entrepot.infra.database.migrating import differences
from tests.builders.databases import an_empty_database
from tests.builders.databases import engine_of
from tests.builders.databases import place_of
from tests.migrations.declarations import declarations

MANY = 100
"""All upgrades together have more statements."""

VERSION = re.compile(r"(INSERT INTO|UPDATE) alembic_version", re.IGNORECASE)
"""What each step ends with."""


class Struck(Exception):
    """What ends an upgrade in the middle."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    database = an_empty_database(tmp_path)
    yield database
    database.close()


def other_process(what: str, database: Database) -> "subprocess.Popen[str]":
    """Start the second process."""
    command = (sys.executable, "-m", "tests.migrations.upgrading", what, place_of(database))
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_an_upgraded_schema_is_the_declared_one(database: Database) -> None:
    """Alembic finds nothing in the database that the tables do not declare, nor the other way round."""
    schema.upgrade(database)

    assert database.snapshot_now(differences) == []


def test_an_upgraded_schema_is_a_fresh_one(database: Database, tmp_path: Path) -> None:
    """Column by column and constraint by constraint, both say the same to the engine."""
    schema.upgrade(database)
    (tmp_path / "fresh").mkdir()
    with closing(an_empty_database(tmp_path / "fresh")) as fresh:
        fresh.change_schema(metadata.create_all)
        expected = fresh.snapshot_now(declarations)
    found = database.snapshot_now(declarations)

    assert found.keys() == expected.keys()
    for name, parts in expected.items():
        assert found[name] == parts, name


def test_the_comparison_sees_a_constraint(database: Database) -> None:
    """A foreign key that lost its name or its rule would be noticed."""
    schema.upgrade(database)
    tags = "; ".join(database.snapshot_now(declarations)["table tags"])

    assert re.search(r"fk_tags_digest FOREIGN KEY ?\(repo_id, digest\) REFERENCES manifests", tags)
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
    database.change_schema(lambda connection: connection.execute(text(change)).close())

    assert database.snapshot_now(differences) != []


def test_upgrading_again_changes_nothing(database: Database) -> None:
    """The second upgrade finds the schema current."""
    first = schema.upgrade(database)
    before = database.snapshot_now(declarations)
    second = schema.upgrade(database)

    assert (first.current, first.is_current) == (None, False)
    assert (second.current, second.is_current) == (second.needed, True)
    assert database.snapshot_now(declarations) == before
    schema.require_current(database)


def test_two_processes_upgrade_at_once(database: Database) -> None:
    """One does it while the other waits; neither fails."""
    with other_process("upgrade", database) as one, other_process("upgrade", database) as two:
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
    assert database.snapshot_now(differences) == []


@pytest.mark.parametrize("after", [0, 1, 20, 45])
def test_a_crash_in_the_middle_leaves_the_old_schema(database: Database, after: int) -> None:
    """An upgrade that is killed has not begun; the next one does all of it."""
    with other_process(str(after), database) as dying:
        pass
    left = database.snapshot_now(declarations)

    assert dying.returncode == -9
    assert left == {}
    with pytest.raises(schema.SchemaOutdated):
        schema.require_current(database)
    assert schema.upgrade(database).current is None
    schema.require_current(database)


def is_struck(database: Database, place: int) -> bool:
    """Upgrade as far as the statement of that number; tell whether it came before the next version was there."""
    numbers, is_there = count(1), False

    def strike(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        nonlocal is_there
        if next(numbers) == place:
            raise Struck
        is_there = is_there or VERSION.match(statement) is not None

    event.listen(engine_of(database), "before_cursor_execute", strike)
    try:
        database.change_schema(schema.upgrading())
    except Struck:
        return not is_there
    finally:
        event.remove(engine_of(database), "before_cursor_execute", strike)
    return False


def test_an_upgrade_may_end_at_any_statement(database: Database) -> None:
    """Whichever it is, from whatever version, nothing was begun; in the end all of it was done."""
    script, struck = ScriptDirectory.from_config(alembic_config(schema.MIGRATIONS)), 0
    for revision in reversed([each.revision for each in script.walk_revisions()]):
        before, places = database.snapshot_now(declarations), count(1)
        while is_struck(database, next(places)):
            assert database.snapshot_now(declarations) == before
            struck += 1
        be_at(database, revision)

    assert struck > MANY
    assert database.snapshot_now(differences) == []


def be_at(database: Database, revision: str) -> None:
    """Bring a database to a revision, unless it is there."""
    database.change_schema(lambda connection: command.upgrade(alembic_config(schema.MIGRATIONS, connection), revision))


def test_a_failing_upgrade_leaves_the_old_schema(database: Database) -> None:
    """A statement that fails undoes those before it."""

    def be_old(connection: Connection) -> None:
        command.upgrade(alembic_config(schema.MIGRATIONS, connection), "0002")
        connection.execute(text("CREATE TABLE robots (somebody TEXT)"))

    database.change_schema(be_old)
    before = database.snapshot_now(declarations)
    with pytest.raises(Exception, match=r"robots\"? already exists"):
        schema.upgrade(database)

    assert database.snapshot_now(declarations) == before


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    """A schema that this version does not know is left alone, with the way out."""
    schema.upgrade(database)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    database.write_now(lambda connection: connection.execute(newer).close())
    before = database.snapshot_now(declarations)

    for attempt in (schema.upgrade, schema.require_current, schema.state):
        with pytest.raises(schema.SchemaTooNew, match="the database is at 9999, this program knows up to") as caught:
            attempt(database)
        assert "newer" in caught.value.hint
    assert database.snapshot_now(declarations) == before


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
