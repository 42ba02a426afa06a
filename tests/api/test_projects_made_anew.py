# SPDX-License-Identifier: Apache-2.0
"""What was set for a project that is deleted, and does not fall to another one of its name."""

import asyncio

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.break_glass import ELIGIBILITIES
from tests.builders.break_glass import GLASS
from tests.builders.break_glass import OPENINGS
from tests.builders.break_glass import break_glass
from tests.builders.break_glass import make_eligible
from tests.builders.guardrails import GUARDRAILS
from tests.builders.guardrails import set_guardrail

PROJECTS = "/api/v1/projects"
INVITATIONS = "/api/v1/invitations"
TOMORROW = rfc3339(after(system_clock(), DAY_MS))
OFFERED = [{"path_pattern": f"{place}", "role": "read"} for place in ("team/**", "team/app", "team-a/**", "**")]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, where there is a project."""
    root = await application.user("root", is_admin=True)
    assert (await root.post(PROJECTS, {"name": "team"})).status == 201
    return root


async def make_anew(root: Client) -> None:
    """Delete the project, and make another one of its name."""
    assert (await root.send("DELETE", f"{PROJECTS}/team")).status == 204
    assert (await root.post(PROJECTS, {"name": "team"})).status == 201


async def invited(root: Client) -> str:
    """Invite somebody, and return the secret."""
    answer = await root.post(INVITATIONS, {"label": "ada", "user_name": "ada", "grants": OFFERED})
    return str(answer.json["link"]).partition("#invitation=")[2]


async def accept(root: Client, secret: str) -> int:
    """Accept an invitation; return the status."""
    wanted = {"secret": secret, "password": "a new password"}
    return (await Client(root.server).post(f"{INVITATIONS}:accept", wanted)).status


async def test_what_an_invitation_offered_in_it_goes(application: Application, root: Client) -> None:
    """The invitation is good for all else that it offers, and the record says that it offers less."""
    secret = await invited(root)
    await make_anew(root)

    assert await accept(root, secret) == 201
    granted = (await root.get("/api/v1/grants?principal=ada")).json["items"]
    assert {each["path_pattern"] for each in granted} == {"team-a/**", "**"}
    assert [event.type for event in await application.events()].count("invitation.changed") == 1


async def test_whoever_accepts_meanwhile_gets_nothing_in_it(root: Client) -> None:
    """Whichever of the two comes first."""
    secret = await invited(root)

    statuses = await asyncio.gather(accept(root, secret), root.send("DELETE", f"{PROJECTS}/team"))

    assert (statuses[0], statuses[1].status) == (201, 204)
    granted = (await root.get("/api/v1/grants?principal=ada")).json["items"]
    assert {each["path_pattern"] for each in granted} == {"team-a/**", "**"}


async def test_exceptions_from_guardrails_for_what_is_in_it_end(application: Application, root: Client) -> None:
    """And those from a guardrail that is about nothing else; the guardrails stay."""
    await set_guardrail(root, "everywhere", "push-by-machines", "**")
    await set_guardrail(root, "there", "push-by-machines", "team/**")
    given = {"reason": "moving", "expires_at": TOMORROW}
    for name, place in (("everywhere", "team/app"), ("everywhere", "team-a/**"), ("everywhere", ""), ("there", "")):
        wanted = {**given, "path_pattern": place, "principal": "user:root"}
        assert (await root.post(f"{GUARDRAILS}/{name}/exceptions", wanted)).status == 201

    await make_anew(root)

    left = [(await root.get(f"{GUARDRAILS}/{name}/exceptions")).json["items"] for name in ("everywhere", "there")]
    assert [[each["path_pattern"] for each in items] for items in left] == [["team-a/**", ""], []]
    assert [event.type for event in await application.events()].count("guardrail.exception-taken") == 2


async def test_break_glass_access_to_it_ends(application: Application, root: Client) -> None:
    """What is open there, and what anybody is eligible for there."""
    bob = await application.user("bob")
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "admin"))
    await make_eligible(root, "bob", "team-a/**", "admin")

    await make_anew(root)

    assert (await root.get(f"{OPENINGS}/{opening['id']}")).json["state"] == "ended"
    assert (await bob.get(GLASS)).json["opening"] is None
    assert [each["path_pattern"] for each in (await root.get(ELIGIBILITIES)).json["items"]] == ["team-a/**"]
