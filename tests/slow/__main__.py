# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.slow`: an upload, a download and a broken upload on such a link at once; about seven minutes."""

import http.client
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

from entrepot.oci.digest import digest_of
from tests.chaos.shaping import Shape
from tests.chaos.shaping import shaped
from tests.chaos.slow_client import SlowClient
from tests.server import Server
from tests.server import running_server

BYTES_PER_SECOND = 8_000
LATENCY_SECONDS = 1.5
STALL_SECONDS = 300.0
CONTENT = bytes(range(251)) * 2_000
TIMEOUT_SECONDS = 900.0
HEAD_BYTES = 1_000

STALLING = Shape(BYTES_PER_SECOND, LATENCY_SECONDS, (len(CONTENT) // 2,), STALL_SECONDS)
BREAKING = Shape(BYTES_PER_SECOND, LATENCY_SECONDS, breaks_at=len(CONTENT) // 2)


def main() -> int:
    """Run the three side by side, print what came of each, and return the exit status."""
    works: dict[str, Callable[[Server, int], str]] = {
        "an upload that stands still": upload,
        "a download that stands still": download,
        "an upload that breaks": broken_upload,
    }
    with running_server() as server, ThreadPoolExecutor(len(works)) as clients:
        port = int(urlsplit(server.url).port or 0)
        SlowClient(server, port, TIMEOUT_SECONDS).push(CONTENT)
        began = time.monotonic()
        running = {name: clients.submit(work, server, port) for name, work in works.items()}
        outcomes = {name: each.result() for name, each in running.items()}
    for name, outcome in outcomes.items():
        print(f"{name:<30} {outcome}")
    print(f"{len(CONTENT)} bytes each, {time.monotonic() - began:.0f} s in all")
    return 0 if all(outcome.startswith("ok") for outcome in outcomes.values()) else 1


def upload(server: Server, port: int) -> str:
    """Push one blob with a standstill in its middle."""
    with shaped(port, STALLING) as link:
        status = SlowClient(server, link.port, TIMEOUT_SECONDS).push(CONTENT + b"one more")
    return "ok" if status == 201 else f"FAILED: the last answer was {status}"


def download(server: Server, port: int) -> str:
    """Pull one blob with a standstill in its middle."""
    with shaped(port, STALLING) as link:
        pulled = SlowClient(server, link.port, TIMEOUT_SECONDS).pull(digest_of(CONTENT))
    return "ok" if pulled == CONTENT else f"FAILED: {len(pulled)} bytes came"


def broken_upload(server: Server, port: int) -> str:
    """Push half a blob, lose the connection, and go on over the same link."""
    direct = SlowClient(server, port, TIMEOUT_SECONDS)
    location = direct.start()
    content = CONTENT + b"another"
    with shaped(port, BREAKING) as link:
        with suppress(OSError, http.client.HTTPException):
            SlowClient(server, link.port, TIMEOUT_SECONDS).append(location, content)
        delivered = link.delivered - HEAD_BYTES
    with shaped(port, Shape(BYTES_PER_SECOND, LATENCY_SECONDS)) as link:
        kept = SlowClient(server, link.port, TIMEOUT_SECONDS).resume(location, content)
    status, _, _ = direct.ask("PUT", f"{location}?digest={digest_of(content)}")
    if status != 201 or kept < 0.99 * delivered:
        return f"FAILED: {kept} of {delivered} bytes were kept, the last answer was {status}"
    return f"ok, {kept} of {delivered} acknowledged bytes were kept"


if __name__ == "__main__":
    sys.exit(main())
