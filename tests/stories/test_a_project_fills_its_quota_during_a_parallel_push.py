# SPDX-License-Identifier: Apache-2.0
"""A project fills its quota during a parallel push: many pipelines push at once, on two nodes, into a project that is
nearly full.

What is kept is what fits, and at most an allotment of each node more. Whoever is refused reads what is used, what the
limit is, what is missing and whom to ask. Nothing is left behind by those who were refused, and once something is
deleted, pushes go through again.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select

from entrepot.entry.configuration import StorageSettings
from entrepot.features.quotas.known import KnownQuotas
from entrepot.features.quotas.ledger import Ledger
from entrepot.features.quotas.tables import quota_reservations
from entrepot.registry.tables import uploads
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.application import in_memory
from tests.builders.manifests import A_CONFIG
from tests.builders.quotas import KB
from tests.builders.quotas import Image
from tests.builders.quotas import an_image
from tests.builders.quotas import path_of
from tests.builders.quotas import refusal
from tests.builders.quotas import set_quota
from tests.builders.quotas import try_push

LIMIT = 8
"""So many artifacts may be there; 1 percent of that, and one at least, is the allotment of a node."""
LIMIT_BYTES = 2_000 * KB
PUSHERS = 24
NODES = 2

T = TypeVar("T")

pytestmark = pytest.mark.anyio


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Application]]:
    """Two processes on one database and one store."""
    base = in_memory(storage=StorageSettings(url=f"file://{tmp_path / 'blobs'}"))
    with an_application(tmp_path, base=base) as one, an_application(tmp_path, base=base) as other:
        assert {
            store.continuity for node in (one, other) for store in node.core.stores.values()
        }  # read once, from a file
        yield [one, other]


async def pipeline(client: Client, image: Image, number: int) -> Answer:
    """Push an image, to one of four repositories, with a tag of its own."""
    return await try_push(client, f"team/app-{number % 4}", image, f"v{number}")


async def test_a_project_fills_its_quota_during_a_parallel_push(nodes: list[Application]) -> None:
    """From the first push to the push after somebody has deleted something."""
    root = await nodes[0].user("root", is_admin=True)
    alice = await nodes[0].user("alice", ("team/**", "admin"))
    clients = [Client(node.server, alice.headers) for node in nodes]
    images = [an_image(f"build {number}") for number in range(PUSHERS)]
    assert (await try_push(alice, "team/app-0", images[0], "v0")).status == 201
    await set_quota(root, artifacts=LIMIT, bytes=LIMIT_BYTES)
    await both_know(nodes)

    pipelines = [pipeline(clients[number % NODES], images[number], number) for number in range(1, PUSHERS)]
    answers = await asyncio.gather(*pipelines)

    await nodes[0].settle()
    refused = [answer for answer in answers if answer.status != 201]
    kept = [image for image, answer in zip(images[1:], answers, strict=True) if answer.status == 201]
    used = (await alice.get(path_of())).json["used"]
    for answer in refused:
        assert_it_says_all(refusal(answer))
    assert LIMIT <= used["artifacts"] == len(kept) + 1 <= LIMIT + NODES
    assert used["bytes"] == sum(image.size for image in (images[0], *kept)) + len(A_CONFIG)
    await nothing_is_left(nodes)
    await room_is_made(nodes, alice, used["artifacts"])


async def both_know(nodes: list[Application]) -> None:
    """Let every node hear of the quota, as each does within two seconds."""
    for node in nodes:
        await owner_of_task(node, KnownQuotas).refresh()


def assert_it_says_all(said: str) -> None:
    """Find what is used, the limit, what is needed and whom to ask in one line that docker prints."""
    assert said.startswith("quota of project team: ")
    assert f"of {LIMIT} artifacts used, and this needs 1 artifact more" in said
    assert said.endswith("ask the administrators of the project team or of the registry")
    assert len(said) <= 500
    assert "\n" not in said


async def nothing_is_left(nodes: list[Application]) -> None:
    """Find, a second later, no reservation and no upload of those who were refused."""
    for node in nodes:
        await owner_of_task(node, Ledger).tend()
    left = await nodes[0].database.snapshot(
        lambda connection: [len(connection.execute(select(table)).all()) for table in (quota_reservations, uploads)]
    )
    assert left == [0, 0]


async def room_is_made(nodes: list[Application], alice: Client, there: int) -> None:
    """Delete what makes room for one more, and push that."""
    for number in range(PUSHERS):
        repository = f"team/app-{number % 4}"
        found = await alice.send("HEAD", f"/v2/{repository}/manifests/v{number}")
        if found.status == 200 and there >= LIMIT:
            await alice.delete(repository, found.header("docker-content-digest"))
            there -= 1
    await nodes[0].settle()
    last = Client(nodes[1].server, alice.headers)
    assert (await pipeline(last, an_image("the last"), PUSHERS)).status == 201


def owner_of_task(node: Application, kind: type[T]) -> T:
    """Return what runs beside the requests of a node."""
    owners = (getattr(task, "__self__", None) for task in node.instance.tasks)
    return next(owner for owner in owners if isinstance(owner, kind))
