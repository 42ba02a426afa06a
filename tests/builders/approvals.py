# SPDX-License-Identifier: Apache-2.0
"""People who need each other, over the management API."""

from typing import Any

from tests.builders.application import Answer
from tests.builders.application import Client

APPROVALS = "/api/v1/approvals"
RULES = f"{APPROVALS}/rules"


async def let_take_two(client: Client, *acts: str) -> None:
    """Let these acts take a second person, and no others."""
    answer = await client.send_json("PUT", RULES, {"acts": list(acts)})
    assert answer.status == 200, answer.body


async def ask(client: Client, about: dict[str, Any], reason: str = "it is time") -> Answer:
    """Ask for what a refusal was about."""
    return await client.post(APPROVALS, {**about, "reason": reason})


async def asked(client: Client, refused: Answer) -> str:
    """Ask for what was refused, just as the refusal says; return the id."""
    assert (refused.status, refused.json["code"]) == (403, "approval_needed"), refused.body
    answer = await ask(client, refused.json["about"])
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


async def decide(client: Client, approval: str, verdict: str = "approve") -> Answer:
    """Approve something, or `reject` it."""
    return await client.post(f"{APPROVALS}/{approval}:{verdict}", {"comment": "seen"})


async def approved(client: Client, refused: Answer, second: Client) -> str:
    """Ask for what was refused, and let a second person approve it; return the id."""
    approval = await asked(client, refused)
    answer = await decide(second, approval)
    assert (answer.status, answer.json["state"]) == (200, "approved"), answer.body
    return approval
