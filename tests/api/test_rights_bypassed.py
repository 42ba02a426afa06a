# SPDX-License-Identifier: Apache-2.0
"""Ways round a limit that somebody was given: by a robot, by the bin, by the history of a tag."""

import pytest

from entrepot.oci.digest import referrers_tag
from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

pytestmark = pytest.mark.anyio

IMAGE = an_image_manifest()
TAGS = "/api/v1/repositories/team/app/-/tags"
ARTIFACT = f"/api/v1/repositories/team/app/-/artifacts/{IMAGE.digest}"


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, after the push of an image with two tags."""
    root = await application.user("root", is_admin=True)
    await root.push_image("team/app", IMAGE, "1.0", "dev-1")
    return root


async def limited(application: Application, root: Client, name: str, **terms: str) -> Client:
    """Be a user with one grant on the project."""
    client = await application.user(name)
    given = await root.post("/api/v1/grants", {"principal": name, "path_pattern": "team/**", **terms})
    assert given.status == 201, given.body
    return client


@pytest.mark.parametrize("limit", [{"tag_pattern": "dev-*"}, {"expires_at": "2999-01-01T00:00:00Z"}])
async def test_a_robot_may_no_more_than_who_makes_it(
    application: Application, root: Client, limit: dict[str, str]
) -> None:
    """For all tags and for good is more than for some, or for a time."""
    admin = await limited(application, root, "ann", role="admin", **limit)

    refused = await admin.post("/api/v1/robots", {"name": "ci", "project": "team", "role": "admin"})
    made = await root.post("/api/v1/robots", {"name": "ci", "project": "team", "role": "admin"})

    assert (refused.status, refused.json["code"]) == (403, "denied")
    assert "for good" in refused.json["detail"]
    assert made.status == 201


async def test_the_bin_gives_back_the_tags_that_one_may_set(application: Application, root: Client) -> None:
    """The others stay as they are, until somebody who may set them does."""
    dev = await limited(application, root, "dev", role="write", tag_pattern="dev-*")
    assert (await root.send("DELETE", ARTIFACT)).status == 200

    restored = await dev.send("POST", f"{ARTIFACT}:restore")

    assert (restored.status, restored.json["tags"]) == (200, ["dev-1"])
    assert [(await root.get(f"{TAGS}/{tag}")).status for tag in ("1.0", "dev-1")] == [404, 200]


async def test_setting_a_tag_takes_nothing_out_of_the_bin_by_itself(application: Application, root: Client) -> None:
    """That takes the right to push too."""
    made = await root.post("/api/v1/roles", {"name": "promoter", "actions": ["pull", "tag"]})
    promoter = await limited(application, root, "pat", role="promoter")
    await root.send("DELETE", ARTIFACT)
    wanted = {"digest": IMAGE.digest}

    refused = await promoter.post(f"{TAGS}/1.0:restore", wanted)
    restored = await root.post(f"{TAGS}/1.0:restore", wanted)

    assert (made.status, restored.status) == (201, 200)
    assert (refused.status, refused.json["code"]) == (403, "denied")


@pytest.mark.parametrize(("suffix", "actions"), [(".sig", ["pull", "tag", "push"]), ("", ["pull", "tag"])])
async def test_tags_that_are_derived_from_a_digest_take_more_than_the_right_to_tag(
    application: Application, root: Client, suffix: str, actions: list[str]
) -> None:
    """The right to sign where a signature is kept, else that to push: history moves what a push would."""
    await root.post("/api/v1/roles", {"name": "promoter", "actions": actions})
    promoter = await limited(application, root, "pat", role="promoter")
    derived = f"{referrers_tag(IMAGE.digest)}{suffix}"

    refused = await promoter.post(f"{TAGS}/{derived}:restore", {"digest": IMAGE.digest})

    assert (refused.status, refused.json["code"]) == (403, "denied")


@pytest.mark.parametrize("name", ["everyone", "anonymous"])
async def test_nobody_is_called_as_many_are(root: Client, name: str) -> None:
    """Else a grant to that user could be read as one to everybody."""
    refused = await root.post("/api/v1/users", {"name": name, "password": PASSWORD})

    assert (refused.status, refused.json["code"]) == (400, "invalid_user_name")
