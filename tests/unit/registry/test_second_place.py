# SPDX-License-Identifier: Apache-2.0
"""The second place may go when nothing is there alone, and is emptied when nobody reads there any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.clock import HOUR_MS
from entrepot.registry.held_upload import Chunk
from entrepot.registry.second_place import GraceNotOver
from entrepot.registry.second_place import Removed
from entrepot.registry.store import moved_objects
from entrepot.registry.store import repositories
from entrepot.registry.store.collection_figures import Amount
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import body_of
from tests.builders.moving import TwoNodes
from tests.builders.moving import two_nodes
from tests.fakes.faulty_storage import Faults

pytestmark = pytest.mark.anyio


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[TwoNodes]:
    """A registry whose bytes are to move from a folder to memory."""
    folder = FilesystemStorage.open(tmp_path / "blobs")
    assert folder.continuity  # asked for the first time by code that may block
    with two_nodes(tmp_path, MemoryStorage("first"), folder) as nodes:
        yield nodes


def quiet(_removed: Removed) -> None:
    """Say nothing."""


async def test_it_is_told_how_much_is_where(nodes: TwoNodes) -> None:
    """Objects, documents and uploads that are in the second place alone keep it in the configuration."""
    await nodes.old.put_blob(b"moved")
    await nodes.move()
    await nodes.old.put_blob(b"pushed later")
    await nodes.new.put_blob(b"to the first")
    await nodes.second_documents.write("meta/a", b"")
    session = await nodes.old.uploads.start(EVERYBODY, REPOSITORY)
    await nodes.old.uploads.append(REPOSITORY, session.id, Chunk(body_of(b"half")))

    found = await nodes.second_place.standing()

    assert (found.first, found.only_second, found.left) == (Amount(2, 17), Amount(1, 12), Amount(2, 17))
    assert (found.uploads, found.documents, found.missing, found.is_settled) == (1, 1, 0, False)
    assert found.uploads_until is not None
    assert not await nodes.second_place.settle()


async def test_what_is_in_neither_is_told(nodes: TwoNodes) -> None:
    """It keeps the second place no longer: nothing is there."""
    await nodes.old.put_blob(b"lost")
    [found] = [each async for each in nodes.second.list_objects()]
    await nodes.second.delete(found.key)

    standing = await nodes.second_place.standing()

    assert (standing.missing, standing.is_settled) == (1, True)


async def test_the_store_is_recorded_where_it_is_now(nodes: TwoNodes) -> None:
    """Nodes of both orders find it before and after, and the change is on record once."""
    await nodes.old.put_blob(b"moved")
    urls = nodes.places.urls
    store = nodes.new.core.default_store
    await nodes.new.database.write(moved_objects.arrive, store, urls[1], nodes.new.clock())
    assert await nodes.new.database.write(repositories.settle_store, urls) == store
    await nodes.move()

    assert await nodes.second_place.settle()
    assert await nodes.second_place.settle()

    for known in (urls, urls[::-1]):
        assert await nodes.new.database.write(repositories.settle_store, known) == store
    assert await nodes.new.database.read(moved_objects.address, store) == urls[0]
    told = [event.after for event in await nodes.new.events() if event.type == "storage.moved"]
    assert told[-1] == {"url": urls[0]}


async def test_nothing_is_removed_before_downloads_have_ended(nodes: TwoNodes) -> None:
    """The grace begins when the last move ended that copied something."""
    await nodes.old.put_blob(b"moved")
    with pytest.raises(GraceNotOver, match="no move has ended"):
        await nodes.second_place.remove(HOUR_MS, quiet)
    await nodes.move()
    nodes.new.clock.advance(HOUR_MS - 1)
    with pytest.raises(GraceNotOver, match="until"):
        await nodes.second_place.remove(HOUR_MS, quiet)
    nodes.new.clock.advance(1)

    removed = await nodes.second_place.remove(HOUR_MS, quiet)

    assert removed.objects == Amount(1, 5)
    assert [each async for each in nodes.second.list_objects()] == []


async def test_only_what_the_first_place_has_is_removed(nodes: TwoNodes) -> None:
    """It is asked about each object and document; what it has not, or has otherwise, stays."""
    await nodes.second_documents.write("meta/moved", b"the same")
    await nodes.second_documents.write("meta/other", b"this")
    digest = await nodes.old.put_blob(b"moved")
    await nodes.move()
    await nodes.documents.write("meta/other", b"that")
    later = await nodes.old.put_blob(b"pushed later")

    removed = await nodes.second_place.remove(0, quiet)

    assert (removed.objects.objects, removed.documents, removed.stayed) == (1, 1, 2)
    assert [name async for name in nodes.second_documents.names()] == ["meta/other"]
    for node in (nodes.old, nodes.new):
        assert (await node.get_blob(digest), await node.get_blob(later)) == (b"moved", b"pushed later")


class MovingAgain(Faults):
    """Another move begins at the first deletion."""

    def __init__(self, nodes: TwoNodes) -> None:
        super().__init__()
        self._nodes = nodes

    async def strike(self, operation: str) -> None:
        """Begin it."""
        if operation == "delete":
            await self._nodes.new.database.write(moved_objects.begin_move)
        await super().strike(operation)


async def test_a_move_that_begins_meanwhile_ends_the_removal(nodes: TwoNodes) -> None:
    """What it copies has its own grace."""
    for number in range(40):
        await nodes.old.put_blob(b"%d" % number)
    await nodes.move()

    nodes.second.faults = MovingAgain(nodes)
    removed = await nodes.second_place.remove(0, quiet)

    assert removed.objects.objects == 32
