# SPDX-License-Identifier: Apache-2.0
"""Projects for everybody with an account, and grants to those who are many."""

from base64 import b64encode

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()
GRANTS = "/api/v1/grants"
MANIFEST = "/v2/team/app/manifests/1.0"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image into a private project."""
    root = await application.user("root", is_admin=True)
    await root.push_image("team/app", IMAGE, "1.0")
    return root


@pytest.fixture
async def robot(root: Client) -> Client:
    """A robot of another project."""
    await root.post("/api/v1/projects", {"name": "other"})
    made = (await root.post("/api/v1/robots", {"project": "other", "name": "ci", "role": "read"})).json
    credentials = b64encode(f"other.ci:{made['secret']}".encode()).decode()
    return Client(root.server, (("authorization", f"Basic {credentials}"),))


async def open_to(root: Client, visibility: str) -> None:
    """Change who may pull from the project."""
    assert (await root.send_json("PATCH", "/api/v1/projects/team", {"visibility": visibility})).status == 200


async def pulls(client: Client) -> list[int]:
    """Return how a pull and a list end, with Basic credentials and with a token, where there are some."""
    token = (await client.get("/auth/token?service=entrepot&scope=repository:team/app:pull,push")).json.get("token")
    bearer = Client(client.server, (("authorization", f"Bearer {token}"),))
    asked = [(client, MANIFEST), (bearer, MANIFEST), (client, "/v2/team/app/tags/list")]
    return [(await each.get(path)).status for each, path in asked]


@pytest.mark.parametrize(
    ("visibility", "anonymous", "user"), [("private", 401, 404), ("internal", 401, 200), ("public", 200, 200)]
)
async def test_who_may_pull(
    application: Application, root: Client, robot: Client, visibility: str, anonymous: int, user: int
) -> None:
    """From an internal project whoever is logged in, users and robots; nobody else, and nothing but pulling."""
    alice = await application.user("alice")
    await open_to(root, visibility)

    assert await pulls(application.anonymous()) == [anonymous] * 3
    assert await pulls(alice) == await pulls(robot) == [user] * 3
    for client in (alice, robot):
        assert (await client.send("POST", "/v2/team/app/blobs/uploads/")).status == 403
        assert (await client.send("DELETE", MANIFEST)).status == 403


async def test_an_internal_project_is_listed_to_accounts(application: Application, root: Client, robot: Client) -> None:
    """With what is in it; to others it looks like none."""
    alice, nobody = await application.user("alice"), application.anonymous()
    await open_to(root, "internal")

    for client in (alice, robot):
        assert [item["name"] for item in (await client.get("/api/v1/repositories")).json["items"]] == ["team/app"]
        assert "team" in [item["name"] for item in (await client.get("/api/v1/projects")).json["items"]]
        assert (await client.get("/api/v1/projects/team")).status == 200
    assert (await nobody.get("/api/v1/projects")).json == {"items": []}
    unknown = await nobody.get("/api/v1/projects/nil")
    known = await nobody.get("/api/v1/projects/team")
    assert (known.status, known.json["detail"]) == (401, unknown.json["detail"])


async def test_a_disabled_account_is_none(application: Application, root: Client, robot: Client) -> None:
    """Its password, its secret and the tokens that it has fetched are good for nothing within seconds."""
    alice = await application.user("alice")
    await open_to(root, "internal")
    scope = "/auth/token?service=entrepot&scope=repository:team/app:pull"
    tokens = [(await client.get(scope)).json["token"] for client in (alice, robot)]

    await root.send_json("PATCH", "/api/v1/users/alice", {"disabled": True})
    await root.send("POST", "/api/v1/robots/other.ci:disable")

    bearers = [Client(root.server, (("authorization", f"Bearer {token}"),)) for token in tokens]
    assert [(await client.get(MANIFEST)).status for client in (alice, robot, *bearers)] == [401] * 4


@pytest.mark.parametrize(("principal", "anonymous", "user"), [("everyone", 401, 200), ("anonymous", 200, 200)])
async def test_a_grant_to_many(
    application: Application, root: Client, robot: Client, principal: str, anonymous: int, user: int
) -> None:
    """Opens one repository of a private project, and no other, at once and until it is taken away."""
    alice, nobody = await application.user("alice"), application.anonymous()
    await root.push_image("team/other", IMAGE, "1.0")
    grant = {"principal": principal, "path_pattern": "team/app", "role": "read"}
    before = [await pulls(client) for client in (nobody, alice, robot)]

    assert (await root.post(GRANTS, grant)).status == 201
    during = [await pulls(client) for client in (nobody, alice, robot)]
    others = [(await client.get("/v2/team/other/manifests/1.0")).status for client in (nobody, alice, robot)]
    query = "&".join(f"{key}={value}" for key, value in grant.items())
    assert (await root.send("DELETE", f"{GRANTS}?{query}")).status == 204

    assert before == [[401] * 3, [404] * 3, [404] * 3]
    assert during == [[anonymous] * 3, [user] * 3, [user] * 3]
    assert others == [401, 404, 404]
    assert [await pulls(client) for client in (nobody, alice, robot)] == before


async def test_anonymous_can_be_granted_more_than_pulling(application: Application, root: Client) -> None:
    """An administrator may want that: whoever comes may then push, without a login."""
    grant = {"principal": "anonymous", "path_pattern": "drop/**", "role": "write"}
    await root.post(GRANTS, grant)
    nobody = application.anonymous()

    await nobody.push_image("drop/app", IMAGE, "1.0")

    assert (await nobody.send("DELETE", "/v2/drop/app/manifests/1.0")).status == 401
    assert (await nobody.get("/v2/drop/app/manifests/1.0")).status == 200


async def test_a_user_called_everyone_is_one_user(application: Application, root: Client) -> None:
    """What is granted to the user opens nothing to others."""
    named, alice = await application.user("everyone"), await application.user("alice")
    await application.user("anonymous")
    for name in ("everyone", "anonymous"):
        grant = {"principal": f"user:{name}", "path_pattern": "team/app", "role": "read"}
        assert (await root.post(GRANTS, grant)).status == 201

    assert (await named.get(MANIFEST)).status == 200
    assert [(await client.get(MANIFEST)).status for client in (alice, application.anonymous())] == [404, 401]
