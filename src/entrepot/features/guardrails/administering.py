# SPDX-License-Identifier: Apache-2.0
"""Guardrails where somebody administers a project: its visibility, members, robots, modes, and its end."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from entrepot.features.access import GrantAuthorizer
from entrepot.features.guardrails.guard import Guard
from entrepot.features.projects import Visibility
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal


class GuardedProjects:
    """Decides about projects as the authorizer does, and refuses whom a guardrail does not let administer them."""

    def __init__(self, authorizer: GrantAuthorizer, guard: Guard) -> None:
        self._authorizer = authorizer
        self._guard = guard

    async def reaches(self, principal: Principal, project: str) -> bool:
        """Tell whether `principal` may read some name in the project."""
        return await self._authorizer.reaches(principal, project)

    async def reached(self, principal: Principal, projects: Iterable[str]) -> set[str]:
        """Return those of `projects` that hold some name that `principal` may read."""
        return await self._authorizer.reached(principal, projects)

    async def governs(self, principal: Principal, action: Action, project: str) -> bool:
        """Tell whether `principal` may do `action` on every name in the project.

        Raises `RefusedByGuardrail` to whoever may, but not like this.
        """
        if not await self._authorizer.governs(principal, action, project):
            return False
        await self._guard.require_administering(principal, f"{project}/**")
        return True

    async def opened(self, principal: Principal) -> AbstractSet[Visibility]:
        """Return the visibilities with which a project is open to `principal` without a grant."""
        return await self._authorizer.opened(principal)
