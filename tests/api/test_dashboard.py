# SPDX-License-Identifier: Apache-2.0
"""`GET /api/v1/dashboard`."""

from typing import Any

import pytest

from entrepot.kernel.errors import Unavailable
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def admin(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


async def shown_to(client: Client) -> dict[str, Any]:
    """Return what somebody sees."""
    answer = await client.get("/api/v1/dashboard")
    assert answer.status == 200, answer.body
    shown: dict[str, Any] = answer.json
    return shown


async def test_nobody_sees_nothing(application: Application) -> None:
    """It takes a login."""
    answer = await application.anonymous().get("/api/v1/dashboard")

    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")


async def test_an_empty_registry_says_so(admin: Client, alice: Client) -> None:
    """To an administrator, and to somebody who has rights but nothing to read yet."""
    seen = [await shown_to(client) for client in (admin, alice)]

    assert [(each["is_empty"], each["recent"], each["top"]) for each in seen] == [(True, [], [])] * 2


async def test_an_administrator_sees_what_is_stored(application: Application, admin: Client, alice: Client) -> None:
    """How much, in how many things; where no folder of this machine holds it, the disk is not told."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    await admin.post("/api/v1/projects", {"name": "empty"})
    await application.settle()

    storage = (await shown_to(admin))["storage"]

    assert storage.pop("measured_at")
    assert storage == {
        "used_bytes": len(A_CONFIG) + len(A_LAYER),
        "disk_free_bytes": None,
        "disk_total_bytes": None,
        "artifacts": 1,
        "repositories": 1,
        "projects": 2,
    }


async def test_others_are_told_why_they_do_not(alice: Client) -> None:
    """What the whole registry holds is not theirs to know, nor is what is wrong with it."""
    seen = await shown_to(alice)

    assert seen["storage"] is None
    assert "administrators" in seen["storage_reason"]
    assert seen["health"] == {"status": "ready", "checks": []}


async def test_an_administrator_sees_each_check(admin: Client) -> None:
    """With its reason when something is wrong."""
    seen = await shown_to(admin)

    names = {each["name"]: each for each in seen["health"]["checks"]}
    assert set(names) == {"backup", "database", "storage", "disk"}
    assert names["storage"] == {"name": "storage", "ok": True, "reason": None}


async def test_a_registry_that_cannot_store_is_unready(application: Application, admin: Client) -> None:
    """The page is shown all the same, with what is wrong."""

    async def fail() -> None:
        raise Unavailable("its disk is full")

    application.instance.health.watch({"storage": fail}, {})
    health = (await shown_to(admin))["health"]

    expected = {"name": "storage", "ok": False, "reason": "its disk is full"}
    assert health == {"status": "unready", "checks": [expected]}


async def test_recent_changes_come_newest_first(alice: Client) -> None:
    """Tags that were set, moved and deleted: what, where, from what to what, and by whom."""
    first = await alice.push_image("team/app", an_image_manifest(), "1.0")
    second = await alice.push_image("team/app", an_image_manifest(annotations={"n": "2"}), "1.0")
    await alice.delete("team/app", "1.0")

    recent = (await shown_to(alice))["recent"]

    told = [(each["kind"], each["tag"], each["previous"], each["digest"], each["by"]) for each in recent]
    assert told == [
        ("tag.deleted", "1.0", second, None, "user:alice"),
        ("tag.moved", "1.0", first, second, "user:alice"),
        ("tag.moved", "1.0", None, first, "user:alice"),
    ]


async def test_only_what_may_be_read_is_shown(application: Application, admin: Client, alice: Client) -> None:
    """In every part of the page; what is public may be read by everybody who is logged in."""
    bob = await application.user("bob")
    await admin.post("/api/v1/projects", {"name": "open", "visibility": "public"})
    for name in ("secret/app", "open/app", "team/app"):
        await admin.push_image(name, an_image_manifest(), "1.0")
        await admin.get(f"/v2/{name}/manifests/1.0")
    await application.core.facts.flush()
    await application.settle()

    seen = {who: await shown_to(client) for who, client in (("alice", alice), ("bob", bob), ("admin", admin))}

    readable = {"alice": {"open/app", "team/app"}, "bob": {"open/app"}}
    for who, page in seen.items():
        expected = readable.get(who, {"secret/app", "open/app", "team/app"})
        assert {each["repository"] for each in page["recent"]} == expected
        assert {each["name"] for each in page["top"]} == expected
        assert not page["is_empty"]


async def test_the_busiest_come_first(application: Application, alice: Client) -> None:
    """By their pulls, with what they hold; what nobody pulled is not there."""
    built = an_image_manifest()
    for name, pulls in (("team/a", 1), ("team/b", 3), ("team/c", 0)):
        await alice.push_image(name, built, "1.0")
        for _ in range(pulls):
            await alice.get(f"/v2/{name}/manifests/1.0")
    await application.core.facts.flush()
    await application.settle()

    size = len(built.payload) + len(A_CONFIG) + len(A_LAYER)
    assert (await shown_to(alice))["top"] == [
        {"name": "team/b", "pulls": 3, "bytes": size},
        {"name": "team/a", "pulls": 1, "bytes": size},
    ]


async def test_a_token_shows_what_it_covers(application: Application, alice: Client) -> None:
    """A token for one repository shows that one, and its holder is no administrator by it."""
    admin = await application.user("root", is_admin=True)
    for name in ("team/app", "team/web"):
        await alice.push_image(name, an_image_manifest(), "1.0")
    token = (await admin.get("/auth/token?service=entrepot&scope=repository:team/app:pull")).json["token"]

    seen = await shown_to(Client(alice.server, (("authorization", f"Bearer {token}"),)))

    assert {each["repository"] for each in seen["recent"]} == {"team/app"}
    assert seen["storage"] is None
