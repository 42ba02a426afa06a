# SPDX-License-Identifier: Apache-2.0
"""Setting templates over the management API, and what is recorded of them."""

from typing import Any

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client

TEMPLATES = "/api/v1/templates"


async def put_template(client: Client, name: str, purpose: str, pattern: str, **terms: object) -> Answer:
    """Set a template of the registry."""
    return await client.send_json("PUT", f"{TEMPLATES}/{name}", {"purpose": purpose, "pattern": pattern, **terms})


async def records(application: Application, client: Client, kind: str) -> list[dict[str, Any]]:
    """Return what the audit log says of a kind of change, oldest first."""
    await application.settle()
    found: list[dict[str, Any]] = (await client.get(f"/api/v1/audit/records?type={kind}")).json["items"]
    return [{**each, **(each["details"] or {})} for each in reversed(found)]


async def grants_within(client: Client, path: str) -> set[tuple[str, str, str]]:
    """Return principal, role and path pattern of every grant on a path and below it."""
    answer = await client.get(f"/api/v1/grants?within={path}")
    assert answer.status == 200, answer.body
    return {(each["principal"], each["role"], each["path_pattern"]) for each in answer.json["items"]}
