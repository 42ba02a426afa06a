# SPDX-License-Identifier: Apache-2.0
"""Pages of the management API: `limit` and an opaque `cursor` in, a `Link` to the next page out. Nothing is counted."""

import base64
import binascii
from typing import Annotated
from urllib.parse import quote
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.kernel.errors import InvalidRequest

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000

_MAX_CURSOR_CHARACTERS = 512
_CURSOR = "Where the page begins: taken from the `Link` header of the page before, and of no meaning to a client."

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items a page holds at most.")]
Cursor = Annotated[str, Query(max_length=_MAX_CURSOR_CHARACTERS, description=_CURSOR)]


class InvalidCursor(InvalidRequest):
    """The cursor was not given out by this server."""

    code = "invalid_cursor"
    default_hint = "Leave it out to begin at the first page, then follow the Link header."


def cursor_to(key: str) -> str:
    """Make the cursor of the page behind the item named `key`."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(cursor: str) -> str:
    """Return the key of the item that the page begins behind, empty for the first page. Raises `InvalidCursor`."""
    try:
        key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor from error
    if not (key.isprintable() and cursor_to(key) == cursor):
        raise InvalidCursor
    return key


def link_next(request: Request, response: Response, key: str) -> None:
    """Tell the client where the page behind the item `key` is (RFC 8288)."""
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    query = urlencode([*others, ("cursor", cursor_to(key))])
    response.headers["Link"] = f'<{quote(request.url.path)}?{query}>; rel="next"'
