# SPDX-License-Identifier: Apache-2.0
"""What is told of break-glass access, in the transaction that changes it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.break_glass.models import Eligibility
from entrepot.features.break_glass.models import Opening
from entrepot.features.roles import SYSTEM
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import ENTREPOT
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


@dataclass(frozen=True, slots=True)
class _Opened:
    """What somebody took."""

    principal: str
    role: str
    path_pattern: str
    ends_at: Milliseconds


@dataclass(frozen=True, slots=True)
class _Eligible:
    """What somebody may take."""

    role: str
    path_pattern: str
    longest_minutes: int


def tell_opened(connection: Connection, opening: Opening) -> None:
    """Say that somebody broke the glass, and why."""
    told = Told(object=opening.object, project=_project_of(opening), after=_told(opening), reason=opening.reason)
    announce(connection, Change.BREAK_GLASS_OPENED, opening.opened_at, told)


def tell_ended(connection: Connection, opening: Opening, by: Principal | None = None) -> None:
    """Say that it is over: by somebody, or as its time was."""
    told = Told(object=opening.object, project=_project_of(opening), before=_told(opening), principal=by)
    announce(connection, Change.BREAK_GLASS_ENDED, opening.ends_at, told)


def tell_run_out(connection: Connection, opening: Opening) -> None:
    """Say that its time was over."""
    tell_ended(connection, opening, ENTREPOT)


def tell_acknowledged(connection: Connection, opening: Opening, now: Milliseconds) -> None:
    """Say that somebody looked at it, and what they say."""
    told = Told(object=opening.object, project=_project_of(opening), after=_told(opening), reason=opening.comment)
    announce(connection, Change.BREAK_GLASS_ACKNOWLEDGED, now, told)


def tell_eligible(connection: Connection, eligibility: Eligibility) -> None:
    """Say that somebody may break the glass."""
    told = Told(object=str(eligibility.terms.grantee), after=_eligible(eligibility))
    announce(connection, Change.BREAK_GLASS_ELIGIBILITY_GIVEN, eligibility.created_at, told)


def tell_not_eligible(connection: Connection, eligibility: Eligibility, now: Milliseconds) -> None:
    """Say that somebody may no longer."""
    told = Told(object=str(eligibility.terms.grantee), before=_eligible(eligibility))
    announce(connection, Change.BREAK_GLASS_ELIGIBILITY_TAKEN, now, told)


def _told(opening: Opening) -> _Opened:
    return _Opened(opening.principal, opening.role, opening.path_pattern, opening.ends_at)


def _eligible(eligibility: Eligibility) -> _Eligible:
    return _Eligible(eligibility.terms.role, eligibility.terms.path_pattern, eligibility.longest_minutes)


def _project_of(opening: Opening) -> str:
    first = opening.path_pattern.partition("/")[0]
    return "" if first == SYSTEM or "*" in first else first
