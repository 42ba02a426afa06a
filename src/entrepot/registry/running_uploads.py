# SPDX-License-Identifier: Apache-2.0
"""How many requests of one principal bring bytes at this moment."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from entrepot.oci.errors import TooManyRequests

RETRY_SECONDS = 10


class RunningUploads:
    """Counts uploads in progress, in the memory of one server process, and refuses more than `limit` of a principal."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._of: Counter[str] = Counter()

    def require_room(self, owner: str) -> None:
        """Raise `TooManyRequests` when `owner` (the identity of a principal) has as many uploads as it may."""
        if self._of[owner] >= self._limit:
            raise TooManyRequests(
                f"{owner} has {self._limit} uploads in progress, which is as many as it may",
                hint="Let some of them end, then try again.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )

    @contextmanager
    def one_of(self, owner: str) -> Iterator[None]:
        """Count an upload of `owner` while the block runs. Raises `TooManyRequests`."""
        self.require_room(owner)
        self._of[owner] += 1
        try:
            yield
        finally:
            self._of[owner] -= 1
            if not self._of[owner]:
                del self._of[owner]
