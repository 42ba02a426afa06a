# SPDX-License-Identifier: Apache-2.0
"""What becomes known about a request while it is answered, for whoever logs and counts it.

Whoever finds something out says so: `about_request().principal = …`. The facts
follow the request through tasks and threads that it starts (`contextvars`), and
into the transactions that it has written.
"""

import secrets
from contextvars import ContextVar

from entrepot.kernel.access import Principal
from entrepot.kernel.errors import AppError

FORBIDDEN = 403


class RequestFacts:
    """One request's name, and what is known about it so far."""

    __slots__ = (
        "code",
        "endpoint",
        "is_counted",
        "is_endless",
        "is_stale",
        "principal",
        "rate_limit",
        "refusal",
        "request_id",
    )

    def __init__(self) -> None:
        self.request_id = secrets.token_hex(8)
        """Names the request in logs, events and the `X-Request-Id` header."""
        self.endpoint = "other"
        """The kind of address that was asked for: one of a few words, never a name that a client chose."""
        self.principal: Principal | None = None
        """Who asks, once that is known."""
        self.code = ""
        """The code of the error that was answered with."""
        self.refusal: AppError | None = None
        """The error that was answered with, where that says that the principal may not (403)."""
        self.is_endless = False
        """Whether the answer goes on until the client leaves: its time says nothing then, and leaving is no fault."""
        self.is_stale = False
        """Whether it is answered from what was known before the database went away."""
        self.is_counted = False
        """Whether it was held against a rate limit already: one request counts once."""
        self.rate_limit = b""
        """What the answer says of that limit, in the field RateLimit; empty while there is no need."""

    def answered_with(self, error: AppError) -> None:
        """Note the error that the request is answered with."""
        self.code = error.code.lower()
        if error.status == FORBIDDEN:
            self.refusal = error

    @property
    def address(self) -> str:
        """Where it came from; empty outside of a request."""
        return ""

    @property
    def agent(self) -> str:
        """What the client calls itself; empty outside of a request."""
        return ""


class KeptFacts(RequestFacts):
    """Who asked and from where, without the request itself: for whoever tells of it later."""

    __slots__ = ("_address", "_agent")

    def __init__(self, facts: RequestFacts) -> None:
        super().__init__()
        self.request_id, self.principal = facts.request_id, facts.principal
        self._address, self._agent = facts.address, facts.agent

    @property
    def address(self) -> str:
        """Where it came from."""
        return self._address

    @property
    def agent(self) -> str:
        """What the client called itself."""
        return self._agent


current_facts: ContextVar[RequestFacts] = ContextVar("current_facts")
"""The facts of the request that this task answers; not set elsewhere."""


def about_request() -> RequestFacts:
    """Return the facts of the request that is being answered; outside of one, new ones that nobody reads."""
    return current_facts.get(None) or RequestFacts()
