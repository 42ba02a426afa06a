# SPDX-License-Identifier: Apache-2.0
"""What a push costs where there are quotas, and where there are none; and what happens while nobody can look."""

import asyncio

import pytest

from entrepot.features.quotas.gate import QuotaGate
from entrepot.features.quotas.known import KnownQuotas
from entrepot.features.quotas.ledger import Ledger
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import SetQuota
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.store import limits
from entrepot.oci.errors import Denied
from entrepot.registry.gates import Gates
from entrepot.registry.gates import GateUndecided
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.databases import traced_reads
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import an_image_manifest
from tests.fakes.cut_database import CutDatabase
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.quotas.counting_core import CountingCore
from tests.unit.registry.http.walk import arrange
from tests.unit.registry.http.walk import pushing
from tests.unit.registry.http.walk import take

IMAGES = [an_image_manifest(marker=str(number)) for number in range(4)]

pytestmark = pytest.mark.anyio


async def mount(running: RunningCore) -> None:
    """Have a process mind the quotas that there are now."""
    known = await asyncio.to_thread(KnownQuotas, running.database, running.clock.monotonic)
    ledger = Ledger(running.database, running.clock, running.clock.monotonic)
    running.core.gates.mount([QuotaGate(running.database, known, ledger)])


async def statements_of_a_push(running: RunningCore, number: int) -> int:
    """Push the manifest of an image whose blobs are there, with a new tag; return how many statements read."""
    with traced_reads(running.database) as statements:
        await running.put_manifest(IMAGES[number], f"v{number}")
    return len(statements)


async def test_a_push_without_a_limit_costs_no_statement(running: RunningCore, counting: CountingCore) -> None:
    """However many others have one."""
    await running.put_image(IMAGES[0])
    await counting.set_quota("project:other", bytes=1, tags=1)
    await counting.set_quota("project:team")
    before = await statements_of_a_push(running, 1)
    await mount(running)
    after = await statements_of_a_push(running, 2)

    # That of a tag is whether it is new, which every gate about tags takes.
    assert after == before + 1


@pytest.mark.parametrize(("limited", "first", "next_one"), [({"bytes": 10**9}, 5, 3), ({"artifacts": 1000}, 3, 1)])
async def test_a_push_with_a_limit_costs_a_few(
    running: RunningCore, counting: CountingCore, limited: dict[str, int], first: int, next_one: int
) -> None:
    """Reads only, and writes nothing: those that look at others are at most once a second."""
    await running.put_image(IMAGES[0])
    await counting.set_quota("project:team", **limited)
    await counting.settle()
    before = await statements_of_a_push(running, 1) + 1
    await mount(running)

    assert await statements_of_a_push(running, 2) - before == first
    assert await statements_of_a_push(running, 3) - before == next_one
    assert (await running.tables())["quota_reservations"] == []


async def test_a_gate_that_cannot_look_lets_nothing_pass(database: CutDatabase) -> None:
    """Whoever pushes is told that it is not there for now (503), and to try again."""
    clock = SettableClock()
    quota = SetQuota(of_project("team"), Quota(Limits(bytes=10**9)))
    await database.write(limits.replace, quota)
    known = await asyncio.to_thread(KnownQuotas, database, clock.monotonic)
    gate = QuotaGate(database, known, Ledger(database, clock, clock.monotonic))
    gates = Gates([gate])
    context = GateContext(Operation.UPLOAD_START, EVERYBODY.principal, "team/app", size=5)
    database.is_away = True

    with pytest.raises(GateUndecided) as refused:
        await gates.check(context)
    assert refused.value.status == 503
    database.is_away = False
    assert await gates.check(context) == []


async def test_a_push_is_told_to_try_again(running: RunningCore, counting: CountingCore, cut: CutDatabase) -> None:
    """503, and nothing of it is kept; not 500, and not that it may not be pushed."""
    await arrange(running)
    await counting.set_quota("project:team", bytes=10**9)
    known = await asyncio.to_thread(KnownQuotas, cut, running.clock.monotonic)
    running.core.gates.mount([QuotaGate(cut, known, Ledger(cut, running.clock, running.clock.monotonic))])
    cut.is_away = True
    answer = await take(running.application(), pushing("fresh"))

    assert answer.status == 503
    assert answer.header("retry-after")
    cut.is_away = False
    assert (await take(running.application(), pushing("fresh"))).status == 201


async def test_a_push_that_is_repeated_passes_once(running: RunningCore, counting: CountingCore) -> None:
    """Where its client heard nothing, and before anything is counted."""
    await counting.set_quota("project:team", artifacts=1, bytes=10**6, tags=1, repositories=1)
    await mount(running)
    for _ in range(3):
        await running.put_image(IMAGES[0], "v1")

    with pytest.raises(Denied):
        await running.put_manifest(IMAGES[1])
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGES[0].digest)
    await counting.settle()
    await running.put_manifest(IMAGES[1], "v2")


async def test_a_push_that_takes_something_out_of_the_bin_minds_all_of_it(
    running: RunningCore, counting: CountingCore
) -> None:
    """Referrers come back with their subject."""
    await running.put_image(IMAGES[0])
    signature = an_image_manifest(subject=IMAGES[0].descriptor(), layers=[])
    await running.put_blob(A_CONFIG)
    await running.put_manifest(signature)
    await running.delete.manifest(EVERYBODY, REPOSITORY, IMAGES[0].digest)
    await counting.settle()
    await counting.set_quota("project:team", artifacts=1)
    await mount(running)

    with pytest.raises(Denied, match="needs 2 artifacts more"):
        await running.put_manifest(IMAGES[0])
    with pytest.raises(Denied, match="needs 2 artifacts more"):
        await running.undelete.restore_manifest(EVERYBODY, REPOSITORY, IMAGES[0].digest)
