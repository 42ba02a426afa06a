# SPDX-License-Identifier: Apache-2.0
"""A server that promotes is killed again and again: what it promotes arrives once, whole, with one record of it."""

import json
import random
import secrets
import time
from pathlib import Path
from typing import Any

from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.chaos.killing import let_leases_end
from tests.chaos.killing import let_nothing_wait
from tests.e2e.registry import Registry
from tests.server import Server
from tests.server import free_port
from tests.server import kill_group
from tests.server import start_entrepot

KILLS, RELEASES, PLATFORMS = 6, 4, 8
LONGEST_SECONDS = 120.0
RECORD = "application/vnd.entrepot.promotion.v1+json"


def push_releases(registry: Registry) -> list[BuiltManifest]:
    """Push releases of several platforms each, every image with layers of its own and a bill of materials."""
    chance, releases = random.Random(3), []
    for release in range(RELEASES):
        images = []
        for _ in range(PLATFORMS):
            layer = chance.randbytes(20_000)
            registry.push_blob("dev/app", layer)
            images.append(an_image_manifest(layers=[a_descriptor(layer)]))
            registry.push_manifest("dev/app", images[-1])
            registry.push_manifest("dev/app", an_image_manifest(subject=images[-1].descriptor()))
        releases.append(an_index(*(each.descriptor() for each in images)))
        registry.push_manifest("dev/app", releases[-1], f"{release}.0")
    return releases


def prepared(server: Server) -> list[BuiltManifest]:
    """Have two projects with a path between them, and something to promote."""
    registry = Registry(server)
    registry.push_image("dev/app", "begin")
    registry.push_image("prod/app", "begin")
    registry.ask("PUT", "/api/v1/projects/prod/promotion-paths/release", {"source": "dev"})
    return push_releases(registry)


def ask_for_all(server: Server) -> list[str]:
    """Ask for the promotion of each release, and return their ids."""
    api, wanted = "/api/v1/repositories/dev/app/-/promotions", {"path": "prod/release"}
    tags = [f"{release}.0" for release in range(RELEASES)]
    return [Registry(server).ask("POST", api, {"tag": tag, **wanted})["id"] for tag in tags]


def shown(server: Server, promotions: list[str]) -> list[Any]:
    """Return how the promotions stand."""
    return [Registry(server).ask("GET", f"/api/v1/promotions/{each}") for each in promotions]


def is_over(server: Server, promotions: list[str]) -> bool:
    """Tell whether all have ended."""
    return all(each["state"] in ("done", "failed") for each in shown(server, promotions))


def killed(data: Path, password: str, server: Server) -> Server:
    """Kill the server after a moment, and start it again."""
    time.sleep(random.uniform(0.05, 0.4))
    kill_group(server.process)
    let_leases_end(data)
    let_nothing_wait(data)
    return start_entrepot(data, free_port(), password)


def test_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    """Every release is there with its digest and bills of materials, told of once, and with one record."""
    data, password = tmp_path / "data", secrets.token_hex()
    server = start_entrepot(data, free_port(), password)
    try:
        releases = prepared(server)
        promotions = ask_for_all(server)
        left = 0
        for _ in range(KILLS):
            server = killed(data, password, server)
            left += not is_over(server, promotions)
        give_up_at = time.monotonic() + LONGEST_SECONDS
        while not is_over(server, promotions) and time.monotonic() < give_up_at:
            let_nothing_wait(data)
            time.sleep(0.5)
        ended = shown(server, promotions)
        check(Registry(server), releases, ended)
        assert left > 0
    finally:
        kill_group(server.process)


def check(registry: Registry, releases: list[BuiltManifest], ended: list[Any]) -> None:
    """Compare what arrived with what was promoted."""
    assert [(each["state"], each["reason"]) for each in ended] == [("done", "")] * RELEASES
    for number, release in enumerate(releases):
        assert registry.pull_manifest("prod/app", f"{number}.0") == release.payload
        assert records(registry, release.digest) == [ended[number]["record"]]
        for child in json.loads(release.payload)["manifests"]:
            assert len(referrers(registry, child["digest"])) == 1
    told = registry.ask("GET", "/api/v1/audit/records?type=promotion.done&limit=100")["items"]
    assert len(told) == RELEASES


def referrers(registry: Registry, digest: str) -> list[Any]:
    """Return what refers to a manifest of the target."""
    found: list[Any] = registry.ask("GET", f"/v2/prod/app/referrers/{digest}")["manifests"]
    return found


def records(registry: Registry, digest: str) -> list[str]:
    """Return the records of promotions among that."""
    return [each["digest"] for each in referrers(registry, digest) if each["artifactType"] == RECORD]
