# SPDX-License-Identifier: Apache-2.0
"""Every way in which clients bring a blob."""

from collections.abc import Callable
from collections.abc import Iterator

from tests.protocol.exchange import Answer
from tests.protocol.repository import Repository
from tests.protocol.repository import with_query

CHUNK_BYTES = 1024

Way = Callable[[Repository, bytes, str], Answer]


def pieces(content: bytes, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Cut content for a body without a length; nothing at all is one empty piece."""
    for start in range(0, max(1, len(content)), size):
        yield content[start : start + size]


def in_the_post(repo: Repository, content: bytes, digest: str) -> Answer:
    """One POST with everything (end-4b)."""
    return repo.ask("POST", with_query("blobs/uploads/", ("digest", digest)), content)


def streamed_in_the_post(repo: Repository, content: bytes, digest: str) -> Answer:
    """One POST without a length."""
    return repo.ask("POST", with_query("blobs/uploads/", ("digest", digest)), pieces(content))


def in_the_put(repo: Repository, content: bytes, digest: str) -> Answer:
    """POST, then everything in the PUT (containerd, BuildKit, ORAS, Helm, regctl)."""
    return repo.close(repo.session(), digest, content)


def streamed_in_the_put(repo: Repository, content: bytes, digest: str) -> Answer:
    """POST, then a PUT without a length."""
    return repo.close(repo.session(), digest, pieces(content))


def announced(repo: Repository, content: bytes, digest: str) -> Answer:
    """POST that names the algorithm (end-4c), then everything in the PUT."""
    started = repo.start(("digest-algorithm", digest.partition(":")[0]))
    return repo.close(started.location, digest, content)


def in_one_patch(repo: Repository, content: bytes, digest: str) -> Answer:
    """POST, one PATCH with a length and no place, an empty PUT (Docker, crane, kaniko, Jib)."""
    return repo.close(repo.append(repo.session(), content).location, digest)


def streamed_in_one_patch(repo: Repository, content: bytes, digest: str) -> Answer:
    """POST, one PATCH with neither length nor place, an empty PUT (skopeo)."""
    return repo.close(repo.append(repo.session(), pieces(content)).location, digest)


def in_chunks(repo: Repository, content: bytes, digest: str) -> Answer:
    """POST, PATCHes that say where they belong, an empty PUT (regctl with big blobs)."""
    location = repo.session()
    for number, piece in enumerate(pieces(content)):
        place = number * CHUNK_BYTES if piece else None
        location = repo.append(location, piece, place).location
    return repo.close(location, digest)


def in_chunks_with_the_last_in_the_put(repo: Repository, content: bytes, digest: str) -> Answer:
    """POST, PATCHes, and the last chunk in the PUT."""
    location = repo.session()
    *first, last = pieces(content)
    for number, piece in enumerate(first):
        location = repo.append(location, piece, number * CHUNK_BYTES).location
    return repo.close(location, digest, last, len(first) * CHUNK_BYTES if last else None)


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        in_the_post,
        streamed_in_the_post,
        in_the_put,
        streamed_in_the_put,
        announced,
        in_one_patch,
        streamed_in_one_patch,
        in_chunks,
        in_chunks_with_the_last_in_the_put,
    )
}
