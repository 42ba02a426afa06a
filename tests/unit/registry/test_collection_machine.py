# SPDX-License-Identifier: Apache-2.0
"""Random graphs in two repositories, collected in any order of steps: what is live stays, everything else goes."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.held_upload import Chunk
from entrepot.registry.reclaim import SETTLED_MS
from entrepot.registry.store import backups
from entrepot.registry.store.backups import BackupId
from entrepot.registry.store.backups import Facts
from entrepot.registry.store.backups import NewBackup
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.verify import Options
from entrepot.registry.verify import verify_report
from tests.builders.core import EVERYBODY
from tests.builders.core import a_core
from tests.builders.core import body_of
from tests.builders.databases import dropping
from tests.unit.registry.collecting import Collecting
from tests.unit.registry.collection_model import LEASE_MS
from tests.unit.registry.collection_model import WINDOW_MS
from tests.unit.registry.collection_model import RepositoryModel
from tests.unit.registry.collection_model import a_registry
from tests.unit.registry.graph_model import Node
from tests.unit.registry.graph_model import Refused
from tests.unit.registry.test_graph import BLOB_NUMBERS
from tests.unit.registry.test_graph import BLOBS
from tests.unit.registry.test_graph import MANIFESTS
from tests.unit.registry.test_graph import PLANS
from tests.unit.registry.test_graph import PUSHED
from tests.unit.registry.test_graph import TAGS
from tests.unit.registry.test_graph import Plan
from tests.unit.registry.test_graph import planned

NAMES = [RepositoryName("team/app"), RepositoryName("team/elsewhere")]
WHERE = st.sampled_from(NAMES)
SIZES = {digest_of(blob): len(blob) for blob in BLOBS}
BACK_MS = 20 * HOUR_MS
"""How far the clock may be set back: less than a lease, so that no lease ends before one that has been looked at."""
STEPS = ["drop_ended_holds", "find_unused", "unlink", "remove_blobs", "delete_objects", "release", "purge", "expire"]
KEPT_MS = 2 * WINDOW_MS
"""How long a backup is kept."""


@dataclass
class Backed:
    """A backup: until when it is kept, and the keys that it names, None before it is taken."""

    id: BackupId
    until: Milliseconds
    named: set[str] | None = None
    is_over: bool = False


Rows = tuple[set[tuple[str, Digest]], set[tuple[str, Digest]]]


class Collection(RuleBasedStateMachine):
    """Does the same to a registry and to the model, with a collector whose steps come when they like."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-collection-")))
        self.stack.enter_context(dropping())
        self.running = self.stack.enter_context(a_core(folder, manifest_cache_mib=0))
        self.collecting = Collecting(self.running)
        self.model = a_registry(NAMES, self.running.clock)
        self.latest = self.running.clock()
        self.nodes: list[Node] = []
        self.snapshots: dict[str, Backed] = {}
        self.is_verified = False

    def teardown(self) -> None:
        """Let every window end and everything be collected: exactly what is live is left."""
        with self.stack:
            if self.nodes:
                self._advance(self.latest - self.running.clock() + 2 * WINDOW_MS + LEASE_MS + SETTLED_MS)
                self.runner.run(self.running.uploads.expire())
                self.runner.run(self.collecting.collect())
                for repository in self.model.repositories.values():
                    repository.settle()
                self.runner.run(self._exactly_what_is_live_is_left())
                self.is_verified = False
                self.everything_live_is_there()

    @initialize(plans=st.lists(PLANS, min_size=MANIFESTS, max_size=MANIFESTS), pushed=st.sets(st.integers(0, 11)))
    def choose(self, plans: list[Plan], pushed: set[int]) -> None:
        """Choose what may be pushed, and push every blob everywhere and some manifests, the last one first."""
        self.nodes = planned(plans)
        for name in NAMES:
            self.put_all_blobs(name)
        for number in sorted(pushed, reverse=True):
            self.put_manifest(NAMES[number // MANIFESTS], number % MANIFESTS, [])

    @rule(name=WHERE, number=BLOB_NUMBERS)
    def put_blob(self, name: RepositoryName, number: int) -> None:
        """Push a blob, again or for the first time."""
        self.model.repositories[name].put_blob(digest_of(BLOBS[number]))
        self.runner.run(self.running.put_blob(BLOBS[number], name))

    @rule(name=WHERE)
    def put_all_blobs(self, name: RepositoryName) -> None:
        """Push every blob, so that manifests can be."""
        for number in range(len(BLOBS)):
            self.put_blob(name, number)

    @rule(number=BLOB_NUMBERS, source=WHERE)
    def mount(self, number: int, source: RepositoryName) -> None:
        """Mount a blob from one repository into the other."""
        digest, [target] = digest_of(BLOBS[number]), [name for name in NAMES if name != source]
        is_there = bool(self.model.repositories[source].blobs.get(digest))
        if is_there:
            self.model.repositories[target].put_blob(digest)
        assert self.runner.run(self.running.mounts.mount(EVERYBODY, target, digest, source)) is is_there

    @rule(name=WHERE, number=BLOB_NUMBERS)
    def delete_blob(self, name: RepositoryName, number: int) -> None:
        """Delete a blob, whoever uses it."""
        digest = digest_of(BLOBS[number])
        self._same(
            lambda: self.model.repositories[name].delete_blob(digest),
            self.running.delete.blob(EVERYBODY, name, digest),
        )

    @rule(name=WHERE, number=st.integers(0, MANIFESTS - 1), wanted=st.lists(TAGS, max_size=2, unique=True))
    def put_manifest(self, name: RepositoryName, number: int, wanted: list[int]) -> None:
        """Push a manifest, whether or not what it refers to is here."""
        node, tags = self.nodes[number], [self._tag(tag) for tag in wanted]
        self._same(
            lambda: self.model.repositories[name].put_manifest(node, tags),
            self.running.put_manifest(node.built, *tags, repository=name),
        )

    @rule(name=WHERE, tag=TAGS)
    def delete_tag(self, name: RepositoryName, tag: int) -> None:
        """Delete a tag."""
        self._same(
            lambda: self.model.repositories[name].delete_tag(self._tag(tag)),
            self.running.delete.tag(EVERYBODY, name, self._tag(tag)),
        )

    @rule(name=WHERE, number=PUSHED)
    def delete_manifest(self, name: RepositoryName, number: int) -> None:
        """Delete a manifest by digest."""
        digest = self._node(name, number).digest
        self._same(
            lambda: self.model.repositories[name].delete_manifest(digest),
            self.running.delete.manifest(EVERYBODY, name, digest),
        )

    @rule(name=WHERE, number=PUSHED, blobs=st.sets(BLOB_NUMBERS, max_size=2))
    def outlast(self, name: RepositoryName, number: int, blobs: set[int]) -> None:
        """Delete a manifest, let its window end, and push blobs again that it may have held."""
        self.delete_manifest(name, number)
        self._advance(WINDOW_MS)
        for blob in sorted(blobs):
            self.put_blob(name, blob)

    @rule(name=WHERE, tag=TAGS, number=PUSHED)
    def restore_tag(self, name: RepositoryName, tag: int, number: int) -> None:
        """Point a tag at what was pushed once, and may have been purged."""
        digest = self._node(name, number).digest
        self._same(
            lambda: self.model.repositories[name].restore_tag(self._tag(tag), digest),
            self.running.undelete.restore_tag(EVERYBODY, name, self._tag(tag), digest),
        )

    @rule(name=WHERE)
    def leave_an_upload(self, name: RepositoryName) -> None:
        """Begin an upload, and never come back."""
        session = self.runner.run(self.running.uploads.start(EVERYBODY, name))
        self.runner.run(self.running.uploads.append(name, session.id, Chunk(body_of(b"half a layer"))))

    @rule(name=WHERE, number=st.integers(0, MANIFESTS + len(BLOBS) - 1), span_ms=st.sampled_from([0, WINDOW_MS * 2]))
    def pin(self, name: RepositoryName, number: int, span_ms: int) -> None:
        """Hold a manifest or a blob, whether or not it is there."""
        digests = [*(node.digest for node in self.nodes), *SIZES]
        until = self.running.clock() + span_ms
        self.model.repositories[name].pins.append((digests[number], until))
        self.runner.run(self.collecting.hold(digests[number], until, name))

    @rule(span_ms=st.sampled_from([-BACK_MS, HOUR_MS, SETTLED_MS, LEASE_MS, LEASE_MS + SETTLED_MS, WINDOW_MS]))
    def wait(self, span_ms: int) -> None:
        """Let time go by, up to the very end of a lease or a window, or set the clock back."""
        if self.running.clock() + span_ms >= self.latest - BACK_MS:
            self._advance(span_ms)

    @rule(step=st.sampled_from(STEPS))
    def do_one_step(self, step: str) -> None:
        """Do one of the collector's steps, whichever comes."""
        steps = {name: getattr(self.collecting.steps, name) for name in STEPS[:-2]}
        steps |= {"purge": self.collecting.purge, "expire": self.running.uploads.expire}
        self.runner.run(steps[step]())
        self.runner.run(self._observe())

    @rule()
    def collect(self) -> None:
        """Do them all."""
        self.runner.run(self.collecting.collect())
        self.runner.run(self._observe())

    @rule()
    def begin_a_backup(self) -> None:
        """Record that a backup is about to be taken."""
        name = f"backup-{len(self.snapshots)}"
        until = after(self.running.clock(), KEPT_MS)
        new = NewBackup(name, "elsewhere", "a test", self.running.clock(), until)
        self.snapshots[name] = Backed(self.runner.run(self.running.database.write(backups.add, new)), until)

    @rule(place=st.integers(0, 99))
    def take_it(self, place: int) -> None:
        """Take one that was begun, unless it has ended: from now on it is known what it names."""
        under_way = [each for each in self.snapshots.values() if each.named is None and not each.is_over]
        if under_way:
            backed = under_way[place % len(under_way)]
            objects = self.runner.run(self.running.tables())["objects"]
            backed.named = {str(row[0]) for row in objects}
            newest = max((row[-1] for row in objects), default=backups.NOTHING_NAMED)
            facts = (backed.id, (self.running.clock(), backed.until), newest, Facts())
            assert self.runner.run(self.running.database.write(backups.complete, *facts))

    @rule(place=st.integers(0, 99))
    def give_up_a_backup(self, place: int) -> None:
        """Remove one, taken or not."""
        if self.snapshots:
            name = list(self.snapshots)[place % len(self.snapshots)]
            self.runner.run(self.running.database.write(backups.end, name, self.running.clock()))
            self.snapshots[name].is_over = True

    @rule(name=WHERE, number=PUSHED)
    def rehearse(self, name: RepositoryName, number: int) -> None:
        """Ask what deleting would free: exactly what goes only because of it, and nothing has changed."""
        digest = self._node(name, number).digest
        if not self.model.repositories[name].is_live(digest):
            return
        expected = self.model.freed_by_deleting(name, digest)
        before = self.runner.run(self.running.tables())
        promise = self.runner.run(self.collecting.promises.preview(EVERYBODY, name, digest))
        held_back = promise.held_back
        assert promise.freed_bytes + sum(each.bytes for each in held_back) == sum(SIZES[blob] for blob in expected)
        assert promise.objects + sum(each.objects for each in held_back) == len(expected)
        assert self.runner.run(self.running.tables()) == before

    @rule(name=WHERE, number=PUSHED)
    def free_now(self, name: RepositoryName, number: int) -> None:
        """Delete for good: the store lists less by what is promised, and the manifest is gone unless it is held."""
        digest, repository = self._node(name, number).digest, self.model.repositories[name]
        if digest not in repository.stored:
            return
        before = self.runner.run(self.collecting.stored_bytes())
        repository.free_now(digest)
        promise = self.runner.run(self.collecting.promises.free_now(EVERYBODY, name, digest))
        assert before - self.runner.run(self.collecting.stored_bytes()) == promise.freed_bytes
        self.runner.run(self._observe())
        assert digest not in repository.stored or repository.must_keep(digest)

    @precondition(lambda self: self.nodes)
    @invariant()
    def everything_live_is_there(self) -> None:
        """Whatever is live is pulled byte-exact; whenever something was collected, database and storage agree."""
        self.runner.run(self._check())

    async def _check(self) -> None:
        core = self.running.core
        stored = await self.collecting.stored()
        known = {each.name for each in await core.database.read(backups.holding)}
        for name, backed in self.snapshots.items():
            assert backed.is_over or name in known or self.latest >= backed.until
            backed.is_over = backed.is_over or name not in known
            assert backed.is_over or stored.keys() >= (backed.named or set())
        for name, repository in self.model.repositories.items():
            await self._check_repository(name, repository)
        if not self.is_verified:
            report = await verify_report(core.database, core.stores, core.clock, Options(is_deep=True))
            assert not report.findings
            self.is_verified = True

    async def _check_repository(self, name: RepositoryName, repository: RepositoryModel) -> None:
        pull = self.running.pull
        for node in repository.live():
            assert (await pull.manifest(EVERYBODY, name, node.digest, is_head=False)).payload == node.built.payload
        for tag, digest in repository.tags.items():
            if digest is not None:
                assert (await pull.manifest(EVERYBODY, name, TagName(tag), is_head=True)).digest == digest
        for blob in BLOBS:
            if repository.blobs.get(digest_of(blob)):
                assert await self.running.get_blob(digest_of(blob), name) == blob

    async def _observe(self) -> None:
        """Let the model forget what the registry has forgotten, all of which it may."""
        self.is_verified = False
        rows, links = await self.running.database.snapshot(_rows)
        for name, repository in self.model.repositories.items():
            gone = {digest for digest in repository.stored if (name, digest) not in rows}
            while some := {digest for digest in gone if not repository.must_keep(digest)}:
                for digest in some:
                    repository.forget_manifest(digest)
                gone -= some
            assert not gone
            for blob in [digest for digest in repository.blobs if (name, digest) not in links]:
                assert not repository.must_keep_link(blob)
                repository.forget_link(blob)

    async def _exactly_what_is_live_is_left(self) -> None:
        rows, links = await self.running.database.snapshot(_rows)
        everywhere = self.model.repositories.items()
        kept = {digest for _, repository in everywhere for digest in repository.blobs}
        left = await self.collecting.left()
        assert rows == {(name, digest) for name, repository in everywhere for digest in repository.stored}
        assert links == {(name, digest) for name, repository in everywhere for digest in repository.blobs}
        assert left.get("blobs", 0) == left.get("objects", 0) == len(kept)
        assert await self.collecting.stored_bytes() == sum(SIZES[digest] for digest in kept)
        assert left.keys() <= {"manifests", "manifest_blobs", "manifest_children", "repo_blobs", "blobs", "objects"}
        usage = await self.collecting.usage()
        counted = {kind: sum(n for (_, of), n in usage.items() if of == kind) for kind in ("manifests", "blobs")}
        assert counted == {"manifests": len(rows), "blobs": len(links)}

    def _advance(self, span_ms: int) -> None:
        self.running.clock.advance(span_ms)
        self.latest = max(self.latest, self.running.clock())

    def _node(self, name: RepositoryName, number: int) -> Node:
        live = self.model.repositories[name].live()
        return live[number % len(live)] if number >= MANIFESTS and live else self.nodes[number % MANIFESTS]

    def _tag(self, number: int) -> TagName:
        """Name a tag: an ordinary one, or one named after the first manifest or the second."""
        first, second = (referrers_tag(node.digest) for node in self.nodes[:2])
        return TagName(["latest", "v1", first, f"{second}.sig", f"{first}-and-more"][number])

    def _same(self, change: Callable[[], None], doing: Coroutine[Any, Any, object]) -> None:
        """Do it to both, and find that the registry refuses what the model does."""
        expected = refusal = None
        try:
            change()
        except Refused as refused:
            expected = str(refused)
        try:
            self.runner.run(doing)
        except AppError as error:
            refusal = error.code
        assert refusal == expected


def _rows(connection: Connection) -> Rows:
    """Return which manifests, deleted ones too, and which links to blobs there are."""
    of_manifests = select(repositories.c.name, manifests.c.digest).join(manifests)
    of_links = select(repositories.c.name, repo_blobs.c.digest).join(repo_blobs)
    found = ({(row.name, Digest(row.digest)) for row in connection.execute(of)} for of in (of_manifests, of_links))
    return next(found), next(found)


TestCollection = Collection.TestCase
TestCollection.settings = settings(
    max_examples=int(os.environ.get("ENTREPOT_TEST_EXAMPLES", "10")),
    stateful_step_count=30,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
