# SPDX-License-Identifier: Apache-2.0
"""Reading blobs, whole and in parts (end-2)."""

from email.parser import BytesParser

import pytest

from entrepot.oci.digest import digest_of
from tests.protocol.repository import Repository

CONTENT = bytes(range(256)) * 8
ALGORITHMS = pytest.mark.parametrize("algorithm", ["sha256", "sha512"])


@ALGORITHMS
@pytest.mark.parametrize("content", [CONTENT, b"", b"{}"], ids=["bytes", "empty", "empty-object"])
def test_a_blob_is_read_as_it_was_pushed(repo: Repository, algorithm: str, content: bytes) -> None:
    """GET answers 200 with the bytes and the digest asked for, of whichever algorithm."""
    digest = repo.upload(content, algorithm)

    answer = repo.ask("GET", f"blobs/{digest}")

    assert (answer.status, answer.body) == (200, content)
    assert answer.header("docker-content-digest") == digest
    assert answer.header("content-type") == "application/octet-stream"


@ALGORITHMS
@pytest.mark.parametrize("content", [CONTENT, b"", b"{}"], ids=["bytes", "empty", "empty-object"])
def test_head_describes_a_blob(repo: Repository, algorithm: str, content: bytes) -> None:
    """HEAD answers 200 with the exact length, the digest, and no body."""
    digest = repo.upload(content, algorithm)

    answer = repo.ask("HEAD", f"blobs/{digest}")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("content-length") == str(len(content))
    assert answer.header("docker-content-digest") == digest


def test_head_has_the_headers_of_get(repo: Repository) -> None:
    """What GET says of a blob, HEAD says too."""
    digest = repo.upload(CONTENT)

    got, described = (repo.ask(method, f"blobs/{digest}").headers for method in ("GET", "HEAD"))

    assert {pair for pair in described if pair[0] != "x-request-id"} == {
        pair for pair in got if pair[0] != "x-request-id"
    }


@ALGORITHMS
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_missing_blob_is_not_found(repo: Repository, other: Repository, method: str, algorithm: str) -> None:
    """A blob that another repository has is 404 here."""
    digest = other.upload(CONTENT, algorithm)
    repo.push_image()

    answer = repo.ask(method, f"blobs/{digest}")

    assert answer.status == 404
    assert method == "HEAD" or answer.error == (404, "BLOB_UNKNOWN")


def test_a_blob_of_a_missing_repository_is_not_found(repo: Repository) -> None:
    """A repository that does not exist has no blobs."""
    assert repo.ask("GET", f"blobs/{digest_of(b'absent')}").error == (404, "BLOB_UNKNOWN")


def test_the_same_bytes_under_two_algorithms_are_two_blobs(repo: Repository) -> None:
    """What was pushed as sha512 only is not found as sha256."""
    repo.upload(CONTENT, "sha512")

    assert repo.status("blobs", digest_of(CONTENT, "sha512")) == 200
    assert repo.status("blobs", digest_of(CONTENT)) == 404


@pytest.mark.parametrize(
    "reference",
    [
        "sha256:baddigeststring",
        "sha256:" + "A" * 64,
        "sha256:" + "0" * 63,
        "sha512:" + "0" * 64,
        "md5:" + "0" * 32,
        "blake3:" + "0" * 64,
        "latest",
    ],
)
def test_what_is_no_digest_is_refused(repo: Repository, reference: str) -> None:
    """A malformed digest and one of an unsupported algorithm answer 400."""
    assert repo.ask("GET", f"blobs/{reference}").error == (400, "DIGEST_INVALID")


def test_a_digest_may_be_percent_encoded(repo: Repository) -> None:
    """`sha256%3A…` is the same digest."""
    digest = repo.upload(CONTENT)

    assert repo.ask("GET", f"blobs/{digest.replace(':', '%3A')}").body == CONTENT


@ALGORITHMS
@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("500-1499", 500, 1500),
        ("500-", 500, 2048),
        ("-500", 1548, 2048),
        ("2000-5000", 2000, 2048),
        ("0-0", 0, 1),
        ("0-", 0, 2048),
        ("-5000", 0, 2048),
        ("2047-2047", 2047, 2048),
    ],
)
def test_a_range_is_a_part_of_the_blob(repo: Repository, asked: str, start: int, stop: int, algorithm: str) -> None:
    """A satisfiable range answers 206 with exactly those bytes and their place."""
    digest = repo.upload(CONTENT, algorithm)

    answer = repo.ask("GET", f"blobs/{digest}", headers=(("range", f"bytes={asked}"),))

    assert (answer.status, answer.body) == (206, CONTENT[start:stop])
    assert answer.header("content-range") == f"bytes {start}-{stop - 1}/2048"
    assert answer.header("docker-content-digest") == digest


@pytest.mark.parametrize("asked", ["500-0", "5000-10000", "2048-", "-0", "5000-,6000-"])
def test_a_range_outside_the_blob_cannot_be_satisfied(repo: Repository, asked: str) -> None:
    """A range that selects nothing answers 416 with the size there is."""
    digest = repo.upload(CONTENT)

    answer = repo.ask("GET", f"blobs/{digest}", headers=(("range", f"bytes={asked}"),))

    assert answer.error == (416, "RANGE_INVALID")
    assert answer.header("content-range") == "bytes */2048"


def test_several_ranges_come_as_parts(repo: Repository) -> None:
    """Ranges separated by commas answer 206 `multipart/byteranges`, each part with its place."""
    digest = repo.upload(CONTENT)

    answer = repo.ask("GET", f"blobs/{digest}", headers=(("range", "bytes=0-9, 5000-, 2000-2009, -5"),))

    head = f"Content-Type: {answer.header('content-type')}\r\n\r\n".encode()
    parts = [part for part in BytesParser().parsebytes(head + answer.body).walk() if not part.is_multipart()]
    assert answer.status == 206
    assert [(part["content-range"], part.get_payload(decode=True)) for part in parts] == [
        ("bytes 0-9/2048", CONTENT[:10]),
        ("bytes 2000-2009/2048", CONTENT[2000:2010]),
        ("bytes 2043-2047/2048", CONTENT[-5:]),
    ]


@pytest.mark.parametrize(
    "asked", ["bytes=abc", "bytes=1", "lines=0-1", "bytes=", "bytes=" + ",".join(f"{at}-{at}" for at in range(17))]
)
def test_a_range_that_is_not_understood_is_ignored(repo: Repository, asked: str) -> None:
    """Another unit, a malformed range and more than 16 ranges answer 200 with the whole blob."""
    digest = repo.upload(CONTENT)

    answer = repo.ask("GET", f"blobs/{digest}", headers=(("range", asked),))

    assert (answer.status, answer.body) == (200, CONTENT)


def test_head_takes_no_range(repo: Repository) -> None:
    """HEAD describes the whole blob, because ranges are defined for GET only."""
    digest = repo.upload(CONTENT)

    answer = repo.ask("HEAD", f"blobs/{digest}", headers=(("range", "bytes=0-9"),))

    assert (answer.status, answer.header("content-length")) == (200, "2048")


def test_a_range_holds_only_for_the_content_it_was_meant_for(repo: Repository) -> None:
    """`If-Range` with another ETag answers the whole blob, with the same one the range."""
    digest = repo.upload(CONTENT)
    ranged = ("range", "bytes=0-9")

    same = repo.ask("GET", f"blobs/{digest}", headers=(ranged, ("if-range", f'"{digest}"')))
    another = repo.ask("GET", f"blobs/{digest}", headers=(ranged, ("if-range", '"something"')))

    assert (same.status, another.status) == (206, 200)


def test_a_client_that_has_the_blob_is_not_sent_it_again(repo: Repository) -> None:
    """`If-None-Match` with the blob's ETag answers 304."""
    digest = repo.upload(CONTENT)
    etag = repo.ask("HEAD", f"blobs/{digest}").header("etag")
    assert etag == f'"{digest}"'

    answer = repo.ask("GET", f"blobs/{digest}", headers=(("if-none-match", f'"other", {etag}'),))

    assert (answer.status, answer.header("etag")) == (304, etag)


def test_a_blob_may_be_kept_and_be_asked_for_in_parts(repo: Repository) -> None:
    """The answer says that ranges are served and that the content never changes."""
    answer = repo.ask("GET", f"blobs/{repo.upload(CONTENT)}")

    assert answer.header("accept-ranges") == "bytes"
    assert answer.header("cache-control") == "private, max-age=31536000, immutable"


def test_content_is_never_encoded(repo: Repository) -> None:
    """A client that would take gzip or zstd gets the very bytes, because their digest is what counts."""
    digest = repo.upload(CONTENT)

    answer = repo.ask("GET", f"blobs/{digest}", headers=(("accept-encoding", "zstd, gzip"),))

    assert answer.body == CONTENT
    assert answer.all("content-encoding") == []


def test_the_source_of_a_mirrored_pull_is_ignored(repo: Repository) -> None:
    """`?ns=` on a pull changes nothing, and the answer claims no namespace."""
    digest = repo.upload(CONTENT)

    answer = repo.ask("GET", f"blobs/{digest}?ns=registry.example")

    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.all("oci-namespace") == []
