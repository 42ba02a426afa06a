# SPDX-License-Identifier: Apache-2.0
"""Two nodes with one bucket and one database: of two requests to one session at most one wins, and nothing is mixed."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from entrepot.infra.storage.s3.storage import S3Storage
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import RangeInvalid
from entrepot.registry.held_upload import Chunk
from tests.builders.buckets import bucket_of
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.contracts.storage.content import content
from tests.fakes.s3.faults import Delay
from tests.fakes.s3.faults import share
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import SMALL_PARTS
from tests.unit.infra.storage.s3.nodes import free_of
from tests.unit.infra.storage.s3.nodes import hurried
from tests.unit.infra.storage.s3.nodes import is_free
from tests.unit.infra.storage.s3.nodes import watched
from tests.unit.registry.cancelling import cancel_at

pytestmark = pytest.mark.anyio

PART = 30_000
BEFORE = (0, 100, PART, PART + 100, 2 * PART)
ONE, OTHER = b"1" * (2 * PART + 10), b"2" * (PART + 20)


class Nodes:
    """Two nodes, and what they both work with."""

    def __init__(
        self, server: S3Server, first: RunningCore, second: RunningCore, storages: Sequence[S3Storage]
    ) -> None:
        self.server, self.first, self.second = server, first, second
        self.storages = storages

    async def begin(self, size: int) -> tuple[Ulid, bytes]:
        """Open a session with so many bytes."""
        session = await self.first.uploads.start(EVERYBODY, REPOSITORY)
        before = content(size)
        if size:
            await patch(self.first, session.id, 0, before)
        return session.id, before


@pytest.fixture(params=[SMALL_PARTS, EQUAL_PARTS], ids=["small", "equal"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Nodes]:
    """Two nodes on one bucket whose objects never become others."""
    with ExitStack() as stack:
        server = stack.enter_context(watched(S3Server(request.param)).running())
        storages = [hurried(bucket_of(server, tmp_path, PART)) for _ in range(2)]
        first, second = (stack.enter_context(a_core(tmp_path, storage)) for storage in storages)
        yield Nodes(server, first, second, storages)


@pytest.fixture
async def nodes(opened: Nodes) -> AsyncIterator[Nodes]:
    """The same, closed in the end, when nothing may be on its way any more."""
    limits = [free_of(storage) for storage in opened.storages]
    yield opened
    assert all(is_free(storage, limit) for storage, limit in zip(opened.storages, limits, strict=True))
    for storage in opened.storages:
        await storage.close()


async def patch(core: RunningCore, upload: Ulid, start: int, data: bytes) -> None:
    """Send a chunk in pieces."""
    pieces = [data[at : at + 9_000] for at in range(0, len(data), 9_000)]
    await core.uploads.append(REPOSITORY, upload, Chunk(body_of(*pieces), start, len(data)))


async def put(core: RunningCore, upload: Ulid, whole: bytes, data: bytes) -> None:
    """Close with the last bytes of the whole."""
    chunk = Chunk(body_of(data), len(whole) - len(data), len(data))
    await core.uploads.finish(EVERYBODY, REPOSITORY, upload, digest_of(whole), chunk)


async def check(nodes: Nodes, upload: Ulid, before: bytes, *sent: bytes) -> None:
    """Finish what is left of the session, if it is, and read every blob that there is."""
    try:
        offset = (await nodes.second.uploads.status(REPOSITORY, upload)).offset
    except AppError:
        offset = None
    if offset is not None:
        candidates = {len(data): data for data in (b"", before, *(before + each for each in sent))}
        prefix = next(data for size, data in sorted(candidates.items()) if size >= offset)[:offset]
        await _closed(nodes.second, upload, prefix)
    for whole in (before + ONE, before + OTHER, before):
        if await _has(nodes.first, whole):
            assert await nodes.first.get_blob(digest_of(whole)) == whole


async def _closed(core: RunningCore, upload: Ulid, prefix: bytes) -> None:
    try:
        await put(core, upload, prefix + b"!", b"!")
    except RangeInvalid as lost:
        # Parts of the one that lost took the place of others': it begins anew, and says so.
        assert lost.detail["offset"] == 0  # noqa: PT017 - it need not be raised
        await put(core, upload, b"anew", b"anew")
        assert await core.get_blob(digest_of(b"anew")) == b"anew"
    else:
        assert await core.get_blob(digest_of(prefix + b"!")) == prefix + b"!"


async def _has(core: RunningCore, whole: bytes) -> bool:
    try:
        await core.pull.blob(EVERYBODY, REPOSITORY, digest_of(whole))
    except BlobUnknown:
        return False
    return True


@pytest.mark.parametrize("seed", range(3))
async def test_the_loser_is_told_where_the_upload_is(nodes: Nodes, seed: int) -> None:
    """Not that there is none: what the other node has recorded is there to go on with."""
    upload, before = await nodes.begin(100)
    nodes.server.faults.add(Delay(0.004), when=share(0.5, seed))
    both = (patch(core, upload, 100, ONE) for core in (nodes.first, nodes.second))
    lost = [each for each in await asyncio.gather(*both, return_exceptions=True) if each is not None]

    assert [type(each) for each in lost] == [RangeInvalid]
    await check(nodes, upload, before, ONE)


KINDS = ("patch patch", "patch put", "put put")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("seed", range(2))
async def test_of_two_at_most_one_wins(nodes: Nodes, kind: str, before: int, seed: int) -> None:
    """Different bytes are sent through both nodes at once: the loser is told so, and what is recorded is one's."""
    upload, data = await nodes.begin(before)
    nodes.server.faults.add(Delay(0.004), when=share(0.5, seed))
    first, second = kind.split()

    outcomes = await asyncio.gather(
        *(
            patch(core, upload, before, own) if verb == "patch" else put(core, upload, data + own, own)
            for core, verb, own in ((nodes.first, first, ONE), (nodes.second, second, OTHER))
        ),
        return_exceptions=True,
    )

    nodes.server.faults.clear()
    errors = [each for each in outcomes if each is not None]
    assert all(isinstance(each, AppError) and each.status in (404, 416) for each in errors), errors
    if kind != "patch put":  # a PUT may come after a PATCH that was done before it
        assert errors
    await check(nodes, upload, data, ONE, OTHER)


@pytest.mark.parametrize("before", [100, PART + 100])
@pytest.mark.parametrize("verb", ["patch", "put"])
@pytest.mark.parametrize("wait", [1, 3, 6, 10, 15, 25])
async def test_one_that_dies_leaves_the_session_to_the_other(nodes: Nodes, before: int, verb: str, wait: int) -> None:
    """Wherever a request is cancelled, the other node goes on with what was acknowledged."""
    upload, data = await nodes.begin(before)
    doing = patch(nodes.first, upload, before, ONE) if verb == "patch" else put(nodes.first, upload, data + ONE, ONE)

    await cancel_at(doing, wait)

    await check(nodes, upload, data, ONE)


async def test_the_same_closing_request_twice_at_once_succeeds_twice(nodes: Nodes) -> None:
    """A client that repeats itself through another node is told the same."""
    upload, data = await nodes.begin(PART + 100)

    await asyncio.gather(*(put(core, upload, data + ONE, ONE) for core in (nodes.first, nodes.second)))

    assert await nodes.first.get_blob(digest_of(data + ONE)) == data + ONE


@pytest.mark.parametrize("before", [100, PART + 100])
@pytest.mark.parametrize("verb", ["patch", "put"])
async def test_a_session_whose_bytes_are_gone_begins_anew(nodes: Nodes, before: int, verb: str) -> None:
    """Whoever goes on is told to send everything again, and may."""
    upload, data = await nodes.begin(before)
    bucket = nodes.server.buckets["registry"]
    bucket.objects = {}
    bucket.uploads.clear()

    with pytest.raises(RangeInvalid) as told:
        await (
            patch(nodes.second, upload, before, ONE) if verb == "patch" else put(nodes.second, upload, data + ONE, ONE)
        )

    assert told.value.detail["offset"] == 0
    await put(nodes.second, upload, b"anew", b"anew")
