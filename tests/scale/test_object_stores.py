# SPDX-License-Identifier: Apache-2.0
"""A real S3 (SeaweedFS) does as the S3 of other tests does, and the proxy in front of it notes and fails its calls."""

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import obstore
import pytest
from obstore.exceptions import AlreadyExistsError
from obstore.exceptions import PermissionDeniedError
from obstore.store import AzureStore

from tests.contracts.s3.client import Client
from tests.contracts.s3.stores import store_of
from tests.fakes.s3.accounts import Account
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import every
from tests.fakes.s3.proxy import S3Proxy
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import AWS
from tests.scale.object_stores import ACCOUNT
from tests.scale.object_stores import BUCKET
from tests.scale.object_stores import KEY_ID
from tests.scale.object_stores import REGION
from tests.scale.object_stores import S3
from tests.scale.object_stores import Azure
from tests.scale.object_stores import azurite
from tests.scale.object_stores import seaweedfs

PART = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def real() -> Iterator[S3]:
    """A server for all tests of this module: each has its own keys."""
    with seaweedfs() as s3:
        yield s3


@pytest.fixture(params=["SeaweedFS", "fake"])
def client(request: pytest.FixtureRequest, real: S3) -> Iterator[Client]:
    """Who asks the one, then the other."""
    if request.param == "SeaweedFS":
        yield Client(real.url, Account(KEY_ID, real.secret), REGION)
        return
    with S3Server(AWS).running() as s3:
        yield Client(s3.url)


def test_what_is_there_is_not_created_again(client: Client) -> None:
    """Of several that try at once, one has written."""
    with ThreadPoolExecutor(8) as pool:
        put = [pool.submit(client.ask, "PUT", "new", (), b"%d" % number, {"If-None-Match": "*"}) for number in range(8)]

    assert sorted(each.result().status for each in put) == [200, *[412] * 7]


def test_nothing_is_completed_over_what_is_there(client: Client) -> None:
    """The upload stays, and is completed without the condition."""
    client.ask("PUT", "over", body=b"before")
    upload = client.create("over")
    etags = {1: client.upload("over", upload, 1, b"after")}

    refused = client.complete("over", upload, etags, {"If-None-Match": "*"})

    assert (refused.status, client.ask("GET", "over").body) == (412, b"before")
    assert client.complete("over", upload, etags).status == 200


@pytest.mark.parametrize("name", ["Content-MD5", "x-amz-checksum-sha256", "x-amz-checksum-crc32"])
def test_what_has_another_digest_is_not_kept(client: Client, name: str) -> None:
    """Neither an object nor a part."""
    wrong = {name: {"Content-MD5": "A" * 22 + "==", "x-amz-checksum-sha256": "A" * 43 + "="}.get(name, "AAAAAA==")}
    query = (("partNumber", "1"), ("uploadId", client.create("wrong")))

    assert client.ask("PUT", "wrong", body=b"x", headers=wrong).one("Code") == "BadDigest"
    assert client.ask("PUT", "wrong", query, b"x", wrong).one("Code") == "BadDigest"
    assert client.ask("GET", "wrong").one("Code") == "NoSuchKey"
    assert client.ask("GET", "wrong", query[1:]).all("PartNumber") == []


def test_only_the_last_part_may_be_small(client: Client) -> None:
    """Its size need not be that of the others, nor theirs the same."""
    small, large = client.create("small"), client.create("large")
    parts = {number: client.upload("small", small, number, b"x") for number in (1, 2)}
    others = {number: client.upload("large", large, number, bytes(PART + number)) for number in (1, 2)}

    assert client.complete("small", small, parts).one("Code") == "EntityTooSmall"
    assert client.complete("large", large, others).one("ETag").endswith('-2"')
    assert client.ask("HEAD", "large").headers["content-length"] == str(2 * PART + 3)


def test_uploads_are_found_and_forgotten(client: Client) -> None:
    """By the prefix of their keys."""
    upload = client.create("leftover/k")

    found = client.ask("GET", "", (("uploads", ""), ("prefix", "leftover/")))

    assert (found.all("Key"), found.all("UploadId")) == (["leftover/k"], [upload])
    assert client.ask("DELETE", "leftover/k", (("uploadId", upload),)).status == 204
    assert client.ask("GET", "", (("uploads", ""), ("prefix", "leftover/"))).all("Key") == []


def test_the_proxy_notes_and_fails_what_a_real_one_is_asked(real: S3) -> None:
    """Signatures hold, since the host is that which was signed."""
    with S3Proxy(real.url).running() as proxy:
        store = store_of(proxy.url, Account(KEY_ID, real.secret), region=REGION)
        obstore.put(store, "a b/ü+", bytes(PART + 1), chunk_size=PART, use_multipart=True)
        proxy.faults.add(Fail("SlowDown"), "HeadObject", when=every(2))
        client = Client(proxy.url, Account(KEY_ID, real.secret), REGION)

        assert obstore.get(store, "a b/ü+").bytes() == bytes(PART + 1)
        assert [client.ask("HEAD", "a b/ü+").status for _ in range(2)] == [200, 503]
        assert proxy.calls.counts() == {
            "CreateMultipartUpload": 1,
            "UploadPart": 2,
            "CompleteMultipartUpload": 1,
            "GetObject": 1,
            "HeadObject": 2,
        }


def test_azurite_takes_blocks_under_conditions() -> None:
    """With the key of its account, and with no other."""
    with azurite() as azure:
        store = azure_store_of(azure, azure.key)
        obstore.put(store, "k", bytes(PART + 1), chunk_size=PART, use_multipart=True)

        assert obstore.get(store, "k").bytes() == bytes(PART + 1)
        with pytest.raises(AlreadyExistsError):
            obstore.put(store, "k", b"other", mode="create")
        with pytest.raises(PermissionDeniedError):
            obstore.put(azure_store_of(azure, b64encode(bytes(64)).decode()), "k", b"other", use_multipart=False)


def azure_store_of(azure: Azure, key: str) -> AzureStore:
    """Return what speaks to its container."""
    return AzureStore(
        BUCKET,
        account_name=ACCOUNT,
        account_key=key,
        endpoint=azure.url,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
