# SPDX-License-Identifier: Apache-2.0
"""Refusals that wait for a database that is away are added up, and never more than there is room for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from entrepot.features.audit import refusals as module
from entrepot.features.audit.refusals import Refusals
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.events import outbox
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.request_facts import RequestFacts
from entrepot.oci.errors import Denied
from entrepot.registry.events import decode
from tests.builders.databases import a_database
from tests.builders.databases import until_final
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    with closing(a_database(tmp_path)) as database:
        yield database


def refused(what: str) -> RequestFacts:
    """Be a request of alice's that was refused."""
    facts = RequestFacts()
    facts.principal = Principal(PrincipalKind.USER, "alice")
    facts.answered_with(Denied(what))
    return facts


async def test_what_could_not_be_stored_is_added_up_within_bounds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts of before and after the failure come together; kinds beyond the bound are left out."""
    monkeypatch.setattr(module, "MAX_KINDS", 3)
    refusals = Refusals(database, SettableClock())
    refusals.note(refused("one"))
    write = database.write

    async def away(*_anything: object) -> None:
        for what in ("one", "two", "three", "four"):
            refusals.note(refused(what))
        raise DatabaseUnavailable

    monkeypatch.setattr(database, "write", away)
    await refusals.flush()
    monkeypatch.setattr(database, "write", write)
    await refusals.flush()

    await until_final(database)
    told = [decode(row) for row in await database.read(outbox.read_after, outbox.BEGINNING, 100)]
    assert {event.reason: event.count for event in told} == {"one": 2, "two": 1, "three": 1}
