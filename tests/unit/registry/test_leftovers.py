# SPDX-License-Identifier: Apache-2.0
"""What interrupted requests left in a bucket goes, unless an upload in progress may need it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.registry.held_upload import Chunk
from entrepot.registry.sweeps import Sweeps
from tests.builders.buckets import bucket_of
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.fakes.s3.server import S3Server
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio

PART = 1_000
TWO_DAYS = 49


@pytest.fixture
def server() -> Iterator[S3Server]:
    """The S3."""
    with S3Server().running() as server:
        yield server


@pytest.fixture
def running(server: S3Server, tmp_path: Path) -> Iterator[RunningCore]:
    """A core on its bucket."""
    with a_core(tmp_path, bucket_of(server, tmp_path, PART), clock=SettableClock(system_clock())) as running:
        yield running


def bucket(running: RunningCore) -> S3Storage:
    """Return the core's storage."""
    storage = running.core.stores[running.core.default_store]
    assert isinstance(storage, S3Storage)
    return storage


async def leave_behind(storage: S3Storage) -> None:
    """Do as a node that dies after it saved an upload in chunks, and before anybody noted that."""
    writer = await storage.resume(object_key(), 0, b"", (), Expected(is_chunk=True))
    await writer.write(bytes(2 * PART + 10))
    await writer.save()
    await writer.release()


async def test_what_nobody_can_need_goes_after_two_days(server: S3Server, running: RunningCore) -> None:
    """Parts and ends of uploads that no session knows are cleared away, not before they are old."""
    await leave_behind(bucket(running))
    sweeps = Sweeps(running.core)
    assert (len(server.uploads), tails(server)) == (1, 1)

    assert await sweeps.clear_leftovers(running.core.default_store) == 0
    running.clock.advance(TWO_DAYS * HOUR_MS)
    assert await sweeps.clear_leftovers(running.core.default_store) == 2

    assert (len(server.uploads), tails(server)) == (0, 0)
    await bucket(running).close()


async def test_an_upload_in_progress_keeps_its_bytes(running: RunningCore) -> None:
    """However old its first part is, a session that goes on loses nothing."""
    whole = bytes(range(250)) * 20
    session = await running.uploads.start(EVERYBODY, REPOSITORY)
    await running.uploads.append(REPOSITORY, session.id, Chunk(body_of(whole[:2_100]), 0, 2_100))
    running.clock.advance(TWO_DAYS * HOUR_MS)

    assert await Sweeps(running.core).clear_leftovers(running.core.default_store) == 0

    last = Chunk(body_of(whole[2_100:]), 2_100, len(whole) - 2_100)
    await running.uploads.finish(EVERYBODY, REPOSITORY, session.id, digest_of(whole), last)
    assert await running.get_blob(digest_of(whole)) == whole
    await bucket(running).close()


def tails(server: S3Server) -> int:
    """Count the ends of uploads that came in chunks."""
    return sum("/uploads/" in key for key in server.objects)
