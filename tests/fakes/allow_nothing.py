# SPDX-License-Identifier: Apache-2.0
"""An authorizer that says no."""

from collections.abc import Iterable

from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Reach
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import TagReach


class AllowNothing:
    """Pass it as an `Authorizer` where no decision matters."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Say no."""
        return False

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Name nothing."""
        return set()

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead nowhere."""
        return Reach(())

    async def tags(self, principal: Principal, action: Action, repository: str) -> TagReach:
        """Allow for every tag what is allowed at all."""
        return TagReach(is_every=await self.allows(principal, action, repository))

    async def may_system(self, principal: Principal, action: SystemAction) -> bool:
        """Refuse."""
        return False
