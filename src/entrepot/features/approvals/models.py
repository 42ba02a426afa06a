# SPDX-License-Identifier: Apache-2.0
"""The words of approvals."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt

PENDING_MS = 7 * DAY_MS
"""How long somebody who could decide has time to."""

MAX_OPEN = 1_000
"""How many there may be that wait for a decision."""

MAX_OPEN_OF_ONE = 20
"""How many of them one person may have asked for."""

MAX_HOURS = 24 * 365 * 10
MAX_TARGET_CHARACTERS = 1_000
MAX_REASON_CHARACTERS = 300
MIN_APPROVERS = 2
"""How many have to be able to approve before an act may take a second person."""


class State(StrEnum):
    """How an approval stands."""

    PENDING = "pending"
    """Nobody has decided."""
    APPROVED = "approved"
    """It can be used, once, by whoever asked for it."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    USED = "used"
    EXPIRED = "expired"
    """Nobody decided, or used it, in time. Never stored."""


OPEN = frozenset({State.PENDING, State.APPROVED})
"""The states that others follow on."""

FOLLOWS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.APPROVED: frozenset({State.PENDING}),
        State.REJECTED: OPEN,
        State.WITHDRAWN: OPEN,
        State.USED: frozenset({State.APPROVED}),
    }
)
"""On which states each follows."""


@dataclass(frozen=True, slots=True)
class Approval:
    """That somebody asked a second person to let them do one act on one target, and what came of it."""

    id: Ulid
    act: Act
    target: str
    hours: int | None
    """For how long what the act gives may last; None for good."""
    reason: str
    requested_by: str
    """Such as `user:alice`, as is `decided_by`."""
    requested_at: Milliseconds
    expires_at: Milliseconds
    """Until when somebody may decide; once it is approved, until when it may be used."""
    stored: State = State.PENDING
    decided_by: str = ""
    decided_at: Milliseconds | None = None
    comment: str = ""
    ended_at: Milliseconds | None = None
    """When it was rejected, withdrawn or used."""

    def state(self, now: Milliseconds) -> State:
        """Tell how it stands at a moment."""
        return State.EXPIRED if self.stored in OPEN and self.expires_at <= now else self.stored

    def fits(self, attempt: Attempt) -> bool:
        """Tell whether it was asked for just this act, or for one that lasts longer."""
        is_same = (self.act, self.target) == (attempt.act, attempt.target) and self.requested_at >= attempt.since
        is_within = self.hours is None or (attempt.hours is not None and attempt.hours <= self.hours)
        return is_same and is_within


@dataclass(frozen=True, slots=True)
class Rule:
    """That an act takes a second person, since when and by whom."""

    act: Act
    since: Milliseconds
    set_by: str
