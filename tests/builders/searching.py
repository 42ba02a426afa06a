# SPDX-License-Identifier: Apache-2.0
"""Artifacts that can be told apart by what they are, and asking for them."""

import json
from typing import Any
from urllib.parse import quote

from entrepot.oci.digest import Digest
from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.application import Client
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest

REVISION = "org.opencontainers.image.revision"


async def push_image(
    client: Client,
    repository: str,
    *tags: str,
    platform: str = "linux/amd64",
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
) -> Digest:
    """Push an image whose configuration states a platform and labels."""
    system, _, architecture = platform.partition("/")
    document = {"os": system, "architecture": architecture, "config": {"Labels": labels or {}}}
    config = json.dumps({**document, "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    built = an_image_manifest(config=a_descriptor(config, OCI_CONFIG), annotations=annotations or {})
    return await client.push_image(repository, built, *tags, config=config)


async def find_page(client: Client, q: str, **parameters: object) -> Any:
    """Search for artifacts, and return the first page."""
    rest = "".join(f"&{name}={value}" for name, value in parameters.items())
    answer = await client.get(f"/api/v1/search/artifacts?q={quote(q, safe='')}{rest}")
    assert answer.status == 200, answer.body
    return answer.json


async def find(client: Client, q: str, **parameters: object) -> list[str]:
    """Search for artifacts, and return what was found on all pages as `repository@digest`."""
    rest = "".join(f"&{name}={value}" for name, value in parameters.items())
    pages = await client.pages(f"/api/v1/search/artifacts?q={quote(q, safe='')}{rest}")
    return [f"{item['repository']}@{item['digest']}" for page in pages for item in page]
