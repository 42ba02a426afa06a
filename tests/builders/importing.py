# SPDX-License-Identifier: Apache-2.0
"""Imports in tests: a source that is served on the loopback address, and somebody who imports from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.application import in_memory
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.shell import served
from tests.fakes.wayward_registry import WaywardRegistry

IMPORTS = "/api/v1/imports"
ALLOWED = {"allow": ["127.0.0.1"]}


@dataclass(frozen=True, slots=True)
class Origin:
    """A source, and its address."""

    registry: WaywardRegistry
    url: str

    def has(self, repository: str, built: BuiltManifest, *tags: str, blobs: tuple[bytes, ...] = ()) -> None:
        """Hold a manifest and the blobs that it lists."""
        for content in (A_CONFIG, A_LAYER, *blobs):
            self.registry.has_blob(repository, content)
        self.registry.has(repository, built, *tags)

    def fetched(self, part: str = "/blobs/") -> list[str]:
        """Return the paths of the requests that fetched something."""
        return [each.path for each in self.registry.asked if each.method == "GET" and part in each.path]


@contextmanager
def an_origin() -> Iterator[Origin]:
    """Serve a source."""
    registry = WaywardRegistry()
    with served(registry) as url:
        yield Origin(registry, url)


@contextmanager
def an_importing_application(folder: Path) -> Iterator[Application]:
    """Hold an application that may ask servers on the loopback address."""
    with an_application(folder, base=in_memory(outgoing=ALLOWED)) as application:
        yield application


async def ask(client: Client, origin: Origin, **wanted: Any) -> Answer:
    """Ask for an import of everything below `library`, into `team`."""
    names = {} if "repositories" in wanted else {"patterns": ["library/**"]}
    return await client.post(IMPORTS, {"url": origin.url, "project": "team", **names, **wanted})


async def run(application: Application, client: Client, origin: Origin, **wanted: Any) -> Any:
    """Import something, and return how that ended."""
    asked = await ask(client, origin, **wanted)
    assert asked.status == 202, asked.body
    await application.settle()
    return (await client.get(f"{IMPORTS}/{asked.json['id']}")).json


async def artifacts(client: Client, shown: Any, query: str = "") -> dict[str, Any]:
    """Return the artifacts of an import, by name."""
    answer = await client.get(f"{IMPORTS}/{shown['id']}/artifacts?limit=1000{query}")
    return {f"{each['repository']}:{each['name']}": each for each in answer.json["items"]}


async def tags(client: Client, repository: str) -> list[str]:
    """Return the tags of a repository here."""
    answer = await client.get(f"/v2/{repository}/tags/list")
    return answer.json["tags"] if answer.status == 200 else []
