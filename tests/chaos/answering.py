# SPDX-License-Identifier: Apache-2.0
"""An application that answers every request with the id of the process that serves it."""

import asyncio
import os
import time
from pathlib import Path

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send

FIRST = "ENTREPOT_TESTED_FIRST"
"""Names the file that the first process makes."""
PAUSE_SECONDS = 0.01


def application() -> AsgiApplication:
    """Make the application."""
    return answer


def application_of_the_first() -> AsgiApplication:
    """Make the application for the process that comes first; the others cannot start."""
    try:
        Path(os.environ[FIRST]).touch(exist_ok=False)
    except FileExistsError:
        raise RuntimeError("somebody else is first") from None
    return answer


def application_that_fails_late() -> AsgiApplication:
    """Make an application that makes the file when it begins to start, and cannot once that is gone."""
    file = Path(os.environ[FIRST])

    async def fail_late(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.to_thread(touch_until_removed, file)
        await send({"type": "lifespan.startup.failed", "message": "too late"})

    return fail_late


def touch_until_removed(file: Path) -> None:
    """Make a file, and return once it is gone."""
    file.touch()
    while file.exists():
        time.sleep(PAUSE_SECONDS)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request, or start and stop with the process (ASGI)."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    body = str(os.getpid()).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
