# SPDX-License-Identifier: Apache-2.0
"""What custom roles let those do who were granted them."""

import pytest

from entrepot.features.roles import store
from entrepot.features.roles.models import KnownRole
from entrepot.kernel.clock import Milliseconds
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

ROLES = "/api/v1/roles"
GRANTS = "/api/v1/grants"
PROMOTER = {"name": "promoter", "description": "Sets tags", "actions": ["pull", "tag"]}
GRANT = {"principal": "user:bob", "path_pattern": "team/**", "role": "promoter"}
TAG = "/api/v1/repositories/team/app/-/tags/stable"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the role `promoter`."""
    root = await application.user("root", is_admin=True)
    await root.post(ROLES, PROMOTER)
    return root


@pytest.fixture
async def bob(application: Application, root: Client) -> Client:
    """Somebody with the role `promoter` on everything in `team`, and nothing else."""
    bob = await application.user("bob")
    assert (await root.post(GRANTS, GRANT)).status == 201
    return bob


async def change(root: Client, *actions: str) -> Answer:
    """Let the role `promoter` allow something else."""
    return await root.send_json("PUT", f"{ROLES}/promoter", {"description": "", "actions": actions})


async def test_who_may_tag_sets_tags_and_pushes_nothing(root: Client, bob: Client) -> None:
    """A promoter pulls, points a tag at an artifact that is there, and is refused a new one and a deletion."""
    digest = await root.push_image("team/app", an_image_manifest(), "1.0")
    new = an_image_manifest(annotations={"new": "yes"})
    pulled = await bob.get("/v2/team/app/manifests/1.0")
    tagged = await bob.post(f"{TAG}:restore", {"digest": digest})
    pushed = await bob.send("PUT", "/v2/team/app/manifests/2.0", new.payload, ("content-type", new.media_type))
    uploaded = await bob.send("POST", "/v2/team/app/blobs/uploads/")
    deleted = await bob.send("DELETE", "/v2/team/app/manifests/stable")
    stable = await bob.get("/v2/team/app/manifests/stable")

    assert [answer.status for answer in (pulled, tagged, stable)] == [200, 200, 200]
    assert stable.header("docker-content-digest") == digest
    assert [answer.status for answer in (pushed, uploaded, deleted)] == [403, 403, 403]


async def test_a_role_counts_where_it_was_granted(root: Client, bob: Client) -> None:
    """Elsewhere the repository looks as if it did not exist."""
    await root.push_image("other/app", an_image_manifest(), "1.0")

    assert (await bob.get("/v2/other/app/manifests/1.0")).status == 404


async def test_changing_a_role_takes_rights_away_at_once(root: Client, bob: Client) -> None:
    """The very next request of who has it goes by what it allows now, and so does one after it was given back."""
    digest = await root.push_image("team/app", an_image_manifest(), "1.0")
    restore = (f"{TAG}:restore", {"digest": digest})
    first = await bob.post(*restore)
    await change(root, "pull")
    less = [await bob.post(*restore), await bob.get("/v2/team/app/manifests/1.0")]
    await change(root, "tag")
    other = [await bob.get("/v2/team/app/manifests/1.0"), await root.get(f"{ROLES}/promoter")]

    assert first.status == 200
    assert [answer.status for answer in less] == [403, 200]
    assert other[0].status == 404
    assert other[1].json["allowed"] == ["tag"]


async def test_changing_a_role_gives_rights_at_once(root: Client, bob: Client) -> None:
    """As soon as it is changed, who has it may do what it allows."""
    before = await bob.send("POST", "/v2/team/new/blobs/uploads/")
    await change(root, "push", "create")

    assert before.status == 403
    assert (await bob.send("POST", "/v2/team/new/blobs/uploads/")).status == 202


async def test_a_role_with_an_unknown_action_gives_nothing(application: Application, root: Client) -> None:
    """It is shown as it is stored, allows not even what is known of it, and cannot be granted until it is changed."""
    odd = KnownRole("odd", "", ("pull", "fly"), Milliseconds(0), "user:admin")
    await application.database.write(store.add, odd)
    carol = await application.user("carol", ("team/**", "odd"))
    await root.push_image("team/app", an_image_manifest(), "1.0")
    before = await carol.get("/v2/team/app/manifests/1.0")
    shown = (await root.get(f"{ROLES}/odd")).json
    granted = await root.post(GRANTS, {**GRANT, "principal": "user:carol", "role": "odd"})
    await root.send_json("PUT", f"{ROLES}/odd", {"description": "", "actions": ["pull"]})

    assert before.status == 404
    assert (shown["actions"], shown["allowed"]) == (["pull", "fly"], [])
    assert (granted.status, granted.json["code"]) == (409, "role_not_understood")
    assert (await carol.get("/v2/team/app/manifests/1.0")).status == 200


async def test_a_role_that_somebody_has_is_not_deleted(root: Client, bob: Client) -> None:
    """The refusal names who has it; once it was taken away it is gone, and can no longer be granted."""
    refused = await root.send("DELETE", f"{ROLES}/promoter")
    await root.send("DELETE", f"{GRANTS}?principal=bob&path_pattern=team/**&role=promoter")
    deleted = await root.send("DELETE", f"{ROLES}/promoter")
    granted = await root.post(GRANTS, GRANT)

    assert (refused.status, refused.json["code"]) == (409, "role_in_use")
    assert "user:bob on team/**" in refused.json["detail"]
    assert deleted.status == 204
    assert (granted.status, granted.json["code"]) == (404, "role_unknown")


async def test_an_administrator_of_a_project_gives_roles_that_allow_no_more(root: Client, alice: Client) -> None:
    """A custom role on all of the project makes a member, as a built-in one does."""
    member = "/api/v1/projects/team/members/user:alice"
    await root.post("/api/v1/projects", {"name": "team"})

    assert (await alice.send_json("PUT", member, {"role": "promoter"})).json["role"] == "promoter"
