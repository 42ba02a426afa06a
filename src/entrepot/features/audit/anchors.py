# SPDX-License-Identifier: Apache-2.0
"""Reading anchors back: checkpoints that were kept in a file, a bucket, or by another Entrepot."""

import asyncio
import re
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.destinations.opening import path_of
from entrepot.features.audit.errors import NotReadable
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import Kind

MAX_ANCHORS = 1_000_000
_MAX_LINE_CHARACTERS = 65_536
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}")


def anchors_in(path: Path) -> list[str]:
    """Return the checkpoints in a file, whatever else is in its lines. Raises `NotReadable`."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return _some(_tokens(lines), str(path))
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror}") from error


async def anchors_at(settings: DeliverySettings, destinations: Destinations) -> list[str]:
    """Return the checkpoints that a destination was sent. Raises `NotReadable` and `NotDelivered`."""
    if settings.kind is Kind.FILE:
        return await asyncio.to_thread(anchors_in, path_of(settings))
    if settings.kind is Kind.S3:
        bucket = destinations.bucket(settings)
        try:
            return _some(await _in_texts(bucket.read("checkpoints")), settings.url)
        finally:
            await bucket.close()
    if settings.kind is Kind.WITNESS:
        witness = destinations.witness(settings)
        try:
            return _some(await _in_texts(witness.read()), settings.url)
        finally:
            await witness.close()
    raise NotReadable(f"nothing can be read back from a destination of the kind {settings.kind}")


async def _in_texts(texts: AsyncIterator[str]) -> list[str]:
    found: list[str] = []
    async for text in texts:
        found += _tokens(text.splitlines())
        if len(found) > MAX_ANCHORS:
            break
    return found


def _tokens(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from _TOKEN.findall(line[:_MAX_LINE_CHARACTERS])


def _some(tokens: Iterable[str], place: str) -> list[str]:
    """Return them, if there are any and not too many. Each counts once."""
    found: dict[str, None] = {}
    for token in tokens:
        found[token] = None
        if len(found) > MAX_ANCHORS:
            raise NotReadable(f"{place} has more than {MAX_ANCHORS:,} checkpoints: give some of them in a file")
    if not found:
        raise NotReadable(f"{place} has no checkpoint in it")
    return list(found)
