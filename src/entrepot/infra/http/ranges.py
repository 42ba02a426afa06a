# SPDX-License-Identifier: Apache-2.0
"""Byte ranges of RFC 9110 section 14."""

import re
from dataclasses import dataclass

MAX_RANGES = 16

_SPEC = re.compile(r"(\d{1,18})-(\d{0,18})|-(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `stop`, the latter excluded, never empty."""

    start: int
    stop: int

    def content_range(self, size: int) -> str:
        """Render as a `Content-Range` value."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """None of the ranges asked for lies within the content: answer 416."""


def parse_range(header: str | None, size: int) -> list[Span] | Unsatisfiable | None:
    """Read a `Range` header against content of `size` bytes.

    Returns None where the whole content is the right answer: no header, another
    unit, a header that is not well formed, or more than 16 ranges (RFC 9110
    sections 14.2 and 17.15 allow ignoring those). A first position behind the
    last (`500-0`) selects nothing, as does one beyond the end.
    """
    if header is None:
        return None
    unit, _, listed = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    specs = [spec.strip() for spec in listed.split(",") if spec.strip()]
    if not specs or len(specs) > MAX_RANGES:
        return None
    spans: list[Span] = []
    for spec in specs:
        match = _SPEC.fullmatch(spec)
        if match is None:
            return None
        span = _span(match, size)
        if span is not None:
            spans.append(span)
    return spans or Unsatisfiable()


def _span(match: re.Match[str], size: int) -> Span | None:
    first, last, suffix = match.groups()
    if suffix is not None:
        start, stop = max(0, size - int(suffix)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
    return Span(start, stop) if start < stop else None
