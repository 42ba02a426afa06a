# SPDX-License-Identifier: Apache-2.0
"""The words of notifications."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

MAX_MUTES = 100
"""Of one person."""
MAX_RECIPIENTS = 200
"""So many people hear of one thing; those whose names come first."""
MAX_FACT_CHARACTERS = 300
FOLDED_MS = HOUR_MS
"""What happens again within so long after it was first told is counted, and not told anew."""

Fact = str | int
Facts = Mapping[str, Fact]


class Severity(StrEnum):
    """How much something matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Channels(StrEnum):
    """Where somebody hears of a kind of thing."""

    BOTH = "both"
    CONSOLE = "console"
    EMAIL = "e-mail"
    NONE = "none"

    @property
    def has_console(self) -> bool:
        """Whether it is in the list."""
        return self in (Channels.BOTH, Channels.CONSOLE)

    @property
    def has_mail(self) -> bool:
        """Whether it is sent."""
        return self in (Channels.BOTH, Channels.EMAIL)


class Digest(StrEnum):
    """How often somebody gets mail."""

    AT_ONCE = "at-once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class Need(StrEnum):
    """What somebody has to be allowed to hear of something: looked at when it is told, shown and sent."""

    OWN = "own"
    """It is about them; where it names a project, they may read something there."""
    READ = "read"
    """They may read the repository."""
    PROJECT = "project-admin"
    """They administer the project."""
    AUDIT = "read-audit"
    ADMINISTER = "administer"


class MailState(StrEnum):
    """How a mail stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """The server refused it for good, or took it in none of the attempts."""
    DROPPED = "dropped"
    """There was nothing left to say: rights were taken away, or the address."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell people of."""

    kind: str
    need: Need
    source: str
    """Names what it comes from, once for each person: the id of an event, or a condition and the moment."""
    facts: Facts = field(default_factory=dict)
    project: str = ""
    repository: str = ""
    person: str = ""
    """Who hears of it where the need is `OWN`, such as `user:alice`."""
    actor: str = ""
    """Who did it, and so need not be told."""
    about: str = ""
    """What tells it apart from others of its kind in the same place, when they are folded."""
    severity: Severity | None = None
    """None for that of the kind."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Something that one person hears of."""

    number: int
    id: Ulid
    person: str
    kind: str
    severity: Severity
    need: Need
    project: str
    repository: str
    facts: Facts
    count: int
    """How many times it happened, one within `FOLDED_MS` of the first."""
    first_at: Milliseconds
    last_at: Milliseconds
    read_at: Milliseconds | None


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody wants to hear of things."""

    address: str = ""
    """Where mail goes; empty until they showed that they read it."""
    awaited_address: str = ""
    """Where a code was sent that has not come back."""
    digest: Digest = Digest.AT_ONCE
    hour: int = 8
    weekday: int = 0
    """Of a weekly digest: 0 is Monday."""
    time_zone: str = "UTC"
    kinds: Mapping[str, Channels] = field(default_factory=dict)
    """Where they hear of what; kinds that are not in it are as the program says."""


@dataclass(frozen=True, slots=True)
class Mute:
    """What somebody does not want to hear of. What is empty is anything."""

    id: Ulid
    kind: str
    project: str
    repository: str
    until: Milliseconds | None
    created_at: Milliseconds


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in the log, without what it says."""

    id: Ulid
    person: str
    address: str
    subject: str
    state: MailState
    notifications: int
    held_back: int
    attempts: int
    error: str
    created_at: Milliseconds
    finished_at: Milliseconds | None
