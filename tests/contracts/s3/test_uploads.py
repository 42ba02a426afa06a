# SPDX-License-Identifier: Apache-2.0
"""The fake S3 takes uploads in parts as S3 does."""

import hashlib

import pytest

from tests.contracts.s3.client import Client
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import SMALL_PARTS
from tests.fakes.s3.traits import Traits

FIRST, LAST = b"a" * 16, b"b" * 3


def send(client: Client, *bodies: bytes) -> tuple[str, dict[int, str]]:
    """Begin an upload of `k` and send its parts; return its id and their ETags."""
    upload = client.create("k")
    return upload, {number: client.upload("k", upload, number, body) for number, body in enumerate(bodies, 1)}


def test_parts_become_an_object(client: Client, s3: S3Server) -> None:
    """Its ETag is made of those of the parts, and the upload is over."""
    upload, etags = send(client, FIRST, LAST)

    done = client.complete("k", upload, etags)

    sums = b"".join(hashlib.md5(body, usedforsecurity=False).digest() for body in (FIRST, LAST))
    assert done.one("ETag") == f'"{hashlib.md5(sums, usedforsecurity=False).hexdigest()}-2"'
    assert client.ask("GET", "k").body == FIRST + LAST
    assert not s3.uploads


def test_what_the_upload_was_created_with_is_the_objects(client: Client, s3: S3Server) -> None:
    """Storage class and metadata."""
    upload = client.create("k", {"x-amz-storage-class": "GLACIER", "x-amz-meta-a": "b"})
    client.complete("k", upload, {1: client.upload("k", upload, 1, LAST)})

    assert (s3.objects["k"].storage_class, s3.objects["k"].headers["x-amz-meta-a"]) == ("GLACIER", "b")


def test_a_part_sent_again_replaces_the_other(client: Client) -> None:
    """The ETag of the one before is no part of the upload any more."""
    upload, etags = send(client, FIRST, LAST)
    again = client.upload("k", upload, 2, b"c")

    refused = client.complete("k", upload, etags)
    client.complete("k", upload, etags | {2: again})

    assert refused.one("Code") == "InvalidPart"
    assert client.ask("GET", "k").body == FIRST + b"c"


def test_parts_that_are_not_named_are_left_out(client: Client) -> None:
    """Whatever was sent."""
    upload, etags = send(client, FIRST, FIRST, LAST)

    client.complete("k", upload, {1: etags[1], 3: etags[3]})

    assert client.ask("GET", "k").body == FIRST + LAST


def test_the_order_of_parts_is_that_of_their_numbers(client: Client) -> None:
    """Another is refused."""
    upload, etags = send(client, FIRST, FIRST)

    assert client.complete("k", upload, dict(reversed(etags.items()))).one("Code") == "InvalidPartOrder"


def test_only_the_last_part_may_be_small(client: Client, s3: S3Server) -> None:
    """The upload stays, with nothing made of it."""
    upload, etags = send(client, LAST, FIRST)

    assert client.complete("k", upload, etags).one("Code") == "EntityTooSmall"
    assert upload in s3.uploads
    assert not s3.objects


@pytest.mark.parametrize("bodies", [(FIRST, FIRST + b"a", LAST), (FIRST, FIRST, FIRST + b"a")])
def test_a_kind_needs_equal_parts(bodies: tuple[bytes, ...]) -> None:
    """All but the last, which is not larger."""
    with S3Server(EQUAL_PARTS).running() as s3:
        client = Client(s3.url)
        upload, etags = send(client, *bodies)

        assert client.complete("k", upload, etags).one("Code") == "InvalidPart"


def test_nothing_is_completed_over_what_is_there(client: Client) -> None:
    """With If-None-Match; the upload stays."""
    client.ask("PUT", "k", body=b"before")
    upload, etags = send(client, LAST)

    refused = client.complete("k", upload, etags, {"If-None-Match": "*"})

    assert refused.status == 412
    assert client.ask("GET", "k").body == b"before"


@pytest.mark.parametrize(("traits", "status"), [(SMALL_PARTS, 404), (Traits(completes_again=True), 200)])
def test_completing_twice(traits: Traits, status: int) -> None:
    """Is done by some, and by others there is no such upload."""
    with S3Server(traits).running() as s3:
        client = Client(s3.url)
        upload, etags = send(client, LAST)

        assert [client.complete("k", upload, etags).status for _ in range(2)] == [200, status]


def test_an_aborted_upload_is_gone(client: Client, s3: S3Server) -> None:
    """With its parts; so is one of another key."""
    upload, _ = send(client, FIRST)
    query = (("uploadId", upload),)

    assert client.ask("DELETE", "other", query).one("Code") == "NoSuchUpload"
    assert client.ask("DELETE", "k", query).status == 204
    assert client.ask("DELETE", "k", query).one("Code") == "NoSuchUpload"
    assert client.ask("PUT", "k", (("partNumber", "2"), *query), FIRST).status == 404
    assert not s3.uploads


@pytest.mark.parametrize("number", ["0", "10001", "one"])
def test_parts_have_numbers_up_to_ten_thousand(client: Client, number: str) -> None:
    """Others are refused."""
    query = (("partNumber", number), ("uploadId", client.create("k")))

    assert client.ask("PUT", "k", query, FIRST).one("Code") == "InvalidArgument"


def test_parts_are_listed_a_page_at_a_time(client: Client) -> None:
    """In the order of their numbers."""
    upload, etags = send(client, FIRST, FIRST, LAST)

    page = client.ask("GET", "k", (("uploadId", upload), ("max-parts", "2")))
    rest = client.ask("GET", "k", (("uploadId", upload), ("part-number-marker", page.one("NextPartNumberMarker"))))

    assert (page.all("PartNumber"), page.one("IsTruncated")) == (["1", "2"], "true")
    assert (rest.all("PartNumber"), rest.one("IsTruncated")) == (["3"], "false")
    assert (rest.one("ETag"), rest.one("Size")) == (etags[3], "3")


def test_uploads_are_listed_a_page_at_a_time(client: Client) -> None:
    """By key, and those of one key by age; only those with a prefix."""
    made = [client.create(key) for key in ("p/b", "p/a", "p/a", "q")]
    query = (("uploads", ""), ("prefix", "p/"), ("max-uploads", "2"))

    page = client.ask("GET", "", query)
    marker = (("key-marker", page.one("NextKeyMarker")), ("upload-id-marker", page.one("NextUploadIdMarker")))
    rest = client.ask("GET", "", (*query, *marker))

    assert (page.all("UploadId"), page.one("IsTruncated")) == (made[1:3], "true")
    assert (rest.all("UploadId"), rest.one("IsTruncated")) == (made[:1], "false")
    assert rest.one("Initiated").endswith("Z")
