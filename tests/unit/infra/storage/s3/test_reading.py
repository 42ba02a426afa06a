# SPDX-License-Identifier: Apache-2.0
"""What cannot be read for the moment is not taken for what is not there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.storage import S3Storage
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import store
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import CutBody
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.server import S3Server
from tests.unit.infra.storage.s3.nodes import a_node

pytestmark = pytest.mark.anyio

KEY = ObjectKey("objects/16/01JD2F416Q8V5T6X9Y0B1C4162")
"""With the digits of a status."""


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    """An S3."""
    async with S3Server().serving() as server:
        yield server


@pytest.fixture
async def node(server: S3Server, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A node that asks once."""
    async with a_node(server, tmp_path, attempts=1) as node:
        yield node


@pytest.mark.parametrize("fault", [Fail(), Fail("SlowDown"), Fail("AccessDenied"), CutAnswer(), CutBody()])
async def test_trouble_is_no_absence(server: S3Server, node: S3Storage, fault: Fault) -> None:
    """Whatever the service says in trouble, and whatever the key is called, the object is not said to be missing."""
    server.faults.add(fault, "GetObject")

    with pytest.raises(StorageUnavailable):
        await collect(node.read(KEY))


async def test_what_is_not_there_is_missing(node: S3Storage) -> None:
    """No object, and one that ends before the range begins, or in its middle."""
    key = await store(node, b"abc")

    for place, range in ((KEY, None), (key, ByteRange(5, 9)), (key, ByteRange(2, 9))):
        with pytest.raises(ObjectMissing):
            await collect(node.read(place, range))
