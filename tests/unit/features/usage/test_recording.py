# SPDX-License-Identifier: Apache-2.0
"""When tags and manifests were last used: which accesses are uses, and how long that is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import delete

from entrepot.features.usage import LastUses
from entrepot.features.usage import forget_start
from entrepot.features.usage import last_uses
from entrepot.features.usage import recording
from entrepot.features.usage.recorder import CONSUMER
from entrepot.features.usage.recorder import KEPT_AFTER_DELETION_MS
from entrepot.features.usage.recorder import ROWS_PER_LOOK
from entrepot.features.usage.recorder import Recorder
from entrepot.features.usage.store import uses
from entrepot.infra.events import outbox
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import internal
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import sqlite_of
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.builders.plans import noted_plans

pytestmark = pytest.mark.anyio

IMAGE, OTHER = an_image_manifest(), an_image_manifest(annotations={"which": "other"})
INDEX = an_index(IMAGE.descriptor(), OTHER.descriptor())
TAG, LATEST = TagName("1.0"), TagName("latest")
MIRROR = Principal(PrincipalKind.ROBOT, "team.mirror")
WAYS = [(TAG, False), (TAG, True), (IMAGE.digest, False), (IMAGE.digest, True)]

CLIENTS = [
    Caller(Principal(PrincipalKind.USER, "alice")),
    Caller(Principal(PrincipalKind.ROBOT, "team.ci")),
    Caller(Principal(PrincipalKind.WORKLOAD, "cluster")),
    Caller(ANONYMOUS),
]
OTHERS = [
    *(Caller(internal(name)) for name in ("scanner", "replication", "console", "collector")),
    Caller(Principal(PrincipalKind.USER, "alice"), is_looking=True),
    Caller(MIRROR),
]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A core whose uses are noted when a test says so."""

    running: RunningCore
    recorder: Recorder

    async def ask(self, reference: Digest | TagName, *, is_head: bool = False, caller: Caller = EVERYBODY) -> int:
        """Ask for a manifest some time later; return that moment."""
        self.running.clock.advance(1_000)
        await self.running.pull.manifest(caller, REPOSITORY, reference, is_head=is_head)
        await self.running.core.facts.flush()
        return self.running.clock()

    async def note(self, times: int = 1) -> None:
        """Note all events, so many times."""
        for _ in range(times):
            events = await self.running.events()
            ids = {REPOSITORY: await self.repository()}
            await self.running.database.write(self.recorder.note, [*events[::2], *events[1::2]], ids)

    async def repository(self) -> RepositoryId:
        """Return the repository."""
        found = await self.running.database.read(repositories.find, REPOSITORY)
        assert found is not None
        return found.id

    async def known(self) -> LastUses:
        """Return what is known of all that these tests use."""
        digests = [IMAGE.digest, OTHER.digest, INDEX.digest]
        return await self.running.database.snapshot(last_uses, await self.repository(), [TAG, LATEST], digests)


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    """Hold a core with uses recorded since now, and the robot `team.mirror` on the list."""
    with a_core(tmp_path) as running:
        recorder = Recorder(running.database, running.clock, [MIRROR.identity])
        running.database.write_now(recorder.begin)
        yield Recorded(running, recorder)


@pytest.mark.parametrize("caller", CLIENTS, ids=lambda caller: caller.principal.identity)
@pytest.mark.parametrize(("reference", "is_head"), WAYS)
async def test_whatever_a_client_asks_for_is_used(
    recorded: Recorded, reference: Digest | TagName, is_head: bool, caller: Caller
) -> None:
    """A GET and a HEAD alike; by a tag the tag and the manifest, by a digest the manifest."""
    await recorded.running.put_image(IMAGE, TAG, LATEST)
    at = await recorded.ask(reference, is_head=is_head, caller=caller)
    await recorded.note()

    known = await recorded.known()
    assert known.artifacts == {IMAGE.digest: at}
    assert known.tags == ({TAG: at} if reference == TAG else {})


@pytest.mark.parametrize("caller", OTHERS, ids=lambda caller: f"{caller.principal.identity} {caller.is_looking}")
@pytest.mark.parametrize(("reference", "is_head"), WAYS)
async def test_what_no_client_asks_for_is_not_used(
    recorded: Recorded, reference: Digest | TagName, is_head: bool, caller: Caller
) -> None:
    """Neither parts of the registry, nor who looks at it in the console, nor a listed robot uses anything."""
    await recorded.running.put_image(IMAGE, TAG)
    await recorded.ask(reference, is_head=is_head, caller=caller)
    await recorded.note()

    known = await recorded.known()
    assert (known.tags, known.artifacts) == ({}, {})


async def test_the_newest_use_counts(recorded: Recorded) -> None:
    """However often events are told, and in whatever order."""
    await recorded.running.put_image(IMAGE, TAG, LATEST)
    await recorded.ask(TAG)
    await recorded.note()
    by_head, by_tag = await recorded.ask(TAG, is_head=True), await recorded.ask(LATEST)
    by_digest = await recorded.ask(IMAGE.digest, is_head=True)
    await recorded.note(times=2)

    known = await recorded.known()
    assert known.tags == {TAG: by_head, LATEST: by_tag}
    assert known.artifacts == {IMAGE.digest: by_digest}


async def test_the_entry_of_an_index_is_used_with_it(recorded: Recorded) -> None:
    """Who pulls an index uses it and the entry that they fetch, and no other entry."""
    for image in (IMAGE, OTHER):
        await recorded.running.put_image(image)
    await recorded.running.put_manifest(INDEX, TAG)
    of_index, of_child = await recorded.ask(TAG), await recorded.ask(IMAGE.digest)
    await recorded.note()

    known = await recorded.known()
    assert known.tags == {TAG: of_index}
    assert known.artifacts == {INDEX.digest: of_index, IMAGE.digest: of_child}


async def test_a_tag_that_moves_takes_its_use_along(recorded: Recorded) -> None:
    """A use of a tag is one of the manifest that it pointed at then, not of what it points at now."""
    await recorded.running.put_image(IMAGE, TAG)
    at = await recorded.ask(TAG, is_head=True)
    await recorded.running.put_image(OTHER, TAG)
    await recorded.note()

    known = await recorded.known()
    assert (known.tags, known.artifacts) == ({TAG: at}, {IMAGE.digest: at})


async def test_what_is_not_known_is_not_old(recorded: Recorded) -> None:
    """What nobody used is idle since uses are recorded; that begins again for a restored database."""
    await recorded.running.put_image(IMAGE, TAG)
    began = recorded.running.clock()
    at = await recorded.ask(TAG)
    await recorded.note()
    before = await recorded.known()
    await recorded.running.database.write(forget_start)
    recorded.running.clock.advance(DAY_MS)
    await recorded.running.database.write(recorded.recorder.begin)
    restored = await recorded.known()

    assert (before.tag_idle_since(TAG), before.tag_idle_since(LATEST)) == (at, began)
    assert before.artifact_idle_since(OTHER.digest) == began
    assert restored.tag_idle_since(TAG) == restored.artifact_idle_since(IMAGE.digest) == began + 1_000 + DAY_MS


async def test_it_begins_once(recorded: Recorded) -> None:
    """Another start, or another process, does not make what is known forgotten."""
    began = recorded.running.clock()
    recorded.running.clock.advance(DAY_MS)
    await recorded.running.database.write(recorded.recorder.begin)

    assert (await recorded.running.database.snapshot(recording)).since == began


async def test_uses_of_a_purged_manifest_go(recorded: Recorded) -> None:
    """What is in the bin keeps its uses; a tag keeps them for as long as it may be restored."""
    await recorded.running.put_image(IMAGE, TAG)
    at = await recorded.ask(TAG)
    await recorded.note()
    await recorded.running.delete.manifest(EVERYBODY, REPOSITORY, IMAGE.digest)
    recorded.running.clock.advance(KEPT_AFTER_DELETION_MS)
    await recorded.recorder.forget_gone()
    in_the_bin = await recorded.known()
    await recorded.running.database.write(_purge)
    await recorded.recorder.forget_gone()
    purged = await recorded.known()
    recorded.running.clock.advance(1)
    await recorded.recorder.forget_gone()

    assert (in_the_bin.tags, in_the_bin.artifacts) == ({TAG: at}, {IMAGE.digest: at})
    assert (purged.tags, purged.artifacts) == ({TAG: at}, {})
    assert (await recorded.known()).tags == {}


async def test_every_use_is_looked_at(recorded: Recorded) -> None:
    """However many pages there are; what is there stays."""
    await recorded.running.put_image(IMAGE, TAG)
    at = await recorded.ask(TAG)
    await recorded.note()
    repo_id = await recorded.repository()
    gone = {(repo_id, TagName(f"gone-{number:05}")): Milliseconds(1) for number in range(2 * ROWS_PER_LOOK)}
    await recorded.running.database.write(uses.note_tags, gone)
    reports: list[int] = []
    await recorded.recorder.forget_gone(reports.append)

    rows = (await recorded.running.tables())["usage_tag_uses"]
    assert rows == [(repo_id, TAG, at)]
    assert len(reports) == 4


async def test_what_waits_is_told(recorded: Recorded) -> None:
    """Whoever deletes by what is known learns that uses wait to be noted, and since when."""
    database = recorded.running.database
    await database.write(outbox.register, CONSUMER, recorded.running.clock())
    before = await database.snapshot(recording)
    await recorded.running.put_image(IMAGE, TAG)
    pushed = recorded.running.clock()
    await recorded.ask(TAG)

    assert before.behind_since is None
    assert (await database.snapshot(recording)).behind_since == pushed


@pytest.mark.sqlite
async def test_many_are_read_at_once(recorded: Recorded) -> None:
    """Tags and digests of a repository take a statement each, which seeks."""
    await recorded.running.put_image(IMAGE, TAG)
    with noted_plans(sqlite_of(recorded.running.database)) as plans:
        await recorded.known()

    assert [plan for plan in plans if "usage_" in plan] == [
        "SCAN usage_recordings",
        "SEARCH usage_tag_uses USING INDEX sqlite_autoindex_usage_tag_uses_1 (repo_id=? AND tag=?)",
        "SEARCH usage_artifact_uses USING INDEX sqlite_autoindex_usage_artifact_uses_1 (repo_id=? AND digest=?)",
    ]


def _purge(connection: Connection) -> None:
    connection.execute(delete(manifests).where(manifests.c.digest == IMAGE.digest))
