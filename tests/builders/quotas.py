# SPDX-License-Identifier: Apache-2.0
"""Images of a certain size, pushed against quotas that are set over the management API."""

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from tests.builders.application import Answer
from tests.builders.application import Client
from tests.builders.application import Header
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest

KB = 1000
AGAIN = 50


@dataclass(frozen=True, slots=True)
class Image:
    """An image of one layer that no other name makes, and of a configuration that all share."""

    layer: bytes
    built: BuiltManifest

    @property
    def size(self) -> int:
        """What the image takes where nothing of it is, but for the configuration."""
        return len(self.layer) + len(self.built.payload)


@cache
def an_image(name: str, size: int = 100 * KB) -> Image:
    """Build an image with a layer of `size` bytes."""
    seed = sha256(name.encode()).digest()
    layer = (seed * (size // len(seed) + 1))[:size]
    return Image(layer, an_image_manifest(layers=[a_descriptor(layer)], marker=name))


def path_of(project: str = "team") -> str:
    """Return where the quota of a project is."""
    return f"/api/v1/projects/{project}/quota"


async def set_quota(admin: Client, path: str = "", **limits: int | None) -> Answer:
    """Set a quota: that of the project `team` unless told otherwise."""
    answer = await admin.send_json("PUT", path or path_of(), {"limits": limits})
    assert answer.status == 200, answer.body
    return answer


async def try_push(client: Client, repository: str, image: Image, tag: str = "v1") -> Answer:
    """Push as docker does: blobs that are not there, then the manifest; return the first answer that refuses."""
    for blob in (A_CONFIG, image.layer):
        answer = await push_blob(client, repository, blob)
        if answer.status >= 400:
            return answer
    return await put_manifest(client, repository, image, tag)


async def push_blob(client: Client, repository: str, content: bytes) -> Answer:
    """Push a blob in two requests, unless it is there, as docker does."""
    digest = f"sha256:{sha256(content).hexdigest()}"
    found = await client.send("HEAD", f"/v2/{repository}/blobs/{digest}")
    if found.status == 200:
        return found
    begun = await persist(client, "POST", f"/v2/{repository}/blobs/uploads/")
    if begun.status != 202:
        return begun
    return await persist(client, "PUT", f"{begun.header('location')}?digest={digest}", content)


async def put_manifest(client: Client, repository: str, image: Image, tag: str = "v1") -> Answer:
    """Push the manifest of an image whose blobs are there."""
    target = f"/v2/{repository}/manifests/{tag}"
    return await persist(client, "PUT", target, image.built.payload, ("content-type", image.built.media_type))


async def persist(client: Client, method: str, target: str, body: bytes = b"", *headers: Header) -> Answer:
    """Send a request, and again where the registry asks for that (503), as container clients do."""
    for _ in range(AGAIN):
        answer = await client.send(method, target, body, *headers)
        if answer.status != 503:
            break
    return answer


def refusal(answer: Answer) -> str:
    """Return what a client prints that was denied."""
    assert answer.status == 403, (answer.status, answer.body)
    (error,) = json.loads(answer.body)["errors"]
    assert error["code"] == "DENIED"
    message: str = error["message"]
    return message
