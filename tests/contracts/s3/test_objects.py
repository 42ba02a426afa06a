# SPDX-License-Identifier: Apache-2.0
"""The fake S3 keeps single objects as S3 does."""

import base64
import hashlib
import zlib

import pytest

from tests.contracts.s3.client import Client
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import NO_BATCH
from tests.fakes.s3.traits import NO_LIST
from tests.fakes.s3.traits import OPAQUE
from tests.fakes.s3.traits import UNCONDITIONAL

HELLO = b"hello"
MD5 = hashlib.md5(HELLO, usedforsecurity=False)


def encoded(digest: bytes) -> str:
    """Return a digest as headers have it."""
    return base64.b64encode(digest).decode()


def test_what_is_put_comes_back(client: Client) -> None:
    """With its metadata, its ETag, which is the MD5, and its checksum for whoever asks."""
    checksum = {"x-amz-checksum-sha256": encoded(hashlib.sha256(HELLO).digest())}
    client.ask("PUT", "a b/ü+", body=HELLO, headers={"x-amz-meta-origin": "a test", **checksum})

    found = client.ask("GET", "a b/ü+", headers={"x-amz-checksum-mode": "ENABLED"})

    assert (found.status, found.body) == (200, HELLO)
    assert found.headers["etag"] == f'"{MD5.hexdigest()}"'
    assert found.headers["x-amz-meta-origin"] == "a test"
    assert found.headers["x-amz-checksum-sha256"] == checksum["x-amz-checksum-sha256"]


def test_head_describes_and_sends_nothing(client: Client) -> None:
    """The length is that of the object."""
    client.ask("PUT", "k", body=HELLO)

    found = client.ask("HEAD", "k")

    assert (found.status, found.headers["content-length"], found.body) == (200, "5", b"")
    assert client.ask("HEAD", "absent").status == 404


@pytest.mark.parametrize(
    ("range", "status", "body"),
    [
        ("bytes=1-3", 206, b"ell"),
        ("bytes=3-", 206, b"lo"),
        ("bytes=-2", 206, b"lo"),
        ("bytes=3-99", 206, b"lo"),
        ("bytes=0-1,3-4", 200, HELLO),
        ("lines=1-2", 200, HELLO),
    ],
)
def test_one_range_is_given(client: Client, range: str, status: int, body: bytes) -> None:
    """Several of them, and what is none, are the whole object."""
    client.ask("PUT", "k", body=HELLO)

    found = client.ask("GET", "k", headers={"Range": range})

    assert (found.status, found.body) == (status, body)


@pytest.mark.parametrize("range", ["bytes=5-", "bytes=9-12", "bytes=-0"])
def test_a_range_without_a_byte_is_refused(client: Client, range: str) -> None:
    """As `InvalidRange`."""
    client.ask("PUT", "k", body=HELLO)

    refused = client.ask("GET", "k", headers={"Range": range})

    assert (refused.status, refused.one("Code")) == (416, "InvalidRange")


def test_conditions_of_a_write_hold(client: Client) -> None:
    """What is there is not replaced by who means to create it, nor by who has seen another."""
    etag = client.ask("PUT", "k", body=HELLO, headers={"If-None-Match": "*"}).headers["etag"]

    again = client.ask("PUT", "k", body=b"other", headers={"If-None-Match": "*"})
    other = client.ask("PUT", "k", body=b"other", headers={"If-Match": '"other"'})
    absent = client.ask("PUT", "absent", body=b"other", headers={"If-Match": etag})

    assert (again.status, other.status, absent.status) == (412, 412, 404)
    assert client.ask("GET", "k").body == HELLO
    assert client.ask("PUT", "k", body=b"other", headers={"If-Match": etag}).status == 200


def test_a_kind_without_conditions_looks_at_none() -> None:
    """It replaces what is there."""
    with S3Server(UNCONDITIONAL).running() as s3:
        client = Client(s3.url)
        client.ask("PUT", "k", body=HELLO)

        assert client.ask("PUT", "k", body=b"other", headers={"If-None-Match": "*"}).status == 200
        assert s3.objects["k"].body == b"other"


def test_conditions_of_a_read_hold(client: Client) -> None:
    """`If-Match` of another is refused, `If-None-Match` of this one has nothing new."""
    etag = client.ask("PUT", "k", body=HELLO).headers["etag"]

    assert client.ask("GET", "k", headers={"If-Match": '"other"'}).status == 412
    assert client.ask("GET", "k", headers={"If-None-Match": etag}).status == 304
    assert client.ask("GET", "k", headers={"If-Match": etag}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-MD5": encoded(bytes(16))},
        {"x-amz-checksum-sha256": encoded(bytes(32))},
        {"x-amz-checksum-crc32": encoded(bytes(4))},
    ],
)
def test_another_digest_is_refused(client: Client, s3: S3Server, headers: dict[str, str]) -> None:
    """Nothing is kept."""
    refused = client.ask("PUT", "k", body=HELLO, headers=headers)

    assert (refused.status, refused.one("Code")) == (400, "BadDigest")
    assert not s3.objects


def test_the_right_digests_are_taken(client: Client) -> None:
    """All of them at once."""
    crc = encoded(zlib.crc32(HELLO).to_bytes(4, "big"))
    headers = {"Content-MD5": encoded(MD5.digest()), "x-amz-checksum-crc32": crc}

    assert client.ask("PUT", "k", body=HELLO, headers=headers).headers["x-amz-checksum-crc32"] == crc


def test_deleting_needs_nothing_to_be_there(client: Client, s3: S3Server) -> None:
    """It is done either way."""
    client.ask("PUT", "k", body=HELLO)

    assert [client.ask("DELETE", "k").status for _ in range(2)] == [204, 204]
    assert not s3.objects


def test_many_are_deleted_at_once(client: Client, s3: S3Server) -> None:
    """With a digest of what is asked; without one nothing is."""
    for key in ("a", "b&", "c"):
        client.ask("PUT", key, body=HELLO)
    body = b"<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;</Key></Object></Delete>"
    checksum = {"Content-MD5": encoded(hashlib.md5(body, usedforsecurity=False).digest())}

    refused = client.ask("POST", "", (("delete", ""),), body)
    done = client.ask("POST", "", (("delete", ""),), body, checksum)

    assert (refused.status, done.all("Key")) == (400, ["a", "b&"])
    assert set(s3.objects) == {"c"}


def test_what_is_archived_is_restored_before_it_is_read(client: Client, s3: S3Server) -> None:
    """It is described at any time, and says how far it is."""
    client.ask("PUT", "k", body=HELLO, headers={"x-amz-storage-class": "DEEP_ARCHIVE"})
    restore = b"<RestoreRequest><Days>1</Days></RestoreRequest>"

    refused = client.ask("GET", "k")
    asked = [client.ask("POST", "k", (("restore", ""),), restore).status for _ in range(2)]
    ongoing = client.ask("HEAD", "k").headers
    s3.finish_restores()

    assert (refused.status, refused.one("Code")) == (403, "InvalidObjectState")
    assert asked == [202, 409]
    assert (ongoing["x-amz-storage-class"], ongoing["x-amz-restore"]) == ("DEEP_ARCHIVE", 'ongoing-request="true"')
    assert client.ask("GET", "k").body == HELLO
    assert client.ask("HEAD", "k").headers["x-amz-restore"].startswith('ongoing-request="false"')


def test_an_object_is_archived_by_a_rule_of_its_bucket(client: Client, s3: S3Server) -> None:
    """Whoever wrote it is not asked."""
    client.ask("PUT", "k", body=HELLO)

    s3.archive("k")

    assert client.ask("GET", "k").one("Code") == "InvalidObjectState"


def test_who_may_not_list_is_not_told_what_is_absent() -> None:
    """A key that is not there is `AccessDenied`, as a list is."""
    with S3Server(NO_LIST).running() as s3:
        client = Client(s3.url)

        assert client.ask("GET", "absent").one("Code") == "AccessDenied"
        assert client.ask("GET", "", (("list-type", "2"),)).one("Code") == "AccessDenied"


def test_a_kind_lacks_operations() -> None:
    """It says so."""
    with S3Server(NO_BATCH).running() as s3:
        refused = Client(s3.url).ask("POST", "", (("delete", ""),), b"<Delete/>")

        assert (refused.status, refused.one("Code")) == (501, "NotImplemented")


def test_the_etags_of_a_kind_say_nothing() -> None:
    """They are none of the content's, whole or in parts."""
    with S3Server(OPAQUE).running() as s3:
        client = Client(s3.url)
        upload = client.create("parts")
        client.complete("parts", upload, {1: client.upload("parts", upload, 1, HELLO)})

        put = client.ask("PUT", "k", body=HELLO).headers["etag"]

        assert put != f'"{MD5.hexdigest()}"'
        assert client.ask("HEAD", "k").headers["etag"] == put
        assert not s3.objects["parts"].etag.endswith('-1"')


def test_the_bucket_may_be_in_the_host(client: Client, s3: S3Server) -> None:
    """As virtual-hosted style has it: the path is the key alone."""
    hosted = Client(s3.url, bucket="k").ask("PUT", "", body=HELLO, headers={"host": "registry.s3.test"})

    assert hosted.status == 200
    assert client.ask("GET", "k").body == HELLO


def test_another_bucket_is_made_and_one_that_is_absent_is_refused(s3: S3Server) -> None:
    """Each by its own word."""
    other = Client(s3.url, bucket="other")

    assert other.ask("GET", "k").one("Code") == "NoSuchBucket"
    assert other.ask("PUT").status == 200
    assert other.ask("PUT").one("Code") == "BucketAlreadyOwnedByYou"
    assert other.ask("GET", "k").one("Code") == "NoSuchKey"
