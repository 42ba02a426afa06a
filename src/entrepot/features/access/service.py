# SPDX-License-Identifier: Apache-2.0
"""The one decision point: what a principal may do, from its grants of this moment."""

from collections.abc import Iterable

from entrepot.features.access import store
from entrepot.features.access.evaluate import ALL_RIGHTS
from entrepot.features.access.evaluate import NO_RIGHTS
from entrepot.features.access.evaluate import READ_EVERYTHING
from entrepot.features.access.evaluate import Rights
from entrepot.features.identity import Accounts
from entrepot.features.identity import Standing
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

FRESH_MS = 2 * SECOND_MS
MAX_REMEMBERED = 10_000


class GrantAuthorizer:
    """Decides from the table of grants; what it read of a principal is used for at most two seconds.

    An administrator may do everything, a disabled or unknown user and the
    anonymous principal nothing. The parts of Entrepot itself may read
    everything and write nothing.
    """

    def __init__(self, database: Database, accounts: Accounts, clock: Clock, *, capacity: int = MAX_REMEMBERED) -> None:
        """Remember the rights of `capacity` principals."""
        self._capacity = capacity
        self._database = database
        self._accounts = accounts
        self._clock = clock
        self._remembered: dict[tuple[PrincipalKind, str], tuple[Rights, Milliseconds]] = {}

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Tell whether `principal` may do `action` on `repository` (a full name, `project/path`)."""
        return (await self._rights(principal)).allow(action, repository)

    async def readable(self, principal: Principal, repositories: Iterable[str]) -> set[str]:
        """Return those of `repositories` that `principal` may pull from."""
        rights = await self._rights(principal)
        return {repository for repository in repositories if rights.allow(Action.PULL, repository)}

    async def administers(self, principal: Principal) -> bool:
        """Tell whether `principal` is an administrator of the whole registry."""
        return await self._rights(principal) is ALL_RIGHTS

    async def _rights(self, principal: Principal) -> Rights:
        now = self._clock()
        key = (principal.kind, principal.name)
        known = self._remembered.get(key)
        if known is not None and 0 <= now - known[1] < FRESH_MS:
            return known[0]
        rights = await self._read(principal)
        self._remembered.pop(key, None)
        if len(self._remembered) >= self._capacity:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[key] = (rights, now)
        return rights

    async def _read(self, principal: Principal) -> Rights:
        if principal.kind is PrincipalKind.ANONYMOUS:
            return NO_RIGHTS
        if principal.kind is PrincipalKind.INTERNAL:
            return READ_EVERYTHING
        if principal.kind is PrincipalKind.USER:
            standing = await self._accounts.standing(principal.name)
            if standing is not Standing.USER:
                return ALL_RIGHTS if standing is Standing.ADMINISTRATOR else NO_RIGHTS
        return Rights(await self._database.read(store.grants_of, principal.identity))
