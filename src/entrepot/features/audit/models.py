# SPDX-License-Identifier: Apache-2.0
"""The words of the audit log."""

import re
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from enum import StrEnum
from typing import Any
from typing import NewType

from entrepot.kernel.changes import Change
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.events import EventType
from entrepot.registry.events import Outcome

Pseudonym = NewType("Pseudonym", str)
"""What stands for a person or an address in the chain; empty for nobody."""

Month = NewType("Month", str)
"""A month in UTC, such as `2026_11`: its records are kept together, and dropped together."""

MANIFEST_PULLED = "manifest.pulled"
TAG_RESOLVED = "tag.resolved"

RECORDED = frozenset(EventType) - {EventType.CONTENT_USED} | frozenset(Change)
"""What becomes a record as it is."""

TYPES = tuple(sorted({*map(str, RECORDED), MANIFEST_PULLED, TAG_RESOLVED}))
"""Every type of record."""

ALARMS = frozenset(change for change in Change if change.startswith("break-glass."))
"""Types of records of which somebody is to take note, whatever came of it."""

ADDRESS = "address"
"""The kind of name that is an address; the others are kinds of principals."""

PEOPLE = ("user", "robot", "workload")
"""The kinds of principals whose names stand beside the chain."""

_MONTH = re.compile(r"\d{4}_\d{2}")


class Pulls(StrEnum):
    """What is recorded of pulls."""

    OFF = "off"
    AGGREGATED = "aggregated"
    """The first of each client, tag and digest in an hour at once, and how many followed when the hour is over."""
    EACH = "each"
    """Every one, within about a second."""
    STRICT = "strict"
    """Every one, before it is answered: a pull that cannot be recorded is refused."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, before it is a record: with the names of whom it is about."""

    event: Ulid
    at: Milliseconds
    type: str
    principal: str
    credential: str = ""
    provider: str = ""
    on_behalf_of: str = ""
    address: str = ""
    agent: str = ""
    project: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""
    object: str = ""
    outcome: Outcome = Outcome.DONE
    request_id: str = ""
    times: int = 1
    details: Any = None
    """What else there is to say, as plain data: reason, before, after."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is read back. Names are None where they were erased."""

    seq: int
    at: Milliseconds
    event: Ulid
    type: str
    kind: str
    principal: str | None
    credential: str
    provider: str
    on_behalf_of: str | None
    address: str | None
    agent: str
    project: str
    repository: str
    tag: str
    digest: str
    object: str | None
    outcome: Outcome
    request_id: str
    times: int
    hash: bytes
    details: Any
    is_erased: bool
    """Whether there were details that were erased."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records are wanted. What is empty, or None, excludes nothing."""

    type: str = ""
    """A type, or the part of one before its dot, such as `grant`."""
    principal: str = ""
    address: str = ""
    project: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""
    object: str = ""
    outcome: Outcome | None = None
    credential: str = ""
    request_id: str = ""
    since: Milliseconds | None = None
    until: Milliseconds | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place among records by time: everything before it is older."""

    at: int
    seq: int


@dataclass(frozen=True, slots=True)
class Partition:
    """The records of one month."""

    month: Month
    first_seq: int
    last_seq: int
    first_previous: bytes
    """The hash of the record before the first, of another month."""
    last_hash: bytes
    first_at: Milliseconds
    """The earliest moment that a record tells of, and the latest."""
    last_at: Milliseconds
    dropped_at: Milliseconds | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain up to a record, signed."""

    seq: int
    signed_at: Milliseconds
    token: str


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time stamp of a checkpoint (RFC 3161)."""

    seq: int
    stamped_at: Milliseconds
    token: bytes
    """As the authority made it: a ContentInfo in DER."""
    checkpoint: str | None = None
    """The checkpoint that it should be of; None if that is gone."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint of another registry, as it was left here."""

    origin: str
    """Who left it here, such as `robot:_.witness`."""
    seq: int
    hash: str
    """That of the record, in hexadecimal."""
    token: str
    received_at: Milliseconds
    previous: int = 0
    """The record of the checkpoint before it, as it says. Only known of one that is left here now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A span of time of which nothing is dropped or erased."""

    id: Ulid
    reason: str
    begins_at: Milliseconds
    ends_at: Milliseconds | None
    placed_at: Milliseconds
    placed_by: str
    released_at: Milliseconds | None = None
    released_by: str | None = None

    def covers(self, first: Milliseconds, last: Milliseconds) -> bool:
        """Tell whether it holds a span that has something between these moments."""
        is_over = self.released_at is not None
        return not is_over and self.begins_at <= last and (self.ends_at is None or self.ends_at > first)


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A search that somebody kept."""

    owner: str
    name: str
    filter: str
    """As the query of an address, such as `type=grant&principal=user%3Aalice`."""
    is_shared: bool
    """Whether everybody who may read the audit log sees it."""
    created_at: Milliseconds


def month_of(moment: Milliseconds) -> Month:
    """Return the month of a moment, in UTC."""
    return Month(datetime.fromtimestamp(moment / SECOND_MS, UTC).strftime("%Y_%m"))


def kind_of(identity: str) -> str:
    """Return what comes before the colon, such as `user`."""
    return identity.partition(":")[0]


def is_person(identity: str) -> bool:
    """Tell whether what this names stands beside the chain under a pseudonym."""
    return kind_of(identity) in PEOPLE
