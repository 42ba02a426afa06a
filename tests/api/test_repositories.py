# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/repositories` and `/api/v1/repositories/<name>/-/tags`."""

import pytest

from entrepot.kernel.access import Action
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

REPOSITORIES = "/api/v1/repositories"
ABSENT = f"sha256:{'0' * 64}"

pytestmark = pytest.mark.anyio


async def push_everywhere(application: Application, *names: str) -> None:
    """Push an image to repositories of any project."""
    root = await application.user("root", is_admin=True)
    for name in names:
        await root.push_image(name, an_image_manifest())


async def test_only_readable_repositories_are_listed(application: Application, alice: Client) -> None:
    """The list holds what the caller may pull from, by name, each with its project."""
    await push_everywhere(application, "team/web", "other", "team/app")

    answer = await alice.get(REPOSITORIES)

    found = [(item["name"], item["project"]) for item in answer.json["items"]]
    assert found == [("team/app", "team"), ("team/web", "team")]
    assert answer.next == ""


async def test_a_repository_says_when_something_last_changed_in_it(application: Application, alice: Client) -> None:
    """A push or a tag that is set counts, and the tag that was set last is named."""
    await alice.push_image("team/app", an_image_manifest())
    before = (await alice.get(REPOSITORIES)).json["items"][0]
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    await alice.push_image("team/app", an_image_manifest(annotations={"a": "b"}), "0.9")

    after = (await alice.get(REPOSITORIES)).json["items"][0]

    assert (before["latest_tag"], after["latest_tag"]) == (None, "0.9")
    assert before["created_at"] == after["created_at"] <= before["updated_at"] < after["updated_at"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("project=team", ["team", "team/app", "team/web"]),
        ("project=team&filter=P", ["team/app"]),
        ("filter=A", ["team", "team-a/x", "team/app", "team/web", "tean/a_b"]),
        ("filter=_", ["tean/a_b"]),
        ("project=nil", []),
    ],
)
async def test_a_list_may_be_about_some_repositories(application: Application, query: str, names: list[str]) -> None:
    """Those of a project, those whose name contains a text in whatever case, or both; page after page."""
    await push_everywhere(application, "team", "team/app", "team/web", "team-a/x", "tean/a_b", "x/z")
    reader = await application.user("reader", ("team/**", "read"), ("team-a/**", "read"), ("tean/**", "read"))

    pages = await reader.pages(f"{REPOSITORIES}?{query}&limit=1")

    assert [item["name"] for page in pages for item in page] == names


async def test_a_repository_says_what_you_may_do_in_it(application: Application, alice: Client) -> None:
    """Rights are those of the caller, narrowed by a token's scopes."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    reader = await application.user("reader", ("team/**", "read"))
    scoped = await alice.get("/auth/token?service=entrepot&scope=repository:team/app:pull,push")
    bearer = Client(application.server, (("authorization", f"Bearer {scoped.json['token']}"),))

    shown = [(await client.get(f"{REPOSITORIES}/team/app/-/about")).json for client in (alice, reader, bearer)]

    writing = ["read", "pull", "push", "create", "tag", "sign"]
    assert [each["may"] for each in shown] == [list(Action), ["read", "pull"], writing]
    assert {(each["name"], each["project"], each["latest_tag"]) for each in shown} == {("team/app", "team", "1.0")}


@pytest.mark.parametrize("path", ["about", "tags", "artifacts", "bin", f"artifacts/{ABSENT}/referrers"])
async def test_what_may_not_be_read_looks_like_nothing(application: Application, alice: Client, path: str) -> None:
    """To others a repository is not there, as one that there is not; to nobody in particular a login is missing."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    clients = (alice, await application.user("other"), application.anonymous())

    statuses = [(await client.get(f"{REPOSITORIES}/team/app/-/{path}")).status for client in clients]
    absent = await alice.get(f"{REPOSITORIES}/team/nil/-/{path}")

    assert (statuses, absent.status) == ([200, 404, 401], 404)


async def test_repositories_come_in_pages(application: Application, alice: Client) -> None:
    """Following `Link` visits every readable repository once, in pages of at most `limit`."""
    await push_everywhere(application, *(f"{project}/{n}" for n in range(5) for project in ("team", "other")))

    pages = await alice.pages(f"{REPOSITORIES}?limit=2")

    assert [[item["name"] for item in page] for page in pages] == [
        ["team/0", "team/1"],
        ["team/2", "team/3"],
        ["team/4"],
    ]


async def test_a_repository_without_manifests_is_not_listed(alice: Client) -> None:
    """An upload alone makes no visible repository, and its tags cannot be listed."""
    await alice.push_blob("team/app", b"content")

    listed = await alice.get(REPOSITORIES)
    tags = await alice.get(f"{REPOSITORIES}/team/app/-/tags")

    assert listed.json == {"items": []}
    assert (tags.status, tags.json["code"]) == (404, "name_unknown")


async def test_a_token_lists_only_what_it_covers(application: Application, alice: Client) -> None:
    """The scopes of a token narrow the list as they narrow everything else."""
    await push_everywhere(application, "team/app", "team/web")
    answer = await alice.get("/auth/token?service=entrepot&scope=repository:team/web:pull")
    bearer = Client(application.server, (("authorization", f"Bearer {answer.json['token']}"),))

    listed = await bearer.get(REPOSITORIES)

    assert [item["name"] for item in listed.json["items"]] == ["team/web"]


async def test_tags_say_what_they_point_at(application: Application, alice: Client) -> None:
    """A tag is listed with its digest and media type at once, and with its type once that is derived."""
    built = an_image_manifest()
    await alice.push_image("team/app", built, "1.0")

    before = (await alice.get(f"{REPOSITORIES}/team/app/-/tags")).json["items"]
    await application.settle()
    after = (await alice.get(f"{REPOSITORIES}/team/app/-/tags")).json["items"]

    (tag,) = before
    assert (tag["name"], tag["digest"], tag["media_type"]) == ("1.0", built.digest, built.media_type)
    assert tag["artifact_type"] == "application/vnd.oci.image.config.v1+json"
    assert tag["updated_at"].endswith("Z")
    assert [tag["type"] for tag in (*before, *after)] == ["pending", "image"]


async def test_tags_come_in_pages(alice: Client) -> None:
    """Following `Link` visits every tag once, in bytewise order, without those that were deleted."""
    await alice.push_image("team/app", an_image_manifest(), "b", "a", "gone", "B")
    await alice.delete("team/app", "gone")

    pages = await alice.pages(f"{REPOSITORIES}/team/app/-/tags?limit=1")

    assert [[tag["name"] for tag in page] for page in pages] == [["B"], ["a"], ["b"]]


async def test_slashes_of_a_name_may_be_escaped(alice: Client) -> None:
    """`team%2Fapp` names the repository that `team/app` names."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")

    answer = await alice.get(f"{REPOSITORIES}/team%2Fapp/-/tags")

    assert answer.status == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=%21", "cursor=AA", "cursor=YQ=="])
async def test_a_page_that_cannot_be_is_refused(alice: Client, query: str) -> None:
    """Limits outside 1 to 1,000 and cursors that this server did not make are bad requests."""
    answer = await alice.get(f"{REPOSITORIES}?{query}")

    assert answer.status == 400
    assert answer.json["code"] in ("invalid_request", "invalid_cursor")
