# SPDX-License-Identifier: Apache-2.0
"""Checkpoints are stamped with the time, and a log that was written anew does not get the old time back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.models import Stamped
from entrepot.features.audit.store import timestamps
from entrepot.features.audit.verify import Report
from entrepot.features.audit.verify import verify_chain
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from tests.fakes.scripted_server import Scripted
from tests.fakes.time_stamp_authority import TimeStampAuthority
from tests.fakes.time_stamp_authority import TimeStampServer
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import run
from tests.unit.features.audit.chains import sign
from tests.unit.features.audit.chains import write_anew
from tests.unit.features.audit.destinations.conftest import Deliver

pytestmark = pytest.mark.anyio


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TimeStampServer]:
    """An authority that answers."""
    with TimeStampServer(TimeStampAuthority(tmp_path / "authority")).running() as server:
        assert isinstance(server, TimeStampServer)
        yield server


@pytest.fixture
def signed_now(database: Database) -> Database:
    """The log, with a record that was signed at this moment."""
    fill(database, 1)
    sign(database, system_clock())
    return database


def to(authority: TimeStampServer) -> dict[str, Any]:
    """Return the settings of the destination that it is."""
    return {"url": f"rfc3161+{authority.url}/stamp", "stamp_ca_file": str(authority.ca_file)}


async def stamps(database: Database) -> list[Stamped]:
    """Return what is kept."""
    return await database.read(timestamps.page, 0, Milliseconds(0), 100)


async def verified(database: Database, authority: TimeStampServer) -> Report:
    """Verify the log and the time stamps."""
    authorities = authority.ca_file.read_bytes()
    return await asyncio.to_thread(verify_chain, database, [], lambda *_: None, authorities)


async def test_the_newest_checkpoint_is_stamped(
    deliver: Deliver, signed_now: Database, authority: TimeStampServer
) -> None:
    """It stands for those before it, which are not; nothing is asked twice."""
    assert await deliver(**to(authority)) == 2
    assert await deliver(**to(authority)) == 0

    [kept] = await stamps(signed_now)
    assert (kept.seq, len(authority.asked), authority.asked[0].target) == (13, 1, "/stamp")
    assert authority.asked[0].headers["content-type"] == "application/timestamp-query"
    await asyncio.to_thread(run, signed_now, "UPDATE audit_timestamps SET stamped_at = 1")
    report = await verified(signed_now, authority)
    assert (report.is_whole, report.stamps, report.first_stamp_at) == (True, 1, kept.stamped_at)


async def test_one_that_is_old_is_left_to_the_next(
    deliver: Deliver, database: Database, authority: TimeStampServer
) -> None:
    """A stamp of now would say nothing of then."""
    assert await deliver(**to(authority)) == 1

    assert (await stamps(database), authority.asked) == ([], [])


async def test_what_is_no_time_stamp_is_not_kept(
    deliver: Deliver, signed_now: Database, authority: TimeStampServer
) -> None:
    """One of another question, of somebody unknown, or none; it is tried again."""
    authority.answers = [Scripted(200, b"nonsense"), Scripted(500)]
    for told in ("no time stamp", "answers 500"):
        with pytest.raises(NotDelivered, match=told):
            await deliver(**to(authority))
    with pytest.raises(NotDelivered, match="cannot be read"):
        await deliver(**{**to(authority), "stamp_ca_file": __file__})

    assert await stamps(signed_now) == []
    assert await deliver(**to(authority)) == 2


async def test_a_log_that_was_written_anew_is_found(
    deliver: Deliver, signed_now: Database, authority: TimeStampServer
) -> None:
    """The old stamp is of another checkpoint; where that is gone too, this shows."""
    await deliver(**to(authority))
    await asyncio.to_thread(write_anew, signed_now, 13)
    assert ["of something else" in each.what for each in (await verified(signed_now, authority)).findings] == [True]

    await asyncio.to_thread(run, signed_now, "DELETE FROM audit_checkpoints")
    assert ["is gone" in each.what for each in (await verified(signed_now, authority)).findings] == [True]


async def test_a_stamp_that_is_made_later_is_found(
    deliver: Deliver, database: Database, authority: TimeStampServer
) -> None:
    """Whoever writes the log anew can have it stamped, but only now."""
    await asyncio.to_thread(fill, database, 1)
    await asyncio.to_thread(sign, database, system_clock() - DAY_MS)
    await asyncio.to_thread(run, database, "UPDATE audit_checkpoints SET signed_at = signed_at + 86400000")
    assert await deliver(**to(authority)) == 2

    [finding] = (await verified(database, authority)).findings
    assert (finding.seq, finding.what.endswith("it was made later")) == (13, True)
