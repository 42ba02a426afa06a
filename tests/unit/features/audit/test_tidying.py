# SPDX-License-Identifier: Apache-2.0
"""Nothing goes that somebody still has to get, and what others left here goes in its time."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from entrepot.features.audit.models import Witnessed
from entrepot.features.audit.settings import AuditSettings
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.store import deliveries
from entrepot.features.audit.store import witnessed
from entrepot.features.audit.store.figures import audit_figures
from entrepot.features.audit.tidying import Tidying
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.audit.chains import NOVEMBER
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import sign

ORIGIN = "robot:_.berlin"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    with closing(a_database(tmp_path)) as database:
        yield database


def tidying(database: Database, days: int = 900, **settings: object) -> Tidying:
    """Tidy after so many days."""
    return Tidying(database, AuditSettings.model_validate(settings), SettableClock(NOVEMBER + days * DAY_MS))


def deliver_up_to(database: Database, stream: str, seq: int) -> None:
    """Note that a destination has everything up to a record."""
    database.write_now(deliveries.standing, stream)
    database.write_now(deliveries.advance, stream, seq, NOVEMBER)


def test_a_month_waits_for_its_destinations(database: Database) -> None:
    """For the last of its records and the last of its checkpoints, whichever each destination is sent."""
    for month in range(2):
        for _ in range(2):
            fill(database, 2, NOVEMBER + month * 40 * DAY_MS)
            sign(database, NOVEMBER + month * 40 * DAY_MS)
    both = DeliverySettings(url="file:///mnt/audit.jsonl")
    tidies = tidying(database, deliver={"worm": both})

    dropped = [asyncio.run(tidies.drop_old())]
    for stream, seq in (("worm", 3), ("worm", 4), ("worm/checkpoints", 2)):
        deliver_up_to(database, stream, seq)
        dropped.append(asyncio.run(tidies.drop_old()))

    assert dropped == [[], [], [], ["2026_11"]]


def test_a_destination_that_is_gone_keeps_nothing(database: Database) -> None:
    """Only what is configured counts."""
    for month in range(2):
        fill(database, 2, NOVEMBER + month * 40 * DAY_MS)
    deliver_up_to(database, "former", 1)

    assert asyncio.run(tidying(database).drop_old()) == ["2026_11"]


def test_witnessed_checkpoints_go_in_their_time(database: Database) -> None:
    """But the last of each origin, and those that were contradicted."""
    for seq in (10, 20, 30):
        each = Witnessed(ORIGIN, seq, "0" * 64, f"token-{seq}", NOVEMBER)
        database.write_now(witnessed.add, each)
    contradicted = database.snapshot_now(witnessed.at, ORIGIN, 20)
    assert contradicted is not None
    assert database.write_now(witnessed.contradict, contradicted, "another", NOVEMBER)
    assert not database.write_now(witnessed.contradict, contradicted, "a third", NOVEMBER)

    asyncio.run(tidying(database, keep_witnessed_days=901).forget_witnessed())
    assert len(database.snapshot_now(witnessed.page, ORIGIN, 0, 10)) == 3
    asyncio.run(tidying(database, keep_witnessed_days=899).forget_witnessed())
    assert [each.seq for each in database.snapshot_now(witnessed.page, ORIGIN, 0, 10)] == [20, 30]


def test_what_there_is_to_watch_is_counted(database: Database) -> None:
    """How far each configured destination is behind, since when it fails, and what contradicts itself."""
    fill(database, 5)
    sign(database)
    for stream, seq in (("siem", 3), ("siem/checkpoints", 0), ("former", 1)):
        deliver_up_to(database, stream, seq)
    database.write_now(deliveries.failed, "siem", NOVEMBER, Milliseconds(NOVEMBER + 1), "no")

    figures = database.snapshot_now(audit_figures, ("siem",))

    assert figures.behind == {"siem": 2, "siem/checkpoints": 5}
    assert figures.failing_since == {"siem": NOVEMBER, "siem/checkpoints": None}
    assert figures.contradictions == 0
