# SPDX-License-Identifier: Apache-2.0
"""What is said of a change, and when."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import NotFound
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import current_facts
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Event
from entrepot.registry.events import decode
from tests.builders.databases import a_database
from tests.builders.databases import until_final

pytestmark = pytest.mark.anyio

NOW = Milliseconds(1_800_000_000_000)
ALICE = Principal(PrincipalKind.USER, "alice", credential="token:01ABC")


@dataclass(frozen=True, slots=True)
class Door:
    """Something that changes."""

    is_open: bool


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    with closing(a_database(tmp_path)) as database:
        yield database


async def told(database: Database) -> list[Event]:
    """Return what was said."""
    await until_final(database)
    return [decode(row) for row in await database.read(outbox.read_after, BEGINNING, 100)]


def _open(connection: Connection) -> None:
    announce(connection, Change.ROLE_CHANGED, NOW, Told(object="door:1", before=Door(False), after=Door(True)))


def _open_in_vain(connection: Connection) -> None:
    _open(connection)
    raise NotFound("there is no door")


async def test_it_says_who_asked(database: Database) -> None:
    """The principal, its credential and the request are those of the request that is answered."""
    facts = RequestFacts()
    facts.principal = ALICE
    current_facts.set(facts)
    await database.write(_open)

    [event] = await told(database)
    assert (event.type, event.object, event.occurred_at) == ("role.changed", "door:1", NOW)
    assert (event.principal, event.credential, event.request_id) == ("user:alice", "token:01ABC", facts.request_id)
    assert (event.before, event.after) == ({"is_open": False}, {"is_open": True})


async def test_what_did_not_happen_is_not_told(database: Database) -> None:
    """A transaction that is undone takes its announcement with it."""
    with pytest.raises(NotFound):
        await database.write(_open_in_vain)

    assert await told(database) == []


async def test_what_nobody_asked_for_is_the_doing_of_entrepot(database: Database) -> None:
    """Outside of a request it is a part of Entrepot itself that changes something."""
    await database.write(_open)

    [event] = await told(database)
    assert event.principal == "internal:entrepot"
