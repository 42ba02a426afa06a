# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/projects`."""

import pytest

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

PROJECTS = "/api/v1/projects"
TEAM = f"{PROJECTS}/team"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


@pytest.fixture
async def mallory(application: Application) -> Client:
    """Somebody with an account and no grant."""
    return await application.user("mallory")


async def names(client: Client, query: str = "") -> list[str]:
    """Return the names of the projects that a client sees."""
    return [item["name"] for page in await client.pages(f"{PROJECTS}{query}") for item in page]


def told(answer: Answer, name: str) -> tuple[int, dict[str, str], list[str]]:
    """Return an answer without what names the request or the project."""
    body = {key: value.replace(name, "NAME") for key, value in answer.json.items() if isinstance(value, str)}
    del body["request_id"]
    return answer.status, body, sorted(key for key, _ in answer.headers)


async def test_an_administrator_makes_a_project(root: Client) -> None:
    """A project is private unless asked for otherwise, and the answer says where it is."""
    answer = await root.post(PROJECTS, {"name": "team"})

    shown = await root.get(answer.header("location"))
    assert (answer.status, answer.header("location")) == (201, TEAM)
    assert answer.json == shown.json
    created_at = answer.json.pop("created_at")
    assert created_at.endswith("Z")
    assert {**shown.json, "created_at": ""} == {
        "name": "team",
        "visibility": "private",
        "created_at": "",
        "created_by": "user:root",
        "cause": "request",
        "redirect": "allowed",
        "undelete_days": None,
    }


async def test_a_project_is_made_once(root: Client) -> None:
    """A name that is taken is a conflict, whatever visibility is asked for, and nothing changes."""
    await root.post(PROJECTS, {"name": "team"})

    answer = await root.post(PROJECTS, {"name": "team", "visibility": "public"})

    assert (answer.status, answer.json["code"]) == (409, "project_exists")
    assert "PATCH" in answer.json["hint"]
    assert (await root.get(TEAM)).json["visibility"] == "private"


@pytest.mark.parametrize("name", ["", "Team", "team_", "-team", "a..b", "_catalog", "tëam", "team app", "a" * 201])
async def test_a_name_that_no_repository_begins_with_is_refused(root: Client, name: str) -> None:
    """The grammar of names decides, and the answer says what it is."""
    answer = await root.post(PROJECTS, {"name": name})

    assert (answer.status, answer.json["code"]) == (400, "project_name_invalid")
    assert answer.json["hint"]


async def test_a_repository_is_no_project(root: Client) -> None:
    """Whoever gives a whole repository name hears which part of it is the project."""
    answer = await root.post(PROJECTS, {"name": "team/app"})

    assert (answer.status, answer.json["code"]) == (400, "project_name_invalid")
    assert "'team'" in answer.json["hint"]


@pytest.mark.parametrize(
    "document", [{}, {"name": 1}, {"name": "team", "visibility": "secret"}, {"name": "team", "owner": "alice"}]
)
async def test_what_describes_no_project_is_refused(root: Client, document: object) -> None:
    """Missing, mistyped and unknown members of the document are bad requests that are named."""
    answer = await root.post(PROJECTS, document)

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain"])
async def test_json_must_be_called_json(root: Client, media_type: str) -> None:
    """A body that is said to be something else, as `curl -d` does, is refused with the header that is missing."""
    answer = await root.send("POST", PROJECTS, b'{"name": "team"}', ("content-type", media_type))

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")
    assert media_type in answer.json["detail"]
    assert "Content-Type: application/json" in answer.json["hint"]


@pytest.mark.parametrize(("body", "place"), [(b"", "body"), (b"[]", "body"), (b"{", "1"), (b"{}", "name")])
async def test_a_mistake_has_a_place(root: Client, body: bytes, place: str) -> None:
    """A body that is missing or no object is named as a whole, JSON that ends too early by the character."""
    answer = await root.send("POST", PROJECTS, body, ("content-type", "application/json"))

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")
    assert answer.json["detail"].startswith(f"{place}: ")


async def test_who_may_make_every_repository_of_a_project_makes_the_project(
    application: Application, alice: Client
) -> None:
    """As a push would; a part of it is not enough, and without credentials one must log in first."""
    some = await application.user("some", ("other/app/**", "admin"), ("other*", "write"), ("other/**", "view"))
    by_alice = await alice.post(PROJECTS, {"name": "team"})
    elsewhere = [await client.post(PROJECTS, {"name": "other"}) for client in (alice, some)]
    by_nobody = await application.anonymous().post(PROJECTS, {"name": "other"})

    assert by_alice.status == 201
    assert [(each.status, each.json["code"]) for each in elsewhere] == [(403, "denied")] * 2
    assert by_nobody.status == 401


async def test_projects_are_listed_to_who_may_read_in_them(
    application: Application, root: Client, mallory: Client
) -> None:
    """Public ones to everybody, private ones to whom a grant on any name in them is given."""
    for name, visibility in (("a", "private"), ("b", "public"), ("c", "private"), ("d", "private")):
        await root.post(PROJECTS, {"name": name, "visibility": visibility})
    reader = await application.user("reader", ("a/app", "read"), ("c*/**", "write"))

    assert await names(root) == ["a", "b", "c", "d"]
    assert await names(reader) == ["a", "b", "c"]
    assert await names(mallory) == await names(application.anonymous()) == ["b"]


async def test_projects_come_in_pages(application: Application, root: Client) -> None:
    """Following `Link` visits every project that may be seen once, by name."""
    for number in range(6):
        await root.post(PROJECTS, {"name": f"p{number}", "visibility": "private" if number % 3 else "public"})
    reader = await application.user("reader", ("p1", "read"), ("p4/**", "read"))

    pages = await reader.pages(f"{PROJECTS}?limit=3")

    assert [[item["name"] for item in page] for page in pages] == [["p0", "p1", "p3"], ["p4"]]


@pytest.mark.parametrize("visibility", ["private", "public"])
async def test_a_private_project_looks_like_none(root: Client, mallory: Client, visibility: str) -> None:
    """Whether it exists is told to nobody who may not read in it, whatever they try."""
    await root.post(PROJECTS, {"name": "team", "visibility": "private"})
    await root.post(PROJECTS, {"name": "other", "visibility": visibility})

    for method in ("GET", "PATCH", "DELETE"):
        body = {"visibility": "public"} if method == "PATCH" else None
        existing = await mallory.send_json(method, TEAM, body)
        unknown = await mallory.send_json(method, f"{PROJECTS}/nil", body)
        assert told(existing, "team") == told(unknown, "nil")
        assert existing.status == (404 if method == "GET" else 403)
        assert "mallory" in existing.body.decode()


async def test_without_credentials_a_private_project_looks_like_none(application: Application, root: Client) -> None:
    """Whoever is not known must log in, for a private project and for one that does not exist."""
    await root.post(PROJECTS, {"name": "team"})
    nobody = application.anonymous()

    for method in ("GET", "PATCH", "DELETE"):
        existing = await nobody.send_json(method, TEAM, {"visibility": "public"})
        unknown = await nobody.send_json(method, f"{PROJECTS}/nil", {"visibility": "public"})
        assert told(existing, "team") == told(unknown, "nil")
        assert (existing.status, existing.header("www-authenticate")) == (401, "Bearer")


async def test_a_public_project_is_shown_to_everybody(application: Application, root: Client, mallory: Client) -> None:
    """But changing it still takes the right to."""
    await root.post(PROJECTS, {"name": "team", "visibility": "public"})

    shown = [await client.get(TEAM) for client in (application.anonymous(), mallory)]
    changed = await mallory.send_json("PATCH", TEAM, {"visibility": "private"})

    assert [answer.status for answer in shown] == [200, 200]
    assert (changed.status, changed.json["code"]) == (403, "denied")


async def test_visibility_counts_at_once(application: Application, root: Client, alice: Client) -> None:
    """Who administers the project opens and closes it; the next request without credentials sees that."""
    await root.post(PROJECTS, {"name": "team"})
    digest = await alice.push_image("team/app", an_image_manifest())
    statuses = []

    for visibility in ("private", "public", "private"):
        changed = await alice.send_json("PATCH", TEAM, {"visibility": visibility})
        assert (changed.status, changed.json["visibility"]) == (200, visibility)
        statuses.append((await application.anonymous().get(f"/v2/team/app/manifests/{digest}")).status)

    assert statuses == [401, 200, 401]


@pytest.mark.parametrize("grant", [("team", "admin"), ("team/app", "admin"), ("team/*", "admin"), ("team/**", "write")])
async def test_a_part_of_a_project_is_not_the_project(
    application: Application, root: Client, grant: tuple[str, str]
) -> None:
    """Administering takes the role on everything in the project: a single repository of it is not enough."""
    await root.post(PROJECTS, {"name": "team"})
    partly = await application.user("partly", grant)

    changed = await partly.send_json("PATCH", TEAM, {"visibility": "public"})

    assert (await partly.get(TEAM)).status == 200
    assert (changed.status, changed.json["code"]) == (403, "denied")


async def test_what_is_not_there_cannot_be_changed(alice: Client) -> None:
    """Who administers the name hears that there is no such project."""
    for method in ("GET", "PATCH", "DELETE"):
        answer = await alice.send_json(method, TEAM, {"visibility": "public"})

        assert (answer.status, answer.json["code"]) == (404, "project_unknown")


async def test_an_empty_project_is_deleted(root: Client, alice: Client) -> None:
    """Its administrator may; then it is gone."""
    await root.post(PROJECTS, {"name": "team"})

    answer = await alice.send("DELETE", TEAM)

    assert (answer.status, answer.body) == (204, b"")
    assert (await root.get(TEAM)).status == 404
    assert await names(root) == []


async def test_a_project_with_artifacts_stays(application: Application, root: Client, alice: Client) -> None:
    """The answer counts the repositories in the way and names the first of them."""
    for number in range(4):
        await alice.push_image(f"team/{number}", an_image_manifest())
    await application.settle()

    answer = await alice.send("DELETE", TEAM)

    assert (answer.status, answer.json["code"]) == (409, "project_not_empty")
    assert "4 repositories" in answer.json["detail"]
    assert "team/0, team/1, team/2 and 1 more" in answer.json["detail"]
    assert (await root.get(TEAM)).status == 200


async def test_emptied_repositories_go_with_their_project(application: Application, alice: Client) -> None:
    """Once its artifacts are deleted nothing keeps a project, and late news of the push does not bring it back."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")
    await alice.delete("team/app", digest)

    answer = await alice.send("DELETE", TEAM)
    await application.settle()

    assert answer.status == 204
    assert (await alice.get(TEAM)).status == 404
    assert (await alice.get("/api/v1/repositories")).json == {"items": []}


async def test_a_token_with_scopes_administers_nothing(application: Application, root: Client, alice: Client) -> None:
    """A token for a repository shows its project and does no more; one without scopes stands for its principal."""
    await root.post(PROJECTS, {"name": "team"})
    narrow = (await alice.get("/auth/token?service=entrepot&scope=repository:team/app:pull,push")).json["token"]
    whole = (await alice.get("/auth/token?service=entrepot")).json["token"]
    scoped, unscoped = (
        Client(application.server, (("authorization", f"Bearer {token}"),)) for token in (narrow, whole)
    )

    refused = await scoped.send_json("PATCH", TEAM, {"visibility": "public"})
    changed = await unscoped.send_json("PATCH", TEAM, {"visibility": "public"})

    assert await names(scoped) == ["team"]
    assert (await scoped.get(TEAM)).status == 200
    assert (refused.status, refused.json["detail"]) == (401, "The token does not cover this.")
    assert changed.status == 200


@pytest.mark.parametrize("scope", ["repository:other/app:pull", "repository:team/app:fly", "nonsense"])
async def test_a_token_whose_scopes_grant_nothing_administers_nothing(
    application: Application, alice: Client, scope: str
) -> None:
    """Only a token that was asked for without any scope stands for its principal."""
    token = (await alice.get(f"/auth/token?service=entrepot&scope={scope}")).json["token"]
    scoped = Client(application.server, (("authorization", f"Bearer {token}"),))

    assert (await scoped.get("/api/v1/projects/team/members")).status == 401
    assert (await scoped.send_json("PATCH", TEAM, {"visibility": "public"})).status == 401


async def test_a_token_for_another_project_shows_nothing(application: Application, root: Client) -> None:
    """The scopes of a token narrow what is listed and shown, for its owner who may do everything."""
    for name in ("team", "other"):
        await root.post(PROJECTS, {"name": name})
    token = (await root.get("/auth/token?service=entrepot&scope=repository:other/app:pull")).json["token"]
    scoped = Client(application.server, (("authorization", f"Bearer {token}"),))

    assert await names(scoped) == ["other"]
    assert (await scoped.get(TEAM)).status == 401
