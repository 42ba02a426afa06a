# SPDX-License-Identifier: Apache-2.0
"""Headers that several endpoints share."""

import re
from collections.abc import Iterable
from urllib.parse import urlencode

from entrepot.infra.http.request import Request
from entrepot.infra.http.response import Headers
from entrepot.oci.errors import PaginationInvalid
from entrepot.oci.errors import RangeInvalid

MAX_WARNING_BYTES = 4_096

_CHUNK_RANGE = re.compile(r"(?:bytes[ =])?(\d{1,18})-(\d{1,18})(?:/(?:\d+|\*))?")


def warning_headers(warnings: Iterable[str]) -> Headers:
    """Render gate warnings as `Warning: 299 - "…"`, together no longer than the 4,096 bytes of the specification."""
    headers: Headers = []
    size = 0
    for text in warnings:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        value = f'299 - "{quoted}"'.encode("latin-1", "replace")
        size += len(value)
        if size <= MAX_WARNING_BYTES:
            headers.append((b"warning", value))
    return headers


def chunk_range(request: Request) -> tuple[int, int] | None:
    """Read the `Content-Range` of a chunk: first and last byte, both included.

    The specification writes it without a unit (`0-1023`). Raises `RangeInvalid`.
    """
    text = request.single_header(b"content-range")
    if text is None:
        return None
    match = _CHUNK_RANGE.fullmatch(text.strip())
    if match is None:
        raise RangeInvalid("Content-Range must be <first>-<last>, such as 0-1023")
    first, last = int(match[1]), int(match[2])
    length = request.content_length
    if last < first or (length is not None and length != last - first + 1):
        raise RangeInvalid("Content-Range and Content-Length do not fit together")
    return first, last


def page_limit(request: Request, default: int, maximum: int) -> int:
    """Read the page size `n`, clamped to `maximum`. Raises `PaginationInvalid`."""
    text = request.parameter("n")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise PaginationInvalid("n must be a non-negative integer", detail={"n": text[:32]})
    return min(int(text), maximum)


def next_link(path: str, parameters: list[tuple[str, str]]) -> tuple[bytes, bytes]:
    """Make the relative `Link` to the next page (RFC 8288)."""
    return b"link", f'<{path}?{urlencode(parameters)}>; rel="next"'.encode("ascii")
