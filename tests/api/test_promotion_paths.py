# SPDX-License-Identifier: Apache-2.0
"""Paths of promotions: who makes and sees them, and what they may say."""

from typing import Any

import pytest

from entrepot.kernel.changes import Change
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.builders.promotions import API
from tests.builders.promotions import set_path

IMAGE = an_image_manifest()
RELEASE = f"{API}/projects/prod/promotion-paths/release"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application) -> Client:
    """Who manages both projects, which have an image each."""
    owner = await application.user("owner", ("dev/**", "admin"), ("prod/**", "admin"))
    await owner.push_image("dev/app", IMAGE, "1.0")
    await owner.push_image("prod/other", IMAGE, "1.0")
    await application.settle()
    return owner


async def test_a_path_is_made_changed_and_deleted(application: Application, owner: Client) -> None:
    """Each is told of, and the revision says whether somebody else was faster."""
    await application.user("ada", ("prod/**", "write"))
    made = await set_path(owner, "prod/release", "dev", approvals=1, approvers=["ada"], revision=0)
    assert (made.status, made.json["approvers"], made.json["revision"]) == (200, ["user:ada"], 1)

    changed = await set_path(owner, "prod/release", "dev", tags="v*", revision=1)
    late = await set_path(owner, "prod/release", "dev", revision=1)
    taken = await set_path(owner, "prod/release", "dev", revision=0)
    gone = await owner.send("DELETE", RELEASE)

    assert (changed.json["tags"], changed.json["approvals"], changed.json["revision"]) == ("v*", 0, 2)
    assert (late.json["code"], taken.json["code"]) == ("promotion_path_changed", "promotion_path_taken")
    assert (gone.status, (await owner.get(RELEASE)).status) == (204, 404)
    told = [each.type for each in await application.events() if each.type.startswith("promotion-path.")]
    assert told == [
        Change.PROMOTION_PATH_CREATED,
        Change.PROMOTION_PATH_CHANGED,
        Change.PROMOTION_PATH_DELETED,
    ]


async def test_who_manages_the_target_makes_it(application: Application, owner: Client) -> None:
    """And sees the project that it leads from, of which a path tells."""
    of_source = await application.user("of-source", ("dev/**", "admin"), ("prod/**", "write"))
    of_target = await application.user("of-target", ("prod/**", "maintain"))

    assert (await set_path(of_source, "prod/release", "dev")).status == 403
    assert (await set_path(of_target, "prod/release", "dev")).status == 404
    assert (await set_path(owner, "prod/release", "dev")).status == 200
    assert (await of_source.send("DELETE", RELEASE)).status == 403
    assert (await application.anonymous().send("DELETE", RELEASE)).status == 401


async def test_who_sees_both_ends_sees_it(application: Application, owner: Client) -> None:
    """Nobody else learns where a project's releases go."""
    await set_path(owner, "prod/release", "dev")
    both = await application.user("both", ("dev/**", "read"), ("prod/other", "read"))
    one = await application.user("one", ("prod/**", "read"))

    for client, paths in ((both, ["prod/release"]), (one, [])):
        listed = (await client.get(f"{API}/promotion-paths")).json["items"]
        assert [each["path"] for each in listed] == paths
        assert (await client.get(RELEASE)).status == (200 if paths else 404)
    assert (await application.anonymous().get(f"{API}/promotion-paths")).status == 401


async def test_paths_are_listed_by_page(application: Application, owner: Client) -> None:
    """By the project that they lead into, and by name."""
    for path, source in (("prod/b", "dev"), ("prod/a", "dev"), ("dev/back", "prod")):
        assert (await set_path(owner, path, source)).status == 200

    pages = await owner.pages(f"{API}/promotion-paths?limit=2")

    assert [[each["path"] for each in page] for page in pages] == [["dev/back", "prod/a"], ["prod/b"]]


@pytest.mark.parametrize(
    "terms",
    [
        {"source": "Not A Project"},
        {"repositories": "prod/**"},
        {"prefix": "dev/x"},
        {"source": "prod"},
        {"tags": "v**"},
        {"tag_suffix": "/x"},
        {"approvals": 11},
        {"approvals": 1},
        {"approvals": 1, "approvers": ["nobody"]},
        {"approvals": 1, "approvers": ["group:nobody"]},
        {"approvals": 1, "approvers": ["robot:dev.ci"]},
        {"wait_hours": 0},
        {"follow_hours": -1},
    ],
)
async def test_what_makes_no_sense_is_refused(owner: Client, terms: dict[str, Any]) -> None:
    """A path leads from one project into another, and those who approve are there."""
    answer = await set_path(owner, "prod/release", **{"source": "dev", **terms})

    assert answer.status in (400, 422), answer.body


async def test_enough_people_could_approve(application: Application, owner: Client) -> None:
    """They are enabled, and may push to the target; those of a group count, each once."""
    root = await application.user("root", is_admin=True)
    await application.user("ada", ("prod/**", "write"))
    await application.user("bob", ("prod/**", "write"))
    await application.user("eve", ("prod/**", "read"))
    await root.post(f"{API}/groups", {"name": "release"})
    for name in ("ada", "bob", "eve"):
        await root.send("PUT", f"{API}/groups/release/members/user:{name}")
    wanted = {"approvals": 2, "approvers": ["group:release", "ada"]}

    assert (await set_path(owner, "prod/release", "dev", **wanted)).status == 200
    assert (await set_path(owner, "prod/release", "dev", **{**wanted, "approvals": 3})).status == 409
    await root.send_json("PATCH", f"{API}/users/bob", {"disabled": True})
    refused = await set_path(owner, "prod/release", "dev", **wanted)

    assert refused.json["code"] == "too_few_promotion_approvers"


async def test_a_project_that_is_deleted_takes_its_paths_along(application: Application, owner: Client) -> None:
    """Another one of its name inherits none, at either end."""
    root = await application.user("root", is_admin=True)
    await root.post(f"{API}/projects", {"name": "next"})
    await set_path(root, "next/in", "dev")
    await set_path(root, "dev/out", "next")

    assert (await root.send("DELETE", f"{API}/projects/next")).status == 204

    assert (await root.get(f"{API}/promotion-paths")).json["items"] == []
