# SPDX-License-Identifier: Apache-2.0
"""`entrepot db move` from SQLite to PostgreSQL and back, as people run it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection
from sqlalchemy import insert

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import DATABASE_FILE
from entrepot.features.identity.tables import former_users
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.postgresql import PostgresqlDatabase
from entrepot.infra.database.sqlite import SqliteDatabase
from tests.builders.databases import an_empty_database
from tests.builders.databases import place_of
from tests.builders.sqlite import a_sqlite_database
from tests.unit.infra.database.any_rows import content

ROWS = 20_000
COMMAND = "from entrepot.entry.cli import main; main()"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose database has many rows."""
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(a_sqlite_database(folder / DATABASE_FILE)) as database:
        database.write_now(put_many)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Database]:
    """A database without any schema."""
    with closing(an_empty_database(tmp_path)) as database:
        assert isinstance(database, PostgresqlDatabase)
        yield database


@pytest.fixture
def password_file(tmp_path: Path, target: Database) -> Path:
    """The password of it."""
    file = tmp_path / "password"
    file.write_text(f"{urlsplit(place_of(target)).password}\n")
    return file


def put_many(connection: Connection) -> None:
    """Insert many rows."""
    rows = [{"name": f"user-{number}", "deleted_at": number} for number in range(ROWS)]
    connection.execute(insert(former_users), rows)


def without_password(url: str) -> str:
    """Return an address as it may be seen by others."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.username}@{parts.netloc.rpartition('@')[2]}").geturl()


def moving(data: Path, to: str, *words: str, **variables: str) -> "subprocess.Popen[str]":
    """Start the command."""
    command = [sys.executable, "-c", COMMAND, "db", "move", "--data", str(data), "--to", to, *words]
    environment = {**os.environ, **variables}
    environment.pop("ENTREPOT_TEST_POSTGRESQL", None)
    environment.pop("ENTREPOT_TEST_POOLER", None)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def status(process: "subprocess.Popen[str]") -> int:
    """Wait for a command, and return how it ended."""
    process.communicate()
    return process.returncode


def test_everything_moves_and_the_next_step_is_told(data: Path, target: Database, password_file: Path) -> None:
    """What to configure is a section to copy, in which there is no password."""
    before = (data / DATABASE_FILE).read_bytes()
    url = without_password(place_of(target))
    process = moving(data, url, "--to-password-file", str(password_file))
    output, errors = process.communicate()

    assert process.returncode == 0, errors
    assert f"Moved to {url.partition('?')[0]}, and found equal: {ROWS:,} rows" in output
    assert f'[database]\nurl = "{url}"\npassword_file = "{password_file}"\n' in output
    assert f"{data / DATABASE_FILE} was left as it is" in output
    assert f"copying former_users: {ROWS:,} of {ROWS:,} rows" in errors
    assert (data / DATABASE_FILE).read_bytes() == before
    schema.require_current(target)


def test_it_moves_back_to_the_file_of_the_data_folder(data: Path, target: Database, tmp_path: Path) -> None:
    """From the database that is configured, if there is no file yet."""
    assert status(moving(data, place_of(target))) == 0
    other = tmp_path / "other"
    other.mkdir()
    process = moving(other, "sqlite", ENTREPOT_DATABASE__URL=place_of(target))
    output, errors = process.communicate()

    assert process.returncode == 0, errors
    assert "no variable ENTREPOT_DATABASE__URL" in output
    assert status(moving(other, "sqlite", ENTREPOT_DATABASE__URL=place_of(target))) == 1
    with closing(SqliteDatabase(other / DATABASE_FILE)) as back:
        assert back.snapshot_now(content) == target.snapshot_now(content)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_end_in_the_middle_leaves_nothing(data: Path, target: Database, number: signal.Signals) -> None:
    """Killed or interrupted while it writes: there is no table, and the next attempt does all of it."""
    process = moving(data, place_of(target))
    while process.poll() is None and not target.snapshot_now(is_written_to):
        pass
    process.send_signal(number)
    _, errors = process.communicate()
    left = schema.state(target).current

    assert process.returncode == (1 if number is signal.SIGINT else -number)
    assert "the move was interrupted" in errors or number is not signal.SIGINT
    assert left is None
    assert status(moving(data, place_of(target))) == 0
    schema.require_current(target)


def is_written_to(connection: Connection) -> bool:
    """Tell whether another connection is copying into a table."""
    activity = "SELECT count(*) FROM pg_stat_progress_copy WHERE datname = current_database()"
    return bool(connection.exec_driver_sql(activity).scalar_one())
