# SPDX-License-Identifier: Apache-2.0
"""The system roles, on every route of the management API: an auditor changes nothing, an operator reads no content."""

from enum import Enum
from typing import Any
from typing import NamedTuple

import pytest

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

IMAGE, BINNED = an_image_manifest(annotations={"number": "1"}), an_image_manifest(annotations={"number": "2"})
SECRET = "hidden"
"""The name of a project that nobody was granted anything in."""

pytestmark = pytest.mark.anyio


class Kind(Enum):
    """What a route is about: what it answers an auditor, an operator, and somebody without any right."""

    CONTENT = (200, 404, 404)
    OVERVIEW = (200, 200, 200)
    SYSTEM = (200, 200, 403)
    SYSTEM_ABSENT = (404, 404, 403)
    ACCOUNTS = (200, 403, 403)
    ACCOUNTS_ABSENT = (404, 403, 403)
    OPERATION = (403, 200, 403)
    MANAGEMENT = (403, 403, 403)
    OF_PROJECT = (403, 404, 404)
    OWN = (0, 0, 0)
    """About the caller's own account and login, which a system role has nothing to do with."""


class Route(NamedTuple):
    """A request to a route; `{...}` in its path stands for something that is there."""

    kind: Kind
    method: str
    template: str
    path: str
    document: Any = None


A = "/api/v1"
R = f"{A}/repositories/{{name}}/-"
APP = f"{A}/repositories/{SECRET}/app/-"
P = f"{A}/projects/{{name}}"
TEAM = f"{A}/projects/{SECRET}"
ME = f"{A}/users/me"
G = f"{A}/guardrails"
ULID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
TEMPLATE = {"purpose": "repository", "pattern": f"{SECRET}/**"}
GUARDRAIL = {"kind": "no-public", "path_pattern": "closed/**"}
EXCEPTION = {"reason": "x", "expires_at": "2026-01-31T12:00:00Z"}
B = f"{A}/break-glass"
ELIGIBILITY = {"principal": "bob", "path_pattern": "**", "role": "admin"}
SAID = {"comment": "x"}
HOLD = {"reason": "x", "begins_at": "2026-01-01T00:00:00Z"}

ROUTES = [
    Route(Kind.OVERVIEW, "GET", f"{A}/repositories", f"{A}/repositories"),
    Route(Kind.CONTENT, "GET", f"{R}/about", f"{APP}/about"),
    Route(Kind.CONTENT, "GET", f"{R}/tags", f"{APP}/tags"),
    Route(Kind.CONTENT, "GET", f"{R}/tags/{{tag}}", f"{APP}/tags/1.0"),
    Route(Kind.MANAGEMENT, "DELETE", f"{R}/tags/{{tag}}", f"{APP}/tags/1.0"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts", f"{APP}/artifacts"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}", f"{APP}/artifacts/{IMAGE.digest}"),
    Route(Kind.MANAGEMENT, "DELETE", f"{R}/artifacts/{{digest}}", f"{APP}/artifacts/{IMAGE.digest}"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/referrers", f"{APP}/artifacts/{IMAGE.digest}/referrers"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/manifest", f"{APP}/artifacts/{IMAGE.digest}/manifest"),
    Route(Kind.CONTENT, "GET", f"{R}/artifacts/{{digest}}/config", f"{APP}/artifacts/{IMAGE.digest}/config"),
    Route(Kind.CONTENT, "GET", f"{R}/bin", f"{APP}/bin"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/artifacts/{{digest}}:restore", f"{APP}/artifacts/{BINNED.digest}:restore"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/artifacts/{{digest}}:preview", f"{APP}/artifacts/{IMAGE.digest}:preview"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/artifacts/{{digest}}:free-now", f"{APP}/artifacts/{IMAGE.digest}:free-now"),
    Route(Kind.CONTENT, "GET", f"{R}/tags/{{tag}}/history", f"{APP}/tags/1.0/history"),
    Route(Kind.MANAGEMENT, "POST", f"{R}/tags/{{tag}}:restore", f"{APP}/tags/1.0:restore", {"digest": BINNED.digest}),
    Route(Kind.OWN, "POST", f"{A}/tokens", ""),
    Route(Kind.OWN, "GET", f"{A}/tokens", ""),
    Route(Kind.OWN, "PATCH", f"{A}/tokens/{{token}}", ""),
    Route(Kind.OWN, "DELETE", f"{A}/tokens/{{token}}", ""),
    Route(Kind.SYSTEM, "GET", f"{A}/jobs", f"{A}/jobs"),
    Route(Kind.SYSTEM, "GET", f"{A}/jobs/schedules", f"{A}/jobs/schedules"),
    Route(Kind.SYSTEM, "GET", f"{A}/jobs/{{job_id}}", f"{A}/jobs/{{job}}"),
    Route(Kind.OPERATION, "POST", f"{A}/jobs/{{job_id}}:cancel", f"{A}/jobs/{{job}}:cancel"),
    Route(Kind.OPERATION, "POST", f"{A}/jobs/{{job_id}}:retry", f"{A}/jobs/{{job}}:retry"),
    Route(Kind.OVERVIEW, "GET", f"{A}/dashboard", f"{A}/dashboard"),
    Route(Kind.OVERVIEW, "GET", f"{A}/events", f"{A}/events"),
    Route(Kind.OWN, "GET", f"{A}/sessions/providers", ""),
    Route(Kind.OWN, "POST", f"{A}/sessions", ""),
    Route(Kind.OWN, "GET", f"{A}/sessions", ""),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/sessions", f"{A}/sessions?user=bob"),
    Route(Kind.OWN, "DELETE", f"{A}/sessions/{{session}}", ""),
    Route(Kind.OWN, "GET", f"{A}/session", ""),
    Route(Kind.OWN, "DELETE", f"{A}/session", ""),
    Route(Kind.OWN, "POST", f"{A}/session/second-factor", ""),
    Route(Kind.OWN, "POST", f"{A}/session/second-factor/challenge", ""),
    Route(Kind.OWN, "POST", f"{A}/session/reauthentication", ""),
    Route(Kind.OWN, "GET", ME, ""),
    Route(Kind.OWN, "POST", f"{ME}/password", ""),
    Route(Kind.ACCOUNTS, "GET", f"{A}/users", f"{A}/users"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users", f"{A}/users", {"name": "carol"}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/users/{{name}}", f"{A}/users/bob"),
    Route(Kind.MANAGEMENT, "PATCH", f"{A}/users/{{name}}", f"{A}/users/bob", {"administrator": True}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/users/{{name}}", f"{A}/users/bob"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users/{{name}}/password", f"{A}/users/bob/password", {}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users/{{name}}:rename", f"{A}/users/bob:rename", {"name": "robert"}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/users/{{name}}:merge", f"{A}/users/bob:merge", {"into": "carol"}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/invitations", f"{A}/invitations", {"label": "ada@example.com"}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/invitations", f"{A}/invitations"),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/invitations/{{invitation}}", f"{A}/invitations/01JD2F7ZK3Q8V5T6X9Y0B1C2D4"),
    Route(Kind.OWN, "POST", f"{A}/invitations:look", f"{A}/invitations:look", {"secret": "x"}),
    Route(Kind.OWN, "POST", f"{A}/invitations:accept", f"{A}/invitations:accept", {"secret": "x", "password": "y"}),
    Route(Kind.OWN, "GET", f"{ME}/second-factors", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/totp", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/totp:confirm", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/webauthn", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/webauthn:confirm", ""),
    Route(Kind.OWN, "POST", f"{ME}/second-factors/recovery-codes", ""),
    Route(Kind.OWN, "DELETE", f"{ME}/second-factors/{{factor}}", ""),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/users/{{name}}/second-factors", f"{A}/users/bob/second-factors"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/access", f"{A}/access?action=pull&repository={SECRET}/app&principal=user:bob"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/access/who", f"{A}/access/who?action=pull&repository={SECRET}/app"),
    Route(Kind.OVERVIEW, "GET", f"{A}/projects", f"{A}/projects"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/projects", f"{A}/projects", {"name": "new"}),
    Route(Kind.CONTENT, "GET", P, TEAM),
    Route(Kind.MANAGEMENT, "PATCH", P, TEAM, {"visibility": "public"}),
    Route(Kind.MANAGEMENT, "DELETE", P, TEAM),
    Route(Kind.OVERVIEW, "GET", f"{A}/roles", f"{A}/roles"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/roles", f"{A}/roles", {"name": "thief", "actions": ["pull"]}),
    Route(Kind.OVERVIEW, "GET", f"{A}/roles/{{name}}", f"{A}/roles/builder"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/roles/{{name}}", f"{A}/roles/builder", {"actions": ["admin"]}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/roles/{{name}}", f"{A}/roles/builder"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/grants", f"{A}/grants"),
    Route(
        Kind.MANAGEMENT,
        "POST",
        f"{A}/grants",
        f"{A}/grants",
        {"principal": "bob", "path_pattern": "**", "role": "view"},
    ),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/grants", f"{A}/grants?principal=bob&path_pattern={SECRET}/app&role=read"),
    Route(Kind.CONTENT, "GET", f"{P}/members", f"{TEAM}/members"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/members/{{principal}}", f"{TEAM}/members/bob", {"role": "read"}),
    Route(Kind.MANAGEMENT, "DELETE", f"{P}/members/{{principal}}", f"{TEAM}/members/bob"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots", f"{A}/robots", {"project": SECRET, "name": "x", "role": "read"}),
    Route(Kind.CONTENT, "GET", f"{A}/robots", f"{A}/robots?project={SECRET}"),
    Route(Kind.CONTENT, "GET", f"{A}/robots/{{robot}}", f"{A}/robots/{SECRET}.ci"),
    Route(Kind.MANAGEMENT, "PATCH", f"{A}/robots/{{robot}}", f"{A}/robots/{SECRET}.ci", {"allowed_addresses": []}),
    Route(Kind.CONTENT, "GET", f"{A}/robots/{{robot}}/secrets", f"{A}/robots/{SECRET}.ci/secrets"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}/secrets", f"{A}/robots/{SECRET}.ci/secrets", {}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/robots/{{robot}}/secrets/{{secret}}", f"{A}/robots/{SECRET}.ci/secrets/x"),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/robots/{{robot}}", f"{A}/robots/{SECRET}.ci"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}:rotate", f"{A}/robots/{SECRET}.ci:rotate", {}),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}:disable", f"{A}/robots/{SECRET}.ci:disable"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/robots/{{robot}}:enable", f"{A}/robots/{SECRET}.ci:enable"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/groups", f"{A}/groups"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/groups", f"{A}/groups", {"name": "thieves"}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/groups/{{name}}", f"{A}/groups/people"),
    Route(Kind.MANAGEMENT, "PATCH", f"{A}/groups/{{name}}", f"{A}/groups/people", {"description": "x"}),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/groups/{{name}}", f"{A}/groups/people"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/groups/{{name}}/members", f"{A}/groups/people/members"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/groups/{{name}}/members/{{member}}", f"{A}/groups/people/members/user:bob"),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/groups/{{name}}/members/{{member}}", f"{A}/groups/people/members/user:root"),
    Route(Kind.OVERVIEW, "GET", f"{A}/search", f"{A}/search?q=hid"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/guardrails", f"{A}/guardrails"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/guardrails", f"{A}/guardrails", {"name": "x", "mode": "enforce", **GUARDRAIL}),
    Route(Kind.ACCOUNTS, "POST", f"{A}/guardrails:preview", f"{A}/guardrails:preview", GUARDRAIL),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}", f"{G}/closed"),
    Route(Kind.MANAGEMENT, "PATCH", f"{G}/{{name}}", f"{G}/closed", {"mode": "enforce"}),
    Route(Kind.MANAGEMENT, "DELETE", f"{G}/{{name}}", f"{G}/closed"),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}/violations", f"{G}/closed/violations"),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}/simulated", f"{G}/closed/simulated"),
    Route(Kind.ACCOUNTS, "GET", f"{G}/{{name}}/exceptions", f"{G}/closed/exceptions"),
    Route(Kind.MANAGEMENT, "POST", f"{G}/{{name}}/exceptions", f"{G}/closed/exceptions", EXCEPTION),
    Route(Kind.MANAGEMENT, "DELETE", f"{G}/{{name}}/exceptions/{{id}}", f"{G}/closed/exceptions/{ULID}"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/templates", f"{A}/templates"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/templates:match", f"{A}/templates:match?name={SECRET}/app"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/templates/{{template}}", f"{A}/templates/apps"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/templates/{{template}}", f"{A}/templates/apps", TEMPLATE),
    Route(Kind.MANAGEMENT, "DELETE", f"{A}/templates/{{template}}", f"{A}/templates/apps"),
    Route(Kind.CONTENT, "GET", f"{P}/templates", f"{TEAM}/templates"),
    Route(Kind.CONTENT, "GET", f"{P}/templates:match", f"{TEAM}/templates:match?name={SECRET}/app"),
    Route(Kind.CONTENT, "GET", f"{P}/templates/{{template}}", f"{TEAM}/templates/apps"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/templates/{{template}}", f"{TEAM}/templates/apps", TEMPLATE),
    Route(Kind.MANAGEMENT, "DELETE", f"{P}/templates/{{template}}", f"{TEAM}/templates/apps"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/approvals", f"{A}/approvals?list=all"),
    Route(Kind.OWN, "POST", f"{A}/approvals", ""),
    Route(Kind.ACCOUNTS, "GET", f"{A}/approvals/rules", f"{A}/approvals/rules"),
    Route(Kind.MANAGEMENT, "PUT", f"{A}/approvals/rules", f"{A}/approvals/rules", {"acts": []}),
    Route(Kind.OWN, "GET", f"{A}/approvals/{{id}}", ""),
    Route(Kind.OWN, "POST", f"{A}/approvals/{{id}}:approve", ""),
    Route(Kind.OWN, "POST", f"{A}/approvals/{{id}}:reject", ""),
    Route(Kind.OWN, "POST", f"{A}/approvals/{{id}}:withdraw", ""),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit", f"{A}/audit"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/types", f"{A}/audit/types"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/records", f"{A}/audit/records"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/records:export", f"{A}/audit/records:export"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/checkpoints", f"{A}/audit/checkpoints"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/timestamps", f"{A}/audit/timestamps"),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/witnessed", f"{A}/audit/witnessed?origin=robot:_.witness"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/audit/witnessed", f"{A}/audit/witnessed", {"checkpoints": ["none"]}),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/holds", f"{A}/audit/holds"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/audit/holds", f"{A}/audit/holds", HOLD),
    Route(Kind.MANAGEMENT, "POST", f"{A}/audit/holds/{{hold_id}}:release", f"{A}/audit/holds/{ULID}:release"),
    Route(
        Kind.MANAGEMENT, "POST", f"{A}/audit/erasures", f"{A}/audit/erasures", {"subject": "user:bob", "reason": "x"}
    ),
    Route(Kind.ACCOUNTS, "GET", f"{A}/audit/filters", f"{A}/audit/filters"),
    Route(Kind.ACCOUNTS, "PUT", f"{A}/audit/filters/{{name}}", f"{A}/audit/filters/mine", {"filter": {}}),
    Route(Kind.ACCOUNTS, "DELETE", f"{A}/audit/filters/{{name}}", f"{A}/audit/filters/mine"),
    Route(Kind.OVERVIEW, "GET", f"{A}/modes", f"{A}/modes"),
    Route(Kind.OPERATION, "PUT", f"{A}/modes", f"{A}/modes", {"mode": "no-delete", "reason": "x"}),
    Route(Kind.CONTENT, "GET", f"{P}/mode", f"{TEAM}/mode"),
    Route(Kind.MANAGEMENT, "PUT", f"{P}/mode", f"{TEAM}/mode", {"mode": "no-delete", "reason": "x"}),
    Route(Kind.SYSTEM, "GET", f"{A}/system", f"{A}/system"),
    Route(Kind.SYSTEM, "GET", f"{A}/system/nodes", f"{A}/system/nodes"),
    Route(Kind.SYSTEM, "GET", f"{A}/system/keys", f"{A}/system/keys"),
    Route(Kind.MANAGEMENT, "POST", f"{A}/system/keys:rotate", f"{A}/system/keys:rotate"),
    Route(Kind.SYSTEM, "GET", f"{A}/garbage", f"{A}/garbage"),
    Route(Kind.OPERATION, "POST", f"{A}/garbage:pause", f"{A}/garbage:pause"),
    Route(Kind.OPERATION, "POST", f"{A}/garbage:resume", f"{A}/garbage:resume"),
    Route(Kind.SYSTEM, "GET", f"{A}/garbage/runs", f"{A}/garbage/runs"),
    Route(Kind.OPERATION, "POST", f"{A}/garbage/runs", f"{A}/garbage/runs", {}),
    Route(Kind.SYSTEM_ABSENT, "GET", f"{A}/garbage/runs/{{run_id}}", f"{A}/garbage/runs/01KA7Q8B4H3M5V9XEYD2T6RZNW"),
    Route(Kind.SYSTEM, "GET", f"{A}/garbage/storage", f"{A}/garbage/storage"),
    Route(Kind.OVERVIEW, "GET", f"{A}/guide", f"{A}/guide"),
    Route(Kind.CONTENT, "GET", f"{P}/guardrails", f"{TEAM}/guardrails"),
    Route(Kind.OVERVIEW, "GET", B, B),
    Route(Kind.ACCOUNTS, "GET", f"{B}/openings", f"{B}/openings"),
    Route(Kind.OWN, "POST", f"{B}/openings", ""),
    Route(Kind.ACCOUNTS_ABSENT, "GET", f"{B}/openings/{{id}}", f"{B}/openings/{ULID}"),
    Route(Kind.MANAGEMENT, "POST", f"{B}/openings/{{id}}:end", f"{B}/openings/{ULID}:end"),
    Route(Kind.MANAGEMENT, "POST", f"{B}/openings/{{id}}:acknowledge", f"{B}/openings/{ULID}:acknowledge", SAID),
    Route(Kind.ACCOUNTS, "GET", f"{B}/eligibilities", f"{B}/eligibilities"),
    Route(Kind.MANAGEMENT, "POST", f"{B}/eligibilities", f"{B}/eligibilities", ELIGIBILITY),
    Route(Kind.MANAGEMENT, "DELETE", f"{B}/eligibilities/{{id}}", f"{B}/eligibilities/{ULID}"),
]
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
    await walk(stage, operator, 1, {Kind.SYSTEM, Kind.SYSTEM_ABSENT, Kind.OPERATION})
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
