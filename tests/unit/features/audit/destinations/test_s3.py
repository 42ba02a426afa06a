# SPDX-License-Identifier: Apache-2.0
"""A bucket gets an object for each batch, and gives back what it was sent in all its versions."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from entrepot.features.audit.anchors import anchors_at
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.errors import NotReadable
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.verify import verify_chain
from entrepot.infra.database.engine import Database
from tests.fakes.bucket_server import BUCKET
from tests.fakes.bucket_server import KEY_ID
from tests.fakes.bucket_server import REGION
from tests.fakes.bucket_server import SECRET
from tests.fakes.bucket_server import BucketServer
from tests.fakes.bucket_server import Stored
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer
from tests.unit.features.audit.chains import go_on
from tests.unit.features.audit.chains import run
from tests.unit.features.audit.chains import tokens
from tests.unit.features.audit.chains import write_anew
from tests.unit.features.audit.destinations.conftest import Deliver

pytestmark = pytest.mark.anyio


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, destinations: Destinations) -> Iterator[BucketServer]:
    """An S3, whose secret is in a variable."""
    monkeypatch.setenv("AUDIT_SECRET", SECRET)
    with BucketServer().running() as server:
        assert isinstance(server, BucketServer)
        yield server


def to(server: ScriptedServer, **more: object) -> dict[str, Any]:
    """Return the settings of its bucket."""
    where = {"url": f"s3://{BUCKET}/registry-a", "endpoint": server.url, "region": REGION}
    return {**where, "login": KEY_ID, "secret_variable": "AUDIT_SECRET", **more}


async def test_an_object_is_a_batch(deliver: Deliver, server: BucketServer) -> None:
    """Its name has the numbers of the first and the last, and a hash of what is in it."""
    assert await deliver(**to(server)) == 13

    names = [each.key.rpartition("-")[0] for each in server.versions]
    assert names == [
        "registry-a/records/0000000000000001-0000000000000012",
        "registry-a/checkpoints/0000000000000012-0000000000000012",
    ]
    assert server.versions[0].body.count(b"\n") == 12
    assert {each.mode for each in server.versions} == {""}


async def test_what_comes_again_is_the_same_object(deliver: Deliver, server: BucketServer, database: Database) -> None:
    """And what differs is another one: nothing is written over."""
    await deliver(**to(server, what="records"))
    for change in ("UPDATE records SET tag = tag", "UPDATE records SET details = NULL, salt = NULL"):
        await asyncio.to_thread(run, database, change)
        await asyncio.to_thread(run, database, "UPDATE audit_deliveries SET seq = 0")
        await deliver(**to(server, what="records"))

    first, again, other = (each.key for each in server.versions)
    assert first == again
    assert other != first


async def test_objects_are_locked(deliver: Deliver, server: BucketServer) -> None:
    """In the mode that is said, for the days that are said."""
    await deliver(**to(server, lock="compliance", retain_days=30))

    assert {each.mode for each in server.versions} == {"COMPLIANCE"}
    assert len({each.locked_until for each in server.versions}) == 1


async def test_a_wrong_secret_is_told_without_it(
    deliver: Deliver, server: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the code that S3 answers."""
    monkeypatch.setenv("AUDIT_SECRET", "another one")
    with pytest.raises(NotDelivered) as told:
        await deliver(**to(server))

    assert told.value.message == f"{server.url} answers 403: SignatureDoesNotMatch"


async def test_a_log_that_was_written_anew_is_found(
    deliver: Deliver, server: BucketServer, database: Database, destinations: Destinations
) -> None:
    """Also by somebody who has the key of the bucket too, and puts other objects over those that are there."""
    for _ in range(3):
        await deliver(**to(server))
        await asyncio.to_thread(go_on, database)
    await asyncio.to_thread(write_anew, database, 15)
    [forged] = await asyncio.to_thread(tokens, database)
    sent = [each for each in server.versions if "/checkpoints/" in each.key]
    server.versions += [Stored(each.key, f"x{each.id}", forged.encode(), "", "") for each in sent]
    anchors = await anchors_at(DeliverySettings.model_validate(to(server)), destinations)

    assert len(anchors) == 4
    assert (await asyncio.to_thread(verify_chain, database, [], lambda *_: None)).is_whole
    report = await asyncio.to_thread(verify_chain, database, anchors, lambda *_: None)
    assert [finding.seq for finding in report.findings] == [12, 13, 14]


async def test_an_empty_bucket_proves_nothing(server: BucketServer, destinations: Destinations) -> None:
    """And nobody takes it for a proof."""
    with pytest.raises(NotReadable, match="no checkpoint in it"):
        await anchors_at(DeliverySettings.model_validate(to(server)), destinations)


ROUND = b"<a><IsTruncated>true</IsTruncated><NextKeyMarker>checkpoints/1</NextKeyMarker></a>"
NOWHERE = b"<a><IsTruncated>true</IsTruncated></a>"


@pytest.mark.parametrize("body", [b"", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', ROUND, NOWHERE])
async def test_a_list_that_is_none_is_told(server: BucketServer, destinations: Destinations, body: bytes) -> None:
    """Instead of being taken for an empty one."""
    with ScriptedServer(*[Scripted(body=body)] * 2).running() as other, pytest.raises(NotDelivered, match="the list"):
        await anchors_at(DeliverySettings.model_validate(to(other)), destinations)
