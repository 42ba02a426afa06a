# SPDX-License-Identifier: Apache-2.0
"""The background work of artifacts."""

import pytest

from entrepot.features.artifacts.handlers import ArrivedArtifacts
from entrepot.features.artifacts.jobs import STORED_AT_ONCE
from entrepot.features.artifacts.jobs import job_kinds
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.worker import Worker
from entrepot.infra.jobs.worker import WorkerSettings
from tests.builders.manifests import an_image_manifest
from tests.unit.features.artifacts.conftest import Derivation

pytestmark = pytest.mark.anyio


async def test_a_job_derives_all_that_it_was_given(derivation: Derivation) -> None:
    """More manifests than are stored at once are derived by one job, to the last."""
    running = derivation.running
    await running.put_image(an_image_manifest())
    digests = [
        await running.put_manifest(an_image_manifest(annotations={"n": str(number)}))
        for number in range(STORED_AT_ONCE + 1)
    ]
    await running.database.write(ArrivedArtifacts(derivation.facts).handle, await running.events())
    doorbell = Doorbell()
    worker = Worker(running.database, list(job_kinds(derivation.facts)), doorbell, running.clock, WorkerSettings())
    done = doorbell.next_ring()

    await worker.turn()
    await done.wait()

    assert [job.state for job in await derivation.jobs()] == [JobState.SUCCEEDED]
    assert all([await derivation.known(digest) for digest in digests])
