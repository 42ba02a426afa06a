# SPDX-License-Identifier: Apache-2.0
"""The use cases of eligibilities: who may break the glass, set beforehand by administrators of the registry."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features import groups
from entrepot.features.access import Standings
from entrepot.features.break_glass.errors import EligibilityExists
from entrepot.features.break_glass.errors import EligibilityUnknown
from entrepot.features.break_glass.errors import EligibleUnknown
from entrepot.features.break_glass.errors import NotWhileOpen
from entrepot.features.break_glass.errors import TooManyEligibilities
from entrepot.features.break_glass.models import MAX_ELIGIBILITIES
from entrepot.features.break_glass.models import Eligibility
from entrepot.features.break_glass.store import eligibilities as store
from entrepot.features.break_glass.store import openings
from entrepot.features.break_glass.telling import tell_eligible
from entrepot.features.break_glass.telling import tell_not_eligible
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import GrantGuard
from entrepot.features.grants import Terms
from entrepot.features.identity import Standing
from entrepot.features.roles import RoleUnknown
from entrepot.features.roles import SystemRole
from entrepot.features.roles import hold_actions
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.four_eyes import ALWAYS
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class EligibilityPage:
    """One page of eligibilities, oldest first; `is_more` says whether another follows."""

    eligibilities: list[Eligibility]
    is_more: bool


class Eligibilities:
    """Who may take which role where in an emergency, and for how long at most.

    Administrators of the registry set that, having logged in of late, and none of them while the glass is broken.
    """

    def __init__(self, platform: Platform, standings: Standings, guard: GrantGuard) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._standings = standings
        self._guard = guard

    async def page(self, principal: Principal, after: str, limit: int) -> EligibilityPage:
        """Return the eligibilities behind the one with an id. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        found = await self._database.read(store.page, after, limit + 1)
        return EligibilityPage(found[:limit], len(found) > limit)

    async def give(self, principal: Principal, terms: Terms, longest_minutes: int) -> Eligibility:
        """Make a user or a group eligible.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `NotWhileOpen`, `EligibilityInvalid`,
        `EligibleUnknown`, `RoleUnknown`, `EligibilityExists`, `TooManyEligibilities`, and as `GrantGuard` and
        `FourEyes.require`.
        """
        await self._require_setting(principal)
        given = Eligibility(new_ulid(), terms, longest_minutes, self._clock(), principal.identity)
        await self._guard.require_administering(principal, terms.path_pattern)
        grantee = terms.grantee
        if grantee.kind is GranteeKind.USER:
            standing_of = self._standings[PrincipalKind.USER]
            if await standing_of(grantee.name) is Standing.NONE:
                raise EligibleUnknown(f"there is no user {grantee.name}, or it is disabled")
        await self._database.write(self._give, principal, given)
        return given

    async def take(self, principal: Principal, eligibility_id: str) -> None:
        """Let somebody be eligible no more; what they have open goes on until it ends, or is ended.

        Raises as `give`, and `EligibilityUnknown`.
        """
        await self._require_setting(principal)
        await self._database.write(_take, principal.identity, eligibility_id, self._clock())

    def _give(self, connection: Connection, principal: Principal, given: Eligibility) -> None:
        _give(connection, principal.identity, given)
        grantee = given.terms.grantee
        if given.terms.role == SystemRole.ADMINISTRATOR:
            is_group = grantee.kind is GranteeKind.GROUP
            since = groups.last_joined_at(connection, grantee.name) if is_group else ALWAYS
            attempt = Attempt(Act.ADMINISTRATOR_ADD, f"{grantee} in an emergency", since=since)
            self._four_eyes.require(connection, principal, attempt)

    async def _require_setting(self, principal: Principal) -> None:
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)


def require_no_glass(connection: Connection, principal: str, now: Milliseconds) -> None:
    """Do nothing unless somebody has broken the glass, or another process may not know yet that they did.

    Raises `NotWhileOpen`.
    """
    if any(glass.covers(principal, now) for glass in openings.open_between(connection, now, now)):
        raise NotWhileOpen


def _give(connection: Connection, by: str, given: Eligibility) -> None:
    require_no_glass(connection, by, given.created_at)
    terms = given.terms
    if hold_actions(connection, terms.role) is None:
        raise RoleUnknown(f"there is no role {terms.role}")
    if terms.grantee.kind is GranteeKind.GROUP and not groups.exists(connection, terms.grantee.name):
        raise EligibleUnknown(f"there is no group {terms.grantee.name}")
    if store.is_there(connection, terms):
        raise EligibilityExists(f"{terms.grantee} is eligible for {terms.role} on {terms.path_pattern} already")
    if store.count(connection) >= MAX_ELIGIBILITIES:
        raise TooManyEligibilities(f"there are {MAX_ELIGIBILITIES} eligibilities, which is the most there may be")
    store.add(connection, given)
    tell_eligible(connection, given)


def _take(connection: Connection, by: str, eligibility_id: str, now: Milliseconds) -> None:
    require_no_glass(connection, by, now)
    taken = store.remove(connection, eligibility_id)
    if taken is None:
        raise EligibilityUnknown(f"there is no eligibility {eligibility_id[:40]!r}")
    tell_not_eligible(connection, taken, now)
