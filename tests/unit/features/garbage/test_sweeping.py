# SPDX-License-Identifier: Apache-2.0
"""Sweeps find what the steps cannot know of: overlooked blobs, bytes without a row, damaged bytes."""

import pytest
from sqlalchemy import Connection
from sqlalchemy import delete

from entrepot.features.garbage.journal import StandsStill
from entrepot.features.garbage.models import ReadAgain
from entrepot.features.garbage.models import Swept
from entrepot.features.garbage.pace import Pace
from entrepot.features.garbage.sweeping import SWEPT
from entrepot.features.garbage.sweeping import Sweeping
from entrepot.features.garbage.sweeping import TooMuchDamage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import object_key
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.registry.events import EventType
from entrepot.registry.store import collection_marks
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.tables import collection_queue
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.manifests import A_LAYER
from tests.unit.features.garbage.conftest import IMAGE
from tests.unit.features.garbage.conftest import Collector

LAYER = digest_of(A_LAYER)
MUCH = 1_000_000

pytestmark = pytest.mark.anyio


def sweeping(collector: Collector) -> Sweeping:
    """Make what sweeps the core of a collector."""
    core = collector.running.core
    return Sweeping(collector.collecting.sweeps, core.database, core.stores, collector.standstill, Pace(0))


async def sweep(collector: Collector) -> Swept:
    """Sweep."""
    return await sweeping(collector).sweep(lambda _done, _note: None, collector.running.clock)


async def read_again(collector: Collector, budget: int = MUCH) -> ReadAgain:
    """Read stored bytes again."""
    return await sweeping(collector).read_again(budget, lambda _done, _note: None, collector.running.clock)


async def put_orphan(collector: Collector) -> ObjectKey:
    """Store bytes that no row names, now; the clock of the core is set to the machine's."""
    key = object_key()
    writer = await collector.storage.create(key)
    await writer.write(b"nobody knows of this")
    await writer.commit()
    collector.running.clock.now = system_clock()
    return key


async def key_of_layer(collector: Collector) -> ObjectKey:
    """Return where the bytes of the layer are."""
    found = await collector.running.pull.blob(EVERYBODY, REPOSITORY, LAYER)
    assert found.linked is not None
    return found.linked.object_key


async def test_old_bytes_without_a_row_go_after_a_week(collector: Collector) -> None:
    """An orphan becomes a tombstone, and its bytes go seven days later."""
    key = await put_orphan(collector)
    collector.running.clock.advance(2 * DAY_MS + MINUTE_MS)

    swept = await sweep(collector)

    assert swept.orphans == Amount(1, 20)
    assert (await collector.run()).deleted == {}
    collector.running.clock.advance(7 * DAY_MS)
    assert (await collector.run()).deleted == {Reason.ORPHAN: Amount(1, 20)}
    assert key not in await collector.keys()


async def test_young_bytes_without_a_row_are_left_alone(collector: Collector) -> None:
    """Bytes of the last two days may be on their way to a row."""
    await put_orphan(collector)
    collector.running.clock.advance(DAY_MS)

    assert (await sweep(collector)).orphans == Amount()


async def test_bytes_that_rows_name_are_no_orphans(collector: Collector) -> None:
    """Objects and tombstones name their bytes, however old they are; a second sweep finds nothing new."""
    await put_orphan(collector)
    await collector.running.put_image(IMAGE, "1.0")
    collector.running.clock.now = system_clock()
    collector.running.clock.advance(3 * DAY_MS)

    first, second = await sweep(collector), await sweep(collector)

    assert (first.orphans.objects, second.orphans.objects) == (1, 0)


async def test_an_overlooked_blob_is_queued(collector: Collector) -> None:
    """A blob without a repository that nothing queued goes at the run after a sweep."""
    await collector.delete_image()
    while (await collector.collecting.steps.purge(None))[0].manifests:
        await collector.collecting.steps.unlink()
    await collector.running.database.write(_lose_the_queue)
    assert (await collector.run()).blobs == 0

    swept = await sweep(collector)

    assert swept.requeued == 2
    assert (await collector.run()).blobs == 2


async def test_a_sweep_is_remembered(collector: Collector) -> None:
    """What the last one found can be read afterwards."""
    swept = await sweep(collector)

    assert await collector.running.database.read(collection_marks.find, SWEPT, Swept) == swept


async def test_no_sweep_goes_while_collection_is_paused(collector: Collector) -> None:
    """A pause counts for sweeps too."""
    await collector.pause()

    with pytest.raises(StandsStill):
        await sweep(collector)


async def test_whole_objects_are_read_and_stay(collector: Collector) -> None:
    """Reading again changes nothing where nothing is damaged."""
    await collector.running.put_image(IMAGE, "1.0")

    found = await read_again(collector)

    assert (found.read.objects, found.damaged) == (2, [])
    assert await collector.running.get_blob(LAYER) == A_LAYER


async def test_missing_bytes_are_found_and_told(collector: Collector) -> None:
    """An object without bytes is marked, and everybody who holds its blob is told by an event."""
    await collector.running.put_image(IMAGE, "1.0")
    await collector.storage.delete(await key_of_layer(collector))

    found = await read_again(collector)

    assert found.damaged == [LAYER]
    [event] = [each for each in await collector.running.events() if each.type == EventType.BLOB_DAMAGED]
    assert (event.repository, event.digest) == (REPOSITORY, LAYER)


async def test_wrong_bytes_are_found(collector: Collector) -> None:
    """Bytes that do not have the digest any more are as bad as none."""
    await collector.running.put_image(IMAGE, "1.0")
    collector.storage.faults.alter = lambda chunk: b"x" * len(chunk)

    found = await read_again(collector)

    assert LAYER in found.damaged


async def test_a_push_heals_a_damaged_blob(collector: Collector) -> None:
    """Pushing the blob again makes it whole, and what was damaged is collected."""
    await collector.running.put_image(IMAGE, "1.0")
    key = await key_of_layer(collector)
    await collector.storage.delete(key)
    await read_again(collector)

    await collector.running.put_blob(A_LAYER)

    assert await collector.running.get_blob(LAYER) == A_LAYER
    assert [row[0] for row in (await collector.running.tables())["tombstones"]] == [key]
    assert (await collector.run()).deleted == {Reason.DAMAGED: Amount(1, len(A_LAYER))}
    assert (await read_again(collector)).damaged == []


async def test_reading_goes_on_where_it_ended(collector: Collector) -> None:
    """A small budget reads one object a time, until all were read, and then begins anew."""
    await collector.running.put_image(IMAGE, "1.0")

    reads = [(await read_again(collector, budget=1)).read.bytes for _ in range(4)]

    assert reads[:2] == reads[2:]
    assert reads[0] != reads[1]


async def test_much_damage_is_the_storage(collector: Collector) -> None:
    """When a hundred objects are missing, reading again stops and says so."""
    for number in range(120):
        await collector.running.put_blob(b"blob %d" % number)
    for key in await collector.keys():
        await collector.storage.delete(ObjectKey(key))

    with pytest.raises(TooMuchDamage):
        await read_again(collector)


def _lose_the_queue(connection: Connection) -> None:
    connection.execute(delete(collection_queue))
