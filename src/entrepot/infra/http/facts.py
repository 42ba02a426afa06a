# SPDX-License-Identifier: Apache-2.0
"""What becomes known about a request while it is answered, for whoever logs and counts it.

Whoever finds something out says so: `about_request().principal = …`. The facts
follow the request through tasks and threads that it starts (`contextvars`).
"""

import secrets
from collections.abc import Iterator
from contextvars import ContextVar

from entrepot.kernel.access import Principal


def _random_ids() -> Iterator[str]:
    """Yield ids of 64 random bits, for which the system is asked once in 512 times."""
    while True:
        drawn = secrets.token_hex(8 * 512)
        for start in range(0, len(drawn), 16):
            yield drawn[start : start + 16]


_ids = _random_ids()
"""Nothing is drawn before the first request, so processes that are forked before that have ids of their own."""


class RequestFacts:
    """One request's name, and what is known about it so far."""

    __slots__ = ("code", "endpoint", "principal", "request_id")

    def __init__(self) -> None:
        self.request_id = next(_ids)
        """Names the request in logs, events and the `X-Request-Id` header."""
        self.endpoint = "other"
        """The kind of address that was asked for: one of a few words, never a name that a client chose."""
        self.principal: Principal | None = None
        """Who asks, once that is known."""
        self.code = ""
        """The code of the error that was answered with."""


current_facts: ContextVar[RequestFacts] = ContextVar("current_facts")
"""The facts of the request that this task answers; not set elsewhere."""


def about_request() -> RequestFacts:
    """Return the facts of the request that is being answered; outside of one, new ones that nobody reads."""
    return current_facts.get(None) or RequestFacts()
