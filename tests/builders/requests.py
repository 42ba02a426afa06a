# SPDX-License-Identifier: Apache-2.0
"""HTTP requests as they reach the application."""

from collections.abc import Sequence
from urllib.parse import urlencode

from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Request

Pairs = Sequence[tuple[str, str]]


def a_request(
    method: str = "GET",
    target: str = "/",
    headers: Pairs = (),
    *,
    parameters: Pairs = (),
    body: Sequence[bytes] = (b"",),
    is_cut: bool = False,
) -> Request:
    """Build a request whose body arrives in pieces; one that is cut ends before its last piece."""
    path, _, query = target.partition("?")
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in body]
    messages[-1]["more_body"] = is_cut
    incoming = iter(messages)

    async def receive() -> Message:
        """Hand over what comes next (ASGI)."""
        return next(incoming, {"type": "http.disconnect"})

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": (urlencode(parameters) or query).encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.1", 50_000),
    }
    return Request(scope, receive)
