# SPDX-License-Identifier: Apache-2.0
"""Who has to have a second factor."""

from entrepot.features.access import ROLE_ACTIONS
from entrepot.features.access import Role
from entrepot.features.second_factors import store
from entrepot.features.second_factors.settings import ADMINISTRATORS
from entrepot.features.second_factors.settings import EVERYONE
from entrepot.features.second_factors.settings import SecondFactorSettings
from entrepot.infra.database.engine import Database


class Requirement:
    """Decides for whom the configuration requires a second factor."""

    def __init__(self, database: Database, settings: SecondFactorSettings) -> None:
        self._database = database
        self._is_for_everyone = EVERYONE in settings.required_for
        named = [each for each in settings.required_for if isinstance(each, Role)]
        self._roles = frozenset(
            role for role in Role if any(ROLE_ACTIONS[role] >= ROLE_ACTIONS[each] for each in named)
        )
        self._is_for_administrators = bool(named) or ADMINISTRATORS in settings.required_for

    async def covers(self, name: str, *, is_admin: bool) -> bool:
        """Tell whether the local user of this name has to have a second factor; at most one indexed statement.

        A role stands for everybody who may do as much: whoever has a greater one, and administrators.
        """
        if self._is_for_everyone or (is_admin and self._is_for_administrators):
            return True
        return bool(self._roles) and await self._database.read(store.has_role, name, self._roles)
