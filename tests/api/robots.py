# SPDX-License-Identifier: Apache-2.0
"""What tests of robots share: making robots, and clients elsewhere and later."""

from typing import Any

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from tests.builders.application import Application
from tests.builders.application import Client

ROBOTS = "/api/v1/robots"
CI = f"{ROBOTS}/team.ci"


class LaterClock:
    """Tells the present moment, and after `ms` was set, one that is so much later."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> Milliseconds:
        """Tell it."""
        return Milliseconds(system_clock() + self.ms)


async def an_administrator(application: Application, *projects: str) -> Client:
    """Be an administrator of the registry, who has made these projects."""
    root = await application.user("root", is_admin=True)
    for name in projects:
        assert (await root.post("/api/v1/projects", {"name": name})).status == 201
    return root


async def a_robot(client: Client, **wanted: object) -> dict[str, Any]:
    """Create a robot, `team.ci` if nothing else is said, and return the answer, with its secret."""
    defaults = {"name": "ci", "project": "team"} | ({} if "grants" in wanted else {"role": "write"})
    answer = await client.post(ROBOTS, defaults | wanted)
    assert answer.status == 201, answer.body
    return dict(answer.json)


async def secrets_of(client: Client, robot: str = CI) -> list[dict[str, Any]]:
    """Return the secrets of a robot, newest first."""
    answer = await client.get(f"{robot}/secrets")
    assert answer.status == 200, answer.body
    return list(answer.json["items"])


def at(client: Client, address: str) -> Client:
    """Be the same somewhere else, behind a proxy that is trusted."""
    return Client(client.server, (*client.headers, ("x-forwarded-for", address)))
