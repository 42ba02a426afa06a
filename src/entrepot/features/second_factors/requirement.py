# SPDX-License-Identifier: Apache-2.0
"""Who has to have a second factor."""

from entrepot.features.access import held_roles
from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import Role
from entrepot.features.roles import SystemRole
from entrepot.features.second_factors.settings import ADMINISTRATORS
from entrepot.features.second_factors.settings import EVERYONE
from entrepot.features.second_factors.settings import SecondFactorSettings
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock


class Requirement:
    """Decides for whom the configuration requires a second factor."""

    def __init__(self, database: Database, settings: SecondFactorSettings, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._is_for_everyone = EVERYONE in settings.required_for
        self._allowing = [ROLE_ACTIONS[each] for each in settings.required_for if isinstance(each, Role)]
        self._is_for_administrators = bool(self._allowing) or ADMINISTRATORS in settings.required_for

    async def covers(self, name: str) -> bool:
        """Tell whether the local user of this name has to have a second factor; at most one indexed statement.

        A role stands for everybody who may do as much: whoever has a greater one, and administrators, by
        themselves or in a group.
        """
        if self._is_for_everyone or not self._is_for_administrators:
            return self._is_for_everyone
        held = await self._database.read(held_roles, f"user:{name}", self._clock())
        return SystemRole.ADMINISTRATOR in held or any(
            allowed >= named for allowed in held.values() for named in self._allowing
        )
