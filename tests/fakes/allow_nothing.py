# SPDX-License-Identifier: Apache-2.0
"""An authorizer that says no."""

from collections.abc import Iterable

from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Reach


class AllowNothing:
    """Pass it as an `Authorizer` where no decision matters."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Say no."""
        return False

    async def readable(self, principal: Principal, repositories: Iterable[str]) -> set[str]:
        """Name nothing."""
        return set()

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead nowhere."""
        return Reach(())

    async def administers(self, principal: Principal) -> bool:
        """Refuse."""
        return False
