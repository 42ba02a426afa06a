# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/repositories` and `/api/v1/repositories/<name>/-/tags`."""

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

REPOSITORIES = "/api/v1/repositories"

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

    assert answer.json == {"items": [{"name": "team/app", "project": "team"}, {"name": "team/web", "project": "team"}]}
    assert answer.next == ""


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
