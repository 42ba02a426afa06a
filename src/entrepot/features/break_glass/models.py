# SPDX-License-Identifier: Apache-2.0
"""The words of break-glass access, and what may become of an opening."""

from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum

from entrepot.features.break_glass.errors import AlreadyAcknowledged
from entrepot.features.break_glass.errors import EligibilityInvalid
from entrepot.features.break_glass.errors import NotByOneself
from entrepot.features.break_glass.errors import NotOpen
from entrepot.features.break_glass.errors import OpeningInvalid
from entrepot.features.break_glass.errors import StillOpen
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.announcing import ENTREPOT

MAX_MINUTES = 8 * 60
DEFAULT_MINUTES = 60
MIN_REASON_CHARACTERS = 10
MAX_REASON_CHARACTERS = 500
MAX_ELIGIBILITIES = 1_000
MAX_OPENINGS = 20
"""Of one person, within `COUNTED_MS`."""

COUNTED_MS = DAY_MS

LINGERS_MS = 2 * SECOND_MS
"""How long another process may go on with what was ended early."""

_MARK = "break-glass"


class State(StrEnum):
    """How far an opening is."""

    OPEN = "open"
    ENDED = "ended"
    """It has yet to be acknowledged."""
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What somebody, or whoever is in a group, may take in an emergency."""

    id: Ulid
    terms: Terms
    longest_minutes: int
    created_at: Milliseconds
    created_by: str

    def __post_init__(self) -> None:
        """Refuse who cannot break the glass, and what lasts too long. Raises `EligibilityInvalid`."""
        if self.terms.grantee.kind not in (GranteeKind.USER, GranteeKind.GROUP) or self.terms.tag_pattern:
            raise EligibilityInvalid(
                "people break the glass, for all tags",
                hint="Write 'user:<name>' or 'group:<name>', and no pattern of tags.",
            )
        if not 1 <= self.longest_minutes <= MAX_MINUTES:
            raise EligibilityInvalid(f"an opening lasts from 1 to {MAX_MINUTES} minutes")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to open, for how long (None for as long as possible), and why."""

    eligibility: str
    reason: str
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Rights that somebody took: from then to then, and why; and what became of it."""

    id: Ulid
    principal: str
    """Such as `user:alice`."""
    path_pattern: str
    role: str
    reason: str
    opened_at: Milliseconds
    ends_at: Milliseconds
    """When it ends by itself, or was ended."""
    ended_by: str | None = None
    """Who ended it, `internal:entrepot` for its time; None until that was told of."""
    acknowledged_at: Milliseconds | None = None
    acknowledged_by: str | None = None
    comment: str = ""
    """What whoever acknowledged it says about it."""

    @property
    def object(self) -> str:
        """How records name it, and what is done by it."""
        return f"{_MARK}:{self.id}"

    def state(self, now: Milliseconds) -> State:
        """Tell how far it is."""
        if self.acknowledged_at is not None:
            return State.ACKNOWLEDGED
        return State.OPEN if self.ended_by is None and now < self.ends_at else State.ENDED

    def ended(self, by: str, now: Milliseconds) -> "Opening":
        """Return it ended by somebody before its time. Raises `NotOpen`."""
        if self.state(now) is not State.OPEN:
            raise NotOpen
        return replace(self, ended_by=by, ends_at=now)

    def run_out(self) -> "Opening":
        """Return it ended by its time, which has come."""
        return replace(self, ended_by=ENTREPOT.identity)

    def acknowledged(self, by: str, comment: str, now: Milliseconds) -> "Opening":
        """Return it acknowledged. Raises `StillOpen`, `AlreadyAcknowledged` and `NotByOneself`."""
        match self.state(now):
            case State.OPEN:
                raise StillOpen
            case State.ACKNOWLEDGED:
                raise AlreadyAcknowledged
            case State.ENDED if by == self.principal:
                raise NotByOneself
        return replace(self, acknowledged_at=now, acknowledged_by=by, comment=comment)


@dataclass(frozen=True, slots=True)
class Glass:
    """While whose glass is broken: for whoever marks what was done by it."""

    object: str
    """How records name the opening."""
    principal: str
    begins_at: Milliseconds
    ends_at: Milliseconds

    def covers(self, principal: str, at: Milliseconds) -> bool:
        """Tell whether somebody did something by it at a moment."""
        return self.principal == principal and self.begins_at <= at < self.ends_at + LINGERS_MS


def opened(opening_id: Ulid, by: str, eligibility: Eligibility, wanted: Wanted, now: Milliseconds) -> Opening:
    """Return what somebody opens who is eligible. Raises `OpeningInvalid`."""
    minutes = eligibility.longest_minutes if wanted.minutes is None else wanted.minutes
    if not 1 <= minutes <= eligibility.longest_minutes:
        raise OpeningInvalid(
            f"this is open for {eligibility.longest_minutes} minutes at most", hint="Ask for as many, or fewer."
        )
    if len(wanted.reason) < MIN_REASON_CHARACTERS:
        raise OpeningInvalid(
            f"a reason has {MIN_REASON_CHARACTERS} characters at least", hint="Say in a sentence what has happened."
        )
    terms = eligibility.terms
    ends_at = after(now, minutes * MINUTE_MS)
    return Opening(opening_id, by, terms.path_pattern, terms.role, wanted.reason, now, ends_at)
