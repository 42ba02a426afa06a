# SPDX-License-Identifier: Apache-2.0
"""Counting everything anew: what had been counted wrong is told, by how much, and put right."""

import pytest
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import update

from entrepot.features.quotas.checking import Checking
from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.store import checks
from entrepot.features.quotas.store.checks import Check
from entrepot.features.quotas.tables import quota_counted
from entrepot.features.quotas.tables import quota_totals
from entrepot.infra.events import outbox
from entrepot.kernel.clock import DAY_MS
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.manifests import an_image_manifest
from tests.unit.features.quotas import naive
from tests.unit.features.quotas.counting_core import CountingCore
from tests.unit.registry.collecting import Collecting

IMAGE, OTHER = an_image_manifest(), an_image_manifest(marker="other")
TEAM = of_project("team")
PERSON = EVERYBODY.principal.identity

pytestmark = pytest.mark.anyio


@pytest.fixture
async def counted(counting: CountingCore) -> CountingCore:
    """Two images, that are counted and were checked."""
    await counting.running.put_image(IMAGE, "v1")
    await counting.running.put_manifest(OTHER, "v2")
    await counting.settle()
    await counting.check()
    counting.running.clock.advance(DAY_MS)
    return counting


async def require_right(counting: CountingCore, *people: str) -> None:
    """Find that what is counted is what is there."""
    there = await counting.database.snapshot(naive.used, set(people))
    assert await counting.database.snapshot(naive.counted) == there


async def test_a_sum_that_is_wrong_is_put_right(counted: CountingCore) -> None:
    """And the difference is told."""
    await counted.database.write(
        lambda connection: connection.execute(update(quota_totals).values(bytes=quota_totals.c.bytes + 7)).close()
    )

    check = await counted.check()
    assert (check.repaired, check.drift_bytes) == (1, 7)
    assert await counted.database.read(checks.last) == check
    await require_right(counted)


async def test_what_is_missing_is_counted(counted: CountingCore) -> None:
    """Whatever was lost: blobs, artifacts, tags and repositories."""
    await counted.database.write(lambda connection: connection.execute(delete(quota_counted)).close())
    await counted.database.write(
        lambda connection: connection.execute(
            update(quota_totals).values(bytes=0, artifacts=0, repositories=0, tags=0)
        ).close()
    )

    check = await counted.check()
    assert check.repaired == 7
    await require_right(counted)


async def test_what_is_gone_is_counted_no_longer(counted: CountingCore) -> None:
    """Neither in a repository that there is, nor in one that there never was."""
    rows = [
        {"kind": "artifact", "repo_id": 1, "key": "sha256:gone", "subject": TEAM, "bytes": 11},
        {"kind": "tag", "repo_id": 1, "key": "gone", "subject": TEAM, "bytes": 0},
        {"kind": "blob", "repo_id": 0, "key": "sha256:gone", "subject": TEAM, "bytes": 13},
        {"kind": "artifact", "repo_id": 999, "key": "sha256:gone", "subject": TEAM, "bytes": 17},
    ]
    await counted.database.write(lambda connection: connection.execute(insert(quota_counted), rows).close())
    wrong = Amounts(bytes=41, artifacts=2, tags=1)
    await counted.database.write(
        lambda connection: connection.execute(
            update(quota_totals).values({each: quota_totals.c[each] + getattr(wrong, each) for each in wrong.__slots__})
        ).close()
    )

    check = await counted.check()
    assert (check.repaired, check.drift_bytes) == (4, 41)
    await require_right(counted)


async def test_what_is_not_counted_yet_is_not_wrong(counted: CountingCore, running: RunningCore) -> None:
    """A check that comes before the events of a push waits for them, and what it counts first is no drift for them."""
    await running.delete.manifest(EVERYBODY, REPOSITORY, OTHER.digest)

    async def count_meanwhile(_seconds: float) -> None:
        """Let the listener go on while the check waits."""
        await counted.step()

    counted.checking = Checking(counted.database, running.clock, count_meanwhile)
    check = await counted.check()
    assert (check.repaired, check.drift_bytes) == (0, 0)
    await require_right(counted)


async def test_what_was_there_before_quotas_is_counted(running: RunningCore, counting: CountingCore) -> None:
    """That is no drift: it had never been counted."""
    await running.put_image(IMAGE, "v1")
    await counting.database.write(outbox.unregister, counting.consumer._listener.name)
    await counting.database.write(outbox.register, counting.consumer._listener.name, running.clock())

    check = await counting.check()
    assert (check.repaired, check.drift_bytes) == (0, 0)
    await require_right(counting)


async def test_a_new_quota_of_somebody_counts_what_they_pushed(counted: CountingCore) -> None:
    """And one that is taken away counts nothing any more."""
    await counted.set_quota(PERSON, bytes=10**6)
    first = await counted.check()

    assert (first.repaired, first.drift_bytes) == (0, 0)
    await require_right(counted, PERSON)
    assert isinstance(await counted.check(), Check)


async def test_blobs_that_went_without_a_trace_are_looked_through(counting: CountingCore, running: RunningCore) -> None:
    """As where an artifact is gone for good before anybody counted its deletion: nobody knows what it held."""
    await running.put_image(IMAGE, "v1")
    await counting.settle()
    await Collecting(running).promises.free_now(EVERYBODY, REPOSITORY, IMAGE.digest)
    while await counting.step():
        pass
    before = (await counting.database.snapshot(naive.counted))[TEAM]
    await counting.settle()

    assert (before.artifacts, before.bytes > 0) == (0, True)
    await require_right(counting)
