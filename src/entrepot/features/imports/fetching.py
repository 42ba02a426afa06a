# SPDX-License-Identifier: Apache-2.0
"""Blobs on their way from a source: read on where a connection broke, and never more of them than there should be."""

import asyncio
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import Interrupted
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.persistence import is_passing
from entrepot.infra.distribution.repository import Repository
from entrepot.kernel.errors import AppError
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of

MAX_EARLY = 2
"""An answer may end early that often at the same place, without any sign that it broke off."""


async def fetched(origin: Repository, blob: Descriptor, start: int, flow: Flow) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a blob from `start` on, as many as its descriptor says.

    Raises `ContentWrong` where there are more, and what does not pass by itself.
    """
    attempts, at, early = flow.attempts(), start, 0
    while at < blob.size:
        before = at
        try:
            async with origin.blob(blob, at, blob.size) as opened:
                skipped = at - opened.start
                async for chunk in opened.chunks:
                    await flow.pace.take(len(chunk))
                    rest = chunk[skipped:]
                    skipped = max(0, skipped - len(chunk))
                    if at + len(rest) > blob.size:
                        raise ContentWrong(f"{blob.digest} is longer than the {blob.size} bytes that it should have")
                    if rest:
                        at += len(rest)
                        attempts.progressed()
                        yield rest
            early = early + 1 if at == before else 1
            if at < blob.size and early > MAX_EARLY:
                raise ContentWrong(f"{blob.digest} is shorter than the {blob.size} bytes that it should have")
            if at < blob.size:
                raise Interrupted(f"{blob.digest} ends {blob.size - at} bytes early")
        except AppError as error:
            if not is_passing(error):
                raise
            await attempts.again(error)


async def fetched_whole(origin: Repository, blob: Descriptor, flow: Flow) -> bytes:
    """Return a small blob, checked. Raises as `fetched`."""
    content = b"".join([part async for part in fetched(origin, blob, 0, flow)])
    if digest_of(content, algorithm_of(blob.digest)) != blob.digest:
        raise ContentWrong(f"the source has other content under {blob.digest}")
    return content


@dataclass(slots=True)
class _Lock:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class OneAtATime:
    """Lets nobody fetch a blob that somebody else of the same import fetches already."""

    def __init__(self) -> None:
        self._locks: dict[Digest, _Lock] = {}

    @asynccontextmanager
    async def about(self, digest: Digest) -> AsyncIterator[None]:
        """Hold a digest."""
        held = self._locks.setdefault(digest, _Lock())
        held.users += 1
        try:
            async with held.lock:
                yield
        finally:
            held.users -= 1
            if not held.users:
                del self._locks[digest]
