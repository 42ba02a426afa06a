# SPDX-License-Identifier: Apache-2.0
"""Copying artifacts with all that belongs to them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Scope
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InsufficientScope
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry import closure
from entrepot.registry.closure import ClosureTooLarge
from entrepot.registry.copy_orders import CopyAcrossStores
from entrepot.registry.copy_orders import CopyIncomplete
from entrepot.registry.copy_orders import Entry
from entrepot.registry.copy_orders import Order
from entrepot.registry.copy_orders import SubjectGone
from entrepot.registry.core import Caller
from entrepot.registry.events import EventType
from entrepot.registry.hooks import Allow
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.graphs import Graph
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.fakes.allow_nothing import AllowNothing
from tests.unit.registry.planted import PlantedGate

pytestmark = pytest.mark.anyio

TARGET = RepositoryName("prod/app")
LATEST = TagName("1.0")
BOB = Caller(Principal(PrincipalKind.USER, "bob"))
"""Somebody who has pushed nothing here."""
IMAGE = an_image_manifest()
SIGNATURE = an_image_manifest(subject=IMAGE.descriptor(), annotations={"is": "a signature"})
SECOND = an_image_manifest(subject=IMAGE.descriptor(), annotations={"is": "another one"})
SIGNED = f"{referrers_tag(IMAGE.digest)}.sig"
IMAGE_LAYER = digest_of(A_LAYER)
ORDER = Order(source=REPOSITORY, digest=IMAGE.digest, target=TARGET, tags=(LATEST,), tag=LATEST)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


async def push(running: RunningCore, graph: Graph) -> None:
    """Push a graph, and its tags."""
    for content in {A_CONFIG, *graph.blobs}:
        await running.put_blob(content)
    for digest, built in graph.manifests.items():
        await running.put_manifest(built, *(tag for tag, target in graph.tags.items() if target == digest))


async def live(running: RunningCore, *built: BuiltManifest) -> list[bool]:
    """Tell which of these the target has."""
    return [await running.database.read(manifests.by_digest, TARGET, each.digest) is not None for each in built]


def _make_elsewhere(connection: Connection) -> None:
    """Make the target in another store."""
    store_id = repositories.ensure_store(connection, "memory://another")
    repositories.ensure(connection, TARGET, store_id, Milliseconds(0))


async def tagged(running: RunningCore, tag: str, name: RepositoryName = TARGET) -> str | None:
    """Return what a tag points at."""
    row = await running.database.read(manifests.by_tag, name, TagName(tag))
    return None if row is None else row.digest


async def test_an_artifact_is_copied_with_what_refers_to_it(running: RunningCore) -> None:
    """It can be pulled from the target by its tag, and no byte has moved."""
    await running.put_image(IMAGE, LATEST)
    await running.put_manifest(SIGNATURE)

    copied = await running.copying.copy(EVERYBODY, ORDER)

    assert copied.manifests == 2
    assert await tagged(running, LATEST) == IMAGE.digest
    assert await live(running, IMAGE, SIGNATURE) == [True, True]
    assert await running.get_blob(IMAGE_LAYER, TARGET) == A_LAYER
    assert len((await running.tables())["objects"]) == 2


async def test_nothing_is_written_again(running: RunningCore) -> None:
    """To repeat a copy costs no write and tells nobody anything."""
    await running.put_image(IMAGE, LATEST)
    await running.copying.copy(EVERYBODY, ORDER)
    before = await running.events()

    copied = await running.copying.copy(EVERYBODY, ORDER)

    assert (copied.manifests, copied.plan.steps, copied.plan.new_bytes) == (0, [], 0)
    assert await running.events() == before


async def test_the_artifact_comes_last_with_its_tag(running: RunningCore) -> None:
    """Whoever pulls by the tag finds all that belongs to it."""
    graph = Graph()
    child = graph.image(1)
    index = graph.index(2, [child])
    signature = graph.image(3, index)
    await push(running, graph)

    await running.copying.copy(EVERYBODY, replace(ORDER, digest=index.digest))

    told = [event for event in await running.events() if event.repository == TARGET]
    pushed = [str(event.digest) for event in told if event.type == EventType.MANIFEST_PUSHED]
    assert sorted(pushed[:2]) == sorted([child.digest, signature.digest])
    assert pushed[2] == index.digest
    assert told[-1].type == EventType.TAG_MOVED


async def test_it_can_be_copied_without_what_refers_to_it(running: RunningCore) -> None:
    """Then only what it holds comes along."""
    await running.put_image(IMAGE, LATEST)
    await running.put_manifest(SIGNATURE, f"{referrers_tag(IMAGE.digest)}.sig")

    await running.copying.copy(EVERYBODY, replace(ORDER, with_referrers=False))

    assert await live(running, IMAGE, SIGNATURE) == [True, False]


async def test_a_plan_says_what_would_come_and_changes_nothing(running: RunningCore) -> None:
    """How many bytes are new counts for the project of the target: what it has already is not counted."""
    await running.put_image(IMAGE, LATEST)
    await running.put_blob(A_LAYER, RepositoryName("prod/other"))
    before = await running.events()

    plan = await running.copying.plan(EVERYBODY, ORDER)

    assert [step.node.digest for step in plan.steps] == [IMAGE.digest]
    assert plan.new_bytes == len(IMAGE.payload) + len(A_CONFIG)
    assert await running.events() == before


async def test_a_tag_that_was_left_behind_follows(running: RunningCore) -> None:
    """A derived tag of the target moves where the source's pointed at the same before."""
    await running.put_image(IMAGE, LATEST)
    await running.put_manifest(SIGNATURE, SIGNED)
    await running.copying.copy(EVERYBODY, ORDER)
    await running.put_manifest(SECOND, SIGNED)

    await running.copying.copy(EVERYBODY, ORDER)

    assert await tagged(running, SIGNED) == SECOND.digest


async def test_what_the_target_says_by_itself_stays(running: RunningCore) -> None:
    """A derived tag that points at what the source's never did is kept, and told of."""
    await running.put_image(IMAGE, LATEST)
    await running.put_manifest(SIGNATURE, SIGNED)
    await running.put_image(SECOND, SIGNED, repository=TARGET)

    copied = await running.copying.copy(EVERYBODY, ORDER)

    assert await tagged(running, SIGNED) == SECOND.digest
    assert copied.plan.kept == [SIGNED]
    assert await live(running, SIGNATURE) == [True]


async def test_what_went_along_before_is_not_brought_again(running: RunningCore) -> None:
    """Who follows brings what is new: what was deleted in the target stays deleted."""
    await running.put_image(IMAGE, LATEST)
    await running.put_manifest(SIGNATURE)
    copied = await running.copying.copy(EVERYBODY, ORDER)
    await running.delete.manifest(EVERYBODY, TARGET, SIGNATURE.digest)
    await running.put_manifest(SECOND)

    await running.copying.copy(EVERYBODY, replace(ORDER, known=copied.plan.entries))

    assert await live(running, SIGNATURE, SECOND) == [False, True]


async def test_nothing_follows_what_is_gone(running: RunningCore) -> None:
    """Once the artifact was deleted in the target, nothing comes there any more."""
    await running.put_image(IMAGE, LATEST)
    await running.copying.copy(EVERYBODY, ORDER)
    await running.delete.manifest(EVERYBODY, TARGET, IMAGE.digest)
    await running.put_manifest(SIGNATURE)

    with pytest.raises(SubjectGone):
        await running.copying.copy(EVERYBODY, replace(ORDER, known=frozenset({Entry(IMAGE.digest)})))


async def test_within_a_repository_only_the_tag_is_set(running: RunningCore) -> None:
    """Source and target may be the same."""
    await running.put_image(IMAGE, LATEST)

    copied = await running.copying.copy(EVERYBODY, replace(ORDER, target=REPOSITORY, tags=(TagName("stable"),)))

    assert copied.manifests == 0
    assert await tagged(running, "stable", REPOSITORY) == IMAGE.digest


@pytest.mark.parametrize(
    ("operation", "repository"),
    [
        (Operation.TAG_COPY, REPOSITORY),
        (Operation.MANIFEST_READ, REPOSITORY),
        (Operation.MOUNT, REPOSITORY),
        (Operation.MANIFEST_WRITE, TARGET),
        (Operation.TAG_SET, TARGET),
        (Operation.UPLOAD_START, TARGET),
    ],
)
async def test_every_gate_is_asked_and_a_refusal_shows_nothing(
    running: RunningCore, operation: Operation, repository: RepositoryName
) -> None:
    """Reading asks the gates of the source, writing those of the target; there is no tag, and nothing to pull."""
    await running.put_image(IMAGE, LATEST)
    gate = PlantedGate(Deny("not so"), frozenset({operation}))
    running.core.gates.mount([gate])

    with pytest.raises(Denied):
        await running.copying.copy(BOB, ORDER)

    assert {asked.repository for asked in gate.asked} == {repository}
    assert not any(row[1] == TARGET and row[5] for row in (await running.tables())["repositories"])


async def test_a_refusal_of_the_last_writes_nothing_of_the_first(running: RunningCore) -> None:
    """Everybody is asked about everything before the first of it is written."""
    await running.put_image(IMAGE, LATEST)
    await running.put_manifest(SIGNATURE)
    running.core.gates.mount(
        [
            PlantedGate(
                lambda context: Deny("no") if context.digest == IMAGE.digest else Allow(),
                frozenset({Operation.MANIFEST_WRITE}),
            )
        ]
    )
    before = await running.tables()

    with pytest.raises(Denied):
        await running.copying.copy(EVERYBODY, ORDER)

    assert await running.tables() == before


@pytest.mark.parametrize(
    ("order", "raised"),
    [
        (replace(ORDER, source=RepositoryName("team/none")), NameUnknown),
        (replace(ORDER, digest=SIGNATURE.digest), ManifestUnknown),
    ],
)
async def test_what_is_not_there_is_not_copied(running: RunningCore, order: Order, raised: type[AppError]) -> None:
    """Neither from a repository that does not exist, nor an artifact that it lacks."""
    await running.put_image(IMAGE, LATEST)

    with pytest.raises(raised):
        await running.copying.copy(EVERYBODY, order)


async def test_who_may_not_read_hears_of_nothing(running: RunningCore) -> None:
    """The answer is that of a repository that does not exist."""
    await running.put_image(IMAGE, LATEST)
    closed = RunningCore(replace(running.core, authorizer=AllowNothing()), running.clock)

    with pytest.raises(NameUnknown):
        await closed.copying.copy(EVERYBODY, ORDER)


async def test_a_token_covers_both_ends(running: RunningCore) -> None:
    """One that covers the target only is no way to the source."""
    await running.put_image(IMAGE, LATEST)
    narrow = Principal(PrincipalKind.USER, "bob", (Scope(TARGET, frozenset({Action.PULL, Action.PUSH})),))

    with pytest.raises(InsufficientScope):
        await running.copying.copy(Caller(narrow), ORDER)


async def test_another_store_is_refused(running: RunningCore) -> None:
    """Nothing is mounted from one store into another, and the message says what to do."""
    await running.put_image(IMAGE, LATEST)
    await running.database.write(_make_elsewhere)

    with pytest.raises(CopyAcrossStores):
        await running.copying.copy(EVERYBODY, ORDER)


async def test_a_source_that_lost_bytes_is_refused(running: RunningCore) -> None:
    """A blob that is known and not there cannot be mounted."""
    await running.put_image(IMAGE, LATEST)
    found = await running.database.read(blobs.find, REPOSITORY, IMAGE_LAYER)
    assert found is not None
    await running.database.write(blobs.mark_missing, found.object_key)

    with pytest.raises(CopyIncomplete):
        await running.copying.copy(EVERYBODY, ORDER)

    assert await live(running, IMAGE) == [False]


async def test_too_much_is_refused(running: RunningCore, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a limit to how much belongs to one artifact, and another to how far."""
    graph = Graph()
    built = graph.image(0)
    for number in range(4):
        built = graph.image(number + 1, built)
    await push(running, graph)
    order = replace(ORDER, digest=next(iter(graph.manifests)))

    monkeypatch.setattr(closure, "MAX_DEPTH", 3)
    with pytest.raises(ClosureTooLarge, match="steps away"):
        await running.copying.copy(EVERYBODY, order)
    monkeypatch.setattr(closure, "MAX_MANIFESTS", 3)
    with pytest.raises(ClosureTooLarge, match="more than 3 manifests"):
        await running.copying.copy(EVERYBODY, order)
