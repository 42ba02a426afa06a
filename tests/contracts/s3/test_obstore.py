# SPDX-License-Identifier: Apache-2.0
"""A client that knows nothing of the fake gets along with it, directly and through the proxy."""

import os
from collections.abc import Iterator

import obstore
import pytest
from obstore.exceptions import AlreadyExistsError
from obstore.exceptions import PreconditionError
from obstore.store import S3Store

from tests.contracts.s3.stores import store_of
from tests.fakes.s3.proxy import S3Proxy
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.serving import ServedS3

PART = 65_536


@pytest.fixture(params=["directly", "through the proxy"])
def asked(request: pytest.FixtureRequest, s3: S3Server) -> Iterator[ServedS3]:
    """What the client is told to speak to."""
    if request.param == "directly":
        yield s3
        return
    with S3Proxy(s3.url).running() as proxy:
        yield proxy


@pytest.fixture
def store(asked: ServedS3) -> S3Store:
    """The client."""
    return store_of(asked.url)


def test_it_puts_and_gets(store: S3Store, asked: ServedS3) -> None:
    """Whole, in part, and described."""
    obstore.put(store, "a b/ü+", b"hello", use_multipart=False)

    assert obstore.get(store, "a b/ü+").bytes() == b"hello"
    assert obstore.get_range(store, "a b/ü+", start=1, end=3) == b"el"
    assert obstore.head(store, "a b/ü+")["size"] == 5
    assert [noted.outcome for noted in asked.calls] == ["OK"] * 4
    assert [noted.size for noted in asked.calls] == [5, 5, 2, 0]


def test_it_puts_in_parts(store: S3Store, asked: ServedS3, s3: S3Server) -> None:
    """As many as it takes."""
    content = os.urandom(PART * 3 + 1)

    obstore.put(store, "k", content, chunk_size=PART, use_multipart=True)

    assert s3.objects["k"].body == content
    assert asked.calls.counts() == {"CreateMultipartUpload": 1, "UploadPart": 4, "CompleteMultipartUpload": 1}
    assert sorted((noted.part, noted.size) for noted in asked.calls.of("UploadPart")) == [
        (1, PART),
        (2, PART),
        (3, PART),
        (4, 1),
    ]
    assert b"".join(obstore.get(store, "k").stream(min_chunk_size=PART)) == content


def test_it_writes_under_conditions(store: S3Store, asked: ServedS3) -> None:
    """It may create what is absent, and replace what it has seen."""
    etag = obstore.put(store, "k", b"hello", mode="create")["e_tag"]

    with pytest.raises(AlreadyExistsError):
        obstore.put(store, "k", b"other", mode="create")
    with pytest.raises(PreconditionError):
        obstore.put(store, "k", b"other", mode={"e_tag": '"other"'})
    obstore.put(store, "k", b"other", mode={"e_tag": etag or ""})

    assert [noted.outcome for noted in asked.calls] == ["OK", "PreconditionFailed", "PreconditionFailed", "OK"]


def test_it_lists_and_deletes(store: S3Store, s3: S3Server) -> None:
    """All that is there, then none of it."""
    keys = ["a/1", "a/ü &", "b"]
    for key in keys:
        obstore.put(store, key, b"x", use_multipart=False)

    assert [found["path"] for found in obstore.list(store).collect()] == keys
    assert obstore.list_with_delimiter(store)["common_prefixes"] == ["a"]
    obstore.delete(store, keys)
    assert not s3.objects


def test_it_sends_checksums(s3: S3Server) -> None:
    """Which are verified."""
    store = store_of(s3.url, checksum_algorithm="SHA256")

    obstore.put(store, "k", b"hello", use_multipart=False)

    assert "x-amz-checksum-sha256" in s3.objects["k"].headers
