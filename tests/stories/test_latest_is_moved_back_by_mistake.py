# SPDX-License-Identifier: Apache-2.0
"""A script pushes an old image as `latest`; the timeline tells, and one step brings it back.

Then the project sets a rule, and the next time the registry says no, and what to do instead.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.immutability import a_rule
from tests.builders.immutability import put
from tests.builders.immutability import set_rules
from tests.builders.manifests import an_image_manifest

NAME = "team/app"
TAGS = f"/api/v1/repositories/{NAME}/-/tags"
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
IMAGES = {version: an_image_manifest(annotations={"version": version}) for version in VERSIONS}

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
async def owner(application: Application) -> Client:
    """Who administers a project that has released three versions, each as `latest` too."""
    owner = await application.user("owner", ("team/**", "admin"))
    for version, image in IMAGES.items():
        await owner.push_image(NAME, image, version, "latest")
    return owner


async def latest(client: Client) -> str:
    """Return the version that `latest` is."""
    digest = (await client.send("HEAD", f"/v2/{NAME}/manifests/latest")).header("docker-content-digest")
    return next(version for version, image in IMAGES.items() if image.digest == digest)


async def revert(client: Client, version: str) -> Answer:
    """Point `latest` at a version that it was, from its timeline."""
    return await client.post(f"{TAGS}/latest:restore", {"digest": IMAGES[version].digest})


async def test_the_timeline_tells_and_one_step_brings_it_back(application: Application, owner: Client) -> None:
    """Who moved it, when and from where; any value it had can be chosen, and that is a change like any other."""
    script = await application.user("script", ("team/**", "write"))
    assert (await put(script, "latest", IMAGES["1.0.0"])).status == 201
    assert await latest(owner) == "1.0.0"

    newest, before, *_ = (await owner.get(f"{TAGS}/latest/history")).json["items"]
    assert (newest["changed_by"], newest["previous"]) == ("user:script", IMAGES["1.2.0"].digest)
    assert (before["digest"], before["restorable"]) == (IMAGES["1.2.0"].digest, True)
    reverted = await revert(owner, "1.2.0")

    assert reverted.status == 200
    assert await latest(owner) == "1.2.0"
    told = (await owner.get(f"{TAGS}/latest/history")).json["items"]
    assert [each["changed_by"] for each in told[:2]] == ["user:owner", "user:script"]
    assert len(told) == 5


async def test_it_can_be_any_point_of_the_timeline(owner: Client) -> None:
    """Also one that was long ago, and one whose own tag is gone."""
    await owner.send("DELETE", f"{TAGS}/1.1.0")

    assert (await revert(owner, "1.1.0")).status == 200

    assert await latest(owner) == "1.1.0"
    assert (await revert(owner, "1.1.0")).json["code"] == "tag_unchanged"


async def test_a_rule_says_no_and_what_to_push_first(owner: Client) -> None:
    """The push fails as docker shows it, and so does going back in the timeline; nothing has moved."""
    await set_rules(owner, a_rule("forward", "latest"))

    pushed = await put(owner, "latest", IMAGES["1.0.0"])
    reverted = await revert(owner, "1.1.0")

    message = pushed.json["errors"][0]["message"]
    assert (pushed.status, reverted.status) == (403, 403)
    assert "team/app:latest goes forward only" in message
    assert "points at 1.2.0" in message
    assert "push the image as a version above 1.2.0 first, such as team/app:1.2.1" in message
    assert "goes forward only" in reverted.json["detail"]
    assert await latest(owner) == "1.2.0"


async def test_going_back_on_purpose_takes_an_override(application: Application, owner: Client) -> None:
    """For this tag, for an hour, with a reason; whoever may push then goes back, and is told that it was overridden."""
    await set_rules(owner, a_rule("forward", "latest"))
    writer = await application.user("writer", ("team/**", "write"))
    override = {"reason": "1.2.0 loses orders", "expires_at": rfc3339(after(system_clock(), HOUR_MS))}

    assert (await writer.send_json("PUT", f"{TAGS}/latest/immutability/override", override)).status == 403
    assert (await owner.send_json("PUT", f"{TAGS}/latest/immutability/override", override)).status == 200
    reverted = await revert(writer, "1.1.0")

    assert reverted.status == 200
    assert "is overridden for latest by user:owner" in reverted.json["warnings"][0]
    assert await latest(owner) == "1.1.0"
