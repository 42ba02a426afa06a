# SPDX-License-Identifier: Apache-2.0
"""What cannot be read and what is not there: the same answer, after the same statements, so that no clock tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from entrepot.kernel.clock import SECOND_MS
from entrepot.oci.digest import digest_of
from tests.attacks.people import a_user
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.databases import traced_reads
from tests.builders.logins import fetched
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.fakes.settable_clock import SettableClock

IMAGE = an_image_manifest()
LAYER = digest_of(A_LAYER)
ULID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"
WARM = "other/app"
"""Where whoever asks may do everything."""

BODIES = {
    "/api/v1/projects/{project}": b'{"visibility": "public"}',
    "/api/v1/projects/{project}/members/mallory": b'{"role": "admin"}',
    "/api/v1/users/{project}": b'{"disabled": true}',
}
_CHANGING = r'[0-9A-HJKMNP-TV-Z]{26}|"(?:access_)?token":"[^"]*"|"issued_at":"[^"]*"|"request_id": ?"[^"]*"'

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request came to: its answer without names, and the statements that were run for it."""

    status: int
    text: str
    statements: tuple[str, ...]


REGISTRY = [
    ("GET", "/v2/{name}/manifests/v1"),
    ("HEAD", "/v2/{name}/manifests/v1"),
    ("GET", f"/v2/{{name}}/manifests/{IMAGE.digest}"),
    ("HEAD", f"/v2/{{name}}/manifests/{IMAGE.digest}"),
    ("PUT", "/v2/{name}/manifests/v1"),
    ("PUT", f"/v2/{{name}}/manifests/{IMAGE.digest}?tag=v1"),
    ("DELETE", "/v2/{name}/manifests/v1"),
    ("DELETE", f"/v2/{{name}}/manifests/{IMAGE.digest}"),
    ("GET", f"/v2/{{name}}/blobs/{LAYER}"),
    ("HEAD", f"/v2/{{name}}/blobs/{LAYER}"),
    ("DELETE", f"/v2/{{name}}/blobs/{LAYER}"),
    ("GET", "/v2/{name}/tags/list"),
    ("GET", f"/v2/{{name}}/referrers/{IMAGE.digest}"),
    ("POST", "/v2/{name}/blobs/uploads/"),
    ("POST", f"/v2/{{name}}/blobs/uploads/?digest={LAYER}"),
    ("GET", f"/v2/{{name}}/blobs/uploads/{ULID}"),
    ("PATCH", f"/v2/{{name}}/blobs/uploads/{ULID}"),
    ("DELETE", f"/v2/{{name}}/blobs/uploads/{ULID}"),
    ("GET", "/v2/{name}/_oci/ext/discover"),
    ("POST", f"/v2/{WARM}/blobs/uploads/?mount={LAYER}&from={{name}}"),
    ("GET", "/auth/token?scope=repository:{name}:pull,push,delete"),
]

API = [
    ("GET", "/projects/{project}"),
    ("PATCH", "/projects/{project}"),
    ("DELETE", "/projects/{project}"),
    ("GET", "/projects/{project}/members"),
    ("PUT", "/projects/{project}/members/mallory"),
    ("DELETE", "/projects/{project}/members/mallory"),
    ("GET", "/projects/{project}/mode"),
    ("GET", "/repositories/{name}/-/about"),
    ("GET", "/repositories/{name}/-/tags"),
    ("GET", "/repositories/{name}/-/tags/v1"),
    ("GET", "/repositories/{name}/-/tags/v1/history"),
    ("GET", "/repositories/{name}/-/artifacts"),
    ("GET", f"/repositories/{{name}}/-/artifacts/{IMAGE.digest}"),
    ("GET", f"/repositories/{{name}}/-/artifacts/{IMAGE.digest}/manifest"),
    ("GET", f"/repositories/{{name}}/-/artifacts/{IMAGE.digest}/referrers"),
    ("DELETE", f"/repositories/{{name}}/-/artifacts/{IMAGE.digest}"),
    ("DELETE", "/repositories/{name}/-/tags/v1"),
    ("GET", "/repositories/{name}/-/bin"),
    ("GET", "/robots/{project}.bot"),
    ("GET", "/robots/{project}.bot/secrets"),
    ("DELETE", "/robots/{project}.bot"),
    ("GET", "/robots?project={project}"),
    ("GET", "/grants?within={project}"),
    ("GET", "/access?action=pull&repository={name}"),
    ("GET", "/access/who?action=pull&repository={name}"),
    ("GET", "/audit/records?project={project}"),
    ("GET", "/search?q={project}"),
    ("GET", "/users/{project}"),
    ("PATCH", "/users/{project}"),
    ("DELETE", "/users/{project}"),
    ("GET", "/groups/{project}"),
    ("GET", "/groups/{project}/members"),
    ("GET", "/tokens?user={project}"),
    ("GET", "/sessions?user={project}"),
    ("GET", "/roles/{project}"),
    ("GET", "/guardrails/{project}"),
]
THERE, ABSENT = "hidden", "absent"
OF_EVERYBODY = ("SELECT modes.", "SELECT guardrail")
"""What is read each second, whatever is asked about."""


@pytest.fixture(scope="module")
def clock() -> SettableClock:
    """Time that goes by when a test says so."""
    return SettableClock()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory, clock: SettableClock) -> Iterator[Application]:
    """An application in which nothing that is remembered of rights is as old as the next request."""
    with an_application(tmp_path_factory.mktemp("asked"), clock=clock) as application:
        yield application


@pytest.fixture
async def mallory(application: Application) -> Client:
    """Somebody with a project, and without rights in another, in which there is everything that one could ask about."""
    root = await a_user(application, "root", is_admin=True)
    if (await root.get(f"/api/v1/groups/{THERE}")).status == 404:
        await a_user(application, THERE)
        for name in (f"{THERE}/app", WARM):
            await root.push_image(name, IMAGE, "v1")
        guardrail = {"mode": "simulate", "kind": "no-public", "path_pattern": f"{THERE}/**"}
        for target, body in (
            ("robots", {"name": "bot", "project": THERE, "role": "read"}),
            ("groups", {"name": THERE}),
            ("guardrails", {"name": THERE, **guardrail}),
        ):
            assert (await root.post(f"/api/v1/{target}", body)).status == 201
    return await a_user(application, "mallory", ("other/**", "admin"))


async def cost(application: Application, client: Client, case: tuple[str, str], project: str) -> Cost:
    """Ask about something of a project."""
    method, target = case
    body, media_type = b"", "application/json"
    if target.startswith("/v2"):
        body, media_type = (IMAGE.payload if method == "PUT" else b""), IMAGE.media_type
    elif method in ("PATCH", "PUT"):
        body = BODIES[target]
    with traced_reads(application.database) as statements:
        answer = await client.send(
            method, target.format(name=f"{project}/app", project=project), body, ("content-type", media_type)
        )
    text = re.sub(rf"{project}|{_CHANGING}", "?", answer.body.decode())
    plain = (re.sub(r"'[^']*'|\b\d+\b", "?", each) for each in statements)
    return Cost(answer.status, text, tuple(each for each in plain if not each.startswith(OF_EVERYBODY)))


@pytest.mark.parametrize("who", ["mallory", "anonymous", "token"])
@pytest.mark.parametrize("case", [*REGISTRY, *((method, f"/api/v1{target}") for method, target in API)], ids=" ".join)
async def test_unknown_and_forbidden_look_and_cost_the_same(
    case: tuple[str, str], who: str, application: Application, clock: SettableClock, mallory: Client
) -> None:
    """To somebody with other rights, to nobody, and to who has a token in which both were asked for."""
    client = application.anonymous() if who == "anonymous" else mallory
    if who == "token":
        asked = (f"repository:{name}:pull,push,delete" for name in (f"{THERE}/app", f"{ABSENT}/app", WARM))
        client = await fetched(application, mallory, *asked)
    costs = []
    for project in (THERE, ABSENT):
        clock.advance(3 * SECOND_MS)
        costs.append(await cost(application, client, case, project))

    assert costs[0] == costs[1]
    assert costs[0].status != 500
