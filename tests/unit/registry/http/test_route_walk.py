# SPDX-License-Identifier: Apache-2.0
"""No route hands out or takes content behind the back of gates and origins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.http.response import Response
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from entrepot.registry.http.application import RegistryApplication
from entrepot.registry.http.exchange import Exchange
from entrepot.registry.http.routing import Endpoint
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import A_LAYER
from tests.unit.registry.http.walk import ADDRESSES
from tests.unit.registry.http.walk import BLOBS
from tests.unit.registry.http.walk import KNOWN
from tests.unit.registry.http.walk import LAYER
from tests.unit.registry.http.walk import NEW
from tests.unit.registry.http.walk import REASON
from tests.unit.registry.http.walk import STEPS
from tests.unit.registry.http.walk import arrange
from tests.unit.registry.http.walk import bypasses
from tests.unit.registry.http.walk import is_refused
from tests.unit.registry.http.walk import pushing
from tests.unit.registry.http.walk import take
from tests.unit.registry.planted import PlantedGate

pytestmark = pytest.mark.anyio

REFUSED = {
    Operation.MANIFEST_READ: {
        str(step) for step in STEPS if step.method in ("GET", "HEAD") and "manifests" in step.target
    },
    Operation.BLOB_READ: {str(step) for step in STEPS if step.method in ("GET", "HEAD") and "blobs" in step.target},
    Operation.MANIFEST_WRITE: {str(step) for step in STEPS if step.method == "PUT"},
    Operation.TAG_SET: {str(pushing("fresh")), str(pushing(f"{NEW.digest}?tag=fresh"))},
    Operation.TAG_MOVE: {str(pushing("latest")), str(pushing(f"{NEW.digest}?tag=fresh"))},
    Operation.TAG_DELETE: {str(step) for step in STEPS if step.method == "DELETE"},
    Operation.MANIFEST_DELETE: {str(step) for step in STEPS if step.method == "DELETE" and KNOWN.digest in step.target},
    Operation.UPLOAD_START: {str(step) for step in STEPS if step.method == "POST"},
    Operation.BLOB_COMMIT: {str(step) for step in STEPS if step.method == "POST" and "?digest=" in step.target},
    Operation.TAG_COPY: set(),
    Operation.MOUNT: set(),
}
"""What a gate at one place only refuses, when the steps are taken in order.

A mount that is refused becomes an upload, no step copies a tag, and a tag that
stands where it is pushed to is asked about as one that moves.
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


@pytest.fixture
async def application(running: RunningCore) -> RegistryApplication:
    """The registry API on a repository with an image."""
    await arrange(running)
    return running.application()


def plant(running: RunningCore, *operations: Operation) -> PlantedGate:
    """Mount a gate that denies there, or everywhere."""
    gate = PlantedGate(Deny(REASON), frozenset(operations or Operation))
    running.core.gates.mount([gate])
    return gate


async def test_every_route_works_without_gates(application: RegistryApplication) -> None:
    """The walk's requests are good ones: what refuses them otherwise is the gate."""
    answers = {str(step): (await take(application, step)).status for step in STEPS}

    assert max(answers.values()) < 400, answers


async def test_no_route_bypasses_the_gates(running: RunningCore, application: RegistryApplication) -> None:
    """Every route with content is refused with the gate's reason, and nothing has changed then, nor been counted."""
    plant(running)
    before = await running.tables()
    found = await bypasses(application)
    await running.core.facts.flush()

    assert found == []
    assert await running.tables() == before
    assert [stored async for stored in running.storage.list_objects()] != []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_walk_finds_a_bypass(running: RunningCore, application: RegistryApplication, method: str) -> None:
    """A route that hands out content without asking fails the walk, whether it is a known one or a new one."""
    plant(running)

    async def leak(exchange: Exchange) -> Response:
        """Answer with the layer."""
        return Response(200, [], A_LAYER)

    application._endpoints[Endpoint.BLOB, method] = leak

    assert f"{method} {BLOBS}/{LAYER}" in await bypasses(application)


async def test_the_walk_knows_every_route(application: RegistryApplication) -> None:
    """An endpoint that is new has an address in the walk."""
    assert {endpoint for endpoint, _ in application._endpoints} <= set(ADDRESSES)


@pytest.mark.parametrize("operation", list(Operation))
async def test_each_operation_is_asked_where_it_happens(
    running: RunningCore, application: RegistryApplication, operation: Operation
) -> None:
    """A gate at one place refuses exactly the requests that do that."""
    plant(running, operation)
    refused = {str(step) for step in STEPS if is_refused(step, await take(application, step))}

    assert refused == REFUSED[operation]


async def test_a_refused_mount_becomes_an_upload(running: RunningCore, application: RegistryApplication) -> None:
    """A gate on reading the source makes the client upload the blob, and links nothing."""
    gate = plant(running, Operation.MOUNT)
    answer = await take(application, STEPS[-1])
    tables = await running.tables()

    assert answer.status == 202
    assert [(asked.repository, asked.manifest_digest) for asked in gate.asked] == [(REPOSITORY, KNOWN.digest)]
    assert len(tables["repo_blobs"]) == 2
