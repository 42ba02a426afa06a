# SPDX-License-Identifier: Apache-2.0
"""Copies: who may ask for one, what refuses it, what it leaves when it is refused, and how it ends."""

from typing import Any

import pytest

from entrepot.kernel.changes import Change
from entrepot.oci.digest import referrers_tag
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.immutability import a_rule
from tests.builders.immutability import set_rules
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

IMAGE, OTHER = an_image_manifest(annotations={"number": "1"}), an_image_manifest(annotations={"number": "2"})
SBOM = an_image_manifest(subject=IMAGE.descriptor(), artifactType="application/spdx+json")
COPIES = "/api/v1/repositories/dev/app/-/copies"
WANTED = {"target": "prod/app", "tag": "1.0"}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application) -> Client:
    """Who administers both projects, of which the first has an image with an SBOM."""
    owner = await application.user("owner", ("dev/**", "admin"), ("prod/**", "admin"))
    await owner.push_image("dev/app", IMAGE, "1.0", "v1.0")
    await owner.push("dev/app", OTHER, "1.1", "v1.1")
    await owner.push("dev/app", SBOM)
    return owner


async def copy(application: Application, client: Client, **wanted: Any) -> Any:
    """Copy something, and return how that ended."""
    asked = await client.post(COPIES, {**WANTED, **wanted})
    assert asked.status == 202, asked.body
    await application.settle()
    return (await client.get(f"/api/v1/copies/{asked.json['id']}")).json


async def seen(client: Client) -> list[str]:
    """Return the tags of the target."""
    answer = await client.get("/v2/prod/app/tags/list")
    return answer.json["tags"] if answer.status == 200 else []


async def test_a_tag_is_copied_with_what_belongs_to_it(application: Application, owner: Client) -> None:
    """It keeps its name, or gets those that were asked for."""
    ended = await copy(application, owner, tags=["stable", "1"])

    assert (ended["state"], ended["manifests"], ended["reason"]) == ("done", 2, "")
    assert await seen(owner) == ["1", "stable"]
    assert (await owner.get(f"/v2/prod/app/referrers/{IMAGE.digest}")).json["manifests"][0]["digest"] == SBOM.digest


async def test_many_tags_are_copied_by_a_pattern(application: Application, owner: Client) -> None:
    """Each keeps its name; what no tag matches is refused."""
    ended = await copy(application, owner, tag=None, tag_pattern="v*")

    assert [each["tag"] for each in ended["artifacts"]] == ["v1.0", "v1.1"]
    assert await seen(owner) == ["v1.0", "v1.1"]
    refused = await owner.post(COPIES, {"target": "prod/app", "tag_pattern": "x*"})
    assert (refused.status, refused.json["code"]) == (400, "no_tag_matches")


async def test_a_tag_that_moves_meanwhile_changes_nothing(application: Application, owner: Client) -> None:
    """The digest is the one of the moment at which it was asked for."""
    asked = await owner.post(COPIES, WANTED)
    await owner.push("dev/app", OTHER, "1.0")

    await application.settle()

    assert asked.json["artifacts"][0]["digest"] == IMAGE.digest
    assert (await owner.get("/v2/prod/app/manifests/1.0")).body == IMAGE.payload


async def test_a_preview_says_what_would_come(owner: Client) -> None:
    """And changes nothing."""
    [shown] = (await owner.post(f"{COPIES}:preview", WANTED)).json["items"]

    assert (shown["new_manifests"], shown["new_blobs"], shown["tags"]) == (2, 2, ["1.0"])
    assert [each["digest"] for each in shown["manifests"]] == [SBOM.digest, IMAGE.digest]
    assert await seen(owner) == []
    assert (await owner.get("/api/v1/copies")).json["items"] == []


async def test_neither_a_preview_nor_a_copy_is_a_pull(application: Application, owner: Client) -> None:
    """What is read for them is nobody's use of it; what clients pull of the source is."""
    await owner.post(f"{COPIES}:preview", WANTED)
    await copy(application, owner)
    await application.core.facts.flush()
    before = [event for event in await application.events() if event.uses]
    await owner.get("/v2/dev/app/manifests/1.0")
    await application.core.facts.flush()
    after = [event for event in await application.events() if event.uses]

    assert before == []
    assert {(use.repository, use.is_pull) for event in after for use in event.uses} == {("dev/app", True)}


@pytest.mark.parametrize(
    ("granted", "status", "code"),
    [
        ((), 404, "NAME_UNKNOWN"),
        ((("prod/**", "admin"),), 404, "NAME_UNKNOWN"),
        ((("dev/**", "view"), ("prod/**", "admin")), 403, "DENIED"),
        ((("dev/**", "admin"),), 403, "DENIED"),
        ((("dev/**", "read"), ("prod/**", "read")), 403, "DENIED"),
        ((("dev/**", "read"), ("prod/**", "write")), 202, ""),
    ],
)
async def test_it_takes_the_rights_of_both_ends(
    application: Application, owner: Client, granted: tuple[tuple[str, str], ...], status: int, code: str
) -> None:
    """To pull from the source, and to push to the target; what may not be read looks as if it were not there."""
    bob = await application.user("bob", *granted)

    asked = await bob.post(COPIES, WANTED)

    assert asked.status == status, asked.body
    assert asked.json.get("code", "").upper() == code
    if status != 202:
        assert (await bob.post(f"{COPIES}:preview", WANTED)).status == status
        assert await seen(owner) == []


async def test_nobody_copies_without_logging_in(application: Application, owner: Client) -> None:
    """The answer is that of any request without credentials."""
    assert (await application.anonymous().post(COPIES, WANTED)).status == 401


async def test_rights_are_looked_at_again_when_it_is_done(application: Application, owner: Client) -> None:
    """Who lost them between asking and doing copies nothing."""
    bob = await application.user("bob", ("dev/**", "read"), ("prod/**", "write"))
    asked = (await bob.post(COPIES, WANTED)).json
    root = await application.user("root", is_admin=True)
    assert (await root.send_json("PATCH", "/api/v1/users/bob", {"disabled": True})).status == 200

    await application.settle()

    shown = (await root.get(f"/api/v1/copies/{asked['id']}")).json
    assert shown["state"] == "failed"
    assert await seen(owner) == []


async def test_who_loses_their_rights_is_followed_no_more(application: Application, owner: Client) -> None:
    """What is said later comes along in the name of whoever asked, with the rights of then."""
    bob = await application.user("bob", ("dev/**", "read"), ("prod/**", "write"))
    ended = await copy(application, bob)
    root = await application.user("root", is_admin=True)
    await root.send_json("PATCH", "/api/v1/users/bob", {"disabled": True})

    await owner.push("dev/app", an_image_manifest(subject=IMAGE.descriptor()))
    await application.settle()

    shown = (await root.get(f"/api/v1/copies/{ended['id']}")).json
    assert (shown["is_followed"], shown["late_manifests"]) == (False, 0)
    assert shown["reason"]


async def refused(owner: Client) -> Answer:
    """Ask for a copy that something refuses, and see that nothing is left of it."""
    before = [await seen(owner), (await owner.get("/api/v1/copies")).json]
    asked = await owner.post(COPIES, WANTED)
    assert asked.status == 403, asked.body
    assert [await seen(owner), (await owner.get("/api/v1/copies")).json] == before
    assert (await owner.get(f"/v2/prod/app/manifests/{SBOM.digest}")).status == 404
    return asked


async def test_an_immutable_tag_refuses(owner: Client) -> None:
    """The tag stays where it is, and nothing has come."""
    await owner.push_image("prod/app", OTHER, "1.0")
    await set_rules(owner, a_rule("immutable", "*", "prod/**"), project="prod")

    asked = await refused(owner)

    assert "immutable" in asked.json["detail"]
    assert (await owner.get("/v2/prod/app/manifests/1.0")).body == OTHER.payload


async def test_a_name_that_no_rule_allows_is_refused(owner: Client) -> None:
    """Rules about names are those of the target."""
    await owner.push_image("prod/other", OTHER)
    rule = {"repositories": "prod/**", "tags": ["v*"]}
    assert (await owner.send_json("PUT", "/api/v1/projects/prod/naming", {"rules": [rule]})).status == 200

    asked = await refused(owner)

    assert "choose another tag" in asked.json["detail"]


async def test_a_quota_refuses_before_anything_comes(application: Application, owner: Client) -> None:
    """What is asked for is more than fits."""
    root = await application.user("root", is_admin=True)
    assert (await root.post("/api/v1/projects", {"name": "prod"})).status == 201
    set_to = await root.send_json("PUT", "/api/v1/projects/prod/quota", {"limits": {"bytes": 500}})
    assert set_to.status == 200, set_to.body

    asked = await refused(owner)

    assert "quota" in asked.json["detail"]


async def test_a_copy_is_cancelled(application: Application, owner: Client) -> None:
    """One that waits does nothing; of one that is done, nothing follows any more."""
    waiting = (await owner.post(COPIES, WANTED)).json
    assert (await owner.post(f"/api/v1/copies/{waiting['id']}:cancel", {})).json["state"] == "cancelled"
    await application.settle()
    assert await seen(owner) == []
    done = await copy(application, owner)

    cancelled = (await owner.post(f"/api/v1/copies/{done['id']}:cancel", {})).json
    await owner.push("dev/app", an_image_manifest(subject=IMAGE.descriptor()))
    await application.settle()

    assert (cancelled["state"], cancelled["is_followed"]) == ("done", False)
    assert (await owner.get(f"/api/v1/copies/{done['id']}")).json["late_manifests"] == 0
    assert (await owner.post(f"/api/v1/copies/{done['id']}:cancel", {})).json["code"] == "copy_ended"


async def test_others_see_a_copy_if_they_may_read_both_ends(application: Application, owner: Client) -> None:
    """Nobody else hears where something was copied to."""
    shown = await copy(application, owner)
    bob = await application.user("bob", ("dev/**", "read"))
    eve = await application.user("eve", ("dev/**", "read"), ("prod/**", "read"))

    assert (await bob.get("/api/v1/copies")).json["items"] == []
    assert (await bob.get(COPIES)).json["items"] == []
    assert (await bob.get(f"/api/v1/copies/{shown['id']}")).status == 404
    assert [each["id"] for each in (await eve.get(COPIES)).json["items"]] == [shown["id"]]
    assert (await eve.post(f"/api/v1/copies/{shown['id']}:cancel", {})).status == 403


async def test_what_happens_to_a_copy_is_told(application: Application, owner: Client) -> None:
    """That it was asked for and ended, and what came along later, by whoever asked."""
    await copy(application, owner)
    late = an_index(subject=IMAGE.descriptor())
    await owner.push("dev/app", late, referrers_tag(OTHER.digest))
    await application.settle()

    told = [event for event in await application.events() if event.type.startswith("copy.")]

    assert [event.type for event in told] == [Change.COPY_STARTED, Change.COPY_ENDED, Change.COPY_FOLLOWED]
    assert {(event.principal, event.repository) for event in told} == {("user:owner", "prod/app")}
    assert told[-1].after["late"] == 1


@pytest.mark.parametrize(
    "wanted",
    [
        {"tag": None},
        {"tag": "1.0", "digest": IMAGE.digest},
        {"tag": None, "tag_pattern": "v*", "tags": ["x"]},
        {"tag": "1.0", "target": "Not A Name"},
        {"tag": "1.0", "follow_hours": -1},
    ],
)
async def test_what_makes_no_sense_is_refused(owner: Client, wanted: dict[str, object]) -> None:
    """A copy is of a digest, a tag, or a pattern."""
    assert (await owner.post(COPIES, {**WANTED, **wanted})).status in (400, 422)
