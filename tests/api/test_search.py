# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/search`."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.features.projects.service import MAX_CHECKED
from entrepot.features.projects.tables import projects
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

QUERIES = "apte/:@.12_%\\'\"sh256- A*"
ANYTHING = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
"""A NUL is refused in any query."""
"""Characters that mean something to queries, names or databases."""

pytestmark = pytest.mark.anyio


def an_image(number: int) -> BuiltManifest:
    """Build one of several images."""
    return an_image_manifest(annotations={"number": str(number)})


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, beside some images of two teams."""
    root = await application.user("root", is_admin=True)
    await root.push_image("team/app", an_image(1), "1.2.0", "1.2.1")
    await root.push_image("team/app", an_image(2), "2.0")
    await root.push_image("team/wrapper", an_image(1), "1.2.9", "latest")
    await root.push_image("other/app", an_image(3), "1.2.5")
    return root


@pytest.fixture
async def reader(application: Application, root: Client) -> Client:
    """Somebody who may read what one of the teams has."""
    return await application.user("reader", ("team/**", "read"))


async def find(client: Client, q: str, limit: int = 8) -> Any:
    """Search."""
    answer = await client.get(f"/api/v1/search?limit={limit}&q={quote(q, safe='')}")
    assert answer.status == 200, answer.body
    return answer.json


def names(found: Any) -> list[str]:
    """Return the repositories that were found."""
    return [each["name"] for each in found["repositories"]]


def tags(found: Any) -> list[str]:
    """Return the tags that were found, as images are named."""
    return sorted(f"{each['repository']}:{each['tag']}" for each in found["tags"])


def holders(found: Any) -> list[str]:
    """Return the repositories of the artifacts that were found."""
    return sorted(each["repository"] for each in found["artifacts"])


@pytest.mark.parametrize("q", ["app", "APP", " app "])
async def test_repositories_are_found_by_a_part_of_their_name(root: Client, reader: Client, q: str) -> None:
    """Whatever its capitals; each sees those that they may read."""
    assert names(await find(root, q)) == ["other/app", "team/app", "team/wrapper"]
    assert names(await find(reader, q)) == ["team/app", "team/wrapper"]


async def test_names_that_begin_so_come_first(root: Client, reader: Client) -> None:
    """Then those in which it stands elsewhere."""
    await root.push_image("app/other", an_image(4))

    assert names(await find(root, "app")) == ["app/other", "other/app", "team/app", "team/wrapper"]
    assert names(await find(reader, "team/w")) == ["team/wrapper"]


async def test_projects_are_found(application: Application, root: Client, reader: Client) -> None:
    """Those without a repository too, and public ones by everybody."""
    await root.post("/api/v1/projects", {"name": "steam", "visibility": "public"})
    await root.post("/api/v1/projects", {"name": "teamwork", "visibility": "private"})
    await application.settle()

    assert (await find(root, "team"))["projects"] == [{"name": "team"}, {"name": "teamwork"}, {"name": "steam"}]
    assert (await find(reader, "team"))["projects"] == [{"name": "team"}, {"name": "steam"}]


async def test_tags_are_found_by_how_they_begin(root: Client, reader: Client) -> None:
    """Each with its repository and digest; in their own capitals."""
    await root.push_image("team/app", an_image(5), "RC1")

    assert tags(await find(root, "1.2")) == [
        "other/app:1.2.5",
        "team/app:1.2.0",
        "team/app:1.2.1",
        "team/wrapper:1.2.9",
    ]
    assert tags(await find(reader, "1.2.")) == ["team/app:1.2.0", "team/app:1.2.1", "team/wrapper:1.2.9"]
    assert (await find(reader, "RC"))["tags"] == [
        {"repository": "team/app", "tag": "RC1", "digest": an_image(5).digest}
    ]
    assert tags(await find(root, "rc")) == []


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("app:1.2", ["team/app:1.2.0", "team/app:1.2.1", "team/wrapper:1.2.9"]),
        ("TEAM/app:1.2.1", ["team/app:1.2.1"]),
        ("team/wrapper:", ["team/wrapper:1.2.9", "team/wrapper:latest"]),
        (":latest", ["team/wrapper:latest"]),
        ("other:1.2", []),
        ("app:-", []),
    ],
)
async def test_a_repository_narrows_the_tags(root: Client, reader: Client, q: str, found: list[str]) -> None:
    """A part of its name does; and whoever may read everything finds at least the same."""
    assert tags(await find(reader, q)) == found
    assert set(tags(await find(root, q))) >= set(found)


async def test_artifacts_are_found_by_how_their_digest_begins(root: Client, reader: Client) -> None:
    """In every readable repository that holds them; without its algorithm it takes six characters."""
    encoded = an_image(1).digest.removeprefix("sha256:")

    for q in (f"sha256:{encoded}", f"sha256:{encoded[:8]}", encoded[:10], encoded[:6].upper()):
        assert holders(await find(reader, q)) == holders(await find(root, q)) == ["team/app", "team/wrapper"]
    assert holders(await find(root, f"wrap@sha256:{encoded}")) == ["team/wrapper"]
    assert holders(await find(reader, f"wrap@{encoded[:6]}")) == ["team/wrapper"]
    assert holders(await find(reader, encoded[:5])) == []
    assert holders(await find(reader, an_image(3).digest)) == []


async def test_an_artifact_says_what_it_is(reader: Client) -> None:
    """As its manifest states it."""
    [found] = (await find(reader, an_image(2).digest))["artifacts"]

    assert found == {
        "repository": "team/app",
        "digest": an_image(2).digest,
        "media_type": an_image(2).media_type,
        "artifact_type": "application/vnd.oci.image.config.v1+json",
    }


async def test_what_was_deleted_is_not_found(root: Client, reader: Client) -> None:
    """Neither the tag nor the artifact, while it can be restored."""
    await root.delete("team/app", "1.2.0")
    await root.delete("team/app", an_image(2).digest)

    for client in (root, reader):
        assert tags(await find(client, "team/app:")) == ["team/app:1.2.1"]
        assert holders(await find(client, an_image(2).digest)) == []


async def test_the_answer_says_when_there_is_more(root: Client, reader: Client) -> None:
    """Of any sort; exactly as many as fit are all there are."""
    for client, count in ((root, 4), (reader, 3)):
        fitting, cut = await find(client, ":1.2", count), await find(client, ":1.2", count - 1)
        assert (len(fitting["tags"]), fitting["is_complete"]) == (count, True)
        assert (len(cut["tags"]), cut["is_complete"]) == (count - 1, False)
    assert (await find(root, "app", 3))["is_complete"] is True
    assert (await find(root, "app", 2))["is_complete"] is False
    assert (await find(reader, "app", 1))["is_complete"] is False


async def test_a_token_narrows_what_is_found(root: Client) -> None:
    """To what its scopes name, whoever it is of."""
    token = (await root.get("/auth/token?service=entrepot&scope=repository:team/app:pull")).json["token"]
    scoped = Client(root.server, (("authorization", f"Bearer {token}"),))

    assert names(await find(scoped, "app")) == ["team/app"]
    assert tags(await find(scoped, "1.2")) == ["team/app:1.2.0", "team/app:1.2.1"]
    assert holders(await find(scoped, an_image(1).digest)) == ["team/app"]


async def test_public_projects_are_found_by_whoever_is_logged_in(application: Application, root: Client) -> None:
    """Nobody else learns what there is."""
    await application.settle()
    await root.send_json("PATCH", "/api/v1/projects/other", {"visibility": "public"})
    stranger = await application.user("stranger")

    assert names(await find(stranger, "app")) == ["other/app"]
    assert tags(await find(stranger, "1.2")) == ["other/app:1.2.5"]
    assert (await application.anonymous().get("/api/v1/search?q=app")).status == 401


async def test_so_many_projects_are_not_all_looked_at(application: Application, root: Client, reader: Client) -> None:
    """Who may see none of the first thousands is told that there may be more."""
    names = [f"many-{number:05}" for number in range(MAX_CHECKED + 3_000)]
    await application.database.write(_add_projects, names)

    some, every = await find(reader, "many"), await find(root, "many")

    assert (some["projects"], some["is_complete"]) == ([], False)
    assert [each["name"] for each in every["projects"]] == names[:8]
    assert (await find(reader, "many-00001"))["is_complete"] is True


@pytest.mark.parametrize("query", ["", "q=", f"q={'a' * 257}", "q=app&limit=0", "q=app&limit=51"])
async def test_what_cannot_be_looked_for_is_refused(reader: Client, query: str) -> None:
    """A query has 1 to 256 characters, and an answer at most 50 of each sort."""
    assert (await reader.get(f"/api/v1/search?{query}")).status == 400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.one_of(st.text(QUERIES, min_size=1, max_size=20), st.text(ANYTHING, min_size=1, max_size=256)))
async def test_no_query_breaks_anything(root: Client, reader: Client, q: str) -> None:
    """Whatever is typed; and nobody finds what whoever may read everything does not."""
    every, some = await find(root, q, 50), await find(reader, q, 50)

    for sort in ("projects", "repositories", "tags", "artifacts"):
        assert [each for each in some[sort] if each not in every[sort]] == []
    assert all(name.startswith("team/") for name in [*names(some), *holders(some)])


def _add_projects(connection: Connection, names: list[str]) -> None:
    row = {"visibility": "private", "created_at": 0, "created_by": "user:root", "cause": "request"}
    connection.execute(insert(projects), [{"name": name, **row} for name in names])
