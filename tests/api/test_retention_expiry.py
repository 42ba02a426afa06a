# SPDX-License-Identifier: Apache-2.0
"""Tags that expire, because somebody or their artifact says so."""

import json

import pytest

from entrepot.features.retention.running import EXPIRE
from entrepot.features.retention.running import Nothing
from entrepot.infra.jobs import queue
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest

APP = "team/app"
TAGS = f"/api/v1/repositories/{APP}/-/tags"
PROJECT = "/api/v1/projects/team/retention"
IMAGE, NEXT = (an_image_manifest(annotations={"number": number}) for number in ("1", "2"))

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with an image."""
    await alice.push_image(APP, IMAGE, "pr-1")
    await application.settle()
    return alice


async def look(application: Application) -> None:
    """Look for what has expired, as is done every ten minutes."""
    await application.settle()
    await application.database.write(queue.enqueue, EXPIRE, Nothing(), system_clock())
    await application.settle()


async def is_there(client: Client, tag: str) -> bool:
    """Tell whether a tag is there."""
    return (await client.get(f"{TAGS}/{tag}")).status == 200


def within(days: float) -> dict[str, str]:
    """Return what lets a tag expire in so many days."""
    return {"expires_at": rfc3339(after(system_clock(), int(days * DAY_MS)))}


async def test_a_tag_goes_when_somebody_said(application: Application, owner: Client) -> None:
    """Into the bin with its artifact, a day after those who listen were warned."""
    set_ = await owner.send_json("PUT", f"{TAGS}/pr-1/expiry", within(3))
    assert (set_.status, set_.json["source"], set_.json["set_by"]) == (200, "somebody", "user:alice")
    await days_pass(application, 2.5)
    await look(application)
    await look(application)
    assert await is_there(owner, "pr-1")
    warnings = [each for each in await application.events() if each.type == "tag.expiring"]
    assert [each.object for each in warnings] == ["tag:team/app:pr-1"]

    await days_pass(application, 1)
    await look(application)

    assert not await is_there(owner, "pr-1")
    [binned] = (await owner.get(f"/api/v1/repositories/{APP}/-/bin")).json["items"]
    assert binned["digest"] == IMAGE.digest
    assert (await owner.post(f"/api/v1/repositories/{APP}/-/artifacts/{IMAGE.digest}:restore", {})).status == 200
    await look(application)
    assert await is_there(owner, "pr-1")


async def test_what_was_said_counts_until_the_tag_moves(application: Application, owner: Client) -> None:
    """What is pushed under it afterwards is something else."""
    await owner.send_json("PUT", f"{TAGS}/pr-1/expiry", within(1))
    await owner.push_image(APP, NEXT, "pr-1")
    await days_pass(application, 2)
    await look(application)

    assert await is_there(owner, "pr-1")
    assert (await owner.get(f"{TAGS}/pr-1/expiry")).json == {
        "expires_at": None,
        "source": "nobody",
        "set_by": None,
        "set_at": None,
    }


async def test_a_rule_keeps_what_has_expired(application: Application, owner: Client) -> None:
    """It is tried no more than once an hour."""
    await owner.send_json("PUT", f"{TAGS}/pr-1/expiry", within(1))
    keep = {"name": "keep", "effect": "keep", "selection": {"tags": ["pr-*"]}}
    await owner.send_json("PUT", PROJECT, {"rules": [keep]})
    await days_pass(application, 2)
    await look(application)

    assert await is_there(owner, "pr-1")


async def test_it_is_taken_back(owner: Client) -> None:
    """And cannot be in the past."""
    assert (await owner.send_json("PUT", f"{TAGS}/pr-1/expiry", within(-1))).json["code"] == "tag_expiry_invalid"
    assert (await owner.send("DELETE", f"{TAGS}/pr-1/expiry")).status == 404
    await owner.send_json("PUT", f"{TAGS}/pr-1/expiry", within(1))
    assert (await owner.get(f"{TAGS}/pr-1/expiry")).json["set_by"] == "user:alice"
    assert (await owner.send("DELETE", f"{TAGS}/pr-1/expiry")).status == 204
    assert (await owner.get(f"{TAGS}/pr-1/expiry")).json["source"] == "nobody"
    assert (await owner.send_json("PUT", f"{TAGS}/none/expiry", within(1))).status == 404


async def labelled(client: Client, label: str, lasts: str, tag: str) -> None:
    """Push an image that says for how long it is to be kept."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Labels": {label: lasts}}}).encode()
    image = an_image_manifest(config=a_descriptor(config, OCI_CONFIG))
    await client.push_image(APP, image, tag, config=config)


@pytest.mark.parametrize("label", ["quay.expires-after", "entrepot.expires-after"])
async def test_labels_count_where_a_policy_heeds_them(application: Application, owner: Client, label: str) -> None:
    """What was built on an image inherits its labels, so nobody's tag goes for one unasked."""
    await labelled(owner, label, "2w", "pr-2")
    await days_pass(application, 15)
    await look(application)
    assert await is_there(owner, "pr-2")

    await owner.send_json("PUT", PROJECT, {"rules": [], "expires_by_labels": True})
    assert (await owner.get(f"{TAGS}/pr-2/expiry")).json["source"] == "artifact"
    await look(application)
    assert (await is_there(owner, "pr-2"), await is_there(owner, "pr-1")) == (False, True)


async def test_never_is_stronger_than_a_label(application: Application, owner: Client) -> None:
    """Somebody has looked at it."""
    await owner.send_json("PUT", PROJECT, {"rules": [], "expires_by_labels": True})
    await labelled(owner, "quay.expires-after", "1d", "pr-2")
    await owner.send_json("PUT", f"{TAGS}/pr-2/expiry", {"expires_at": None})
    await days_pass(application, 3)
    await look(application)

    assert await is_there(owner, "pr-2")
