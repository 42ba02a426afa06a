# SPDX-License-Identifier: Apache-2.0
"""Somebody who pulls while the database of a server is away, and holds a stopwatch."""

import json
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.chaos.slow_client import NAME
from tests.chaos.slow_client import SlowClient
from tests.server import Server

IMAGE = an_image_manifest()
MANIFEST = f"/v2/{NAME}/manifests/1"
LAYER = f"/v2/{NAME}/blobs/{digest_of(A_LAYER)}"
AWAY_SECONDS = 4.0
"""Longer than anything is remembered while the database is there."""
STALE = '110 - "Response is Stale"'
PATIENCE_SECONDS = 60.0
SOON_SECONDS = 3.0

Answer = tuple[int, dict[str, str], bytes]


class Puller:
    """Somebody with a token for one repository."""

    def __init__(self, server: Server, soon_seconds: float = SOON_SECONDS) -> None:
        """Take it that every request is answered within `soon_seconds`."""
        self.soon_seconds = soon_seconds
        self.client = SlowClient(server, int(urlsplit(server.url).port or 0), PATIENCE_SECONDS)
        status, _, body = self.client.ask("GET", f"/auth/token?scope=repository:{NAME}:pull,push,delete")
        assert status == 200, body
        self.bearer = {"authorization": f"Bearer {json.loads(body)['token']}"}

    def ask(self, method: str, target: str, content: bytes = b"", **headers: str) -> Answer:
        """Send a request with the token; it is answered soon, whatever becomes of it."""
        begun = time.monotonic()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = iter([content]) if content else None
        answer = self.client.ask(method, target, body, {**self.bearer, **named})
        assert time.monotonic() - begun < self.soon_seconds
        return answer

    def push_image(self) -> None:
        """Push it, under one tag."""
        for blob in (A_CONFIG, A_LAYER):
            self.client.push(blob)
        assert self.put_manifest("1") == 201

    def put_manifest(self, tag: str) -> int:
        """Push the manifest under a tag; return the status."""
        return self.ask("PUT", f"/v2/{NAME}/manifests/{tag}", IMAGE.payload, content_type=IMAGE.media_type)[0]

    def pull_for(self, seconds: float, expected: list[bytes]) -> None:
        """Pull manifest and layer again and again; each time they are as expected, and said to be stale."""
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            pulled = [self.ask("GET", target) for target in (MANIFEST, LAYER)]
            assert [(status, body) for status, _, body in pulled] == [(200, body) for body in expected]
            assert {headers["warning"] for _, headers, _ in pulled} == {STALE}


@contextmanager
def outlives(puller: Puller) -> Iterator[Callable[[], None]]:
    """Prepare, yield what goes on while the database is away, and look afterwards what has become of everything."""
    puller.push_image()
    location = puller.client.start()
    puller.client.append(location, b"first ")
    before = [puller.ask("GET", target)[2] for target in (MANIFEST, LAYER)]

    def go_on() -> None:
        """Pull what was pulled before, and something else."""
        puller.pull_for(AWAY_SECONDS, before)
        status, headers, _ = puller.ask("GET", f"/v2/{NAME}/manifests/other")
        assert (status, int(headers["retry-after"]) > 0) == (503, True)

    yield go_on
    digest = digest_of(b"first second")
    status, headers, body = puller.ask("GET", MANIFEST)
    assert (status, headers.get("warning")) == (200, None), body
    assert puller.client.offset(location) == len(b"first ")
    assert puller.ask("PUT", f"{location}?digest={digest}", b"second")[0] == 201
    assert puller.put_manifest("2") == 201
