# SPDX-License-Identifier: Apache-2.0
"""Rules of any noun: set where they may be, told of, and forgotten with their project."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InvalidRequest
from entrepot.registry.events import decode
from entrepot.registry.rule_book_keeping import Ruleset
from entrepot.registry.rule_book_keeping import forget_rules
from entrepot.registry.store import rule_books as store
from entrepot.registry.store.rule_books import Book
from tests.builders.databases import a_database
from tests.builders.databases import until_final_now


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a noun that there is not."""

    repositories: str


class RuleInvalid(InvalidRequest):
    """The rule is not valid."""


def of_registry_only(number: int, rule: Rule) -> None:
    """Refuse what only the registry has."""
    if rule.repositories.endswith("/locked"):
        raise RuleInvalid(f"rule {number} is one of the registry")


RULES: Ruleset[Rule] = Ruleset(
    "naming",
    Change.NAMING_CHANGED,
    lambda rules: msgspec.json.encode([rule.repositories for rule in rules]).decode(),
    lambda text: tuple(map(Rule, msgspec.json.decode(text, type=list[str]))),
    lambda rule: {"repositories": rule.repositories},
    lambda project, pattern: pattern.startswith(f"{project}/"),
    RuleInvalid,
    of_registry_only,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database without books."""
    database = a_database(tmp_path)
    yield database
    database.close()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("other/app", "rule 2 is about other/app, which is not within the project team"),
        ("team/locked", "rule 2 is one"),
    ],
)
def test_rules_of_a_project_are_about_it(pattern: str, said: str) -> None:
    """The refusal names the first that is not."""
    with pytest.raises(RuleInvalid, match=said):
        RULES.require_within("team", [Rule("team/app"), Rule(pattern)])

    RULES.require_within("team", [Rule("team/app")])


def test_rules_are_forgotten_with_their_project(database: Database) -> None:
    """What was there is told; where there are none, nothing is."""
    book = Book("team", RULES.encode([Rule("team/app")]), 1, changed_by="user:root")
    database.write_now(store.replace, "naming", book)
    for project in ("team", "team", "other"):
        database.write_now(forget_rules, RULES, project, Milliseconds(7))

    until_final_now(database)
    waiting, _ = database.snapshot_now(outbox.visible_after, outbox.BEGINNING, 10)
    events = [decode(row) for row in waiting]
    assert [(each.object, each.before, each.after) for each in events] == [
        ("naming:team", {"rules": [{"repositories": "team/app"}]}, {"rules": []})
    ]
    assert database.snapshot_now(store.find, "naming", "team").count == 0
