# SPDX-License-Identifier: Apache-2.0
"""The disk is filling: 100 GB have to go, and nothing that somebody needs.

A gigabyte is a kilobyte here. Who looks after the registry finds the project that holds most, tries rules until they
free enough, has the plan carried out, and gets what it promised to the byte.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest

GB = 1_000
WANTED = 100 * GB
PROJECT = "/api/v1/projects/team/retention"
KEEP_RELEASES = {"name": "releases", "effect": "keep", "selection": {"versions": "*"}}
NIGHTLY = {
    "name": "nightly",
    "effect": "delete-artifacts",
    "selection": {"tags": ["nightly-*"], "newest": {"count": 15}},
}
BASE, *LAYERS = [Random(number).randbytes(6 * GB if number else 20 * GB) for number in range(40)]

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path) as application:
        yield application


async def collected(application: Application, client: Client) -> None:
    """Let the window pass, and the grace behind it, and what waits be collected: what was pushed twice, too."""
    for _ in range(2):
        await days_pass(application, 8)
        assert (await client.post("/api/v1/garbage/runs", {})).status == 202
        await application.settle()


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of a registry in which three projects store images on the same base."""
    root = await application.user("root", is_admin=True)
    for number, layer in enumerate(LAYERS):
        name, tag = f"team/{'app' if number % 2 else 'web'}", f"nightly-{number:02}"
        await push(root, name, tag, layer)
    await push(root, "team/app", "1.0.0", LAYERS[1])
    await push(root, "other/app", "main", LAYERS[2])
    await collected(application, root)
    return root


async def push(client: Client, name: str, tag: str, layer: bytes) -> None:
    """Push an image of the base and a layer."""
    for blob in (A_CONFIG, BASE, layer):
        await client.push_blob(name, blob)
    described = [a_descriptor(blob) for blob in (BASE, layer)]
    image = an_image_manifest(config=a_descriptor(A_CONFIG, OCI_CONFIG), layers=described, annotations={"tag": tag})
    await client.push(name, image, tag)


async def stored(application: Application) -> int:
    """Return how many bytes the store holds, as it lists them."""
    storage = application.core.stores[application.core.default_store]
    return sum([each.size async for each in storage.list_objects()])


async def planned(application: Application, client: Client, *rules: dict[str, Any]) -> dict[str, Any]:
    """Make a plan, and return it once it is made."""
    made = (await client.post(f"{PROJECT}/plans", {"rules": rules})).json
    await application.settle()
    found: dict[str, Any] = (await client.get(f"{PROJECT}/plans/{made['id']}")).json
    return found


async def carried_out(application: Application, client: Client, plan: dict[str, Any]) -> None:
    """Have a plan carried out, naming the number that it says."""
    run = await client.post(f"{PROJECT}/plans/{plan['id']}:run", {"deletions": plan["deletions"]})
    assert run.status == 202, run.body
    await application.settle()


async def test_100_gb_are_freed_and_nothing_else_goes(application: Application, root: Client) -> None:
    """What the plan promised is what the store lists less, once the window to change one's mind is over."""
    await application.settle()
    largest = max((await root.get("/api/v1/garbage/storage")).json["items"], key=lambda each: each["unique"])
    assert largest["project"] == "team"

    plan = await planned(application, root, KEEP_RELEASES, NIGHTLY)
    assert plan["freed_bytes"] < WANTED
    assert plan["reason"] == ""
    plan = await planned(application, root, KEEP_RELEASES, {**NIGHTLY, "selection": {"tags": ["nightly-*"]}})
    assert plan["freed_bytes"] >= WANTED
    assert "would lose" in plan["reason"]

    before = await stored(application)
    await carried_out(application, root, plan)
    assert await stored(application) == before
    await collected(application, root)

    assert before - await stored(application) == plan["freed_bytes"]
    for name, tag, layer in (("team/app", "1.0.0", LAYERS[1]), ("other/app", "main", LAYERS[2])):
        assert (await root.get(f"/v2/{name}/manifests/{tag}")).status == 200
        for blob in (BASE, layer):
            digest = a_descriptor(blob)["digest"]
            assert (await root.get(f"/v2/{name}/blobs/{digest}")).body == blob
