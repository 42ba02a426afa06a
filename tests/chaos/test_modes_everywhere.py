# SPDX-License-Identifier: Apache-2.0
"""Modes of a real server: soon in force in every process, and what was put aside meanwhile outlives a restart."""

import base64
import http.client
import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from entrepot.registry.events import Use
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.chaos.slow_client import NAME
from tests.chaos.slow_client import SlowClient
from tests.server import HOST
from tests.server import Server
from tests.server import running_server
from tests.server import wait_until

IMAGE = an_image_manifest()
MANIFEST = f"/v2/{NAME}/manifests/1"
WORKERS = {"ENTREPOT_SERVER__WORKERS": "2"}
ENOUGH_CONNECTIONS = 64
IN_FORCE_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
TIMES = Use.__struct_fields__.index("count")


def ask(server: Server, method: str, target: str, document: Mapping[str, str] | None = None) -> int:
    """Send a request as the administrator on a connection of its own; return the status."""
    secret = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
    headers = {"authorization": f"Basic {secret}", "content-type": "application/json"}
    connection = http.client.HTTPConnection(HOST, urlsplit(server.url).port, timeout=PATIENCE_SECONDS)
    with closing(connection):
        connection.request(method, target, json.dumps(document) if document else None, headers)
        return connection.getresponse().status


def set_mode(server: Server, mode: str) -> None:
    """Set the mode of the registry."""
    assert ask(server, "PUT", "/api/v1/modes", {"mode": mode}) == 200


def push_image(server: Server) -> None:
    """Push it, under one tag."""
    client = SlowClient(server, int(urlsplit(server.url).port or 0), PATIENCE_SECONDS)
    for blob in (A_CONFIG, A_LAYER):
        client.push(blob)
    status, _, body = client.ask("PUT", MANIFEST, iter([IMAGE.payload]), {"content-type": IMAGE.media_type})
    assert status == 201, body


def pulls(data: Path) -> int:
    """Return how often something was pulled, as far as that is stored."""
    with closing(sqlite3.connect(data / "entrepot.db")) as database:
        events = database.execute("SELECT payload FROM outbox WHERE type = 'content.used'").fetchall()
    return sum(use[TIMES] for (payload,) in events for use in json.loads(payload)["uses"])


def test_a_mode_is_soon_in_force_in_every_process() -> None:
    """Two seconds after it was set, no connection leads to a process that lets through what it forbids."""
    with running_server(environment=WORKERS) as server:
        ask(server, "POST", f"/v2/{NAME}/blobs/uploads/")
        set_mode(server, "read-only")
        ends_at = time.monotonic() + IN_FORCE_SECONDS
        while time.monotonic() < ends_at:
            ask(server, "POST", f"/v2/{NAME}/blobs/uploads/")
        statuses = {ask(server, "POST", f"/v2/{NAME}/blobs/uploads/") for _ in range(ENOUGH_CONNECTIONS)}

    assert statuses == {503}


@pytest.mark.sqlite
def test_pulls_in_a_read_only_registry_are_counted_after_a_restart(tmp_path: Path) -> None:
    """They are put aside while the mode lasts, found by the next process, and stored once when it ends."""
    data = tmp_path / "data"
    with running_server(data) as server:
        push_image(server)
        set_mode(server, "read-only")
        for _ in range(3):
            assert ask(server, "GET", MANIFEST) == 200
    stored, aside = pulls(data), list((data / "spill").iterdir())
    with running_server(data) as started:
        server = replace(started, password=server.password)
        set_mode(server, "rw")
        wait_until(lambda: not list((data / "spill").iterdir()), "it to be stored", server.process, server.log)
        counted = pulls(data)

    assert (stored, len(aside), counted) == (0, 1, 3)
