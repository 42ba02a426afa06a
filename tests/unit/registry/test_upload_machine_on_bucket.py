# SPDX-License-Identifier: Apache-2.0
"""What the machine of uploads does to a folder, it does to buckets of every kind."""

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import settings

from entrepot.infra.storage.interface import Storage
from entrepot.registry.sweeps import Sweeps
from tests.builders.buckets import bucket_of
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.traits import EQUAL_PARTS
from tests.fakes.s3.traits import SMALL_PARTS
from tests.fakes.s3.traits import UNCONDITIONAL
from tests.fakes.s3.traits import Traits
from tests.unit.registry.test_upload_machine import UploadMachine

PART_BYTES = 30_000
"""So small that what the machine sends is often several parts, and often a part that may not stay as it is."""


class BucketMachine(UploadMachine):
    """The same, on a bucket. Its bytes survive what loses those of a folder."""

    traits: Traits = SMALL_PARTS
    server: S3Server | None = None

    def _opened_storage(self) -> Storage:
        if self.server is None:
            self.server = self.stack.enter_context(S3Server(self.traits).running())
        opened = bucket_of(self.server, self.folder, PART_BYTES)
        self.process.callback(lambda: self.runner.run(opened.close()))
        return opened

    def _lose_bytes(self) -> None:
        pass

    def teardown(self) -> None:
        """Sweep what requests in trouble left under keys that no row names, then verify everything."""
        self.runner.run(self._sweep())
        super().teardown()

    async def _sweep(self) -> None:
        core = self.running.core
        found = [each async for each in self.storage.list_objects()]
        await Sweeps(core).bury_orphans(core.default_store, found)


class EqualPartsMachine(BucketMachine):
    """On a bucket that wants parts of one size."""

    traits = EQUAL_PARTS


class UnconditionalMachine(BucketMachine):
    """On a bucket that replaces what is there, whatever it is asked."""

    traits = UNCONDITIONAL


TestBucket = BucketMachine.TestCase
TestEqualParts = EqualPartsMachine.TestCase
TestUnconditional = UnconditionalMachine.TestCase
for _case in (TestBucket, TestEqualParts, TestUnconditional):
    _case.settings = settings(
        phases=(Phase.explicit, Phase.generate),
        max_examples=6,
        stateful_step_count=20,
        report_multiple_bugs=False,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
del _case
