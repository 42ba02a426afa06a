# SPDX-License-Identifier: Apache-2.0
"""Rule books: rules in order, of the registry and of each project, as JSON with a revision."""

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Conflict
from entrepot.registry.store.rule_book_table import rule_books

REGISTRY = ""
"""The project of the rules of the registry as a whole."""

MAX_RULES_OF_ALL = 20_000
"""Of one noun, in all books: every process holds them in memory."""


THE_BEGINNING = Milliseconds(0)


class RulesChanged(Conflict):
    """The rules were changed meanwhile."""

    code = "rules_changed"
    default_hint = "Look at them anew, and send the revision that they have now."


class TooManyRules(Conflict):
    """There are as many rules in this registry as there can be."""

    code = "too_many_rules"
    default_hint = "One rule of the registry may be about many projects, as with team-*/**."


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of the registry or of a project, as JSON in order. `revision` 0 says that none were ever set."""

    project: str
    rules: str = "[]"
    count: int = 0
    revision: int = 0
    changed_at: Milliseconds = THE_BEGINNING
    changed_by: str = ""


KEPT_MS = 30 * DAY_MS
"""For how long a book without rules is kept: every process hears of it within two seconds of being able to."""

_ONE = (rule_books.c.noun == bindparam("the_noun"), rule_books.c.project == bindparam("the_project"))
_COLUMNS = (
    rule_books.c.project,
    rule_books.c.rules,
    rule_books.c.rule_count,
    rule_books.c.revision,
    rule_books.c.changed_at,
    rule_books.c.changed_by,
)
_SINCE = (
    select(*_COLUMNS)
    .where(rule_books.c.noun == bindparam("the_noun"), rule_books.c.revision > bindparam("revision"))
    .order_by(rule_books.c.revision)
)
_FIND = select(*_COLUMNS).where(*_ONE)
_LOCK = select(rule_books.c.revision).where(*_ONE).with_for_update()
_NEWEST = select(func.max(rule_books.c.revision)).where(rule_books.c.noun == bindparam("the_noun"))
_COUNT = select(func.coalesce(func.sum(rule_books.c.rule_count), 0)).where(rule_books.c.noun == bindparam("the_noun"))
_REPLACE = (
    update(rule_books)
    .where(*_ONE)
    .values(
        rules=bindparam("rules"),
        rule_count=bindparam("rule_count"),
        revision=bindparam("revision"),
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_FORGET = delete(rule_books).where(
    rule_books.c.noun == bindparam("the_noun"),
    rule_books.c.project != REGISTRY,
    rule_books.c.rule_count == 0,
    rule_books.c.changed_at < bindparam("before"),
)


def changed_since(connection: Connection, noun: str, revision: int) -> list[Book]:
    """Return the books of a noun that were changed after a revision, in that order."""
    return [Book(*row) for row in connection.execute(_SINCE, {"the_noun": noun, "revision": revision})]


def find(connection: Connection, noun: str, project: str) -> Book:
    """Return the book of a project, or of the registry; one without rules if none were ever set."""
    row = connection.execute(_FIND, {"the_noun": noun, "the_project": project}).first()
    return Book(project) if row is None else Book(*row)


def replace(connection: Connection, noun: str, wanted: Book, revision: int | None = None) -> Book:
    """Put rules in the place of those that a book has; return the book that was, and give `wanted` the next revision.

    One change of a noun follows another, so whoever has read up to a revision misses none before it.
    Raises `RulesChanged` when the book has another revision than `revision`, and `TooManyRules`.
    """
    _lock(connection, noun, wanted.changed_at)
    before = find(connection, noun, wanted.project)
    if revision is not None and before.revision != revision:
        raise RulesChanged(f"the rules have the revision {before.revision} by now, and not {revision}")
    others = connection.execute(_COUNT, {"the_noun": noun}).scalar_one() - before.count
    if wanted.count > before.count and others + wanted.count > MAX_RULES_OF_ALL:
        raise TooManyRules(f"there are {others + before.count} rules, and {MAX_RULES_OF_ALL} is the most there may be")
    newest = connection.execute(_NEWEST, {"the_noun": noun}).scalar_one() or 0
    _store(connection, noun, wanted, newest + 1)
    connection.execute(_FORGET, {"the_noun": noun, "before": wanted.changed_at - KEPT_MS})
    return before


def _lock(connection: Connection, noun: str, now: Milliseconds) -> None:
    """Let nobody else change a book of the noun until this transaction ends."""
    insert_if_absent(connection, rule_books, _row(noun, Book(REGISTRY, changed_at=now), 0))
    connection.execute(_LOCK, {"the_noun": noun, "the_project": REGISTRY}).one()


def _store(connection: Connection, noun: str, book: Book, revision: int) -> None:
    row = _row(noun, book, revision)
    if not insert_if_absent(connection, rule_books, row):
        connection.execute(_REPLACE, {**row, "the_noun": noun, "the_project": book.project})


def _row(noun: str, book: Book, revision: int) -> dict[str, object]:
    return {
        "noun": noun,
        "project": book.project,
        "rules": book.rules,
        "rule_count": book.count,
        "revision": revision,
        "changed_at": book.changed_at,
        "changed_by": book.changed_by,
    }
