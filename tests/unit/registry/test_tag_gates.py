# SPDX-License-Identifier: Apache-2.0
"""What gates decided about a tag holds when it is stored."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.oci.errors import Denied
from entrepot.oci.reference import TagName
from entrepot.registry.core import lock_repository
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Verdict
from entrepot.registry.store import manifests
from entrepot.registry.store import tags
from entrepot.registry.tag_gates import MAX_ROUNDS
from entrepot.registry.tag_gates import TagsContended
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

TAG = TagName("1.0")
ONE, OTHER, THIRD = (an_image_manifest(marker=marker) for marker in ("one", "other", "third"))

pytestmark = pytest.mark.anyio


class NothingMoves:
    """Lets no tag be moved or deleted; while it is asked, somebody else is faster, so many times."""

    name = "nothing moves"
    on_error: Verdict = Deny("")
    operations = frozenset({Operation.TAG_SET, Operation.TAG_MOVE, Operation.TAG_DELETE})

    def __init__(self) -> None:
        self.is_open = False
        self.free: set[str] = set()
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []
        self.asked: list[GateContext] = []

    async def check(self, context: GateContext) -> Verdict:
        """Decide, and let the other one act before that is stored."""
        self.asked.append(context)
        is_free = self.is_open or context.operation is Operation.TAG_SET or context.tag in self.free
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        return Allow() if is_free else Deny("it stays")


@pytest.fixture
def gate() -> NothingMoves:
    """What is asked."""
    return NothingMoves()


@pytest.fixture
def running(tmp_path: Path, gate: NothingMoves) -> Iterator[RunningCore]:
    """A core with that gate."""
    with a_core(tmp_path) as running:
        running.core.gates.mount([gate])
        yield running


@pytest.fixture
def open_core(tmp_path: Path) -> Iterator[RunningCore]:
    """A core without gates."""
    with a_core(tmp_path) as running:
        yield running


async def set_unasked(running: RunningCore, built: BuiltManifest | None) -> None:
    """Point the tag at a manifest, or delete it, as somebody does whom gates have let do so."""

    def move(connection: Connection) -> None:
        repository = lock_repository(connection, REPOSITORY)
        change = running.core.change(EVERYBODY, running.clock(), repository)
        tags.move(connection, repository.id, TAG, built.digest if built else None, change)

    await running.database.write_locked(move)


async def with_images(running: RunningCore, gate: NothingMoves) -> None:
    """Push images without tags, and forget that gates were asked."""
    for built in (ONE, OTHER, THIRD):
        await running.put_image(built)
    gate.asked.clear()


async def current(running: RunningCore) -> str | None:
    """Return what the tag points at."""
    found = await running.database.read(manifests.by_tag, REPOSITORY, TAG)
    return found.digest if found else None


async def test_a_push_that_was_overtaken_is_asked_about_again(running: RunningCore, gate: NothingMoves) -> None:
    """It was to set the tag; by now it would move it, which the gate refuses."""
    await with_images(running, gate)
    gate.meanwhile.append(partial(set_unasked, running, OTHER))

    with pytest.raises(Denied, match="it stays"):
        await running.put_manifest(ONE, TAG)

    assert [each.operation for each in gate.asked] == [Operation.TAG_SET, Operation.TAG_MOVE]
    assert await current(running) == OTHER.digest


async def test_a_restore_that_was_overtaken_is_asked_about_again(running: RunningCore, gate: NothingMoves) -> None:
    """As a push is."""
    await with_images(running, gate)
    gate.meanwhile.append(partial(set_unasked, running, OTHER))

    with pytest.raises(Denied, match="it stays"):
        await running.undelete.restore_tag(EVERYBODY, REPOSITORY, TAG, ONE.digest)

    assert await current(running) == OTHER.digest


async def test_a_manifest_is_not_deleted_with_a_tag_that_nobody_asked_about(
    running: RunningCore, gate: NothingMoves
) -> None:
    """The tag was set on it between the question and the deletion."""
    await with_images(running, gate)
    await running.put_manifest(ONE, "2.0")
    gate.free = {"2.0"}
    gate.meanwhile.append(partial(set_unasked, running, ONE))

    with pytest.raises(Denied, match="it stays"):
        await running.delete.manifest(EVERYBODY, REPOSITORY, ONE.digest)

    assert await current(running) == ONE.digest


async def test_a_tag_that_moved_meanwhile_is_asked_about_as_what_it_is(
    running: RunningCore, gate: NothingMoves
) -> None:
    """The digest that a gate is told is the one that is deleted."""
    await with_images(running, gate)
    await set_unasked(running, ONE)
    gate.is_open = True
    gate.meanwhile.append(partial(set_unasked, running, OTHER))
    await running.delete.tag(EVERYBODY, REPOSITORY, TAG)

    assert [each.previous_digest for each in gate.asked] == [ONE.digest, OTHER.digest]
    assert await current(running) is None


async def test_who_is_overtaken_again_and_again_is_told_to_try_later(running: RunningCore, gate: NothingMoves) -> None:
    """So that no request goes on for ever."""
    await with_images(running, gate)
    gate.is_open = True
    gate.meanwhile += [partial(set_unasked, running, each) for each in [OTHER, THIRD] * MAX_ROUNDS]

    with pytest.raises(TagsContended):
        await running.put_manifest(ONE, TAG)

    assert len(gate.asked) == MAX_ROUNDS


async def test_where_nobody_wants_to_be_asked_nothing_is_compared(open_core: RunningCore) -> None:
    """Whoever comes last moves the tag."""
    for built in (ONE, OTHER):
        await open_core.put_image(built, TAG)

    assert await current(open_core) == OTHER.digest
