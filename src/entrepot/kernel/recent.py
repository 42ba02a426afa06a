# SPDX-License-Identifier: Apache-2.0
"""Values that may be a little old: what was read a moment ago and need not be read again."""

from typing import Generic
from typing import TypeVar

from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers at most `capacity` values, each for `fresh_ms`; the one that was put first makes room.

    When the clock was set back, what was remembered before counts as old.
    """

    __slots__ = ("_capacity", "_clock", "_fresh_ms", "_values")

    def __init__(self, clock: Clock, fresh_ms: int, capacity: int) -> None:
        self._clock = clock
        self._fresh_ms = fresh_ms
        self._capacity = capacity
        self._values: dict[K, tuple[V, Milliseconds]] = {}

    def get(self, key: K) -> V | None:
        """Return the value of `key`, None when there is none that is fresh."""
        known = self._values.get(key)
        if known is None or not 0 <= self._clock() - known[1] < self._fresh_ms:
            return None
        return known[0]

    def recall(self, key: K, within_ms: int) -> V | None:
        """Return the value of `key`, fresh or not, if it was remembered less than `within_ms` ago."""
        known = self._values.get(key)
        if known is None or not 0 <= self._clock() - known[1] < within_ms:
            return None
        return known[0]

    def put(self, key: K, value: V) -> None:
        """Remember a value that was read now."""
        self._values.pop(key, None)
        if len(self._values) >= self._capacity:
            del self._values[next(iter(self._values))]
        self._values[key] = (value, self._clock())

    def clear(self) -> None:
        """Let the next `get` of every key find nothing."""
        self._values.clear()

    def forget(self, key: K) -> None:
        """Let the next `get` of this key find nothing."""
        self._values.pop(key, None)
