# SPDX-License-Identifier: Apache-2.0
"""Deleting tags and artifacts through the management API, and bringing them back."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from entrepot.oci.digest import referrers_tag
from entrepot.registry.events import EventType
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import Warn
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.planted import PlantedGate

REPOSITORY = "/api/v1/repositories/team/app/-"
IMAGE = an_image_manifest()
SBOM = an_image_manifest(subject=IMAGE.descriptor(), artifactType="application/spdx+json")
ARTIFACT = f"{REPOSITORY}/artifacts/{IMAGE.digest}"

pytestmark = pytest.mark.anyio


async def push(alice: Client, *tags: str) -> None:
    """Push the image, and what refers to it."""
    await alice.push_image("team/app", IMAGE, *tags)
    await alice.push_image("team/app", SBOM)


async def test_a_deleted_tag_leaves_its_artifact(alice: Client) -> None:
    """The answer says how long it can be restored, and nothing else is gone."""
    await push(alice, "1.0", "2.0")

    answer = await alice.send("DELETE", f"{REPOSITORY}/tags/1.0")

    told = dict(answer.json)
    left = datetime.fromisoformat(told.pop("restorable_until")) - datetime.now(UTC)
    assert told == {"deleted": "1.0", "tags": ["1.0"], "also": [], "warnings": []}
    assert timedelta(days=6) < left <= timedelta(days=7)
    assert (await alice.get(ARTIFACT)).json["tags"] == ["2.0"]


async def test_a_deleted_artifact_takes_tags_and_referrers_along(application: Application, alice: Client) -> None:
    """The answer names them, and the events are those of a deletion through the distribution API."""
    await push(alice, "1.0", referrers_tag(IMAGE.digest))

    answer = await alice.send("DELETE", ARTIFACT)

    deleted = [event for event in await application.events() if event.type == EventType.MANIFEST_DELETED]
    assert answer.status == 200
    assert answer.json["deleted"] == IMAGE.digest
    assert (sorted(answer.json["tags"]), answer.json["also"]) == (["1.0", referrers_tag(IMAGE.digest)], [SBOM.digest])
    assert [(event.digest, event.principal) for event in deleted] == [
        (IMAGE.digest, "user:alice"),
        (SBOM.digest, "user:alice"),
    ]
    assert (await alice.get(ARTIFACT)).status == 404


async def test_the_bin_holds_what_can_be_restored(application: Application, alice: Client) -> None:
    """With who deleted it, the tags it had, and until when it comes back; page after page."""
    await push(alice, "1.0")
    await application.settle()
    await alice.send("DELETE", ARTIFACT)

    pages = await alice.pages(f"{REPOSITORY}/bin?limit=1")

    found = {item["digest"]: item for page in pages for item in page}
    assert [len(page) for page in pages] == [1, 1]
    assert {item["type"]: item["tags"] for item in found.values()} == {"image": ["1.0"], "sbom": []}
    assert {item["deleted_by"] for item in found.values()} == {"user:alice"}
    assert all(item["deleted_at"] < item["restorable_until"] for item in found.values())


async def test_an_artifact_comes_back_with_what_went_along(alice: Client) -> None:
    """Its tags, but for one that was set again, and its referrers; then the bin is empty."""
    await push(alice, "1.0", "2.0")
    await alice.send("DELETE", ARTIFACT)
    other = await alice.push_image("team/app", an_image_manifest(annotations={"a": "b"}), "2.0")

    answer = await alice.post(f"{ARTIFACT}:restore", {})

    assert answer.json == {"digest": IMAGE.digest, "tags": ["1.0"], "also": [SBOM.digest], "warnings": []}
    assert (await alice.get(f"{REPOSITORY}/bin")).json == {"items": []}
    tags = (await alice.get(f"{REPOSITORY}/tags")).json["items"]
    assert {tag["name"]: tag["digest"] for tag in tags} == {"1.0": IMAGE.digest, "2.0": other}


async def test_an_artifact_without_tags_comes_back(alice: Client) -> None:
    """By its digest; a second time there is nothing to bring back."""
    await alice.push_image("team/app", IMAGE)
    await alice.send("DELETE", ARTIFACT)

    first, second = await alice.post(f"{ARTIFACT}:restore", {}), await alice.post(f"{ARTIFACT}:restore", {})

    assert (first.status, (await alice.get(ARTIFACT)).status) == (200, 200)
    assert (second.status, second.json["code"]) == (409, "artifact_not_deleted")


async def test_gates_may_warn(application: Application, alice: Client) -> None:
    """What they say is in the answer, once for each tag."""
    await push(alice, "1.0", "2.0")
    gate = PlantedGate(Warn("mind the step"), frozenset({Operation.TAG_DELETE, Operation.TAG_SET}))
    application.core.gates.mount([gate])

    answers = [await alice.send("DELETE", ARTIFACT), await alice.post(f"{ARTIFACT}:restore", {})]

    assert [answer.json["warnings"] for answer in answers] == [["mind the step"] * 2] * 2


async def test_who_may_not_delete_or_push_is_refused(application: Application, alice: Client) -> None:
    """Deleting takes the right to delete, restoring that to push."""
    await push(alice, "1.0")
    writer = await application.user("writer", ("team/**", "write"))
    reader = await application.user("reader", ("team/**", "read"))

    refused = [await writer.send("DELETE", path) for path in (ARTIFACT, f"{REPOSITORY}/tags/1.0")]
    await alice.send("DELETE", ARTIFACT)
    refused.append(await reader.post(f"{ARTIFACT}:restore", {}))
    allowed = await writer.post(f"{ARTIFACT}:restore", {})

    assert [answer.status for answer in (*refused, allowed)] == [403, 403, 403, 200]


@pytest.mark.parametrize("path", ["tags/2.0", f"artifacts/{SBOM.digest}"])
async def test_what_is_not_there_cannot_be_deleted(alice: Client, path: str) -> None:
    """Nor can it be restored."""
    await alice.push_image("team/app", IMAGE, "1.0")

    answers = [
        await alice.send("DELETE", f"{REPOSITORY}/{path}"),
        await alice.post(f"{REPOSITORY}/artifacts/{SBOM.digest}:restore", {}),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(404, "manifest_unknown")] * 2
