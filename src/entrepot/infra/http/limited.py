# SPDX-License-Identifier: Apache-2.0
"""The application behind `/api`, kept from what is too much: before it has to look at a request, where that can be."""

from entrepot.infra.http.problem import problem
from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Headers
from entrepot.infra.http.response import Response
from entrepot.kernel.request_facts import about_request
from entrepot.kernel.request_limits import RequestLimits
from entrepot.kernel.request_limits import TooManyRequests
from entrepot.kernel.request_limits import class_of


class LimitedApi:
    """Counts requests that bring nothing to prove who sends them; the others are counted once that is known.

    One that is answered before anybody asked who sent it counts for its address.
    Answers say how much of a limit is left, where little is.
    """

    def __init__(self, application: AsgiApplication, limits: RequestLimits) -> None:
        self._application = application
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, receive)
        if request.header(b"authorization") is None and request.header(b"cookie") is None:
            refusal = await self._count(request)
            if refusal is not None:
                await refusal.send(request, send)
                return
        is_refused = False

        async def counted(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start":
                refusal = None if about_request().is_counted else await self._count(request)
                if refusal is not None:
                    is_refused = True
                    await refusal.send(request, send)
                    return
                message["headers"] = [*message["headers"], *rate_limit_header()]
            if not is_refused:
                await send(message)

        await self._application(scope, receive, counted)

    async def _count(self, request: Request) -> Response | None:
        """Count a request for its address, and return the answer if it is one too many."""
        try:
            await self._limits.admit(class_of(request.method), None, request.address)
        except TooManyRequests as error:
            return problem(error, request.request_id)
        return None


def rate_limit_header() -> Headers:
    """Return what the answer to this request says of its limit, in the field RateLimit; nothing while much is left."""
    told = about_request().rate_limit
    return [(b"ratelimit", told)] if told else []
