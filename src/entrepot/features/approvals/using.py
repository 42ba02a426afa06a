# SPDX-License-Identifier: Apache-2.0
"""Using up what a second person has approved, in the transaction that does the act."""

from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.approvals import store
from entrepot.features.approvals.deciding import stands
from entrepot.features.approvals.errors import ApprovalNeeded
from entrepot.features.approvals.models import State
from entrepot.features.approvals.settings import ApprovalSettings
from entrepot.features.approvals.telling import needed
from entrepot.features.approvals.telling import tell
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Clock
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt


class SecondPerson:
    """Lets nobody do alone what takes two. Remembers nothing: each question reads what the transaction sees."""

    def __init__(self, settings: ApprovalSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def asks(self, connection: Connection, act: Act) -> bool:
        """Tell whether an act takes a second person; to weaken the rules does as soon as there are any."""
        return store.has_any_rule(connection) if act is Act.APPROVALS_WEAKEN else store.has_rule(connection, act)

    def require(self, connection: Connection, principal: Principal, attempt: Attempt) -> None:
        """Do nothing if `principal` may do it alone; use up an approval of it if not. Raises `ApprovalNeeded`."""
        if not self.asks(connection, attempt.act):
            return
        if principal.kind is not PrincipalKind.USER:
            raise ApprovalNeeded(
                f"{attempt.act} takes two people, and {principal.name} is none",
                hint="Let a person do it, and another one approve it.",
            )
        now = self._clock()
        asked = store.asked(connection, principal.identity, attempt, now)
        for approval in asked:
            used = replace(approval, stored=State.USED, ended_at=now)
            is_good = approval.stored is State.APPROVED and approval.fits(attempt)
            if is_good and stands(connection, approval, now) and store.move(connection, used, now):
                tell(connection, used, approval, now, principal)
                return
        raise needed(attempt, asked, self._settings.valid_hours)
