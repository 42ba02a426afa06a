# SPDX-License-Identifier: Apache-2.0
"""Moving a database to another one."""

import hashlib
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import inspect
from sqlalchemy import select

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.features.audit import verify_chain
from entrepot.features.identity.tables import users
from entrepot.features.tokens.tables import signing_keys
from entrepot.infra.database import copying
from entrepot.infra.database import schema
from entrepot.infra.database.copying import CannotMove
from entrepot.infra.database.copying import Phase
from entrepot.infra.database.copying import Progress
from entrepot.infra.database.copying import Rules
from entrepot.infra.database.copying import move
from entrepot.infra.database.engine import Database
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.clock import DAY_MS
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores
from tests.builders.databases import a_database
from tests.builders.databases import an_empty_database
from tests.builders.sqlite import a_sqlite_database
from tests.unit.features.audit import chains
from tests.unit.infra.database.any_rows import Rows
from tests.unit.infra.database.any_rows import any_rows
from tests.unit.infra.database.any_rows import content
from tests.unit.infra.database.any_rows import fill

LARGE = 3 * 1024 * 1024


def nothing(*_anything: object) -> None:
    """Do without."""


AS_THEY_ARE = Rules(require_unused=nothing, is_whole={}, settle=nothing)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """A SQLite database with two users and a large manifest."""
    with closing(a_sqlite_database(tmp_path / "source.db")) as database:
        database.write_now(put_something)
        yield database


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Database]:
    """A database of the engine that the tests run on, with today's schema and no rows."""
    with closing(a_database(tmp_path)) as database:
        yield database


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Database]:
    """A database of that engine without any schema."""
    with closing(an_empty_database(tmp_path)) as database:
        yield database


def a_user(name: str, **others: object) -> dict[str, object]:
    """Make a row of `users`."""
    return {"name": name, "password_hash": "!", "created_at": 1, "password_changed_at": 1} | others


def put_something(connection: Connection) -> None:
    """Insert two users, and six manifests of three MiB."""
    connection.execute(insert(users), [a_user("alice", id=5), a_user("bob", id=7)])
    connection.execute(insert(stores), {"id": 1, "url": "file:blobs"})
    repository = {"id": 1, "name": "team/app", "namespace": "team", "store_id": 1, "created_at": 1}
    connection.execute(insert(repositories), repository)
    for number in range(6):
        payload = bytes([number]) * LARGE
        digest = f"sha256:{hashlib.sha256(payload).hexdigest()}"
        row = {"repo_id": 1, "digest": digest, "payload": payload, "size": LARGE}
        connection.execute(insert(manifests), row | {"media_type": "x", "pushed_at": 1, "pushed_by": "user:bob"})


def tables(connection: Connection) -> set[str]:
    """Return the names of the tables there are, but for alembic's own."""
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def moving_to(source: Database, target: Database, tell: Callable[[Progress], None] = nothing) -> int:
    """Move, and return how many rows were."""
    return sum(table.rows for table in move(source, target, AS_THEY_ARE, tell))


_numbers = count()


@given(any_rows())
@settings(max_examples=16)
def test_any_rows_survive_the_way_there_and_back(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    """SQLite to the other engine and back to SQLite: every column of every row is what it was."""
    folder = tmp_path_factory.mktemp(f"moved{next(_numbers)}")
    origin, back = (a_sqlite_database(folder / f"{name}.db") for name in ("origin", "back"))
    with closing(origin), closing(back), closing(a_database(folder)) as there:
        origin.write_now(fill, rows)
        before = origin.snapshot_now(content)

        moving_to(origin, there)
        moving_to(there, back)

        assert there.snapshot_now(content) == before
        assert back.snapshot_now(content) == before


def test_each_table_is_counted_and_has_a_checksum(source: SqliteDatabase, target: Database) -> None:
    """It is of the rows in the order of their keys, and so the same for the same rows."""
    first = {table.name: table for table in move(source, target, AS_THEY_ARE, nothing)}

    assert (first["users"].rows, first["manifests"].rows, first["tags"].rows) == (2, 6, 0)
    assert first["tags"].sha256 == hashlib.sha256().hexdigest()
    assert len({first[name].sha256 for name in ("users", "manifests", "stores", "tags")}) == 4


def test_a_schema_is_made_where_there_is_none(source: SqliteDatabase, bare: Database) -> None:
    """It comes with the rows, or not at all."""
    with pytest.raises(InterruptedError):
        moving_to(source, bare, partial(stop, [], 0))
    assert bare.snapshot_now(tables) == set()
    moving_to(source, bare)

    schema.require_current(bare)


def test_keys_go_on_after_the_greatest(source: SqliteDatabase, target: Database) -> None:
    """What is inserted afterwards collides with nothing that was moved."""
    moving_to(source, target)

    target.write_now(lambda connection: connection.execute(insert(users), a_user("carol")).close())

    ids = target.snapshot_now(lambda connection: connection.scalars(select(users.c.id).order_by(users.c.id)).all())
    assert ids == [5, 7, 8]


def test_tables_that_come_and_go_move_too(source: SqliteDatabase, target: Database) -> None:
    """Those of a family are made where the rows go, and the next one of it can be made there."""
    chains.fill(source, 30)
    chains.fill(source, 5, chains.NOVEMBER + 40 * DAY_MS)
    chains.sign(source)

    moving_to(source, target)
    chains.fill(target, 5, chains.NOVEMBER + 80 * DAY_MS)

    report = verify_chain(target, chains.tokens(source), nothing)
    assert (report.findings, report.records) == ([], 40)


def test_a_target_with_rows_is_refused(source: SqliteDatabase, target: Database) -> None:
    """Nothing is ever overwritten, also by moving twice."""
    moving_to(source, target)
    before = target.snapshot_now(content)
    with pytest.raises(CannotMove, match="is not empty: there are rows in"):
        moving_to(source, target)

    assert target.snapshot_now(content) == before


def test_a_database_of_another_program_is_refused(source: SqliteDatabase, bare: Database) -> None:
    """Its tables stay alone."""
    bare.change_schema(lambda connection: connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER)").close())
    with pytest.raises(schema.SchemaUnknown, match="tables of something else: accounts"):
        moving_to(source, bare)

    assert bare.snapshot_now(tables) == {"accounts"}


def test_a_move_that_ends_anywhere_has_not_begun(source: SqliteDatabase, target: Database) -> None:
    """After every single batch of both phases: the target has no row, and the next attempt does all of it."""
    steps: list[Progress] = []
    for place in count():
        steps.clear()
        try:
            moving_to(source, target, partial(stop, steps, place))
        except InterruptedError:
            assert not any(target.snapshot_now(content).values())
        else:
            break

    assert {step.phase for step in steps} == set(Phase)
    assert len(steps) == place == 9
    assert steps[-1].done == steps[-1].total == 10
    assert target.snapshot_now(content) == source.snapshot_now(content)


def stop(steps: list[Progress], place: int, step: Progress) -> None:
    """Note a step, and end the move with the one after so many."""
    if len(steps) == place:
        raise InterruptedError
    steps.append(step)


def test_batches_of_large_rows_are_small(source: SqliteDatabase, target: Database) -> None:
    """So that the memory does not have to hold a table."""
    steps: list[Progress] = []
    moving_to(source, target, steps.append)
    copied = [step.done for step in steps if step.phase is Phase.COPY and step.table == "manifests"]

    assert [after - before for before, after in pairwise(copied)] == [3]
    assert copying.BATCH_BYTES < 4 * LARGE


def test_nobody_writes_to_the_source_meanwhile(source: SqliteDatabase, target: Database) -> None:
    """So no write is lost that was acknowledged."""
    refused: list[str] = []

    def try_to_write(_step: Progress) -> None:
        with closing(sqlite3.connect(source.path, timeout=0)) as other:
            try:
                other.execute("DELETE FROM users")
            except sqlite3.OperationalError as error:
                refused.append(str(error))

    moving_to(source, target, try_to_write)

    assert set(refused) == {"database is locked"}


def test_what_is_in_use_is_not_moved(source: SqliteDatabase, target: Database) -> None:
    """The rule is asked before anything happens."""

    def refuse(_connection: Connection) -> None:
        raise CannotMove("somebody is at it")

    with pytest.raises(CannotMove, match="somebody is at it"):
        move(source, target, Rules(refuse, {}, nothing), nothing)

    assert not any(target.snapshot_now(content).values())


def test_what_is_not_what_it_says_is_not_moved(source: SqliteDatabase, target: Database) -> None:
    """A rule about rows of a table is asked for each of them."""
    rules = Rules(nothing, {"users": lambda user: user["name"] != "bob"}, nothing)
    with pytest.raises(CannotMove, match="what users holds at id 7 is not what its digest says"):
        move(source, target, rules, nothing)

    assert not any(target.snapshot_now(content).values())


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        (users, a_user("a\0b", id=9), "name of users at id 9 is nothing that PostgreSQL stores"),
        (users, a_user("a", id=9, provider="x" * 65), "provider of users at id 9 is nothing that PostgreSQL stores"),
        (
            signing_keys,
            {"kid": "k", "generation": 2**31, "algorithm": "a", "public_jwk": "", "created_at": 1}
            | {"private_key_encrypted": b"\0"},
            "generation of signing_keys at kid 'k' is nothing that PostgreSQL stores",
        ),
    ],
)
def test_what_only_sqlite_stores_is_told_beforehand(
    source: SqliteDatabase, target: Database, table: Any, row: dict[str, object], reason: str
) -> None:
    """Nothing is copied, and the message names the value."""
    source.write_now(lambda connection: connection.execute(insert(table), row).close())
    steps: list[Progress] = []
    with pytest.raises(CannotMove, match=reason):
        moving_to(source, target, steps.append)

    assert steps == []


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("UPDATE users SET created_at = 0 WHERE id = new.id", "the copy of users differs at id 5"),
        ("DELETE FROM users WHERE id = 7", "the copy of users differs at id 7"),
        (
            "INSERT OR IGNORE INTO former_users (name, deleted_at) VALUES ('x', 1)",
            "the copy of former_users differs at name 'x'",
        ),
    ],
)
def test_a_copy_that_differs_is_noticed(source: SqliteDatabase, tmp_path: Path, damage: str, reason: str) -> None:
    """A changed, a missing and a strange row: the target is read, not believed."""
    with closing(a_sqlite_database(tmp_path / "spoiled.db")) as target:
        with target.engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE TRIGGER spoil AFTER INSERT ON users BEGIN {damage}; END")
        with pytest.raises(CannotMove, match=reason):
            moving_to(source, target)

        assert not any(target.snapshot_now(content).values())
