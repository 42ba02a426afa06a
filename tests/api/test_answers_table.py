# SPDX-License-Identifier: Apache-2.0
"""Who gets which answer from `/v2` (docs/reference/answers.md): every sort of caller, request and credential."""

import re
from dataclasses import dataclass

import pytest

from entrepot.oci.digest import digest_of
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()
LAYER = digest_of(A_LAYER)
SCOPE = "repository:{}:pull,push,delete"

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Request:
    """A request, the role it takes, its status when all is there, and its error, if any, when nothing is."""

    method: str
    path: str
    role: str
    found: int
    missing: str


REQUESTS = [
    Request("GET", "manifests/1.0", "read", 200, "NAME_UNKNOWN"),
    Request("HEAD", "manifests/1.0", "read", 200, ""),
    Request("GET", f"manifests/{IMAGE.digest}", "read", 200, "NAME_UNKNOWN"),
    Request("HEAD", f"manifests/{IMAGE.digest}", "read", 200, ""),
    Request("GET", f"blobs/{LAYER}", "read", 200, "BLOB_UNKNOWN"),
    Request("HEAD", f"blobs/{LAYER}", "read", 200, ""),
    Request("GET", "tags/list", "read", 200, "NAME_UNKNOWN"),
    Request("GET", f"referrers/{IMAGE.digest}", "read", 200, ""),
    Request("POST", "blobs/uploads/", "write", 202, ""),
    Request("DELETE", "manifests/1.0", "admin", 202, "NAME_UNKNOWN"),
]

ROLES = {
    "anonymous": [],
    "other": [],
    "reader": ["read"],
    "writer": ["read", "write"],
    "admin": ["read", "write", "admin"],
    "administrator": ["read", "write", "admin"],
}
"""Who asks, and what each may do in a private project; in a public one everybody may read."""


async def become(application: Application, who: str) -> Client:
    """Be one of `ROLES`."""
    if who == "anonymous":
        return application.anonymous()
    role = {"reader": "read", "writer": "write", "admin": "admin"}.get(who)
    return await application.user(who, *([("team/**", role)] if role else []), is_admin=who == "administrator")


async def with_token(client: Client, repository: str) -> Client:
    """Ask the token service for everything on a repository, and use what it gives from then on."""
    answer = await client.get(f"/auth/token?service=entrepot&scope={SCOPE.format(repository)}")
    assert answer.status == 200
    return Client(client.server, (("authorization", f"Bearer {answer.json['token']}"),))


async def ask(client: Client, credential: str, request: Request, repository: str) -> Answer:
    """Send a request with Basic credentials (or none), or with a token for that very repository."""
    asking = await with_token(client, repository) if credential == "bearer" else client
    return await asking.send(request.method, f"/v2/{repository}/{request.path}")


def told(answer: Answer, repository: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Return an answer without what names the request or the repository."""
    headers = [(key, value.replace(repository, "NAME")) for key, value in answer.headers if key != "x-request-id"]
    return answer.status, answer.body.decode().replace(repository, "NAME"), headers


@pytest.fixture(params=["private", "public"])
async def visibility(request: pytest.FixtureRequest, application: Application) -> str:
    """Make the project `team` in either way, with an image in it; return which."""
    root = await application.user("root", is_admin=True)
    visibility = str(request.param)
    await root.post("/api/v1/projects", {"name": "team", "visibility": visibility})
    await root.push_image("team/app", IMAGE, "1.0")
    return visibility


@pytest.mark.parametrize("credential", ["basic", "bearer"])
@pytest.mark.parametrize("who", ROLES)
async def test_every_request_gets_the_answer_of_the_table(
    application: Application, visibility: str, who: str, credential: str
) -> None:
    """What a caller may do is answered; else 401 to the anonymous, 404 to reading, 403 to writing."""
    client = await become(application, who)
    may = {*ROLES[who], *(["read"] if visibility == "public" else [])}
    expected, found = {}, {}

    for request in REQUESTS:
        refused = 401 if who == "anonymous" else 404 if request.role == "read" else 403
        expected[request] = request.found if request.role in may else refused
        found[request] = (await ask(client, credential, request, "team/app")).status

    assert found == expected


@pytest.mark.parametrize("credential", ["basic", "bearer"])
@pytest.mark.parametrize("who", ["anonymous", "other", "reader", "writer"])
async def test_what_is_refused_looks_the_same_whether_it_exists(
    application: Application, visibility: str, who: str, credential: str
) -> None:
    """A refusal is byte for byte the same for a repository that exists, one that does not, and an unknown project."""
    client = await become(application, who)
    may = {*ROLES[who], *(["read"] if visibility == "public" else [])}
    refused = [request for request in REQUESTS if request.role not in may]
    others = ["team/nil"] if may or visibility == "public" else ["team/nil", "none/app"]

    for request in refused:
        existing = told(await ask(client, credential, request, "team/app"), "team/app")
        for other in others:
            assert existing == told(await ask(client, credential, request, other), other), (request, other)


@pytest.mark.parametrize("credential", ["basic", "bearer"])
@pytest.mark.parametrize("who", ["anonymous", "other", "admin"])
async def test_who_may_read_learns_what_is_not_there(
    application: Application, visibility: str, who: str, credential: str
) -> None:
    """Within one's rights an absent repository is named as such."""
    client = await become(application, who)
    roles = {*ROLES[who], *(["read"] if visibility == "public" else [])}
    allowed = [request for request in REQUESTS if request.role in roles and request.missing]

    for request in allowed:
        answer = await ask(client, credential, request, "team/nil")
        assert (answer.status, answer.json["errors"][0]["code"]) == (404, request.missing), request


async def test_one_client_pulls_anonymously_and_pushes_with_its_login(
    application: Application, visibility: str
) -> None:
    """As docker does it: ask, be challenged, fetch a token for the scope of the challenge, ask again."""
    nobody, writer = application.anonymous(), await become(application, "writer")

    async def flow(logged_in: Client, method: str, path: str) -> list[int]:
        """Return the status of each step."""
        first = await nobody.send(method, path)
        if first.status != 401:
            return [first.status]
        (scope,) = re.findall('scope="([^"]+)"', first.header("www-authenticate"))
        token = (await logged_in.get(f"/auth/token?service=entrepot&scope={scope}")).json["token"]
        again = await nobody.send(method, path, b"", ("authorization", f"Bearer {token}"))
        return [first.status, again.status]

    ping = (await nobody.get("/v2/")).status
    pulled = await flow(nobody, "GET", "/v2/team/app/manifests/1.0")
    pushed = await flow(writer, "POST", "/v2/team/app/blobs/uploads/")
    refused = await flow(nobody, "POST", "/v2/team/app/blobs/uploads/")

    assert ping == 401
    assert pulled == ([200] if visibility == "public" else [401, 401])
    assert (pushed, refused) == ([401, 202], [401, 401])


async def test_a_token_for_nothing_still_pulls_what_is_public(application: Application, visibility: str) -> None:
    """Clients that were told to log in at `/v2/` ask with the anonymous token that they got for the scope."""
    bearer = await with_token(application.anonymous(), "team/app")

    answer = await bearer.get("/v2/team/app/manifests/1.0")
    pinged = await bearer.get("/v2/")

    assert answer.status == (200 if visibility == "public" else 401)
    assert pinged.status == 200


async def test_a_token_without_the_scope_is_told_so(application: Application, visibility: str) -> None:
    """Where the right is there and the scope is not, the challenge asks for a token that has it."""
    bearer = await with_token(await become(application, "reader"), "team/other")

    answer = await bearer.get("/v2/team/app/manifests/1.0")

    assert answer.status == 401
    assert 'error="insufficient_scope"' in answer.header("www-authenticate")
    assert 'scope="repository:team/app:pull"' in answer.header("www-authenticate")


@pytest.mark.parametrize("query", ["from=%ff", "&".join(f"a{number}=1" for number in range(300))])
async def test_a_query_that_cannot_be_read_is_the_clients_mistake(application: Application, query: str) -> None:
    """Whoever is not logged in is asked to, and told of the mistake after that."""
    target = f"/v2/team/app/blobs/uploads/?{query}"

    assert (await application.anonymous().send("POST", target)).status == 401
    assert (await (await become(application, "writer")).send("POST", target)).status == 400
