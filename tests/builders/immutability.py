# SPDX-License-Identifier: Apache-2.0
"""Setting rules about immutable tags over the management API, and pushing against them."""

from tests.builders.application import Answer
from tests.builders.application import Client
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

REGISTRY = "/api/v1/immutability"
IMAGES = tuple(an_image_manifest(marker=f"build {number}") for number in range(8))


def a_rule(effect: str, tags: str = "*", repositories: str = "team/**", **terms: object) -> dict[str, object]:
    """Describe a rule as the management API takes it."""
    return {"repositories": repositories, "tags": tags, "effect": effect, **terms}


async def set_rules(client: Client, *rules: dict[str, object], project: str = "team") -> Answer:
    """Put rules in the place of those of a project, or of the registry if that is empty."""
    answer = await client.send_json("PUT", rules_path(project), {"rules": list(rules)})
    assert answer.status == 200, answer.body
    return answer


def rules_path(project: str = "team") -> str:
    """Return where the rules of a project are, or those of the registry."""
    return f"/api/v1/projects/{project}/immutability" if project else REGISTRY


async def put(client: Client, tag: str, image: BuiltManifest, repository: str = "team/app") -> Answer:
    """Push a manifest whose blobs are there, under a tag, as docker does."""
    target = f"/v2/{repository}/manifests/{tag}"
    return await client.send("PUT", target, image.payload, ("content-type", image.media_type))


async def remove(client: Client, reference: str, repository: str = "team/app") -> Answer:
    """Delete a tag, or a manifest by digest."""
    return await client.send("DELETE", f"/v2/{repository}/manifests/{reference}")


def refusal(answer: Answer) -> str:
    """Return what a client prints that was denied."""
    assert answer.status == 403, answer.body
    (error,) = answer.json["errors"]
    assert error["code"] == "DENIED"
    message: str = error["message"]
    return message
