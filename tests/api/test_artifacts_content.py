# SPDX-License-Identifier: Apache-2.0
"""The bytes of manifests and configurations, and that no route about content goes around the gates."""

import re

import pytest

from entrepot.features.artifacts.content import MAX_CONFIGURATION_BYTES
from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.registry.events import EventType
from entrepot.registry.hooks import Deny
from entrepot.registry.hooks import Operation
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.unit.registry.planted import PlantedGate

REPOSITORY = "/api/v1/repositories/{name}/-"
ARTIFACTS = "/api/v1/repositories/team/app/-/artifacts"
IMAGE = an_image_manifest()
REASON = "the planted gate says no"

HANDS_OUT_OR_WRITES = {
    f"GET {REPOSITORY}/artifacts/{{digest}}/manifest": Operation.MANIFEST_READ,
    f"GET {REPOSITORY}/artifacts/{{digest}}/config": Operation.BLOB_READ,
    f"DELETE {REPOSITORY}/tags/{{tag}}": Operation.TAG_DELETE,
    f"DELETE {REPOSITORY}/artifacts/{{digest}}": Operation.TAG_DELETE,
    f"POST {REPOSITORY}/artifacts/{{digest}}:restore": Operation.MANIFEST_WRITE,
    f"POST {REPOSITORY}/tags/{{tag}}:restore": Operation.TAG_MOVE,
}
"""What gates are asked about there."""

WITHOUT_CONTENT = {
    "about": "says who may do what",
    "tags": "lists facts, from which whoever is to repair something learns what there is",
    "artifacts": "lists facts",
    "bin": "lists facts",
    "tags/{tag}": "shows facts",
    "artifacts/{digest}": "shows facts",
    "artifacts/{digest}/referrers": "lists descriptors; what they describe is gated",
    "artifacts/{digest}/labels": "lists what people say of it",
    "artifacts/{digest}/notes": "lists what people say of it",
    "descriptions": "shows what people say of it",
    "naming": "says what rules make of names",
    "tags/{tag}/history": "lists what a tag pointed at",
    "tags/{tag}/immutability": "says what rules make of a tag",
    "retention": "shows rules",
    "retention/plans": "lists plans",
    "retention/plans/{plan}": "shows how much a plan would delete",
    "retention/plans/{plan}/steps": "lists what a plan would delete",
    "retention:explain": "says what rules make of every tag",
    "tags/{tag}/expiry": "says when a tag goes",
    "holds": "says what nobody deletes",
    "copies": "lists what was copied from there, and to where",
    "promotions": "lists what was promoted from there, and to where",
    "artifacts/{digest}/holds": "says what nobody deletes",
    "artifacts/{digest}/in-use": "says what runs",
}
"""Why no gate is asked at these addresses."""

WITHOUT_GATES = {
    f"POST {REPOSITORY}/artifacts/{{digest}}:preview": "tells sizes, and changes nothing",
    f"POST {REPOSITORY}/copies": "begins a job, which asks: tests/unit/registry/test_copying.py",
    f"POST {REPOSITORY}/copies:preview": "asks as the job does: tests/unit/registry/test_copying.py",
    f"POST {REPOSITORY}/promotions": "asks, and so does the job: tests/api/test_promotions.py",
    f"POST {REPOSITORY}/promotions:preview": "asks as the job does: tests/api/test_promotions.py",
    f"POST {REPOSITORY}/artifacts/{{digest}}:free-now": "asks as deleting does: tests/unit/registry/test_promise.py",
    f"PATCH {REPOSITORY}/artifacts/{{digest}}/labels": "says something of an artifact, which stays as it is",
    f"POST {REPOSITORY}/artifacts/{{digest}}/notes": "says something of an artifact",
    f"PUT {REPOSITORY}/artifacts/{{digest}}/notes/{{note}}": "says something else of an artifact",
    f"DELETE {REPOSITORY}/artifacts/{{digest}}/notes/{{note}}": "takes back what was said",
    f"PUT {REPOSITORY}/descriptions": "says something of a repository",
    f"PUT {REPOSITORY}/tags/{{tag}}/immutability/override": "sets a rule aside, and changes no tag",
    f"DELETE {REPOSITORY}/tags/{{tag}}/immutability/override": "lets a rule count again",
    f"PUT {REPOSITORY}/retention": "sets rules, and deletes nothing",
    f"DELETE {REPOSITORY}/retention": "removes rules",
    f"POST {REPOSITORY}/retention/plans": "finds out, and deletes nothing",
    f"POST {REPOSITORY}/retention:preview": "finds out, and deletes nothing",
    f"POST {REPOSITORY}/retention:import": "compares, and sets nothing",
    f"PUT {REPOSITORY}/tags/{{tag}}/expiry": "has a job ask as deleting does, later",
    f"DELETE {REPOSITORY}/tags/{{tag}}/expiry": "has a tag stay",
    f"POST {REPOSITORY}/retention/plans/{{plan}}:run": "has a job ask as deleting does",
    f"POST {REPOSITORY}/holds": "changes neither artifacts nor tags",
    f"POST {REPOSITORY}/holds/{{hold}}:extend": "changes neither artifacts nor tags",
    f"POST {REPOSITORY}/holds/{{hold}}:release": "changes neither artifacts nor tags",
}
"""Who may do these, and what gates do there, is tested elsewhere."""

pytestmark = pytest.mark.anyio


async def test_a_manifest_is_handed_out_byte_for_byte(alice: Client) -> None:
    """As something to be saved: a browser neither guesses what it is nor runs it."""
    await alice.push_image("team/app", IMAGE, "1.0")

    answer = await alice.get(f"{ARTIFACTS}/{IMAGE.digest}/manifest")

    assert (answer.status, answer.body) == (200, IMAGE.payload)
    assert answer.header("content-type") == "application/octet-stream"
    assert answer.header("docker-content-digest") == IMAGE.digest
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("content-security-policy") == "default-src 'none'; sandbox"
    assert re.fullmatch(r'attachment; filename="sha256-[0-9a-f]{64}\.json"', answer.header("content-disposition"))


async def test_a_configuration_is_handed_out_byte_for_byte(alice: Client) -> None:
    """Whatever it holds, and with the same headers."""
    config = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    built = an_image_manifest(config=a_descriptor(config, "image/svg+xml"))
    await alice.push_image("team/app", built, config=config)

    answer = await alice.get(f"{ARTIFACTS}/{built.digest}/config")
    manifest = await alice.get(f"{ARTIFACTS}/{built.digest}/manifest")

    assert (answer.status, answer.body) == (200, config)
    assert answer.header("docker-content-digest") == digest_of(config)
    named = ("content-type", "x-content-type-options", "content-security-policy", "cache-control")
    assert [answer.header(name) for name in named] == [manifest.header(name) for name in named]


@pytest.mark.parametrize(("size", "status"), [(MAX_CONFIGURATION_BYTES, 200), (MAX_CONFIGURATION_BYTES + 1, 409)])
async def test_a_large_configuration_is_left_to_clients(alice: Client, size: int, status: int) -> None:
    """Up to 1 MiB is shown."""
    config = b" " * size
    built = an_image_manifest(config=a_descriptor(config, OCI_CONFIG))
    await alice.push_image("team/app", built, config=config)

    answer = await alice.get(f"{ARTIFACTS}/{built.digest}/config")

    assert answer.status == status
    assert status == 200 or answer.json["code"] == "configuration_too_large"


async def test_an_index_has_no_configuration(alice: Client) -> None:
    """That is said, and so is that a digest is not here."""
    index = an_index()
    await alice.push("team/app", index)

    answers = [await alice.get(f"{ARTIFACTS}/{digest}/config") for digest in (index.digest, IMAGE.digest)]
    absent = await alice.get(f"{ARTIFACTS}/{IMAGE.digest}/manifest")

    assert [(each.status, each.json["code"]) for each in (*answers, absent)] == [
        (404, "no_configuration"),
        (404, "manifest_unknown"),
        (404, "manifest_unknown"),
    ]


async def test_lost_bytes_are_said_to_be_lost(application: Application, alice: Client) -> None:
    """With what heals them, and they count as missing from then on."""
    await alice.push_image("team/app", IMAGE)
    storage = application.core.stores[application.core.default_store]
    for found in [found async for found in storage.list_objects()]:
        await storage.delete(found.key)

    answer = await alice.get(f"{ARTIFACTS}/{IMAGE.digest}/config")
    pulled = await alice.get(f"/v2/team/app/blobs/{digest_of(A_CONFIG)}")

    assert (answer.status, answer.json["code"], pulled.status) == (404, "blob_unknown", 404)
    assert "heal" in answer.json["hint"]


async def test_looking_at_content_is_no_pull(application: Application, alice: Client) -> None:
    """It changes neither when something was last pulled nor how often."""
    await alice.push_image("team/app", IMAGE, "1.0")
    for noun in ("manifest", "config"):
        await alice.get(f"{ARTIFACTS}/{IMAGE.digest}/{noun}")
    await application.core.facts.flush()

    assert not [event for event in await application.events() if event.type == EventType.CONTENT_USED]


async def arrange(alice: Client, route: str) -> None:
    """Push the image under a tag; delete the one or move the other if a route is to restore it."""
    await alice.push_image("team/app", IMAGE, "1.0")
    if route.endswith("{digest}:restore"):
        await alice.delete("team/app", IMAGE.digest)
    if route.endswith("{tag}:restore"):
        await alice.push_image("team/app", an_image_manifest(annotations={"another": "one"}), "1.0")


async def ask(application: Application, route: str) -> Answer:
    """Send a request to a route, about the image or the tag, as somebody who has no lease on its blobs."""
    bob = await application.user("bob", ("team/**", "admin"))
    method, path = route.split(" ")
    target = path.replace("{name}", "team/app").replace("{digest}", IMAGE.digest).replace("{tag}", "1.0")
    document = {"digest": IMAGE.digest} if "{tag}:restore" in route else {}
    return await bob.send_json(method, target, document)


@pytest.mark.parametrize("route", HANDS_OUT_OR_WRITES)
async def test_gates_are_asked_as_by_a_client(application: Application, alice: Client, route: str) -> None:
    """A denial is the answer, with the gate's reason."""
    await arrange(alice, route)
    application.core.gates.mount([PlantedGate(Deny(REASON), frozenset({HANDS_OUT_OR_WRITES[route]}))])

    answer = await ask(application, route)

    assert (answer.status, answer.json["detail"]) == (403, REASON)


@pytest.mark.parametrize("route", HANDS_OUT_OR_WRITES)
async def test_without_gates_the_same_requests_are_good(application: Application, alice: Client, route: str) -> None:
    """What refuses them otherwise is the gate."""
    await arrange(alice, route)

    assert (await ask(application, route)).status == 200


def test_every_route_of_a_repository_is_known_here(application: Application) -> None:
    """One that is new either has content, and is asked for above, or says why not."""
    described = application.instance.api.openapi()["paths"]
    found = {
        f"{method.upper()} {path}"
        for path, methods in described.items()
        for method in methods
        if path.startswith(f"{REPOSITORY}/")
    }

    assert found == {
        *HANDS_OUT_OR_WRITES,
        *WITHOUT_GATES,
        *(f"GET {REPOSITORY}/{path}" for path in WITHOUT_CONTENT),
    }
