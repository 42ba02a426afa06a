# SPDX-License-Identifier: Apache-2.0
"""The system roles, on every route of the management API: an auditor changes nothing, an operator reads no content."""

from typing import NamedTuple

import pytest

from tests.api.management_routes import BINNED
from tests.api.management_routes import GUARDRAIL
from tests.api.management_routes import IMAGE
from tests.api.management_routes import ROUTES
from tests.api.management_routes import SECRET
from tests.api.management_routes import TEAM
from tests.api.management_routes import TEMPLATE
from tests.api.management_routes import A
from tests.api.management_routes import G
from tests.api.route_words import Kind
from tests.api.route_words import Route
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client

pytestmark = pytest.mark.anyio

_SEEN = (Kind.CONTENT, Kind.ACCOUNTS, Kind.OVERVIEW)
STATE = [route.path for route in ROUTES if route.method == "GET" and route.kind in _SEEN]


class Stage(NamedTuple):
    """What is there to be looked at and changed."""

    application: Application
    root: Client
    job: str

    async def ask(self, client: Client, route: Route) -> Answer:
        """Send the request of a route."""
        path = route.path.format(job=self.job)
        if route.document is None:
            return await client.send(route.method, path)
        return await client.send_json(route.method, path, route.document)

    async def state(self) -> list[tuple[str, bytes]]:
        """Return what an administrator sees, all that could have been changed, but for the record of looking at it."""
        looked = [path for path in STATE if not path.endswith(("/events", "/dashboard")) and "/audit" not in path]
        return [(path, (await self.root.get(path)).body) for path in looked]


@pytest.fixture
async def stage(application: Application) -> Stage:
    """A project with everything in it, accounts, and a job that ran."""
    root = await application.user("root", is_admin=True)
    await application.user("bob", (f"{SECRET}/app", "read"), (f"{SECRET}/**", "read"))
    await root.post(f"{A}/projects", {"name": SECRET})
    await root.push_image(f"{SECRET}/app", IMAGE, "1.0")
    await root.push(f"{SECRET}/app", BINNED, "2.0")
    await root.delete(f"{SECRET}/app", BINNED.digest)
    await root.post(f"{A}/robots", {"project": SECRET, "name": "ci", "role": "read"})
    await root.post(f"{A}/groups", {"name": "people"})
    await root.send("PUT", f"{A}/groups/people/members/user:root")
    await root.post(f"{A}/roles", {"name": "builder", "actions": ["push"]})
    await root.post(G, {"name": "closed", "mode": "simulate", **GUARDRAIL})
    for above in (A, TEAM):
        await root.send_json("PUT", f"{above}/templates/apps", TEMPLATE)
    job = (await root.post(f"{A}/garbage/runs", {})).json["job"]
    await application.settle()
    return Stage(application, root, job)


async def walk(stage: Stage, client: Client, column: int, kinds: set[Kind]) -> None:
    """Send every request of these kinds, and check that each is answered as its kind says."""
    for route in ROUTES:
        if route.kind not in kinds:
            continue
        answer = await stage.ask(client, route)
        wanted = route.kind.value[column]
        is_as_wanted = answer.status == wanted or (wanted == 200 and answer.status in (201, 202, 204, 409))
        assert is_as_wanted, (route, answer.status, answer.body)


def test_every_route_is_walked(application: Application) -> None:
    """A new one has to be told of here."""
    described = application.instance.api.openapi()["paths"]
    there = {(method.upper(), path) for path, methods in described.items() for method in methods}

    assert {(route.method, route.template) for route in ROUTES} == there


async def test_an_auditor_reads_everything_and_changes_nothing(stage: Stage) -> None:
    """Every page of the system, of accounts and of content; every other request is refused."""
    auditor = await stage.application.user("auditor", ("SYSTEM", "auditor"))
    before = await stage.state()

    await walk(stage, auditor, 0, set(Kind) - {Kind.OWN})

    assert await stage.state() == before
    assert (await auditor.get(f"/v2/{SECRET}/app/manifests/1.0")).status == 200
    for method, path in (("POST", "blobs/uploads/"), ("PUT", "manifests/1.0"), ("DELETE", "manifests/1.0")):
        assert (await auditor.send(method, f"/v2/{SECRET}/app/{path}")).status == 403


async def test_an_operator_runs_the_registry_and_reads_no_content(stage: Stage) -> None:
    """Jobs, collection and modes, but neither what is in repositories, nor accounts."""
    operator = await stage.application.user("operator", ("SYSTEM", "operator"))
    before = await stage.state()

    await walk(stage, operator, 1, {Kind.CONTENT, Kind.ACCOUNTS, Kind.MANAGEMENT, Kind.OF_PROJECT, Kind.OVERVIEW})

    assert await stage.state() == before
    await walk(stage, operator, 1, {Kind.SYSTEM, Kind.SYSTEM_ABSENT, Kind.OPERATION, Kind.OPERATION_ABSENT})
    for path in ("manifests/1.0", f"manifests/{IMAGE.digest}", "tags/list", f"referrers/{IMAGE.digest}"):
        assert (await operator.get(f"/v2/{SECRET}/app/{path}")).status == 404


async def test_somebody_without_rights_does_neither(stage: Stage) -> None:
    """What one sees is one's own."""
    plain = await stage.application.user("plain")
    before = await stage.state()

    await walk(stage, plain, 2, set(Kind) - {Kind.OWN})

    assert await stage.state() == before


@pytest.mark.parametrize("role", ["operator", ""])
async def test_what_everybody_may_open_shows_only_what_one_may_read(stage: Stage, role: str) -> None:
    """No list, search, stream or summary names a project of others."""
    client = await stage.application.user("somebody", *([("SYSTEM", role)] if role else []))

    for route in ROUTES:
        if route.kind is Kind.OVERVIEW:
            answer = await stage.ask(client, route)
            assert f"{SECRET}/" not in answer.body.decode(), route
            assert f'"{SECRET}"' not in answer.body.decode(), route


async def test_without_credentials_nothing_is_told(stage: Stage) -> None:
    """Whoever is not logged in is asked to, on all that is not theirs."""
    nobody = stage.application.anonymous()
    open_to_all = [f"{A}/guide", f"{A}/projects"]

    for route in ROUTES:
        if route.kind is not Kind.OWN:
            answer = await stage.ask(nobody, route)
            is_open = route.method == "GET" and route.path in open_to_all
            assert answer.status == (200 if is_open else 401), (route, answer.status)
            assert SECRET not in answer.body.decode() or not is_open


@pytest.mark.parametrize("role", ["auditor", "operator", "witness", "administrator"])
async def test_a_token_that_narrows_has_no_system_role(stage: Stage, role: str) -> None:
    """Whatever its owner is."""
    owner = await stage.application.user("owner", ("SYSTEM", role))
    scope = f"/auth/token?service=entrepot&scope=repository:{SECRET}/app:*"
    token = (await owner.get(scope)).json["token"]
    narrowed = Client(owner.server, (("authorization", f"Bearer {token}"),))

    for route in ROUTES:
        if route.kind in (Kind.SYSTEM, Kind.ACCOUNTS, Kind.OPERATION) or route.template == f"{A}/users":
            answer = await stage.ask(narrowed, route)
            assert answer.status in (401, 403), (route, answer.status)


async def test_a_system_role_of_a_group_counts(stage: Stage) -> None:
    """And ends with the membership, at once."""
    bob = Client(stage.root.server, (await stage.application.user("dave")).headers)
    await stage.root.post(f"{A}/grants", {"principal": "group:people", "path_pattern": "SYSTEM", "role": "operator"})
    await stage.root.send("PUT", f"{A}/groups/people/members/user:dave")
    inside = (await bob.get(f"{A}/system")).status
    await stage.root.send("DELETE", f"{A}/groups/people/members/user:dave")

    assert (inside, (await bob.get(f"{A}/system")).status) == (200, 403)


async def test_a_group_of_a_former_name_inherits_nothing(stage: Stage) -> None:
    """Neither what it was granted, nor its members, nor its place in other groups."""
    root, dave = stage.root, await stage.application.user("dave")
    await root.post(f"{A}/groups", {"name": "outer"})
    await root.post(f"{A}/grants", {"principal": "group:people", "path_pattern": "SYSTEM", "role": "administrator"})
    await root.post(f"{A}/grants", {"principal": "group:outer", "path_pattern": "**", "role": "admin"})
    await root.send("PUT", f"{A}/groups/outer/members/group:people")
    assert (await root.send("DELETE", f"{A}/groups/people")).status == 204

    await root.post(f"{A}/groups", {"name": "people"})
    await root.send("PUT", f"{A}/groups/people/members/user:dave")

    assert (await dave.get(f"{A}/system")).status == 403
    assert (await dave.get(f"/v2/{SECRET}/app/manifests/1.0")).status == 404
    assert (await root.get(f"{A}/grants?principal=group:people")).json["items"] == []
