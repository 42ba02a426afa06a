# SPDX-License-Identifier: Apache-2.0
"""Whatever is pushed, deleted, restored and collected, in any order: what is counted is what is there."""

import asyncio
import os
import tempfile
from collections.abc import Coroutine
from contextlib import ExitStack
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import rule

from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from tests.builders.core import EVERYBODY
from tests.builders.core import a_core
from tests.builders.databases import dropping
from tests.unit.features.quotas import naive
from tests.unit.features.quotas.counting_core import CountingCore
from tests.unit.registry.collecting import WINDOW_MS
from tests.unit.registry.collecting import Collecting
from tests.unit.registry.graph_model import Node
from tests.unit.registry.test_graph import BLOB_NUMBERS
from tests.unit.registry.test_graph import BLOBS
from tests.unit.registry.test_graph import MANIFESTS
from tests.unit.registry.test_graph import PLANS
from tests.unit.registry.test_graph import Plan
from tests.unit.registry.test_graph import planned

NAMES = [RepositoryName("team/app"), RepositoryName("team/elsewhere"), RepositoryName("other")]
WHERE = st.sampled_from(NAMES)
NUMBERS = st.integers(0, MANIFESTS - 1)
TAGS = st.sampled_from(["a", "b", "c"])
ROBOT = replace(EVERYBODY, principal=Principal(PrincipalKind.ROBOT, "team.ci"))
WHO = st.sampled_from([EVERYBODY, ROBOT])
PEOPLE = {ROBOT.principal.identity}


class Counting(RuleBasedStateMachine):
    """Does anything to a registry of two projects; robots of one of them have a quota, and nobody else."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-quotas-")))
        self.stack.enter_context(dropping())
        self.running = self.stack.enter_context(a_core(folder, manifest_cache_mib=0))
        self.collecting = Collecting(self.running)
        self.counting = CountingCore(self.running)
        self.runner.run(self.counting.set_quota(ROBOT.principal.identity, bytes=10**9))
        self.nodes: list[Node] = []

    def teardown(self) -> None:
        """Count everything: once by itself, once in the plainest way, and once anew, which finds nothing wrong."""
        with self.stack:
            self.settle()
            self.runner.run(self.counting.check())
            check = self.runner.run(self.counting.check())
            assert (check.repaired, check.drift_bytes) == (0, 0)

    @initialize(plans=st.lists(PLANS, min_size=MANIFESTS, max_size=MANIFESTS), caller=WHO)
    def choose(self, plans: list[Plan], caller: Any) -> None:
        """Choose what may be pushed, and push every blob and manifest of the one repository."""
        self.nodes = planned(plans)
        for number in range(len(BLOBS)):
            self.put_blob(NAMES[0], number)
        for number in range(MANIFESTS):
            self.put_manifest(NAMES[0], number, ["a"], caller)

    @rule(name=WHERE, number=BLOB_NUMBERS)
    def put_blob(self, name: RepositoryName, number: int) -> None:
        """Push a blob, which manifests may have waited for."""
        self._try(self.running.put_blob(BLOBS[number], name))

    @rule(name=WHERE, number=NUMBERS, tags=st.lists(TAGS, max_size=2, unique=True), caller=WHO)
    def put_manifest(self, name: RepositoryName, number: int, tags: list[str], caller: Any) -> None:
        """Push a manifest, which may be there, or in the bin."""
        self._try(self.running.put_manifest(self.nodes[number].built, *tags, repository=name, caller=caller))

    @rule(name=WHERE, tag=TAGS)
    def delete_tag(self, name: RepositoryName, tag: str) -> None:
        """Delete a tag."""
        self._try(self.running.delete.tag(EVERYBODY, name, TagName(tag)))

    @rule(name=WHERE, number=NUMBERS)
    def delete_manifest(self, name: RepositoryName, number: int) -> None:
        """Delete a manifest with what goes along."""
        self._try(self.running.delete.manifest(EVERYBODY, name, self.nodes[number].digest))

    @rule(name=WHERE, number=BLOB_NUMBERS)
    def delete_blob(self, name: RepositoryName, number: int) -> None:
        """Delete a blob that at most what is in the bin uses."""
        self._try(self.running.delete.blob(EVERYBODY, name, digest_of(BLOBS[number])))

    @rule(name=WHERE, number=NUMBERS, caller=WHO)
    def restore_manifest(self, name: RepositoryName, number: int, caller: Any) -> None:
        """Take a manifest out of the bin."""
        self._try(self.running.undelete.restore_manifest(caller, name, self.nodes[number].digest))

    @rule(name=WHERE, tag=TAGS, number=NUMBERS, caller=WHO)
    def restore_tag(self, name: RepositoryName, tag: str, number: int, caller: Any) -> None:
        """Point a tag at what was pushed once."""
        self._try(self.running.undelete.restore_tag(caller, name, TagName(tag), self.nodes[number].digest))

    @rule(name=WHERE, number=NUMBERS)
    def free_now(self, name: RepositoryName, number: int) -> None:
        """Delete for good, before anybody counts what went."""
        self._try(self.collecting.promises.free_now(EVERYBODY, name, self.nodes[number].digest))

    @rule(span_ms=st.sampled_from([0, WINDOW_MS]))
    def collect(self, span_ms: int) -> None:
        """Let time go by, and purge and remove what nothing needs."""
        self.runner.run(self.collecting.collect_after(span_ms))

    @rule()
    def count_some(self) -> None:
        """Count what has happened so far, and no job."""
        self.runner.run(self.counting.step())

    @rule()
    def check(self) -> None:
        """Count everything anew, whatever is not counted yet."""
        self.runner.run(self.counting.check())

    @rule()
    def settle(self) -> None:
        """Count everything that happened: that is what is there."""
        self.runner.run(self.counting.settle())
        there = self.runner.run(self.running.database.snapshot(naive.used, PEOPLE))
        assert self.runner.run(self.running.database.snapshot(naive.counted)) == there

    def _try(self, doing: Coroutine[Any, Any, object]) -> None:
        """Do something that may be refused."""
        with suppress(AppError):
            self.runner.run(doing)


TestCounting = Counting.TestCase
TestCounting.settings = settings(
    max_examples=int(os.environ.get("ENTREPOT_TEST_EXAMPLES", "15")),
    stateful_step_count=30,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
