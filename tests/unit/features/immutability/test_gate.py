# SPDX-License-Identifier: Apache-2.0
"""What the gate reads: nothing that no rule asks for."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from entrepot.features.immutability import store
from entrepot.features.immutability.gate import ImmutabilityGate
from entrepot.features.immutability.keeping import Keeper
from entrepot.features.immutability.models import NOUN
from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Rule
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import internal
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.store import rule_books
from entrepot.registry.store.rule_books import Book
from tests.builders.databases import a_database
from tests.builders.databases import traced_reads

ONE, OTHER = digest_of(b"one"), digest_of(b"other")
MOVE = GateContext(Operation.TAG_MOVE, internal("retention"), "team/app", digest=OTHER, tag="1.0", previous_digest=ONE)
QUESTIONS = [
    MOVE,
    replace(MOVE, operation=Operation.TAG_SET, previous_digest=None),
    replace(MOVE, operation=Operation.TAG_DELETE, digest=None),
    replace(MOVE, operation=Operation.MANIFEST_DELETE, tag=None, previous_digest=None),
]

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database without rules."""
    database = a_database(tmp_path)
    yield database
    database.close()


async def gate_with(database: Database, *rules: Rule) -> ImmutabilityGate:
    """Make a gate where a project has rules."""
    book = Book("team", store.encode(rules), len(rules), changed_by="user:root")
    await database.write(rule_books.replace, NOUN, book)
    await database.read(rule_books.find, NOUN, "team")  # the connection that is traced is there from now on
    return ImmutabilityGate(await asyncio.to_thread(Keeper, database, system_clock))


async def test_without_rules_nothing_is_read(database: Database) -> None:
    """A registry that keeps nothing pays nothing."""
    gate = await gate_with(database)
    with traced_reads(database) as statements:
        verdicts = [await gate.check(each) for each in QUESTIONS]

    assert (verdicts, statements) == ([Allow()] * 4, [])


async def test_what_rules_let_happen_costs_no_read(database: Database) -> None:
    """Rules are known; nobody has to look what else there is."""
    rules = [Rule("team/**", "1.*", Effect.MUTABLE), Rule("team/lib", "*", Effect.IMMUTABLE)]
    gate = await gate_with(database, *rules)
    with traced_reads(database) as statements:
        verdicts = [await gate.check(each) for each in QUESTIONS]

    assert (verdicts, statements) == ([Allow()] * 4, [])


async def test_whoever_asks_is_refused(database: Database) -> None:
    """A part of Entrepot too; one read tells whether there is an override."""
    gate = await gate_with(database, Rule("team/**", "*", Effect.IMMUTABLE))
    with traced_reads(database) as statements:
        verdict = await gate.check(MOVE)

    assert isinstance(verdict, Deny)
    assert len(statements) == 1


async def test_to_set_what_is_set_is_nothing(database: Database) -> None:
    """Whatever a rule says."""
    gate = await gate_with(database, Rule("team/**", "*", Effect.IMMUTABLE))

    assert await gate.check(replace(MOVE, digest=ONE)) == Allow()
    assert await gate.check(replace(QUESTIONS[2], previous_digest=None)) == Allow()
