# SPDX-License-Identifier: Apache-2.0
"""What every route of the management API takes is declared, and the declaration is true of ten sorts of people."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import pytest
from fastapi.routing import APIRoute

from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import SYSTEM_ROLE_ACTIONS
from entrepot.features.webhooks.store import webhooks
from entrepot.infra.http.permission import permissions_of
from entrepot.kernel.identifiers import Ulid
from tests.api.permission_samples import GUARDRAIL
from tests.api.permission_samples import IMAGE
from tests.api.permission_samples import SAMPLES
from tests.api.permission_samples import TEMPLATE
from tests.api.permission_samples import ULID
from tests.api.permission_samples import Sample
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.webhooks import a_webhook

pytestmark = pytest.mark.anyio

PEOPLE = {
    "nobody": [],
    "stranger": [],
    "viewer": [("team/**", "view")],
    "reader": [("team/**", "read")],
    "writer": [("team/**", "write")],
    "maintainer": [("team/**", "maintain")],
    "owner": [("team/**", "admin")],
    "auditor": [("SYSTEM", "auditor")],
    "operator": [("SYSTEM", "operator")],
    "administrator": [("SYSTEM", "administrator")],
}
"""Ten sorts of people, and what each was granted; `nobody` is not logged in."""

READING = [name for name, sample in SAMPLES.items() if sample.method == "GET"]
ENDLESS = {"stream_events"}
PERSONAL = {"own", "anybody"}
"""Where answers depend on what somebody has, and a refusal may have another cause than a right."""


def allowed(who: str, permission: str) -> bool:
    """Tell from the roles alone whether one of `PEOPLE` has a permission in or on the project `team`."""
    kind, _, action = permission.partition(":")
    roles = [role for _, role in PEOPLE[who]]
    if kind == "account":
        return who != "nobody"
    if kind == "system":
        return any(action in SYSTEM_ROLE_ACTIONS.get(role, ()) for role in roles)
    return any(("read" if action == "see" else action) in ROLE_ACTIONS[role] for role in roles)


def routes(application: Application) -> dict[str, Callable[..., Any]]:
    """Return the endpoints of the management API by name."""
    found = {}
    for route in application.instance.api.routes:
        if isinstance(route, APIRoute):
            found[route.endpoint.__name__] = route.endpoint
    return found


async def furnished(application: Application) -> None:
    """Make a private project with an image and a robot, a user with a role in it, a group and a custom role."""
    root = await application.user("root", is_admin=True)
    await application.user("bob", ("team/**", "view"))
    await root.push_image("team/app", IMAGE, "v1")
    for target, body in (
        ("/api/v1/robots", {"name": "bot", "project": "team", "role": "read"}),
        ("/api/v1/groups", {"name": "crowd"}),
        ("/api/v1/roles", {"name": "keeper", "actions": ["pull"]}),
        ("/api/v1/guardrails", {"name": "closed", "mode": "simulate", **GUARDRAIL}),
    ):
        assert (await root.post(target, body)).status == 201
    hook = replace(a_webhook(url="http://127.0.0.1:1/"), id=Ulid(ULID))
    await application.database.write_locked(webhooks.add, hook, None)
    for target in ("/api/v1/templates/apps", "/api/v1/projects/team/templates/apps"):
        assert (await root.send_json("PUT", target, TEMPLATE)).status == 201


async def become(application: Application, who: str) -> Client:
    """Be one of `PEOPLE`."""
    return application.anonymous() if who == "nobody" else await application.user(who, *PEOPLE[who])


@dataclass(frozen=True, slots=True)
class Crowd:
    """An application and all of `PEOPLE` in it."""

    application: Application
    clients: dict[str, Client]

    async def statuses(self, who: list[str], sample: Sample) -> dict[str, int]:
        """Return what some of them are answered."""
        return {each: (await sample.sent(self.clients[each])).status for each in who}


@pytest.fixture(scope="module")
def shared_application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """One for what changes nothing."""
    with an_application(tmp_path_factory.mktemp("crowd")) as application:
        yield application


@pytest.fixture(scope="module")
async def crowd(shared_application: Application) -> Crowd:
    """All of `PEOPLE` in one application."""
    await furnished(shared_application)
    return Crowd(shared_application, {who: await become(shared_application, who) for who in PEOPLE})


def declared_by(application: Application, name: str) -> list[str]:
    """Return what a route takes."""
    return [each.text for each in permissions_of(routes(application)[name])]


def who_has(application: Application, name: str) -> list[str]:
    """Return those of `PEOPLE` who have a permission that a route takes for what it is asked about."""
    declared = [each for each in declared_by(application, name) if each not in PERSONAL]
    return [who for who in PEOPLE if any(allowed(who, each) for each in declared)]


def test_every_route_is_sampled_and_says_what_it_takes(application: Application) -> None:
    """A new route fails here until it declares its permission and somebody has shown how it is asked for."""
    endpoints = routes(application)

    assert set(endpoints) == set(SAMPLES)
    assert all(permissions_of(endpoint) for endpoint in endpoints.values())


@pytest.mark.parametrize("name", SAMPLES)
async def test_who_lacks_the_permission_is_refused(name: str, crowd: Crowd) -> None:
    """With 401, 403 or 404, whoever it is; nothing has changed after that."""
    declared = declared_by(crowd.application, name)
    lacking = [who for who in PEOPLE if "anybody" not in declared and not any(allowed(who, each) for each in declared)]
    if "own" in declared:
        lacking = ["nobody"]

    statuses = await crowd.statuses(lacking, SAMPLES[name])

    assert {who: status for who, status in statuses.items() if status not in (401, 403, 404)} == {}


@pytest.mark.parametrize("name", [name for name in READING if name not in ENDLESS])
async def test_who_has_the_permission_may_read(name: str, crowd: Crowd) -> None:
    """Each of them."""
    statuses = await crowd.statuses(who_has(crowd.application, name), SAMPLES[name])

    assert {who: status for who, status in statuses.items() if status in (401, 403)} == {}


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in READING])
async def test_who_has_the_permission_may_change(name: str, application: Application) -> None:
    """The first of them: the next would find it made."""
    for who in who_has(application, name)[:1]:
        await furnished(application)
        status = (await SAMPLES[name].sent(await become(application, who))).status
        assert status not in (401, 403), who
