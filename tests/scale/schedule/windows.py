# SPDX-License-Identifier: Apache-2.0
"""When what was away, and whether an answer is one that may come then."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from tests.crash.client import Exchange


class Away(StrEnum):
    """What a fault takes away."""

    NODE = "node"
    DATABASE = "database"
    STORAGE = "storage"
    REDIS = "Redis"


SHARED = (Away.DATABASE, Away.STORAGE)
"""Without these, an answer may be an error of ours."""

SETTLE_SECONDS = {Away.NODE: 6.0, Away.DATABASE: 10.0, Away.STORAGE: 15.0, Away.REDIS: 0.0}
"""How long after its return errors still count as due to it: connections are made anew, checks find out."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when something was away."""

    what: Away
    began: float
    ended: float


@dataclass(slots=True)
class Windows:
    """All of them, by the clock that `Exchange` has too. Safe for threads."""

    closed: list[Window] = field(default_factory=list)

    @contextmanager
    def open(self, what: Away) -> Iterator[None]:
        """Note that something is away while the block runs."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.closed.append(Window(what, began, time.monotonic() + SETTLE_SECONDS[what]))

    def meets(self, exchange: Exchange, *what: Away) -> bool:
        """Tell whether some of it was away at any moment of an exchange."""
        return any(
            each.what in what and exchange.began <= each.ended and exchange.ended >= each.began for each in self.closed
        )


@dataclass(slots=True)
class Heard:
    """What all clients were answered. Safe for threads."""

    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[Exchange] = field(default_factory=list)
    """Answers of 500 and above, and requests without any."""
    stale: list[Exchange] = field(default_factory=list)
    """Answers that say that they may be stale."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, exchange: Exchange) -> None:
        """Take note of one."""
        with self._lock:
            self.statuses[exchange.status] += 1
            if exchange.status == 0 or exchange.status >= 500:
                self.errors.append(exchange)
            if "warning" in exchange.headers:
                self.stale.append(exchange)

    def unexplained(self, windows: Windows) -> list[str]:
        """Return what nothing that was away explains, one a line."""
        found = [reason for each in self.errors if (reason := _unexplained(each, windows))]
        found += [
            f"stale while the database was there: {each.request}"
            for each in self.stale
            if not windows.meets(each, Away.DATABASE)
        ]
        return found


def _unexplained(error: Exchange, windows: Windows) -> str:
    """Return what is wrong about an error; empty if nothing is."""
    told = f"{error.status or 'no answer'} after {error.ended - error.began:.1f} s to {error.request}: {error.said}"
    if "x-request-id" not in error.headers:  # nobody answered, or the balancer did for a node that hung up
        return "" if windows.meets(error, Away.NODE, *SHARED) else f"lost: {told}"
    if error.status != 503 or "retry-after" not in error.headers:
        return f"not told to come again: {told}"
    return "" if windows.meets(error, *SHARED) else f"refused: {told}"
