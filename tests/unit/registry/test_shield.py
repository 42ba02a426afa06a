# SPDX-License-Identifier: Apache-2.0
"""A commit that has begun is finished, whenever the client goes away: all of it is there, or nothing."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import BlobUploadUnknown
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.held_upload import Chunk
from entrepot.registry.shield import finish_despite_cancellation
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.cancelling import cancel_at

pytestmark = pytest.mark.anyio

FIRST, LAST = b"the first bytes, ", b"and the last ones"
TWICE = pytest.mark.parametrize("is_cancelled_twice", [False, True])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core on a real disk."""
    with a_core(tmp_path, FilesystemStorage.open(tmp_path / "blobs")) as running:
        yield running


def waits(at: int, is_cancelled_twice: bool) -> tuple[int, ...]:
    """Cancel at that wait, and perhaps once more while the first cancellation is being dealt with."""
    return (at, at + 1) if is_cancelled_twice else (at,)


async def exists(running: RunningCore, repository: RepositoryName, digest: Digest) -> bool:
    """Tell whether the blob is there; if it is, its bytes are right."""
    try:
        content = await running.get_blob(digest, repository)
    except BlobUnknown:
        return False
    assert digest_of(content) == digest
    return True


async def an_upload(running: RunningCore, repository: RepositoryName) -> Ulid:
    """Open a session with the first bytes."""
    session = await running.uploads.start(EVERYBODY, repository)
    await running.uploads.append(repository, session.id, Chunk(body_of(FIRST)))
    return session.id


async def outcomes(try_once: Callable[[int], Awaitable[tuple[bool, bool]]]) -> tuple[int, int]:
    """Cancel at the first wait, at the second, and so on to the end; return how often it was done, and how often not.

    `try_once` tells whether it was cancelled, and whether it was done.
    """
    done = 0
    for at in count(1):
        was_cancelled, is_done = await try_once(at)
        assert is_done or was_cancelled
        if not was_cancelled:
            return done, at - 1 - done
        done += is_done
    raise AssertionError


@TWICE
async def test_closing_an_upload_is_whole(running: RunningCore, is_cancelled_twice: bool) -> None:
    """Cancelled anywhere, the blob is there and the session gone, or the session stands where it stood."""
    digest = digest_of(FIRST + LAST)

    async def try_once(at: int) -> tuple[bool, bool]:
        repository = RepositoryName(f"team/app{at}")
        upload = await an_upload(running, repository)
        closing = running.uploads.finish(EVERYBODY, repository, upload, digest, Chunk(body_of(LAST)))
        was_cancelled = await cancel_at(closing, *waits(at, is_cancelled_twice))
        is_done = await exists(running, repository, digest)
        if is_done:
            with pytest.raises(BlobUploadUnknown):
                await running.uploads.status(repository, upload)
        else:
            assert (await running.uploads.status(repository, upload)).offset == len(FIRST)
        await running.uploads.finish(EVERYBODY, repository, upload, digest, Chunk(body_of(LAST)))
        assert await exists(running, repository, digest)
        return was_cancelled, is_done

    done, undone = await outcomes(try_once)

    assert min(done, undone) > 0


@TWICE
async def test_a_chunk_is_whole(running: RunningCore, is_cancelled_twice: bool) -> None:
    """Cancelled anywhere, the session stands behind what arrived, and goes on from there."""
    digest = digest_of(FIRST + LAST)

    async def try_once(at: int) -> tuple[bool, bool]:
        repository = RepositoryName(f"team/app{at}")
        upload = await an_upload(running, repository)
        chunk = Chunk(body_of(LAST[:5], LAST[5:]), len(FIRST))
        was_cancelled = await cancel_at(
            running.uploads.append(repository, upload, chunk), *waits(at, is_cancelled_twice)
        )
        offset = (await running.uploads.status(repository, upload)).offset
        assert offset in (len(FIRST), len(FIRST) + 5, len(FIRST + LAST))
        rest = (FIRST + LAST)[offset:]
        await running.uploads.finish(EVERYBODY, repository, upload, digest, Chunk(body_of(rest), offset))
        assert await exists(running, repository, digest)
        return was_cancelled, offset == len(FIRST + LAST)

    done, undone = await outcomes(try_once)

    assert min(done, undone) > 0


@TWICE
async def test_a_blob_in_one_request_is_whole(running: RunningCore, is_cancelled_twice: bool) -> None:
    """Cancelled anywhere, the blob is there or it is not; what is left of a session goes with its time."""
    digest = digest_of(FIRST)

    async def try_once(at: int) -> tuple[bool, bool]:
        repository = RepositoryName(f"team/app{at}")
        putting = running.uploads.put(EVERYBODY, repository, digest, body_of(FIRST[:3], FIRST[3:]))
        was_cancelled = await cancel_at(putting, *waits(at, is_cancelled_twice))
        return was_cancelled, await exists(running, repository, digest)

    done, undone = await outcomes(try_once)
    running.clock.advance(2 * DAY_MS)
    await running.uploads.expire()
    tables = await running.tables()
    known = {row[0] for row in [*tables["objects"], *tables["tombstones"]]}

    assert min(done, undone) > 0
    assert tables["uploads"] == []
    assert known >= {stored.key async for stored in running.storage.list_objects()}


@TWICE
async def test_a_manifest_is_whole(running: RunningCore, is_cancelled_twice: bool) -> None:
    """Cancelled anywhere, the manifest is there with its tags and events, or nothing of it."""
    built = an_image_manifest(config={**an_image_manifest().descriptor()}, layers=[])

    async def try_once(at: int) -> tuple[bool, bool]:
        repository = RepositoryName(f"team/app{at}")
        await running.put_blob(an_image_manifest().payload, repository)
        pushing = running.put_manifest(built, "latest", "v1", repository=repository)
        was_cancelled = await cancel_at(pushing, *waits(at, is_cancelled_twice))
        found = [await resolves(running, repository, reference) for reference in (built.digest, "latest", "v1")]
        events = [event.type for event in await running.events() if event.repository == repository]
        assert found in ([True] * 3, [False] * 3)
        assert len(events) == (4 if found[0] else 0)
        return was_cancelled, found[0]

    done, _ = await outcomes(try_once)

    assert done > 0


async def resolves(running: RunningCore, repository: RepositoryName, reference: str) -> bool:
    """Tell whether there is a manifest."""
    found = Digest(reference) if ":" in reference else TagName(reference)
    try:
        await running.pull.manifest(EVERYBODY, repository, found, is_head=True)
    except (ManifestUnknown, NameUnknown):
        return False
    return True


@pytest.mark.parametrize("times", [1, 2])
async def test_shielded_work_ends_before_the_cancellation_is_raised(times: int) -> None:
    """Whoever is cancelled, even twice, hears of it when the work is done, not before."""
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await may_end.wait()
        ended.set()

    shielded = asyncio.create_task(finish_despite_cancellation(work()))
    await begun.wait()
    for _ in range(times):
        shielded.cancel()
        await asyncio.sleep(0)
    may_end.set()

    with pytest.raises(asyncio.CancelledError):
        await shielded
    assert ended.is_set()


async def test_shielded_work_returns_and_raises() -> None:
    """Without a cancellation the shield is not there."""

    async def fail() -> None:
        raise ValueError("the work's own")

    assert await finish_despite_cancellation(asyncio.sleep(0, "result")) == "result"
    with pytest.raises(ValueError, match="own"):
        await finish_despite_cancellation(fail())
