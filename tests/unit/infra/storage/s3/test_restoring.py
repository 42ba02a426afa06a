# SPDX-License-Identifier: Apache-2.0
"""Objects that a rule of the bucket moved to an archive."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectArchived
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.s3.answers import parse_xml
from entrepot.infra.storage.s3.answers import restoration
from entrepot.infra.storage.s3.answers import texts
from entrepot.infra.storage.s3.restoring import ASKED_AGAIN_SECONDS
from entrepot.infra.storage.s3.restoring import ObjectComesBack
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.buckets import bucket_of
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import delivered
from tests.contracts.storage.content import store
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.server import S3Server

pytestmark = pytest.mark.anyio

SIZE = 100_000
WHOLE = ByteRange(0, SIZE)
CLIENT = "192.0.2.1"
EVERYBODY = RedirectSettings.model_validate({"internal": ["0.0.0.0/0"]})


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    """An S3."""
    async with S3Server().serving() as server:
        yield server


@pytest.fixture
async def storage(server: S3Server, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A storage that has archived objects restored."""
    storage = bucket_of(server, tmp_path, restore_days=3, restore_tier="Bulk", attempts=1)
    yield storage
    await storage.close()


async def archived(server: S3Server, storage: Storage, storage_class: str = "DEEP_ARCHIVE") -> ObjectKey:
    """Store an object, and have it moved to an archive."""
    key = await store(storage, content(SIZE))
    server.archive(f"some/prefix/{key}", storage_class)
    server.calls.clear()
    return key


async def refusal(storage: S3Storage, key: ObjectKey, client: str = "") -> ObjectArchived:
    """Ask for an archived object; return what is told."""
    with pytest.raises(ObjectArchived) as told:
        await storage.deliver(key, WHOLE, SIZE, client)
    return told.value


async def test_who_wants_it_is_told_when_to_come_again(server: S3Server, storage: S3Storage) -> None:
    """The first one has it asked for, nobody else does, and in the end it is there."""
    key = await archived(server, storage)

    told = [await refusal(storage, key) for _ in range(3)]
    server.finish_restores()

    assert {(each.code, each.headers["Retry-After"], each.status) for each in told} == {
        ("object_comes_back", "3600", 503)
    }
    assert server.calls.counts() == {"GetObject": 3, "RestoreObject": 1}
    assert await delivered(await storage.deliver(key, WHOLE, SIZE)) == content(SIZE)


async def test_it_is_asked_for_again_after_a_while(server: S3Server, storage: S3Storage) -> None:
    """A node that asks while the service is at it hears so, and that is fine."""
    now = 0.0
    assert storage._restoring is not None
    storage._restoring.monotonic = lambda: now
    key = await archived(server, storage, "GLACIER")
    await refusal(storage, key)

    now = ASKED_AGAIN_SECONDS
    told = await refusal(storage, key)

    assert isinstance(told, ObjectComesBack)
    assert [call.outcome for call in server.calls.of("RestoreObject")] == ["OK", "RestoreAlreadyInProgress"]


async def test_without_a_number_of_days_nothing_is_asked_for(server: S3Server, tmp_path: Path) -> None:
    """That is for the operator to do then."""
    storage = bucket_of(server, tmp_path, attempts=1)
    key = await archived(server, storage)

    told = await refusal(storage, key)

    assert (told.code, server.calls.counts()) == ("object_archived", {"GetObject": 1})
    await storage.close()


@pytest.mark.parametrize("code", ["AccessDenied", "NotImplemented", "InternalError"])
async def test_a_service_that_refuses_is_not_asked_each_time(server: S3Server, storage: S3Storage, code: str) -> None:
    """The client is told that the object is archived, and nothing of when it comes back."""
    server.faults.add(Fail(code), "RestoreObject")
    key = await archived(server, storage)

    told = [(await refusal(storage, key)).code for _ in range(2)]

    assert told[0] == "object_archived"
    assert server.calls.counts()["RestoreObject"] == 1


async def test_who_reads_everything_brings_nothing_back(server: S3Server, storage: S3Storage) -> None:
    """What looks at all objects, as a check of them does, would have a whole archive restored."""
    key = await archived(server, storage)

    with pytest.raises(ObjectArchived):
        await collect(storage.read(key))

    assert server.calls.counts() == {"GetObject": 1}


async def test_nobody_is_sent_for_what_cannot_be_read(server: S3Server, tmp_path: Path) -> None:
    """A client that is sent to the bucket is, once the bytes are back."""
    storage = bucket_of(server, tmp_path, redirects=EVERYBODY, restore_days=3)
    key, other = await archived(server, storage), await store(storage, content(SIZE))

    told = await refusal(storage, key, CLIENT)
    server.finish_restores()

    assert isinstance(told, ObjectComesBack)
    assert isinstance(await storage.deliver(key, WHOLE, SIZE, CLIENT), Redirect)
    assert isinstance(await storage.deliver(other, WHOLE, SIZE, CLIENT), Redirect)
    await storage.close()


def test_the_wish_is_what_the_service_reads() -> None:
    """Days and tier, in the elements of RestoreRequest."""
    body = restoration(5, "Expedited")

    assert parse_xml(body).tag == "RestoreRequest"
    assert texts(body, "Days", "Tier") == {"Days": "5", "Tier": "Expedited"}
