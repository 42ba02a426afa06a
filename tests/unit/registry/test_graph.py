# SPDX-License-Identifier: Apache-2.0
"""Random graphs of blobs, manifests, indexes, referrers and tags, against a model that is plain sets."""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from typing import NamedTuple

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from sqlalchemy import Connection

from entrepot.infra.events import outbox
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import referrers_tag
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_FOREIGN_LAYER
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.reference import TagName
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import decode
from entrepot.registry.referrers import Referrers
from entrepot.registry.repositories import Repositories
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.tags import HistoryEntry
from entrepot.registry.verify import Options
from entrepot.registry.verify import verify_report
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import until_final
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.graph_model import GraphModel
from tests.unit.registry.graph_model import Happened
from tests.unit.registry.graph_model import Node
from tests.unit.registry.graph_model import Refused

BLOBS = [b"a configuration", b"a layer", b"another layer", b"a layer that may be kept elsewhere"]
MANIFESTS = 6
BLOB_NUMBERS = st.integers(0, len(BLOBS) - 1)
NUMBERS = st.integers(0, MANIFESTS - 1)
TAGS = st.integers(0, 4)


class Plan(NamedTuple):
    """What a manifest will refer to: blobs and earlier manifests, by number. Only an index has children."""

    blobs: set[int]
    children: set[int] | None
    subject: int | None


PUSHED = st.integers(0, 2 * MANIFESTS)
"""Numbers from `MANIFESTS` on mean a manifest that is live, if there is one: so that most steps change something."""
PLANS = st.builds(Plan, st.sets(BLOB_NUMBERS), st.none() | st.sets(NUMBERS), st.none() | NUMBERS)


def planned(plans: list[Plan]) -> list[Node]:
    """Build the manifests. A number that is not that of an earlier manifest is passed over."""
    nodes: list[Node] = []
    for number, plan in enumerate(plans):
        earlier = dict(enumerate(nodes))
        subject = earlier.get(plan.subject) if plan.subject is not None else None
        fields: dict[str, Any] = {"annotations": {"number": str(number)}}
        if subject is not None:
            fields["subject"] = subject.built.descriptor()
        blobs = [BLOBS[number] for number in plan.blobs]
        if plan.children is None:
            node = _an_image([BLOBS[0], *blobs], fields)
        else:
            node = _an_index(blobs, [earlier[child] for child in plan.children if child in earlier], fields)
        nodes.append(replace(node, subject=subject.digest if subject else None))
    return nodes


def _an_image(blobs: list[bytes], fields: dict[str, Any]) -> Node:
    layers = [a_descriptor(blob, OCI_FOREIGN_LAYER if blob == BLOBS[3] else OCI_LAYER_GZIP) for blob in blobs]
    built = an_image_manifest(config=a_descriptor(BLOBS[0], OCI_CONFIG), layers=layers, **fields)
    listed = frozenset(map(digest_of, blobs))
    return Node(built, listed - {digest_of(BLOBS[3])}, listed)


def _an_index(blobs: list[bytes], children: list[Node], fields: dict[str, Any]) -> Node:
    built = an_index(*map(a_descriptor, blobs), *(child.built.descriptor() for child in children), **fields)
    listed = frozenset([*map(digest_of, blobs), *(child.digest for child in children)])
    return Node(built, listed=listed, is_index=True)


class Graph(RuleBasedStateMachine):
    """Does the same to a repository and to the model, and compares them after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.model = GraphModel()
        self.cursor = outbox.BEGINNING
        self.events: list[Event] = []
        self.nodes: list[Node] = []
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-graph-")))
        self.running: RunningCore = self.stack.enter_context(a_core(folder))

    def teardown(self) -> None:
        """Verify the whole database, then let go of it."""
        with self.stack:
            core = self.running.core
            report = self.runner.run(verify_report(core.database, core.stores, core.clock, Options(is_deep=True)))
            assert report.is_clean, report.findings

    @initialize(plans=st.lists(PLANS, min_size=MANIFESTS, max_size=MANIFESTS))
    def choose(self, plans: list[Plan]) -> None:
        """Choose what may be pushed, and push the first blob."""
        self.nodes = planned(plans)
        self.put_blob(0)

    @rule(number=BLOB_NUMBERS)
    def put_blob(self, number: int) -> None:
        """Push a blob, again or for the first time."""
        self.model.put_blob(digest_of(BLOBS[number]))
        self.runner.run(self.running.put_blob(BLOBS[number]))

    @rule()
    def put_all_blobs(self) -> None:
        """Push every blob, so that manifests can be."""
        for number in range(len(BLOBS)):
            self.put_blob(number)

    @rule(number=BLOB_NUMBERS)
    def delete_blob(self, number: int) -> None:
        """Delete a blob, whoever uses it."""
        digest = digest_of(BLOBS[number])
        expected = self._expect(lambda: self.model.delete_blob(digest))
        self._compare(expected, self.running.delete.blob(EVERYBODY, REPOSITORY, digest))

    @rule(number=NUMBERS, wanted=st.lists(TAGS, max_size=3, unique=True))
    def put_manifest(self, number: int, wanted: list[int]) -> None:
        """Push a manifest with any number of tags, whether or not what it refers to is here."""
        node, names = self.nodes[number], [self._tag(tag) for tag in wanted]
        expected = self._expect(lambda: self.model.put_manifest(node, names))
        self._compare(expected, self.running.put_manifest(node.built, *names))

    @rule(tag=TAGS)
    def delete_tag(self, tag: int) -> None:
        """Delete a tag."""
        name = self._tag(tag)
        expected = self._expect(lambda: self.model.delete_tag(name))
        self._compare(expected, self.running.delete.tag(EVERYBODY, REPOSITORY, name))

    @rule(number=PUSHED)
    def delete_manifest(self, number: int) -> None:
        """Delete a manifest by digest."""
        digest = self._node(number).digest
        expected = self._expect(lambda: self.model.delete_manifest(digest))
        self._compare(expected, self.running.delete.manifest(EVERYBODY, REPOSITORY, digest))

    @rule(tag=TAGS, number=PUSHED)
    def restore_tag(self, tag: int, number: int) -> None:
        """Point a tag at what was pushed once."""
        name, digest = self._tag(tag), self._node(number).digest
        expected = self._expect(lambda: self.model.restore_tag(name, digest))
        self._compare(expected, self.running.undelete.restore_tag(EVERYBODY, REPOSITORY, name, digest))

    @rule(days=st.integers(-2, 9))
    def wait(self, days: int) -> None:
        """Let the clock run, or jump back."""
        self.running.clock.advance(days * DAY_MS)

    @invariant()
    def the_repository_is_what_the_model_says(self) -> None:
        """Nothing is lost, nothing comes back by itself, and every change is told once."""
        self.runner.run(self._check())

    async def _check(self) -> None:
        await self._check_manifests()
        await self._check_tags()
        await self._check_blobs()
        await self._check_referrers()
        await self._check_outbox()
        assert await self.running.database.read(_broken_references) == []

    async def _check_manifests(self) -> None:
        """Every live manifest is pulled byte-exact by its digest, and no other is found."""
        for node in self.nodes:
            found = await self._pulled(node.digest)
            assert found == (node.built.payload if self.model.is_live(node.digest) else None)

    async def _check_tags(self) -> None:
        """Every tag of the list, and no other, leads to its manifest; its history has every value it had."""
        expected = {tag: digest for tag, digest in self.model.tags.items() if digest is not None}
        if self.model.is_visible:
            listed = await Repositories(self.running.core).tags(REPOSITORY, "", 100)
            assert listed.names == sorted(expected)
        for tag, values in self.model.history.items():
            found = await self._pulled(TagName(tag))
            assert found == (self.model.stored[expected[tag]].node.built.payload if tag in expected else None)
            history = await self.running.database.snapshot(_history, TagName(tag))
            assert [entry.digest for entry in history] == values
            assert [entry.previous_digest for entry in history] == [None, *values[:-1]]
            assert all(one.version < other.version for one, other in pairwise(history))

    async def _check_blobs(self) -> None:
        """Every blob that was pushed and not deleted is pulled byte-exact, and no other is found."""
        for blob in BLOBS:
            found = await self._pulled_blob(digest_of(blob))
            assert found == (blob if self.model.blobs.get(digest_of(blob)) else None)

    async def _check_referrers(self) -> None:
        """The live manifests that name a subject are listed, and those that a fallback tag of it lists."""
        for subject in self.nodes:
            expected = self.model.referrers(subject.digest)
            fallback = self.model.tags.get(referrers_tag(subject.digest))
            if fallback is not None and self.model.stored[fallback].node.is_index:
                expected |= {digest for digest in self.model.stored[fallback].node.listed if self.model.is_live(digest)}
            page = await Referrers(self.running.core).page(REPOSITORY, subject.digest, ())
            assert {json.loads(text)["digest"] for text in page.descriptors} == expected

    async def _check_outbox(self) -> None:
        """There is one event per change, and those of a tag are in the order of its versions.

        That blobs came late is told beside it, and counted on elsewhere: `features/quotas/test_counting_machine.py`.
        """
        await until_final(self.running.database)
        new = await self.running.database.read(outbox.read_after, self.cursor, 1_000)
        self.cursor = new[-1].cursor if new else self.cursor
        self.events += [decode(row) for row in new]
        changes = [event for event in self.events if event.type != EventType.BLOB_ADOPTED]
        assert Counter(Happened(event.type, event.tag, event.digest) for event in changes) == self.model.events
        for tag, values in self.model.history.items():
            moves = [event for event in self.events if event.tag == tag and event.version is not None]
            assert [event.digest for event in moves] == values
            assert [event.previous_version for event in moves] == [None, *(event.version for event in moves[:-1])]

    def _node(self, number: int) -> Node:
        live = self.model.live()
        return live[number % len(live)] if number >= MANIFESTS and live else self.nodes[number % MANIFESTS]

    def _tag(self, number: int) -> TagName:
        """Name a tag: an ordinary one, or one named after the first manifest or the second."""
        first, second = (referrers_tag(node.digest) for node in self.nodes[:2])
        return TagName(["latest", "v1", first, f"{second}.sig", f"{first}-and-more"][number])

    def _compare(self, expected: str | None, doing: Coroutine[Any, Any, object]) -> None:
        """Do it, and find that it is refused as the model says."""
        refusal = None
        try:
            self.runner.run(doing)
        except AppError as error:
            refusal = error.code
        assert refusal == expected

    def _expect(self, change: Any) -> str | None:
        try:
            change()
        except Refused as refused:
            return str(refused)
        return None

    async def _pulled(self, reference: Digest | TagName) -> bytes | None:
        try:
            return (await self.running.pull.manifest(EVERYBODY, REPOSITORY, reference, is_head=False)).payload
        except (ManifestUnknown, NameUnknown):
            return None

    async def _pulled_blob(self, digest: Digest) -> bytes | None:
        try:
            return await self.running.get_blob(digest)
        except BlobUnknown:
            return None


def _history(connection: Connection, tag: TagName) -> list[HistoryEntry]:
    """Return every value the tag had, oldest first."""
    repository = repositories.find(connection, REPOSITORY)
    return [] if repository is None else tags.history(connection, repository.id, tag, 2**62, 1_000)[::-1]


def _broken_references(connection: Connection) -> list[Any]:
    """List them on SQLite; a server has its own way to see to it."""
    return list(connection.exec_driver_sql("PRAGMA foreign_key_check")) if connection.dialect.name == "sqlite" else []


TestGraph = Graph.TestCase
TestGraph.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
