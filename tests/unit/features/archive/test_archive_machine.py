# SPDX-License-Identifier: Apache-2.0
"""Random pushes, deletions, collections and crashes: what is rebuilt is what was, whenever it was archived last."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import rule

from entrepot.features.archive.writing import Archiver
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.verify import Options
from entrepot.registry.verify import verify_report
from tests.builders.core import EVERYBODY
from tests.builders.databases import dropping
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.features.archive.archived import an_archived_core
from tests.unit.features.archive.archived import opened
from tests.unit.features.archive.archived import state
from tests.unit.registry.collecting import Collecting

NAMES = [RepositoryName("team/app"), RepositoryName("other/app")]
LAYERS = [b"a layer", b"another layer", b"the third one"]
IMAGES = [an_image_manifest(layers=[a_descriptor(layer)]) for layer in LAYERS]
INDEX = an_index(IMAGES[0].descriptor(), IMAGES[1].descriptor())
REFERRER = an_image_manifest(layers=[a_descriptor(LAYERS[2])], subject=IMAGES[0].descriptor())
MANIFESTS = [*IMAGES, INDEX, REFERRER]
WHERE = st.sampled_from(NAMES)
WHICH = st.integers(0, len(MANIFESTS) - 1)
TAGS = st.sampled_from([TagName("1"), TagName("2")])


class Archive(RuleBasedStateMachine):
    """Does things to a registry, archives now and then, and in the end loses the database."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-archive-")))
        self.stack.enter_context(dropping())
        self.archived = self.stack.enter_context(an_archived_core(self.folder / "data"))
        self.running = self.archived.running
        self.collecting = Collecting(self.running)

    @initialize()
    def begin(self) -> None:
        """Begin the archive with something that is there already."""
        self.push(NAMES[0], 0, "1")
        self.runner.run(self.archived.write_base())

    @rule(name=WHERE, number=WHICH, tag=TAGS)
    def push(self, name: RepositoryName, number: int, tag: str) -> None:
        """Push a manifest, with the blobs that it may need."""
        for layer in LAYERS:
            self.runner.run(self.running.put_blob(layer, name))
        built = MANIFESTS[number]
        self._try(lambda: self.running.put_image(built, tag, repository=name))

    @rule(name=WHERE, tag=TAGS)
    def delete_tag(self, name: RepositoryName, tag: TagName) -> None:
        """Delete a tag."""
        self._try(lambda: self.running.delete.tag(EVERYBODY, name, tag))

    @rule(name=WHERE, number=WHICH)
    def delete_manifest(self, name: RepositoryName, number: int) -> None:
        """Delete a manifest, with what is about it."""
        self._try(lambda: self.running.delete.manifest(EVERYBODY, name, MANIFESTS[number].digest))

    @rule(name=WHERE, number=WHICH)
    def restore(self, name: RepositoryName, number: int) -> None:
        """Take a manifest out of the bin."""
        self._try(lambda: self.running.undelete.restore_manifest(EVERYBODY, name, MANIFESTS[number].digest))

    @rule(name=WHERE, number=st.integers(0, len(LAYERS) - 1))
    def delete_blob(self, name: RepositoryName, number: int) -> None:
        """Delete a blob that no manifest uses."""
        self._try(lambda: self.running.delete.blob(EVERYBODY, name, digest_of(LAYERS[number])))

    @rule(days=st.sampled_from([1, 10]))
    def collect(self, days: int) -> None:
        """Let time pass, and what is due be collected."""
        self.running.clock.advance(days * DAY_MS)
        self.runner.run(self.collecting.collect())

    @rule()
    def archive(self) -> None:
        """Write a segment."""
        self.runner.run(self.archived.archive())

    @rule()
    def write_base(self) -> None:
        """Write a base, and let go what is older than the one before."""
        self.running.clock.advance(SECOND_MS)
        self.runner.run(self.archived.write_base())

    @rule()
    def die_before_the_segment_counts(self) -> None:
        """Write a segment, and die before it is noted that it was."""
        dying = Dying(self.running.database, self.archived.documents, self.running.clock)
        with suppress(Died):
            self.runner.run(dying.step(is_due=True))

    def _try(self, work: Callable[[], Any]) -> None:
        with suppress(AppError):
            self.runner.run(work())

    def teardown(self) -> None:
        """Archive, lose the database, and rebuild it: everything is as it was, and nothing is violated."""
        with self.stack:
            self.runner.run(self.archived.archive())
            before = self.running.database.snapshot_now(state)
            file = self.folder / "rebuilt.db"
            report = self.runner.run(self.archived.rebuild(file))
            assert report.is_complete, report
            with opened(file, self.folder / "target") as database:
                assert database.snapshot_now(state) == before
                storages = {self.running.core.default_store: self.running.storage}
                found = self.runner.run(verify_report(database, storages, self.running.clock, Options()))
            assert not found.violations, found.findings


class Died(Exception):
    """The process died."""


class Dying(Archiver):
    """Dies once the segment is written."""

    def _commit(self, *_args: object) -> bool:
        raise Died


TestArchive = Archive.TestCase
TestArchive.settings = settings(
    max_examples=int(os.environ.get("ENTREPOT_TEST_EXAMPLES", "4")),
    stateful_step_count=15,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
