# SPDX-License-Identifier: Apache-2.0
"""Setting guardrails over the management API, and those who get past them."""

import base64

from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.identity.tables import users
from tests.builders.application import Answer
from tests.builders.application import Client

GUARDRAILS = "/api/v1/guardrails"


async def set_guardrail(client: Client, name: str, kind: str, path_pattern: str, **terms: object) -> Answer:
    """Set a guardrail, which is enforced unless its mode is given."""
    wanted = {"name": name, "kind": kind, "path_pattern": path_pattern, "mode": "enforce", **terms}
    answer = await client.post(GUARDRAILS, wanted)
    assert answer.status == 201, answer.body
    return answer


async def a_robot(client: Client, project: str, role: str) -> Client:
    """Be a new robot of a project."""
    made = await client.post("/api/v1/robots", {"name": "ci", "project": project, "role": role})
    assert made.status == 201, made.body
    credentials = base64.b64encode(f"{project}.ci:{made.json['secret']}".encode()).decode()
    return Client(client.server, (("authorization", f"Basic {credentials}"),))


def set_up_second_factor(connection: Connection, name: str) -> None:
    """Let a user have a second factor since the beginning of time."""
    connection.execute(update(users).where(users.c.name == name).values(second_factor_at=1))
