# SPDX-License-Identifier: Apache-2.0
"""A blob on its way: read piece by piece, hashed as it passes, and read on where a connection broke."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from entrepot.infra.distribution.content import Opened
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import Interrupted
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.persistence import Attempts
from entrepot.infra.distribution.persistence import is_passing
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import new_hasher
from entrepot.kernel.errors import AppError
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import algorithm_of


class Feed:
    """Hands out the bytes of a blob, and none of its last piece before the digest of all of them is right.

    `hasher` has taken the first `hashed` bytes already: those that were transferred by an earlier run.
    """

    def __init__(
        self, source: Source, descriptor: Descriptor, flow: Flow, hasher: Hasher | None = None, hashed: int = 0
    ) -> None:
        self.descriptor = descriptor
        self.hashed = hashed
        self.failure: AppError | None = None
        self.is_ranged = True
        """Whether the source hands out parts: one that does not is read once, from the beginning."""
        self._source = source
        self._flow = flow
        self._hasher = hasher or new_hasher(algorithm_of(descriptor.digest))

    @property
    def state(self) -> bytes:
        """What `restore_hasher` needs to go on at `hashed`; empty where that cannot be saved."""
        return self._hasher.state()

    async def piece(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield the bytes from `start` up to `end`. What was not hashed before is read first.

        Whoever does not read it to its end closes it, and with it the connection to the source.
        Raises `ContentWrong`, and what does not pass by itself; `failure` is that too, for where it gets lost.
        """
        try:
            async with aclosing(self._read(start, end)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except AppError as error:
            self.failure = error
            raise

    async def finish(self) -> None:
        """Return when all of it was hashed, and is right. Raises as `piece`."""
        async for _ in self.piece(self.descriptor.size, self.descriptor.size):
            pass
        self._check()

    async def _read(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        attempts = self._flow.attempts()
        at = min(start, self.hashed)
        while at < end:
            try:
                async with (
                    self._source.blob(self.descriptor, at, end) as opened,
                    aclosing(self._within(opened, at, end)) as chunks,
                ):
                    async for chunk in chunks:
                        self._take(at, chunk)
                        fresh = chunk[max(0, start - at) :]
                        at += len(chunk)
                        attempts.progressed()
                        if fresh:
                            yield fresh
                            self._flow.tally.reached(self.descriptor.digest, at)
                if at < end:
                    raise Interrupted(f"{self.descriptor.digest} ends {end - at} bytes early")
            except AppError as error:
                await self._again(attempts, error)

    async def _within(self, opened: Opened, at: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield what lies between two offsets, at the pace that all share."""
        self.is_ranged = self.is_ranged and opened.start == at
        skipped = at - opened.start
        async for chunk in opened.chunks:
            self._flow.tally.bytes_moved += len(chunk)
            await self._flow.pace.take(len(chunk))
            rest = chunk[skipped:]
            skipped = max(0, skipped - len(chunk))
            if not rest:
                continue
            if len(rest) > end - at:
                self._require_no_more(end)
                rest = rest[: end - at]
            at += len(rest)
            if rest:
                yield rest
            if at == end and end < self.descriptor.size:
                return

    def _require_no_more(self, end: int) -> None:
        if end == self.descriptor.size:
            raise ContentWrong(f"{self.descriptor.digest} is longer than the {end} bytes it should have")

    async def _again(self, attempts: Attempts, error: AppError) -> None:
        if not is_passing(error):
            raise error
        await attempts.again(error)

    def _take(self, at: int, chunk: bytes) -> None:
        """Hash what was not hashed before; the last of it only where it ends as it should."""
        if at + len(chunk) <= self.hashed:
            return
        self._hasher.update(chunk[self.hashed - at :])
        self.hashed = at + len(chunk)
        if self.hashed == self.descriptor.size:
            self._check()

    def _check(self) -> None:
        digest = self.descriptor.digest
        if not digest.endswith(f":{self._hasher.hexdigest()}"):
            raise ContentWrong(f"the source has other content under {digest}")
