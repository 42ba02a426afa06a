# SPDX-License-Identifier: Apache-2.0
"""Books of rules: their order, and what a process knows of them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import Milliseconds
from entrepot.registry.rule_books import FRESH_SECONDS
from entrepot.registry.rule_books import InForce
from entrepot.registry.store import rule_books as store
from entrepot.registry.store.rule_books import MAX_RULES_OF_ALL
from entrepot.registry.store.rule_books import Book
from entrepot.registry.store.rule_books import RulesChanged
from entrepot.registry.store.rule_books import TooManyRules
from tests.fakes.cut_database import CutDatabase

NOUN = "naming"

pytestmark = pytest.mark.anyio


def a_book(project: str, *rules: str, at: int = 0) -> Book:
    """Make a book to set."""
    listed = ",".join(f'"{rule}"' for rule in rules)
    return Book(project, f"[{listed}]", len(rules), changed_at=Milliseconds(at), changed_by="user:root")


def read(book: Book) -> list[str]:
    """Read a book."""
    return [rule.strip('"') for rule in book.rules[1:-1].split(",")]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[CutDatabase]:
    """A database without books."""
    database = CutDatabase(tmp_path)
    yield database
    database.close()


def in_force_of(database: CutDatabase, now: list[float]) -> InForce[str]:
    """Know the books as a process does that has just started."""
    return InForce(database, NOUN, read, lambda: now[0])


async def test_a_change_is_known_after_reading_it(database: CutDatabase) -> None:
    """And nothing is read again that has not changed."""
    in_force = await asyncio.to_thread(in_force_of, database, [0.0])
    await database.write(store.replace, NOUN, a_book("team", "one", "two"))
    before = (in_force.is_empty, in_force.of("team"))
    await in_force.refresh()
    known = in_force.of("team")
    await database.write(store.replace, NOUN, a_book("other", "three"))
    await in_force.refresh()

    assert before == (True, ())
    assert known == ["one", "two"]
    assert in_force.of("team") is known
    assert (in_force.of("other"), in_force.of("third"), in_force.of("")) == (["three"], (), ())


async def test_a_book_without_rules_is_forgotten(database: CutDatabase) -> None:
    """By those who know it, and by the database a month later."""
    in_force = await asyncio.to_thread(in_force_of, database, [0.0])
    await database.write(store.replace, NOUN, a_book("team", "one"))
    await in_force.refresh()
    await database.write(store.replace, NOUN, a_book("team"))
    await in_force.refresh()
    emptied = in_force.is_empty
    await database.write(store.replace, NOUN, a_book("other", "two", at=store.KEPT_MS + 1))

    assert emptied
    assert [each.project for each in await database.read(store.changed_since, NOUN, 0)] == ["other"]


async def test_what_is_too_old_is_read_before_it_counts(database: CutDatabase) -> None:
    """As when the machine was asleep; else nothing is read."""
    now = [0.0]
    in_force = await asyncio.to_thread(in_force_of, database, now)
    await database.write(store.replace, NOUN, a_book("team", "one"))
    database.reads = 0
    await in_force.current()
    asked_at_once, known = database.reads, in_force.of("team")
    now[0] += FRESH_SECONDS
    await in_force.current()

    assert (asked_at_once, known) == (0, ())
    assert in_force.of("team") == ["one"]


async def test_while_the_database_is_away_what_was_known_counts(database: CutDatabase) -> None:
    """Nothing becomes free because nobody can look."""
    now = [0.0]
    in_force = await asyncio.to_thread(in_force_of, database, now)
    await database.write(store.replace, NOUN, a_book("team", "one"))
    await in_force.refresh()
    database.is_away = True
    now[0] += FRESH_SECONDS
    await in_force.current()

    assert in_force.of("team") == ["one"]


async def test_revisions_grow_over_all_books(database: CutDatabase) -> None:
    """So that who has read up to one misses none; nouns do not see each other."""
    for project in ("b", "a", "", "b"):
        await database.write(store.replace, NOUN, a_book(project, "one"))
    await database.write(store.replace, "other", a_book("b", "two"))

    books = await database.read(store.changed_since, NOUN, 0)
    assert [(each.project, each.revision) for each in books] == [("a", 2), ("", 3), ("b", 4)]
    assert (await database.read(store.find, "other", "b")).revision == 1


async def test_a_book_is_replaced_only_as_it_was_read(database: CutDatabase) -> None:
    """Where whoever replaces it says what they have read."""
    await database.write(store.replace, NOUN, a_book("team", "one"), 0)

    with pytest.raises(RulesChanged):
        await database.write(store.replace, NOUN, a_book("team"), 0)

    assert (await database.write(store.replace, NOUN, a_book("team"), 1)).count == 1


async def test_there_is_an_end_to_rules(database: CutDatabase) -> None:
    """Over all books; fewer than there are may always be set."""
    many = Book("many", "[]", MAX_RULES_OF_ALL)
    await database.write(store.replace, NOUN, many)

    with pytest.raises(TooManyRules):
        await database.write(store.replace, NOUN, a_book("team", "one"))
    await database.write(store.replace, NOUN, Book("many", "[]", MAX_RULES_OF_ALL - 1))
    await database.write(store.replace, NOUN, a_book("team", "one"))


async def test_a_task_keeps_it_fresh(database: CutDatabase) -> None:
    """So that no request has to wait for it; also after the database was away."""
    in_force = await asyncio.to_thread(in_force_of, database, [0.0])
    database.is_away = True
    task = asyncio.create_task(in_force.run(0))
    await asyncio.sleep(0)
    database.is_away = False
    await database.write(store.replace, NOUN, a_book("team", "one"))
    async with asyncio.timeout(30):
        while in_force.is_empty:
            await database.read(store.find, NOUN, "team")
            await asyncio.sleep(0)
    task.cancel()

    assert in_force.of("team") == ["one"]
