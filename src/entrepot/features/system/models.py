# SPDX-License-Identifier: Apache-2.0
"""The words of system: server processes, and what they run on."""

from dataclasses import dataclass

from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

ALIVE_MS = 30 * SECOND_MS
"""How long after it was last seen a process counts as alive."""


@dataclass(frozen=True, slots=True)
class Node:
    """A server process; `id` is new at every start. It is there until `seen_at`, at least."""

    id: Ulid
    host: str
    pid: int
    version: str
    started_at: Milliseconds
    seen_at: Milliseconds

    def is_alive(self, now: Milliseconds) -> bool:
        """Tell whether it was seen a moment ago."""
        return now - self.seen_at <= ALIVE_MS


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """The database: `kind` such as `sqlite`, and what it takes up, in bytes."""

    kind: str
    version: str
    schema_revision: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """Where the bytes are: `url` without secrets, and room in bytes, None where none can be told."""

    url: str
    kind: str
    free_bytes: int | None
    total_bytes: int | None


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """One server process and what it runs on."""

    version: str
    python: str
    platform: str
    started_at: Milliseconds
    workers: int
    database: DatabaseFacts
    storage: StorageFacts
