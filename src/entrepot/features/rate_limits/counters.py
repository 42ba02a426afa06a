# SPDX-License-Identifier: Apache-2.0
"""What one process remembers of who asked how often, in bounded memory.

A key whose burst is whole again says nothing, and is forgotten without loss. Only when so many keys have something to
say that the table is full is there no place for a new one. Then nobody is thrown out: that would forgive whoever is
being limited, and a flood of made-up keys would be the way to it. New keys share some hundred places instead, chosen
by a hash that only this process knows. Who shares a place is admitted less than their limit, never more.
"""

from entrepot.features.rate_limits.gcra import spend
from entrepot.features.rate_limits.gcra import whole_after
from entrepot.features.rate_limits.models import SECOND_NS
from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.models import Outcome

MAX_KEYS = 10_000
SHARED_PLACES = 512
SWEEP_NS = SECOND_NS
"""A full table is searched for keys that say nothing, at most so often."""


class Counters:
    """Counts for one rule, by key."""

    __slots__ = ("_capacity", "_shared", "_swept_at", "_whole_at")

    def __init__(self, capacity: int = MAX_KEYS) -> None:
        """Remember `capacity` keys at most."""
        self._capacity = capacity
        self._whole_at: dict[str, int] = {}
        self._shared: list[int] = []
        self._swept_at = 0

    def __len__(self) -> int:
        return len(self._whole_at)

    def spend(self, key: str, limit: Limit, now: int) -> Outcome:
        """Decide about one request of `key` at `now`, in nanoseconds, and count it if it is admitted."""
        whole_at = self._whole_at.get(key)
        if whole_at is None:
            return self._spend_new(key, limit, now)
        outcome = spend(limit, whole_at, now)
        self._whole_at[key] = now + outcome if outcome > 0 else whole_after(limit, outcome, now)
        return outcome

    def _spend_new(self, key: str, limit: Limit, now: int) -> Outcome:
        place = hash(key) % SHARED_PLACES
        outcome = spend(limit, self._shared[place] if self._shared else 0, now)
        whole_at = whole_after(limit, outcome, now)
        if len(self._whole_at) >= self._capacity:
            self._sweep(now, now + limit.window_ns)
        if len(self._whole_at) < self._capacity:
            self._whole_at[key] = whole_at
        else:
            self._shared = self._shared or [0] * SHARED_PLACES
            self._shared[place] = whole_at
        return outcome

    def _sweep(self, now: int, latest: int) -> None:
        """Forget what says nothing. What lies behind `latest` was written before the clock was set back."""
        if 0 <= now - self._swept_at < SWEEP_NS:
            return
        self._swept_at = now
        self._whole_at = {key: min(at, latest) for key, at in self._whole_at.items() if at > now}
