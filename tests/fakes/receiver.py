# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks on the loopback address: notes what it is sent, and answers as it is told to."""

import base64
import hmac
import json
import threading
from collections.abc import Callable
from typing import Any

from tests.fakes.scripted_server import Asked
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer

ENOUGH_SECONDS = 30.0


class Receiver(ScriptedServer):
    """Takes everything, until it is told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Scripted = Scripted(200, b"thanks")
        self.decide: Callable[[Asked], Scripted] | None = None
        """Called for the answer instead, in a thread of its own."""
        self.hold: threading.Event | None = None
        """Nothing is answered before it is set."""

    def reply(self, asked: Asked) -> Scripted:
        """Answer."""
        hold = self.hold
        if hold is not None:
            hold.wait(ENOUGH_SECONDS)
        return self.answer if self.decide is None else self.decide(asked)

    @property
    def documents(self) -> list[Any]:
        """What it was sent, in order."""
        return [json.loads(each.body) for each in list(self.asked)]

    @property
    def subjects(self) -> list[str]:
        """What the events were about that it was sent, in order."""
        return [document["subject"] for document in self.documents]

    @property
    def ids(self) -> list[str]:
        """Which deliveries it was sent, in order."""
        return [each.headers["webhook-id"] for each in list(self.asked)]


def is_signed(asked: Asked, secret: str) -> bool:
    """Verify a request as receivers do: one of its signatures has to be that of `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    expected = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return any(each == f"v1,{expected}" for each in asked.headers["webhook-signature"].split())
