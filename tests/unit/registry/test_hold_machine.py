# SPDX-License-Identifier: Apache-2.0
"""Random pushes, deletions, holds and collections: what is held is never gone, and nothing else is refused."""

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import precondition
from hypothesis.stateful import rule
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import referrers_tag
from entrepot.oci.reference import TagName
from entrepot.registry.keeping import UnderHold
from entrepot.registry.store.placed_holds import PlacedHold
from entrepot.registry.tables import manifests
from entrepot.registry.tables import tags
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import a_core
from tests.builders.databases import dropping
from tests.builders.holds import place
from tests.builders.holds import release
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.collecting import Collecting

ONE = an_image_manifest(annotations={"for": "one platform"})
TWO = an_image_manifest(annotations={"for": "another platform"})
INDEX = an_index(ONE.descriptor(), TWO.descriptor())
OUTER = an_index(INDEX.descriptor())
SBOM = an_image_manifest(subject=ONE.descriptor())
ABOUT_SBOM = an_image_manifest(subject=SBOM.descriptor())
SIGNATURE = an_image_manifest(annotations={"is": "a signature"})
BUILT = (ONE, TWO, INDEX, OUTER, SBOM, ABOUT_SBOM, SIGNATURE)
ABOVE: dict[Digest, set[Digest]] = {
    ONE.digest: {INDEX.digest},
    TWO.digest: {INDEX.digest},
    INDEX.digest: {OUTER.digest},
    SBOM.digest: {ONE.digest},
    ABOUT_SBOM.digest: {SBOM.digest},
}
"""What is above what, but for tags of older clients, if all of it is there."""
DERIVED = {f"{referrers_tag(built.digest)}.sig": built.digest for built in (ONE, INDEX)}
TAGS = ["1.0", "latest", *DERIVED]
WHICH = st.sampled_from(BUILT)

State = tuple[dict[Digest, bool], dict[str, Digest]]
"""Which manifests there are, each with whether it is outside the bin; and where tags point."""


class Holding(RuleBasedStateMachine):
    """Does it to a registry, and compares what is there before and after."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-holding-")))
        self.stack.enter_context(dropping())
        self.running = self.stack.enter_context(a_core(folder, manifest_cache_mib=0))
        self.collecting = Collecting(self.running)
        self.placed: list[PlacedHold] = []

    def teardown(self) -> None:
        """Close the database."""
        self.stack.close()

    @initialize()
    def fill(self) -> None:
        """Push everything."""
        for built in BUILT:
            self.runner.run(self.running.put_image(built))

    @rule(built=WHICH, tag=st.sampled_from(TAGS))
    def push(self, built: BuiltManifest, tag: str) -> None:
        """Push something under a tag, again if it is there."""
        self.done(self.running.put_image(built, tag))

    @rule(tag=st.sampled_from(TAGS))
    def delete_tag(self, tag: str) -> None:
        """Delete a tag: those of older clients stay on what is held."""
        manifest = self.state()[1].get(tag)
        refused = self.done(self.running.delete.tag(EVERYBODY, REPOSITORY, TagName(tag)))
        assert isinstance(refused, UnderHold) is (tag in DERIVED and manifest in self.held_before)

    @rule(built=WHICH)
    def delete(self, built: BuiltManifest) -> None:
        """Delete a manifest, and what goes along."""
        refused = self.done(self.running.delete.manifest(EVERYBODY, REPOSITORY, built.digest))
        if isinstance(refused, UnderHold):
            assert refused.digest in self.held_before
        elif self.before[0].get(built.digest):
            assert built.digest not in self.held_before

    @rule(built=WHICH)
    def free_now(self, built: BuiltManifest) -> None:
        """Delete a manifest for good, in the bin or not."""
        refused = self.done(self.collecting.promises.free_now(EVERYBODY, REPOSITORY, built.digest))
        if isinstance(refused, UnderHold):
            assert refused.digest in self.held_before

    @rule(built=st.none() | WHICH, days=st.none() | st.integers(1, 20))
    def place(self, built: BuiltManifest | None, days: int | None) -> None:
        """Place a hold on something, in the bin or not, or on everything."""
        digest, ends = built and built.digest, days and self.running.clock() + days * DAY_MS
        if digest is None or digest in self.state()[0]:
            hold = place(self.running, digest, expires_at=ends)
            try:
                self.placed.append(self.runner.run(hold))
            except AppError:
                assert digest is not None  # it was deleted for good, and waits for what still needs it

    @precondition(lambda self: self.placed)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """End a hold."""
        hold = data.draw(st.sampled_from(self.placed))
        if hold.is_in_force(self.running.clock()):
            self.runner.run(release(self.running, hold))
        self.placed.remove(hold)

    @rule(days=st.integers(0, 12))
    def collect(self, days: int) -> None:
        """Let time go by, and collect."""
        before = {hold.id for hold in self.placed if hold.is_in_force(self.running.clock())}
        self.running.clock.advance(days * DAY_MS)
        after = {hold.id for hold in self.placed if hold.is_in_force(self.running.clock())}
        assert after <= before
        self.done(self.collecting.collect())

    def done(self, deed: Coroutine[Any, Any, object]) -> AppError | None:
        """Do something; return what it was refused with. What was held is there, and outside the bin if it was."""
        self.before = self.state()
        self.held_before = self.held(self.before)
        refused = None
        try:
            self.runner.run(deed)
        except AppError as error:
            refused = error
        now = self.state()[0]
        for digest in self.held_before:
            assert digest in now
            assert now[digest] or not self.before[0][digest]
        return refused

    def state(self) -> State:
        """Return what there is."""
        return self.runner.run(self.running.database.snapshot(_state))

    def held(self, state: State) -> set[Digest]:
        """Return what holds keep, by following what is above each, one by one."""
        in_force = [hold for hold in self.placed if hold.is_in_force(self.running.clock())]
        direct = {hold.digest for hold in in_force}
        there, pointing = state

        def is_held(digest: Digest, seen: frozenset[Digest]) -> bool:
            """Tell whether one is."""
            if None in direct or digest in direct:
                return True
            derived = {DERIVED[tag] for tag, target in pointing.items() if target == digest and tag in DERIVED}
            above = (ABOVE.get(digest, set()) | derived) - seen
            return any(is_held(each, seen | {digest}) for each in above if each in there)

        return {digest for digest in there if is_held(digest, frozenset())}


def _state(connection: Connection) -> State:
    there = {
        Digest(digest): deleted_at is None
        for digest, deleted_at in connection.execute(select(manifests.c.digest, manifests.c.deleted_at))
    }
    pointing = connection.execute(select(tags.c.name, tags.c.digest).where(tags.c.digest.is_not(None)))
    return there, {name: Digest(digest) for name, digest in pointing}


Holding.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)
TestWhatIsHeldIsNeverGone = Holding.TestCase
