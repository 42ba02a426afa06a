# SPDX-License-Identifier: Apache-2.0
"""A bucket of Google: what is asked of it for an upload, who may ask, and where clients are sent."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.requests import KeyTaken
from entrepot.infra.storage.s3.settings import RedirectSettings
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.clouds import google_of
from tests.builders.clouds import surroundings
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import store
from tests.fakes.google.authority import EXCHANGE_PATH
from tests.fakes.google.authority import IMPERSONATE_PATH
from tests.fakes.google.authority import service_account
from tests.fakes.google.server import GoogleServer
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.faults import first
from tests.unit.infra.storage.s3.nodes import client_of
from tests.unit.infra.storage.s3.nodes import hurried

pytestmark = pytest.mark.anyio

PART = 100_000
WORKLOAD = "a token of a workload"
EVERYBODY = RedirectSettings.model_validate({"internal": ["0.0.0.0/0"]})


@pytest.fixture
async def google() -> AsyncIterator[GoogleServer]:
    """A bucket that is empty, and a workload that may ask."""
    async with GoogleServer().serving() as server:
        server.authority.accepted.add(WORKLOAD)
        yield server


@pytest.fixture
async def node(google: GoogleServer, tmp_path: Path) -> AsyncIterator[S3Storage]:
    """A node with the key of the service account, which knows what the bucket can."""
    node = hurried(await google_of(google, tmp_path, surroundings(tmp_path, PART)))
    await node._bucket.keeps_first()
    google.calls.clear()
    yield node
    await node.close()


def federation(google: GoogleServer, folder: Path, **changes: object) -> Path:
    """Write the file of a federation whose tokens stand in another."""
    (folder / "workload").write_text(json.dumps({"id_token": WORKLOAD}))
    file = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{google.url}{EXCHANGE_PATH}",
        "credential_source": {
            "file": str(folder / "workload"),
            "format": {"type": "json", "subject_token_field_name": "id_token"},
        },
        **changes,
    }
    path = folder / "federation.json"
    path.write_text(json.dumps(file))
    return path


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, {"PutObject": 1}),
        (PART, {"PutObject": 1}),
        (3 * PART + 1, {"CreateMultipartUpload": 1, "UploadPart": 4, "CompleteMultipartUpload": 1}),
    ],
)
async def test_a_blob_costs_what_it_costs_on_s3(
    google: GoogleServer, node: S3Storage, size: int, expected: dict[str, int]
) -> None:
    """And every part goes with its MD5."""
    key = await store(node, content(size))

    assert google.calls.counts() == expected
    assert await collect(node.read(key)) == content(size)


async def test_nothing_that_is_there_is_replaced(node: S3Storage) -> None:
    """The generation that a new object has to follow is none."""
    client = node._bucket.client
    await client.put("objects/ab/taken", InMemory(b"first"), only_new=True)

    with pytest.raises(KeyTaken):
        await client.put("objects/ab/taken", InMemory(b"second"), only_new=True)


@pytest.mark.parametrize("operation", ["PutObject", "UploadPart", "CompleteMultipartUpload"])
@pytest.mark.parametrize("fault", [CutAnswer(), Fail(is_done=True), Fail("ServiceUnavailable")])
async def test_what_was_done_although_nobody_said_so_is_recognised(
    google: GoogleServer, node: S3Storage, operation: str, fault: Fault
) -> None:
    """A lost answer costs another request, and no other object."""
    google.faults.add(fault, operation, when=first(2))
    size = 10 if operation == "PutObject" else 3 * PART

    key = await store(node, content(size))

    assert [name for name in google.objects if "objects/" in name] == [f"some/prefix/{key}"]
    assert google.objects[f"some/prefix/{key}"].body == content(size)


async def test_a_token_that_ends_in_the_middle_of_an_upload_is_replaced(google: GoogleServer, node: S3Storage) -> None:
    """The client sees nothing of it."""
    writer = await node.create(object_key())
    await writer.write(content(5 * PART))
    await writer.flush()
    google.authority.ended.update(google.authority.tokens)
    await writer.write(content(9 * PART)[5 * PART :])
    await writer.commit()

    assert await collect(node.read(writer.key)) == content(9 * PART)
    assert len(google.authority.tokens) == 2


async def test_who_gives_tokens_is_asked_again_after_a_failure(google: GoogleServer, node: S3Storage) -> None:
    """Where the way to it fails, or it is busy for a moment."""
    google.authority.ended.update(google.authority.tokens)
    google.faults.add(CutAnswer(), "Unknown", when=first(1))
    google.faults.add(Fail("ServiceUnavailable"), "Unknown", when=first(2))

    await node.check()

    assert [call.status for call in google.calls.of("Unknown")] == [0, 503, 200]


@pytest.mark.parametrize("is_impersonated", [False, True])
async def test_a_workload_asks_by_its_own_token(google: GoogleServer, tmp_path: Path, is_impersonated: bool) -> None:
    """For itself, or for a service account; no key is anywhere."""
    url = f"{google.url}{IMPERSONATE_PATH}" if is_impersonated else ""
    path = federation(google, tmp_path, service_account_impersonation_url=url)
    node = await google_of(google, tmp_path, surroundings(tmp_path), credentials_file=path)

    await node.check()

    assert len(google.authority.tokens) == 1 + is_impersonated
    await node.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "authorized_user"}, "neither the key"),
        ({"credential_source": {"url": "http://169.254.169.254/"}}, "something else than a file"),
        ({"token_url": ""}, "lacks"),
        ({"type": "service_account", "private_key": "none"}, "private key"),
    ],
)
async def test_a_file_that_does_not_say_who_asks_is_refused(
    google: GoogleServer, tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    """At the start, and nobody is asked."""
    path = federation(google, tmp_path, **changes)

    with pytest.raises(StorageUnavailable, match=said):
        await google_of(google, tmp_path, surroundings(tmp_path), credentials_file=path)
    assert not len(google.calls)


async def test_who_has_no_file_is_told_what_is_missing(google: GoogleServer, tmp_path: Path) -> None:
    """Nothing is asked of the machine that this runs on."""
    with pytest.raises(StorageUnavailable, match="nobody says who asks"):
        await google_of(google, tmp_path, surroundings(tmp_path), credentials_file=None)
    with pytest.raises(StorageUnavailable, match="No such file"):
        await google_of(google, tmp_path, surroundings(tmp_path), credentials_file=tmp_path / "none")


async def test_a_client_reads_what_it_was_sent_to(google: GoogleServer, tmp_path: Path) -> None:
    """The address is good for the object and ranges of it, and for nothing else."""
    node = await google_of(google, tmp_path, surroundings(tmp_path, redirects=EVERYBODY))
    key = await store(node, content(PART))

    sent = await node.deliver(key, ByteRange(0, PART), PART, "192.0.2.1")

    assert isinstance(sent, Redirect)
    async with aiohttp.ClientSession() as session:
        async with session.get(sent.url, headers={"Range": "bytes=5-9"}) as answer:
            assert await answer.read() == content(PART)[5:10]
        async with session.get(sent.url.replace("objects/", "uploads/")) as answer:
            assert answer.status == 403
    await node.close()


async def test_clients_are_sent_away_only_with_a_key(google: GoogleServer, tmp_path: Path) -> None:
    """Whoever has none is told at the start."""
    path = federation(google, tmp_path)

    with pytest.raises(StorageUnavailable, match="redirects take the key"):
        await google_of(google, tmp_path, surroundings(tmp_path, redirects=EVERYBODY), credentials_file=path)


async def test_no_secret_is_told(google: GoogleServer, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither errors nor what is logged nor what is shown for debugging holds a key or a token."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    account = await asyncio.to_thread(service_account, google.url, tmp_path / "account.json")
    for path in (account, federation(google, tmp_path)):
        for code in ("AuthenticationRequired", "AccessDenied", "InternalError"):
            google.faults.clear()
            google.faults.add(Fail(code), "PutObject", "GetObject")
            node = hurried(await google_of(google, tmp_path, surroundings(tmp_path), credentials_file=path))
            client_of(node).sender.attempts = 2
            for doing in (store(node, b"content"), collect(node.read(object_key()))):
                with pytest.raises(StorageUnavailable) as raised:
                    await doing
                told += _all_of(raised.value)
            told += [repr(node._bucket), repr(client_of(node)), repr(client_of(node).sender.wallet)]
            await node.close()

    told.append(caplog.text)
    assert len(google.authority.tokens) > 2
    assert not [secret for secret in (WORKLOAD, "PRIVATE", *google.authority.tokens) for text in told if secret in text]


def _all_of(error: BaseException | None) -> list[str]:
    found = []
    while error is not None:
        found += [repr(error), str(error)]
        error = error.__cause__ or error.__context__
    return found
