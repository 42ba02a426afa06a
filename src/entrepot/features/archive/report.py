# SPDX-License-Identifier: Apache-2.0
"""What a rebuild says when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from entrepot.features.archive.models import AuditPoint
from entrepot.kernel.clock import Milliseconds


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of something are done."""

    what: str
    done: int


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class Lack:
    """How many of something did not come back, and the first by name."""

    count: int
    named: list[str]


@dataclass(slots=True)
class Report:
    """What came back, and what did not."""

    source: str
    """`archive` or `bytes`."""
    counts: dict[str, int] = field(default_factory=dict)
    """Rows, by table."""
    newest_event_at: Milliseconds | None = None
    """When the last thing happened that came back."""
    segment: int | None = None
    segment_digest: str = ""
    set_aside: int = 0
    findings: list[str] = field(default_factory=list)
    """What is missing or damaged in the archive itself."""
    lacks: dict[str, Lack] = field(default_factory=dict)
    others: Lack = field(default_factory=lambda: Lack(0, []))
    """Objects that nothing names: the leftovers of uploads and deletions, or what was pushed last."""
    adopted: int = 0
    """Blobs whose bytes were found under a key that the archive did not know."""
    removed: dict[str, int] = field(default_factory=dict)
    """Rows that referred to what is not there, by table."""
    audit: AuditPoint | None = None
    """The newest checkpoint of the audit log, which is not rebuilt."""
    administrator: str = ""
    """Who was given a new password."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to lack."""
        return not self.findings and not self.removed and not any(lack.count for lack in self.lacks.values())
