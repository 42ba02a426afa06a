# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/search/saved`: queries that somebody keeps."""

import pytest

from entrepot.features.search import saved
from entrepot.features.search.saved import MAX_SAVED
from tests.builders.application import Application
from tests.builders.application import Client

SAVED = "/api/v1/search/saved"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def writer(application: Application) -> Client:
    """Somebody who may push to a project."""
    return await application.user("writer", ("team/**", "write"))


async def names(client: Client) -> list[str]:
    """Return what somebody sees."""
    return [item["name"] for item in (await client.get(SAVED)).json["items"]]


async def test_a_query_is_kept_changed_and_deleted(writer: Client) -> None:
    """By its owner, under its name; it is kept as it was understood."""
    kept = await writer.send_json("PUT", f"{SAVED}/in%20use", {"query": "type:helm   Redis"})
    await writer.send_json("PUT", f"{SAVED}/in%20use", {"query": "type:image"})

    assert (kept.status, kept.json["query"], kept.json["is_own"]) == (200, "type:chart redis", True)
    assert [item["query"] for item in (await writer.get(SAVED)).json["items"]] == ["type:image"]
    assert (await writer.send("DELETE", f"{SAVED}/in%20use")).status == 204
    assert (await writer.send("DELETE", f"{SAVED}/in%20use")).json["code"] == "search_saved_unknown"


async def test_others_see_only_what_is_shared_with_a_project_that_they_may_read(
    application: Application, writer: Client
) -> None:
    """And cannot change it."""
    reader = await application.user("reader", ("team/**", "read"))
    stranger = await application.user("stranger", ("other/**", "read"))
    await writer.send_json("PUT", f"{SAVED}/mine", {"query": "redis"})
    await writer.send_json("PUT", f"{SAVED}/ours", {"query": "redis", "project": "team"})

    assert await names(writer) == ["mine", "ours"]
    assert (await names(reader), await names(stranger)) == (["ours"], [])
    assert (await reader.send("DELETE", f"{SAVED}/ours")).status == 404


async def test_what_is_shared_elsewhere_takes_no_place(
    application: Application, writer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much it is, and wherever its projects come in their order."""
    monkeypatch.setattr(saved, "MAX_SHARED_SHOWN", 2)
    monkeypatch.setattr(saved, "PROJECTS_AT_ONCE", 1)
    other = await application.user("other", ("aaa/**", "write"), ("bbb/**", "write"), ("zzz/**", "write"))
    for project in ("aaa", "bbb", "zzz"):
        await other.send_json("PUT", f"{SAVED}/{project}", {"query": "redis", "project": project})
    for name in ("one", "two", "three"):
        await writer.send_json("PUT", f"{SAVED}/{name}", {"query": "redis", "project": "team"})
    reader = await application.user("reader", ("team/**", "read"), ("zzz/**", "read"))

    assert await names(reader) == ["one", "three"]


async def test_sharing_takes_the_right_to_push(application: Application, writer: Client) -> None:
    """To the project that it is shared with."""
    reader = await application.user("reader", ("team/**", "read"))

    refused = await reader.send_json("PUT", f"{SAVED}/ours", {"query": "redis", "project": "team"})
    other = await writer.send_json("PUT", f"{SAVED}/ours", {"query": "redis", "project": "other"})

    assert (refused.status, other.status) == (403, 403)
    assert await names(reader) == []


async def test_what_cannot_be_kept_is_refused(writer: Client) -> None:
    """A query that is wrong, a name that is none, and more than one may have."""
    wrong = await writer.send_json("PUT", f"{SAVED}/x", {"query": "typ:image"})
    unnamed = await writer.send_json("PUT", f"{SAVED}/%20%21", {"query": "redis"})
    for number in range(MAX_SAVED):
        await writer.send_json("PUT", f"{SAVED}/q{number}", {"query": "redis"})
    one_more = await writer.send_json("PUT", f"{SAVED}/more", {"query": "redis"})
    again = await writer.send_json("PUT", f"{SAVED}/q1", {"query": "postgres"})

    assert wrong.json["code"] == "search_query_invalid"
    assert unnamed.json["code"] == "search_saved_invalid"
    assert (one_more.json["code"], again.status) == ("search_too_many_saved", 200)


async def test_nobody_keeps_queries_without_logging_in(application: Application) -> None:
    """There would be nobody to keep them for."""
    nobody = application.anonymous()

    assert (await nobody.get(SAVED)).status == 401
    assert (await nobody.send_json("PUT", f"{SAVED}/x", {"query": "redis"})).status == 401


async def test_what_is_kept_and_deleted_is_told(application: Application, writer: Client) -> None:
    """With what there was before, by whom; to a project, what is or was shared with it."""
    await writer.send_json("PUT", f"{SAVED}/mine", {"query": "redis"})
    await writer.send_json("PUT", f"{SAVED}/ours", {"query": "redis", "project": "team"})
    await writer.send_json("PUT", f"{SAVED}/ours", {"query": "nginx"})
    await writer.send("DELETE", f"{SAVED}/mine")
    await writer.send("DELETE", f"{SAVED}/mine")
    told = [event for event in await application.events() if event.type.startswith("search.")]

    private, shared = {"query": "redis", "project": None}, {"query": "redis", "project": "team"}
    assert [(each.type, each.object, each.project, each.before, each.after) for each in told] == [
        ("search.saved", "search:mine", "", None, private),
        ("search.saved", "search:ours", "team", None, shared),
        ("search.saved", "search:ours", "team", shared, {"query": "nginx", "project": None}),
        ("search.forgotten", "search:mine", "", private, None),
    ]
    assert {each.principal for each in told} == {"user:writer"}
