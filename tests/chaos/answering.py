# SPDX-License-Identifier: Apache-2.0
"""An application that answers every request with the id of the process that serves it."""

import os
from pathlib import Path

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send

FIRST = "ENTREPOT_TESTED_FIRST"
"""Names the file that the first process makes."""


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


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request, or start and stop with the process (ASGI)."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    body = str(os.getpid()).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
