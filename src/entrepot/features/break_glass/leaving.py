# SPDX-License-Identifier: Apache-2.0
"""What becomes of break-glass access when an account or a group is deleted, in that transaction."""

from sqlalchemy import Connection

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
    for opening in openings.open_of(connection, principal, now):
        ended = opening.ended(ENTREPOT.identity, now)
        openings.change(connection, ended)
        end_opening(connection, opening.id, now)
        tell_ended(connection, ended)
    for eligibility in eligibilities.remove_of(connection, principal):
        tell_not_eligible(connection, eligibility, now)
