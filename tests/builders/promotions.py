# SPDX-License-Identifier: Apache-2.0
"""Promotions through the management API."""

from typing import Any

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client

API = "/api/v1"


async def set_path(client: Client, path: str, source: str, **terms: Any) -> Answer:
    """Make a path such as `prod/release`, or put this in the place of what it says."""
    project, _, name = path.partition("/")
    target = f"{API}/projects/{project}/promotion-paths/{name}"
    return await client.send_json("PUT", target, {"source": source, **terms})


async def ask(client: Client, repository: str, path: str, **wanted: Any) -> Answer:
    """Ask for a promotion of the tag `1.0`, or of what is wanted."""
    what = wanted if {"tag", "digest"} & wanted.keys() else {"tag": "1.0", **wanted}
    return await client.post(f"{API}/repositories/{repository}/-/promotions", {"path": path, **what})


async def asked(client: Client, repository: str, path: str, **wanted: Any) -> str:
    """Ask for one that nothing refuses, and return its id."""
    answer = await ask(client, repository, path, **wanted)
    assert answer.status == 202, answer.body
    identifier: str = answer.json["id"]
    return identifier


async def approve(client: Client, promotion: str, note: str = "") -> Answer:
    """Say yes."""
    return await client.post(f"{API}/promotions/{promotion}:approve", {"note": note})


async def refuse(client: Client, promotion: str, note: str = "") -> Answer:
    """Say no."""
    return await client.post(f"{API}/promotions/{promotion}:refuse", {"note": note})


async def shown(client: Client, promotion: str) -> Any:
    """Return how a promotion stands."""
    answer = await client.get(f"{API}/promotions/{promotion}")
    assert answer.status == 200, answer.body
    return answer.json


async def promoted(application: Application, client: Client, promotion: str) -> Any:
    """Let everything happen that is to, and return how a promotion stands then."""
    await application.settle()
    return await shown(client, promotion)
