# SPDX-License-Identifier: Apache-2.0
"""What becomes of break-glass access when an account, a group or a project is deleted, in that transaction."""

from collections.abc import Iterable

from sqlalchemy import Connection

from entrepot.features.break_glass.models import Eligibility
from entrepot.features.break_glass.models import Opening
from entrepot.features.break_glass.store import eligibilities
from entrepot.features.break_glass.store import openings
from entrepot.features.break_glass.telling import tell_ended
from entrepot.features.break_glass.telling import tell_not_eligible
from entrepot.features.grants import end_opening
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import ENTREPOT


def leave(connection: Connection, principal: str, now: Milliseconds) -> None:
    """End what somebody such as `user:alice` has open, and what they, or a group, were eligible for.

    Another one of the same name inherits nothing.
    """
    _end(connection, openings.open_of(connection, principal, now), now)
    _take(connection, eligibilities.remove_of(connection, principal), now)


def leave_project(connection: Connection, project: str, now: Milliseconds) -> None:
    """End what is open in a project, and what anybody was eligible for there."""
    _end(connection, openings.open_within(connection, project, now), now)
    _take(connection, eligibilities.remove_within(connection, project), now)


def _end(connection: Connection, found: Iterable[Opening], now: Milliseconds) -> None:
    for opening in found:
        ended = opening.ended(ENTREPOT.identity, now)
        openings.change(connection, ended)
        end_opening(connection, opening.id, now)
        tell_ended(connection, ended)


def _take(connection: Connection, taken: Iterable[Eligibility], now: Milliseconds) -> None:
    for eligibility in taken:
        tell_not_eligible(connection, eligibility, now)
