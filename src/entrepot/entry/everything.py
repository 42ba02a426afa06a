# SPDX-License-Identifier: Apache-2.0
"""Who may do what in a command that works on the registry of this machine: everything, as nobody else asks."""

from collections.abc import Iterable

from entrepot.kernel.access import EVERY_TAG
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Reach
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import TagReach
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import behind


class Everything:
    """Lets a command do everything: whoever runs it may read and write the database anyway."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Say yes."""
        return True

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return all of `repositories`."""
        return set(repositories)

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead everywhere."""
        return Reach(behind([EVERY_NAME], after))

    async def tags(self, principal: Principal, action: Action, repository: str) -> TagReach:
        """Allow it for every tag."""
        return EVERY_TAG

    async def may_system(self, principal: Principal, action: SystemAction) -> bool:
        """Agree."""
        return True
