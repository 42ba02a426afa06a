# SPDX-License-Identifier: Apache-2.0
"""What artifacts do about events."""

import pytest

from entrepot.features.artifacts.derive import DERIVE
from entrepot.features.artifacts.handlers import ArrivedArtifacts
from entrepot.registry.events import EventType
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.manifests import an_image_manifest
from tests.unit.features.artifacts.conftest import Derivation

pytestmark = pytest.mark.anyio


async def test_a_batch_of_pushes_is_one_job(derivation: Derivation) -> None:
    """However many manifests arrived, one job is enqueued, in the transaction that moves the cursor."""
    digests = [
        await derivation.running.put_image(an_image_manifest(annotations={"n": str(number)})) for number in range(3)
    ]
    listener = ArrivedArtifacts(derivation.facts)
    events = [event for event in await derivation.running.events() if event.type in listener.event_types]

    await derivation.running.database.write(listener.handle, events)

    assert [job.kind for job in await derivation.jobs()] == [DERIVE]
    assert await derivation.requested() == [[(REPOSITORY, digest) for digest in digests]]


async def test_a_batch_that_brings_nothing_new_is_no_job(derivation: Derivation) -> None:
    """Pushing again what is known costs nothing but a look at the facts."""
    digest = await derivation.running.put_image(an_image_manifest())
    await derivation.derive(digest)
    listener = ArrivedArtifacts(derivation.facts)
    events = [event for event in await derivation.running.events() if event.type in listener.event_types]

    await derivation.running.database.write(listener.handle, events)

    assert events
    assert await derivation.jobs() == []


async def test_what_comes_back_from_the_bin_has_arrived_too(derivation: Derivation) -> None:
    """The listener wants pushes and restorations, and nothing about use."""
    digest = await derivation.running.put_image(an_image_manifest(), "1.0")
    await derivation.running.delete.manifest(EVERYBODY, REPOSITORY, digest)
    await derivation.running.put_image(an_image_manifest(), "1.0")

    wanted = ArrivedArtifacts(derivation.facts).event_types

    told = [event.type for event in await derivation.running.events() if event.type in wanted]
    assert told == [EventType.MANIFEST_PUSHED, EventType.MANIFEST_RESTORED, EventType.MANIFEST_PUSHED]
