# SPDX-License-Identifier: Apache-2.0
"""Password hashers that cost next to nothing and can be watched."""

import threading

from pwdlib.hashers.argon2 import Argon2Hasher

PATIENCE_SECONDS = 30


class CountingHasher(Argon2Hasher):
    """Real argon2id at its cheapest. `verified` counts the comparisons of a password with a hash."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        """Compare, and count it."""
        self.verified += 1
        return super().verify(password, hash)


class GatedHasher(CountingHasher):
    """Compares only once `open` was called. `wait_for` returns when that many comparisons stand at the gate."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._is_open = False
        self.waiting = 0
        self.most_waiting = 0

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        """Wait at the gate, then compare."""
        with self._changed:
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_open, PATIENCE_SECONDS)
            self.waiting -= 1
            return super().verify(password, hash)

    def wait_for(self, count: int) -> None:
        """Block until `count` comparisons wait."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.waiting == count, PATIENCE_SECONDS)

    def open(self) -> None:
        """Let every comparison through, now and later."""
        with self._changed:
            self._is_open = True
            self._changed.notify_all()
