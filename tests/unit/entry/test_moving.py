# SPDX-License-Identifier: Apache-2.0
"""`entrepot db move`: what must not be lost, and what is refused."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection
from sqlalchemy import insert
from typer.testing import CliRunner

from entrepot.entry.cli import application
from entrepot.entry.moving import RULES
from entrepot.entry.moving import ServersRunning
from entrepot.features.system import store as nodes
from entrepot.features.system.models import Node
from entrepot.infra.database.copying import CannotMove
from entrepot.infra.database.copying import move
from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.jobs import queue
from entrepot.infra.jobs import store
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores
from tests.builders.databases import a_database
from tests.builders.outbox_rows import some_rows
from tests.builders.sqlite import a_sqlite_database

NOW = Milliseconds(1_000_000)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with today's schema."""
    with closing(a_sqlite_database(tmp_path / "source.db")) as database:
        yield database


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Database]:
    """A database of the engine that the tests run on."""
    with closing(a_database(tmp_path)) as database:
        yield database


@pytest.fixture
def back(tmp_path: Path) -> Iterator[Database]:
    """Another SQLite database."""
    with closing(a_sqlite_database(tmp_path / "back.db")) as database:
        yield database


def moved(source: Database, target: Database) -> None:
    """Move by the rules of the command."""
    move(source, target, RULES, lambda _progress: None)


class Task(msgspec.Struct):
    """The payload of a job."""


def waiting(connection: Connection, name: str) -> list[str]:
    """Return what a consumer has to see yet."""
    cursor = outbox.cursor_of(connection, name)
    assert cursor is not None
    return [row.payload for row in outbox.read_after(connection, cursor, 10)]


def see_one(connection: Connection, name: str) -> None:
    """Let a consumer see the next event."""
    cursor = outbox.cursor_of(connection, name)
    assert cursor is not None
    [row] = outbox.read_after(connection, cursor, 1)
    outbox.advance(connection, name, cursor, row.cursor, NOW)


def test_events_are_seen_once(source: Database, target: Database, back: Database) -> None:
    """Those that waited wait there too, new ones come after them, and so it is on the way back."""
    source.write_now(outbox.append, some_rows("zero"))
    source.write_now(outbox.register, "audit", NOW)
    source.write_now(outbox.append, some_rows("one", "two"))
    source.write_now(see_one, "audit")
    moved(source, target)
    target.write_now(outbox.append, some_rows("three", "four"))
    there = target.snapshot_now(waiting, "audit")
    target.write_now(see_one, "audit")
    moved(target, back)
    back.write_now(outbox.append, some_rows("five"))

    assert there == ["two", "three", "four"]
    assert back.snapshot_now(waiting, "audit") == ["three", "four", "five"]


def test_places_of_events_are_not_given_out_again(source: Database, target: Database, back: Database) -> None:
    """Also if the events are gone: who has seen them would miss the new ones."""
    source.write_now(outbox.append, some_rows("one", "two"))
    source.write_now(outbox.register, "audit", NOW)
    source.write_now(outbox.prune, Milliseconds(NOW), 10)
    moved(source, target)
    target.write_now(outbox.append, some_rows("three"))
    there = target.snapshot_now(waiting, "audit")
    target.write_now(see_one, "audit")
    target.write_now(outbox.prune, Milliseconds(NOW), 10)
    moved(target, back)
    back.write_now(outbox.append, some_rows("four"))

    assert (there, back.snapshot_now(waiting, "audit")) == (["three"], ["four"])


def test_a_job_that_was_running_is_run_again(source: Database, target: Database) -> None:
    """Its lease ends as it would have."""
    job_id = source.write_now(queue.enqueue, "scan", Task(), NOW)
    source.write_now(store.claim, "worker", {"scan": 1}, 1, lambda: NOW, MINUTE_MS)

    moved(source, target)

    later = after(NOW, 2 * MINUTE_MS)
    assert [job.id for job in target.write_now(store.sweep, later, NOW)] == [job_id]


@pytest.mark.parametrize(("silent_ms", "is_refused"), [(0, True), (20_000, True), (40_000, False)])
def test_a_database_that_is_served_is_not_moved(
    source: Database, target: Database, silent_ms: int, is_refused: bool
) -> None:
    """A server is there as long as it said so a short while ago."""
    seen_at = after(system_clock(), -silent_ms)
    node = Node(new_ulid(), "node-1", 42, "1.0", started_at=NOW, seen_at=seen_at)
    source.write_now(nodes.note, node, Milliseconds(0))
    refusal = ""
    try:
        moved(source, target)
    except ServersRunning as error:
        refusal = error.message

    assert refusal == ("servers run on this database: process 42 on node-1" if is_refused else "")


def test_a_manifest_that_is_damaged_is_not_moved(source: Database, target: Database) -> None:
    """Its bytes have to have its digest, on the other side."""

    def put(connection: Connection) -> None:
        connection.execute(insert(stores), {"id": 1, "url": "file:blobs"})
        repository = {"id": 1, "name": "team/app", "namespace": "team", "store_id": 1, "created_at": 1}
        connection.execute(insert(repositories), repository)
        row = {"repo_id": 1, "digest": f"sha256:{'0' * 64}", "payload": b"{}", "size": 2, "media_type": "x"}
        connection.execute(insert(manifests), row | {"pushed_at": 1, "pushed_by": "user:bob"})

    source.write_now(put)
    with pytest.raises(CannotMove, match="what manifests holds at repo_id 1, digest 'sha256:0000") as caught:
        moved(source, target)

    assert "entrepot verify" in caught.value.hint


@pytest.mark.parametrize("to", ["mysql://db/x", "postgresql", "", "file.db"])
def test_another_address_is_wrong_usage(to: str) -> None:
    """Nothing is opened, and the exit status is 2."""
    result = CliRunner().invoke(application, ["db", "move", "--to", to])

    assert result.exit_code == 2
    assert list(Path().iterdir()) == []


def test_sqlite_is_not_moved_to_sqlite() -> None:
    """Copying does it."""
    result = CliRunner().invoke(application, ["db", "move", "--to", "sqlite"])

    assert isinstance(result.exception, AppError)
    assert result.exception.message == "the database is on SQLite already"


def test_a_missing_database_is_not_made() -> None:
    """Nor is one reached for that it would be moved to."""
    to = "postgresql://nobody@127.0.0.1:1/nothing"
    result = CliRunner().invoke(application, ["db", "move", "--to", to])

    assert isinstance(result.exception, AppError)
    assert result.exception.message.startswith("there is no database at data/entrepot.db")
