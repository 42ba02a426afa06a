# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong with a bucket: what was acknowledged is there, what was not is an error, and then all is well."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.s3.opening import Surroundings
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.buckets import opened_bucket
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.fakes.s3.accounts import OWNER
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import CutBody
from tests.fakes.s3.faults import Delay
from tests.fakes.s3.faults import ErrorInside
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.faults import Hang
from tests.fakes.s3.faults import HoldAnswer
from tests.fakes.s3.faults import Throttle
from tests.fakes.s3.faults import WorkLate
from tests.fakes.s3.faults import WrongBytes
from tests.fakes.s3.faults import always
from tests.fakes.s3.faults import share
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import OPAQUE
from tests.fakes.s3.traits import SMALL_PARTS
from tests.fakes.s3.traits import UNCONDITIONAL
from tests.unit.infra.storage.s3.nodes import Upload
from tests.unit.infra.storage.s3.nodes import free_of
from tests.unit.infra.storage.s3.nodes import hurried
from tests.unit.infra.storage.s3.nodes import is_free
from tests.unit.infra.storage.s3.nodes import watched

pytestmark = pytest.mark.anyio

PART = 60_000
FIRST, SECOND, LAST = 2 * PART + 10, PART, 10
SIZE = FIRST + SECOND + LAST
KINDS = {"small": SMALL_PARTS, "equal": EQUAL_PARTS, "unconditional": UNCONDITIONAL, "opaque": OPAQUE}
PASSING: tuple[Fault, ...] = (
    Fail(),
    Fail("SlowDown"),
    Fail(is_done=True),
    CutAnswer(),
    CutBody(),
    HoldAnswer(),
    Hang(),
    WorkLate(),
    ErrorInside(),
    WrongBytes(),
    Delay(0.01),
    Throttle(2_000_000),
)


@pytest.fixture(params=KINDS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[S3Server]:
    """An S3 whose objects never become others."""
    async with watched(S3Server(KINDS[request.param])).serving() as server:
        yield server


@pytest.fixture
async def node(server: S3Server, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A node that does not wait long for an answer, and has nothing on its way in the end."""
    around = Surroundings(outgoing=OutgoingSettings(read_seconds=0.15), spool_dir=tmp_path)
    owner = {"access_key_id": OWNER.key_id, "secret_access_key": OWNER.secret}
    storage = hurried(opened_bucket(server, around, PART, attempts=3, **owner))
    limit = free_of(storage)
    yield storage
    assert is_free(storage, limit)
    assert not os.listdir(tmp_path)  # noqa: PTH208 - nothing waits for it
    await storage.close()


async def stored(node: S3Storage, upload: Upload) -> ObjectKey:
    """Send a blob in three requests."""
    await upload.patch(node, FIRST)
    await upload.patch(node, SECOND, is_chunk=True)
    return await upload.put(node, LAST)


@pytest.mark.parametrize("fault", PASSING, ids=repr)
@pytest.mark.parametrize("is_always", [False, True])
async def test_an_upload_is_whole_or_refused(server: S3Server, node: S3Storage, fault: Fault, is_always: bool) -> None:
    """Half of the calls, or all of them, are struck; what was acknowledged until then can be gone on with."""
    upload, key = Upload(), None
    server.faults.add(fault, when=always if is_always else share(0.5, 3))
    try:
        async with asyncio.timeout(60):
            key = await stored(node, upload)
    except (StorageUnavailable, UploadLost):
        pass
    server.faults.clear()

    if key is None:
        try:
            key = await upload.put(node, SIZE - upload.offset)
        except UploadLost:  # said, never hidden: the upload begins anew
            key = await Upload().put(node, SIZE)
    server.faults.clear()
    assert await collect(node.read(key)) == content(SIZE)
