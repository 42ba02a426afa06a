# SPDX-License-Identifier: Apache-2.0
"""What is appended to the chain, how pulls are counted, and what becomes of months that are old."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from entrepot.features.audit.models import Entry
from entrepot.features.audit.models import Filter
from entrepot.features.audit.models import Hold
from entrepot.features.audit.models import Pulls
from entrepot.features.audit.models import Record
from entrepot.features.audit.sealing import Sealer
from entrepot.features.audit.sealing import seal
from entrepot.features.audit.sealing import seal_uses
from entrepot.features.audit.settings import AuditSettings
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import checkpoints
from entrepot.features.audit.store import holds
from entrepot.features.audit.store import names
from entrepot.features.audit.store import records
from entrepot.features.audit.tidying import Tidying
from entrepot.features.audit.verify import verify_chain
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import digest_of
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import Use
from tests.builders.databases import a_database
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.audit.chains import MONTH
from tests.unit.features.audit.chains import NOVEMBER
from tests.unit.features.audit.chains import an_entry
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import sign

DIGEST = digest_of(b"manifest")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    with closing(a_database(tmp_path)) as database:
        yield database


def used(*counts: int, at: int = NOVEMBER) -> Event:
    """Say that a manifest was pulled so many times, by one client each."""
    uses = [
        Use("team/app", DIGEST, "v1", True, f"user:number-{number}", "192.0.2.1", "docker", count)
        for number, count in enumerate(counts)
    ]
    return Event(
        type=EventType.CONTENT_USED, id=new_ulid(), occurred_at=Milliseconds(at), origin="home", uses=tuple(uses)
    )


def recorded(database: Database) -> list[Record]:
    """Return all records, oldest first."""
    return database.snapshot_now(records.search, Filter(), None, 1_000)[::-1]


def handle(database: Database, pulls: Pulls, *events: Event) -> list[int]:
    """Tell the sealer, and return how many pulls each record tells of."""
    sealer = Sealer(pulls, SettableClock(NOVEMBER))
    told = [event for event in events if event.type in sealer.event_types]
    database.write_now(sealer.handle, told)
    return [record.times for record in recorded(database)]


def test_each_pull_can_be_recorded(database: Database) -> None:
    """A record for each client each time."""
    assert handle(database, Pulls.EACH, used(1, 3), used(2)) == [1, 3, 2]


def test_pulls_of_an_hour_are_counted_together(database: Database) -> None:
    """The first of each client at once; the others wait for the end of the hour, those of the next one too."""
    assert handle(database, Pulls.AGGREGATED, used(1, 3), used(2), used(5)) == [1, 3]

    database.write_now(seal_uses, Milliseconds(NOVEMBER + HOUR_MS))
    later = recorded(database)
    assert [record.times for record in later] == [1, 3, 7]
    assert later[-1].details == {"further_since": NOVEMBER // HOUR_MS * HOUR_MS}
    assert handle(database, Pulls.AGGREGATED, used(1, at=NOVEMBER + HOUR_MS)) == [1, 3, 7, 1]


def test_no_pull_needs_to_be_recorded(database: Database) -> None:
    """Where pulls are off, everything else is on."""
    assert handle(database, Pulls.OFF, used(1)) == []


def test_a_batch_without_anything_changes_nothing(database: Database) -> None:
    """Not even the month."""
    database.write_now(seal, [], NOVEMBER)

    assert database.snapshot_now(chain.partitions) == []


def test_the_same_name_stands_behind_one_pseudonym(database: Database) -> None:
    """In every record, as who did something and as to whom it was done."""
    entries = [an_entry(1), an_entry(2, principal="user:bob", object="user:alice"), an_entry(3, address="")]
    database.write_now(seal, entries, NOVEMBER)

    rows = database.snapshot_now(chain.rows_of, MONTH, 1, 10)
    alice = rows[0].sealed.actor
    assert rows[1].sealed.object == f"user:{alice}"
    assert rows[2].sealed.actor == alice
    assert rows[2].sealed.address == ""
    assert not any(name in repr(row.sealed) for name in ("alice", "bob", "192.0.2") for row in rows)


def test_details_that_are_too_long_are_left_out(database: Database) -> None:
    """And it is said that they were."""
    database.write_now(seal, [an_entry(details={"after": "x" * 20_000})], NOVEMBER)

    [record] = recorded(database)
    assert list(record.details) == ["left_out"]


def tidy(database: Database, days: int, keep_days: int = 400) -> list[str]:
    """Drop what is old after so many days."""
    tidying = Tidying(database, AuditSettings(keep_days=keep_days), SettableClock(NOVEMBER + days * DAY_MS))
    return list(asyncio.run(tidying.drop_old()))


def test_what_cannot_be_stored_as_it_is_is_recorded_all_the_same(database: Database) -> None:
    """Without NUL, which PostgreSQL does not take, and cut where there is no room: nothing holds up what follows."""
    texts: dict[str, Any] = {each.name: "\0" * 1_000 for each in fields(Entry) if each.type is str}
    wrong = an_entry(**texts | {"type": "group.created", "principal": "user:" + "\0" * 1_000})

    database.write_now(seal, [wrong, an_entry(1)], NOVEMBER)

    first, second = recorded(database)
    assert (first.agent, second.object) == ("\N{REPLACEMENT CHARACTER}" * 256, "group:group-1")
    assert verify_chain(database, [], lambda *_: None).is_whole


def test_months_are_dropped_when_they_are_old(database: Database) -> None:
    """Once the last record is; never the month that the chain is in."""
    fill(database, 3)
    fill(database, 3, NOVEMBER + 40 * DAY_MS)

    assert tidy(database, 390) == []
    assert tidy(database, 402) == ["2026_11"]
    assert tidy(database, 900) == []
    assert [record.seq for record in recorded(database)] == [4, 5, 6]
    assert verify_chain(database, [], lambda *_: None).is_whole


def test_a_hold_keeps_a_month(database: Database) -> None:
    """As long as it is in force, and only the months that it is on."""
    for month in range(4):
        fill(database, 2, NOVEMBER + month * 35 * DAY_MS)
    begins = Milliseconds(NOVEMBER + 30 * DAY_MS)
    hold = Hold(new_ulid(), "case", begins, Milliseconds(NOVEMBER + 60 * DAY_MS), NOVEMBER, "user:admin")
    database.write_now(holds.add, hold)

    assert tidy(database, 900) == ["2026_11", "2027_01"]
    database.write_now(holds.release, hold.id, NOVEMBER, "user:admin")
    assert tidy(database, 900) == ["2026_12"]


def test_a_held_month_keeps_what_stands_beside_it(database: Database) -> None:
    """Who its records are about, and what was signed, although a later month is dropped."""
    for month in range(3):
        at = Milliseconds(NOVEMBER + month * 35 * DAY_MS)
        fill(database, 2, at)
        sign(database, at)
        database.write_now(seal, [an_entry(at=at, principal=f"user:only-{month}")], at)
    hold = Hold(new_ulid(), "case", NOVEMBER, Milliseconds(NOVEMBER + DAY_MS), NOVEMBER, "user:admin")
    database.write_now(holds.add, hold)

    assert tidy(database, 900) == ["2026_12"]
    assert {record.principal for record in recorded(database)} == {"user:alice", "user:only-0", "user:only-2"}
    assert [each.seq for each in database.snapshot_now(checkpoints.page, 0, 9)] == [2, 5, 8]
    assert verify_chain(database, [], lambda *_: None).is_whole

    database.write_now(holds.release, hold.id, NOVEMBER, "user:admin")
    assert tidy(database, 900) == ["2026_11"]
    assert database.snapshot_now(names.find, "user", "only-1") is None
    assert [each.seq for each in database.snapshot_now(checkpoints.page, 0, 9)] == [8]
