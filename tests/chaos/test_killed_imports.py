# SPDX-License-Identifier: Apache-2.0
"""A server that imports from another registry is killed ten times: it goes on, and fetches nothing anew that it has."""

import base64
import http.client
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.importing import Origin
from tests.builders.importing import an_origin
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.chaos.killing import let_leases_end
from tests.chaos.killing import let_nothing_wait
from tests.server import Server
from tests.server import free_port
from tests.server import kill_group
from tests.server import start_entrepot

KILLS, PARALLEL, IMAGES = 10, 3, 24
BLOB_BYTES = 300_000
RATE = 1_500_000
LONGEST_SECONDS = 240.0
ALLOWED = {"ENTREPOT_OUTGOING__ALLOW": '["127.0.0.1"]'}


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Serve a source with images of their own layers, an index of them, and what refers to some."""
    chance = random.Random(7)
    with an_origin() as origin:
        images = []
        for number in range(IMAGES):
            layer = chance.randbytes(BLOB_BYTES)
            config = a_descriptor(A_CONFIG, OCI_CONFIG)
            image = an_image_manifest(config=config, layers=[a_descriptor(layer)], annotations={"number": str(number)})
            origin.has(f"library/app-{number % 3}", image, f"v{number}", blobs=(layer,))
            sbom = an_image_manifest(subject=image.descriptor(), artifactType="application/spdx+json")
            origin.has(f"library/app-{number % 3}", sbom)
            images.append(image)
        origin.has("library/app-0", an_index(*(each.descriptor() for each in images[::3])), "all")
        origin.registry.habits.page_items = 5
        yield origin


def request(server: Server, method: str, path: str, document: object = None) -> str:
    """Send a request as the administrator, and return what comes back."""
    login = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    body = None if document is None else json.dumps(document).encode()
    connection = http.client.HTTPConnection(server.authority, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    assert answer.status < 300, content
    return content


def kill_again_and_again(data: Path, password: str, import_id: str, server: Server) -> tuple[Server, int]:
    """Kill the server at random moments while it imports, and start it again; return the last, and how often."""
    kills = 0
    while kills < KILLS:
        time.sleep(random.uniform(0.1, 0.9))
        if json.loads(request(server, "GET", f"/api/v1/imports/{import_id}"))["state"] != "running":
            break
        kill_group(server.process)
        kills += 1
        let_leases_end(data)
        server = start_entrepot(data, free_port(), password, environment=ALLOWED)
        let_nothing_wait(data)
    return server, kills


def ended(data: Path, server: Server, import_id: str) -> Any:
    """Wait for the end of an import."""
    give_up_at = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < give_up_at:
        shown = json.loads(request(server, "GET", f"/api/v1/imports/{import_id}"))
        if shown["state"] != "running":
            return shown
        let_nothing_wait(data)
        time.sleep(0.5)
    raise AssertionError("the import does not end")


def fetched_again(origin: Origin) -> int:
    """Count how often blobs were asked for from their first byte, beyond once each."""
    asked = Counter(
        each.path.rpartition("/")[2]
        for each in origin.registry.asked
        if each.method == "GET"
        and "/blobs/" in each.path
        and each.headers.get("range", "bytes=0-").startswith("bytes=0-")
    )
    return sum(times - 1 for times in asked.values())


def test_ten_kills_lose_nothing_and_fetch_little_again(tmp_path: Path, origin: Origin) -> None:
    """At the end every name is the same at both ends, and only what was under way was asked for a second time."""
    data, password = tmp_path / "data", secrets.token_hex()
    server = start_entrepot(data, free_port(), password, environment=ALLOWED)
    wanted = {"url": origin.url, "project": "team", "patterns": ["library/**"], "rate": RATE, "parallel": PARALLEL}
    import_id = json.loads(request(server, "POST", "/api/v1/imports", wanted))["id"]
    try:
        server, kills = kill_again_and_again(data, password, import_id, server)
        shown = ended(data, server, import_id)
        lines = [
            json.loads(line) for line in request(server, "GET", f"/api/v1/imports/{import_id}/report").splitlines()
        ]
    finally:
        kill_group(server.process)

    assert kills == KILLS
    assert (shown["state"], shown["counts"]["failed"], shown["reason"]) == ("done", 0, "")
    assert {line["verdict"] for line in lines} == {"equal"}
    assert len(lines) == 2 * IMAGES + 1
    assert fetched_again(origin) <= KILLS * PARALLEL
