# SPDX-License-Identifier: Apache-2.0
"""Pushing blobs in every way there is (end-4, end-5, end-6)."""

import pytest

from entrepot.oci.digest import digest_of
from tests.protocol.repository import Repository
from tests.protocol.ways_to_upload import CHUNK_BYTES
from tests.protocol.ways_to_upload import WAYS
from tests.protocol.ways_to_upload import Way

SMALL = bytes(range(256)) * 2
LARGE = (bytes(range(251)) * 13)[: 3 * CHUNK_BYTES - 5]
OTHER = LARGE[:-5] + b"oh no"

EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
ALGORITHMS = pytest.mark.parametrize("algorithm", ["sha256", "sha512"])


@EVERY_WAY
@ALGORITHMS
@pytest.mark.parametrize("content", [SMALL, LARGE, b"", b"{}"], ids=["small", "large", "empty", "empty-object"])
def test_a_pushed_blob_is_there(repo: Repository, way: Way, algorithm: str, content: bytes) -> None:
    """201 names the digest and a Location at which the very bytes are read at once."""
    digest = digest_of(content, algorithm)

    answer = way(repo, content, digest)

    assert (answer.status, answer.header("docker-content-digest")) == (201, digest)
    assert answer.location == f"/v2/{repo.name}/blobs/{digest}"
    read = repo.ask("GET", answer.location)
    assert (read.status, read.body) == (200, content)
    assert repo.status("blobs", digest) == 200


@EVERY_WAY
@ALGORITHMS
def test_a_blob_with_another_digest_is_refused(repo: Repository, way: Way, algorithm: str) -> None:
    """Bytes that do not have the digest announced answer 400 and leave nothing behind."""
    digest = digest_of(LARGE, algorithm)

    answer = way(repo, OTHER, digest)

    assert answer.error == (400, "DIGEST_INVALID")
    assert repo.status("blobs", digest) == 404
    assert repo.status("blobs", digest_of(OTHER, algorithm)) == 404


@EVERY_WAY
@ALGORITHMS
def test_a_pushed_blob_can_be_deleted(repo: Repository, way: Way, algorithm: str) -> None:
    """DELETE answers 202, and the blob is gone at once."""
    digest = digest_of(SMALL, algorithm)
    way(repo, SMALL, digest)

    answer = repo.ask("DELETE", f"blobs/{digest}")

    assert (answer.status, answer.body) == (202, b"")
    assert repo.status("blobs", digest) == 404
    assert repo.ask("GET", f"blobs/{digest}").error == (404, "BLOB_UNKNOWN")


@EVERY_WAY
def test_a_blob_may_be_pushed_again(repo: Repository, way: Way) -> None:
    """A blob that is here already is taken again without complaint."""
    digest = repo.upload(LARGE)

    answer = way(repo, LARGE, digest)

    assert answer.status == 201
    assert repo.ask("GET", f"blobs/{digest}").body == LARGE


@pytest.mark.parametrize("digest", ["sha256:baddigeststring", "md5:" + "0" * 32, "blake3:" + "0" * 64, "x"])
def test_a_single_post_with_an_invalid_digest_is_refused(repo: Repository, digest: str) -> None:
    """A digest that is malformed, or of an unsupported algorithm, answers 400 before the body counts."""
    assert repo.ask("POST", f"blobs/uploads/?digest={digest}", b"x").error == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("digest", ["sha256:baddigeststring", "blake3:" + "0" * 64])
def test_a_close_with_an_invalid_digest_is_refused(repo: Repository, digest: str) -> None:
    """The closing PUT answers 400 too, and the session lives on."""
    location = repo.session()

    assert repo.close(location, digest, SMALL).error == (400, "DIGEST_INVALID")
    assert repo.close(location, digest_of(SMALL), SMALL).status == 201


def test_a_close_without_a_digest_is_refused(repo: Repository) -> None:
    """The closing PUT says what is missing."""
    answer = repo.ask("PUT", repo.session(), SMALL)

    assert answer.error == (400, "DIGEST_INVALID")
    assert "?digest=" in answer.message


def test_an_unknown_algorithm_cannot_be_announced(repo: Repository) -> None:
    """`digest-algorithm` of one that is not supported answers 400."""
    assert repo.start(("digest-algorithm", "blake3")).error == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("closed_as", ["sha256", "sha512"])
@pytest.mark.parametrize("hint", ["sha256", "sha512"])
def test_the_announced_algorithm_binds_nobody(repo: Repository, hint: str, closed_as: str) -> None:
    """`digest-algorithm` is a hint: the upload may be closed with another supported algorithm."""
    location = repo.append(repo.start(("digest-algorithm", hint)).location, LARGE).location
    digest = digest_of(LARGE, closed_as)

    assert repo.close(location, digest).status == 201
    assert repo.ask("GET", f"blobs/{digest}").body == LARGE


@pytest.mark.parametrize("kind", ["application/json", "text/plain; charset=utf-8", ""])
def test_the_content_type_of_a_blob_means_nothing(repo: Repository, kind: str) -> None:
    """A blob is bytes, whatever the client calls them."""
    digest = digest_of(SMALL)

    answer = repo.ask("PUT", f"{repo.session()}?digest={digest}", SMALL, (("content-type", kind),))

    assert answer.status == 201
    assert repo.ask("GET", f"blobs/{digest}").header("content-type") == "application/octet-stream"


def test_the_address_of_uploads_needs_no_slash_at_its_end(repo: Repository) -> None:
    """`/blobs/uploads` opens an upload itself: a POST is never redirected."""
    assert repo.ask("POST", "blobs/uploads").status == 202


def test_a_digest_in_a_query_may_be_percent_encoded(repo: Repository) -> None:
    """`?digest=sha256%3A…` and `?digest=sha256:…` are the same."""
    plain, encoded = repo.session(), repo.session()
    digest = digest_of(SMALL)

    assert repo.ask("PUT", f"{plain}?digest={digest}", SMALL).status == 201
    assert repo.ask("PUT", f"{encoded}?digest={digest.replace(':', '%3A')}", SMALL).status == 201
