# SPDX-License-Identifier: Apache-2.0
"""What a running application does beside the requests."""

import asyncio

import pytest

from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from tests.builders.application import SETTLE_SECONDS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio


async def test_facts_follow_a_push_by_themselves(application: Application, alice: Client) -> None:
    """In a running application nobody has to ask for anything: what is pushed right after the start gets its facts."""
    instance = application.instance

    async with instance.running(), asyncio.timeout(SETTLE_SECONDS):
        digest = await alice.push_image("team/app", an_image_manifest(), "1.0")
        shown = {"type": "pending"}
        while shown["type"] == "pending":
            ring = instance.work.next_ring()
            shown = (await alice.get(f"/api/v1/repositories/team/app/-/artifacts/{digest}")).json
            if shown["type"] == "pending":
                await ring.wait()

    assert shown["type"] == "image"


async def test_every_start_looks_for_missing_facts(application: Application) -> None:
    """What was pushed before the rules of today, or while no listener was there, is found once at each start."""
    await application.settle()

    jobs = await application.database.read(queue.list_jobs, 10)
    assert [(job.kind, job.state) for job in jobs] == [("artifacts.catch_up", JobState.SUCCEEDED)]
