# SPDX-License-Identifier: Apache-2.0
"""What the server acknowledged, so that the audit can ask for all of it."""

import math
import threading
import time
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field

Key = tuple[str, str]
"""A repository, and a digest or a tag in it."""


@dataclass(slots=True)
class TagWrite:
    """One overwrite (a digest) or delete (None) of a tag, from its first try to its acknowledgement, if any."""

    digest: str | None
    started: float
    acknowledged: float = math.inf


@dataclass(slots=True)
class Ledger:
    """Acknowledged blobs, manifests and tag writes, and what should never have been answered. Safe for threads."""

    blobs: set[Key] = field(default_factory=set)
    manifests: dict[Key, bytes] = field(default_factory=dict)
    tags: defaultdict[Key, list[TagWrite]] = field(default_factory=lambda: defaultdict(list))
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> int:
        """Count one more of `what` and return how many there are now."""
        with self._lock:
            self.counts[what] += 1
            return self.counts[what]

    def violation(self, message: str) -> None:
        """Record something that must not happen, and say so at once."""
        with self._lock:
            self.violations.append(message)
        print(f"VIOLATION: {message}", flush=True)

    def blob(self, repository: str, digest: str) -> None:
        """Record an acknowledged blob."""
        with self._lock:
            self.blobs.add((repository, digest))

    def manifest(self, repository: str, digest: str, content: bytes) -> None:
        """Record an acknowledged manifest."""
        with self._lock:
            self.manifests[repository, digest] = content

    @contextmanager
    def tag_write(self, repository: str, tag: str, digest: str | None) -> Iterator[None]:
        """Record that a tag is being written; it counts as acknowledged when the block ends without an error."""
        write = TagWrite(digest, time.monotonic())
        with self._lock:
            self.tags[repository, tag].append(write)
        yield
        write.acknowledged = time.monotonic()

    def possible(self, repository: str, tag: str) -> set[str | None]:
        """Return the values that a tag may have now: those no acknowledged write came after, and none when untouched.

        Two writes that overlapped may have happened in either order.
        """
        writes = self.tags[repository, tag]
        settled = max((write.started for write in writes if write.acknowledged < math.inf), default=-math.inf)
        possible: set[str | None] = {write.digest for write in writes if write.acknowledged >= settled}
        return possible if settled > -math.inf else possible | {None}
