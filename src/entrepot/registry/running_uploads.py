# SPDX-License-Identifier: Apache-2.0
"""Which requests bring bytes at this moment, and how many of one principal."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import nullcontext
from contextlib import suppress

from entrepot.kernel.identifiers import Ulid
from entrepot.oci.errors import TooManyRequests

RETRY_SECONDS = 10
SETTLE_SECONDS = 3.0


class RunningUploads:
    """Counts uploads in progress, in the memory of one server process, and refuses more than `limit` of a principal."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._of: Counter[str] = Counter()
        self._ends: dict[Ulid, list[asyncio.Event]] = {}

    def require_room(self, owner: str) -> None:
        """Raise `TooManyRequests` when `owner` (the identity of a principal) has as many uploads as it may."""
        if self._of[owner] >= self._limit:
            raise TooManyRequests(
                f"{owner} has {self._limit} uploads in progress, which is as many as it may",
                hint="Let some of them end, then try again.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )

    @contextmanager
    def one_of(self, owner: str, upload_id: Ulid | None = None) -> Iterator[None]:
        """Count an upload of `owner`, to a session if there is one, while the block runs. Raises `TooManyRequests`."""
        self.require_room(owner)
        self._of[owner] += 1
        try:
            with self._bringing(upload_id) if upload_id is not None else nullcontext():
                yield
        finally:
            self._of[owner] -= 1
            if not self._of[owner]:
                del self._of[owner]

    async def settle(self, upload_id: Ulid) -> float:
        """Wait a little for a request that still brings bytes to a session: its client may be gone, and asks again.

        Return for how many seconds more it may be waited for, elsewhere.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while ends := self._ends.get(upload_id):
                    await ends[0].wait()
        return max(0.0, deadline - loop.time())

    @contextmanager
    def _bringing(self, upload_id: Ulid) -> Iterator[None]:
        end = asyncio.Event()
        ends = self._ends.setdefault(upload_id, [])
        ends.append(end)
        try:
            yield
        finally:
            end.set()
            ends.remove(end)
            if not ends:
                del self._ends[upload_id]
