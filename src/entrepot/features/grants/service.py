# SPDX-License-Identifier: Apache-2.0
"""The use cases of grants: listing, giving and taking them, wherever somebody may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from entrepot.features import groups
from entrepot.features.access import NOW
from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import Standings
from entrepot.features.access import parse_pattern
from entrepot.features.grants import store
from entrepot.features.grants.errors import ExpiryInvalid
from entrepot.features.grants.errors import GrantUnknown
from entrepot.features.grants.errors import PrincipalUnknown
from entrepot.features.grants.models import MANY
from entrepot.features.grants.models import Grantee
from entrepot.features.grants.models import GranteeKind
from entrepot.features.grants.models import StoredGrant
from entrepot.features.grants.models import Terms
from entrepot.features.grants.store import About
from entrepot.features.identity import Standing
from entrepot.features.identity import lock_local_administrators
from entrepot.features.projects import ProjectName
from entrepot.features.projects import require_existing
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import RoleUnknown
from entrepot.features.roles import SystemRole
from entrepot.features.roles import hold_actions
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.errors import Denied
from entrepot.registry.four_eyes import ALWAYS
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.four_eyes import hours_until
from entrepot.registry.platform import Platform

_FOREVER = Milliseconds(2**63)


class GrantGuard(Protocol):
    """Knows what must not be granted, whoever asks. Each raises `Forbidden`."""

    async def require_granting(self, principal: Principal, terms: Terms, expires_at: Milliseconds | None) -> None:
        """Do nothing if such a grant, which ends then or never, may be given."""

    async def require_administering(self, principal: Principal, path_pattern: str) -> None:
        """Do nothing if `principal` may change who may do what there."""


@dataclass(frozen=True, slots=True)
class GrantPage:
    """One page of grants, oldest first; `is_more` says whether another follows."""

    grants: list[StoredGrant]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A grant that is there now, and whether it was not before."""

    grant: StoredGrant
    is_new: bool


class Grants:
    """Every grant there is. What changes counts in this process at once, on all others within two seconds.

    An administrator may give and take all of them. Whoever may `manage-members` on
    all that a path pattern matches may do so there, with roles that allow nothing
    that they may not do themselves, and for as long.
    """

    def __init__(
        self,
        platform: Platform,
        authorizer: GrantAuthorizer,
        standings: Standings,
        guard: GrantGuard,
        require_another_way_in: Callable[[Connection, str], None],
    ) -> None:
        """`require_another_way_in` raises where the registry cannot do without a user as its administrator."""
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._authorizer = authorizer
        self._standings = standings
        self._guard = guard
        self._require_another_way_in = require_another_way_in

    async def page(self, principal: Principal, about: About, after: int, limit: int) -> GrantPage:
        """Return the grants that `about` narrows them to, behind the one numbered `after`.

        Without `About.within` it takes the right to read accounts; with it, to manage members there
        is enough. Raises as `Rights.require_system`.
        """
        if not (about.within and await self._manages(principal, f"{about.within}/**")):
            await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        found = await self._database.read(store.page, about, after, limit + 1)
        return GrantPage(found[:limit], len(found) > limit)

    async def give(self, principal: Principal, terms: Terms, expires_at: Milliseconds | None = None) -> Given:
        """Give a grant, or let one that is there end at another moment.

        Raises `Unauthenticated`, `Denied`, as `Rights.require_system` for a system role, `ReauthenticationNeeded`,
        `RoleUnknown`, `PrincipalUnknown` and `ExpiryInvalid`.
        """
        await self.require_granting(principal, terms, last_moment(expires_at))
        require_recent_login(principal)
        await self._guard.require_administering(principal, terms.path_pattern)
        return await self.enact(principal, terms, expires_at)

    async def take(self, principal: Principal, terms: Terms) -> None:
        """Take a grant away. Raises as `give`, and `GrantUnknown`."""
        await self.require_granting(principal, terms)
        require_recent_login(principal)
        await self._guard.require_administering(principal, terms.path_pattern)
        was_there = await self._database.write(self._take, terms, self._clock())
        self._forget(terms.grantee)
        if not was_there:
            tags = f" for the tags {terms.tag_pattern}" if terms.tag_pattern else ""
            raise GrantUnknown(f"{terms.grantee} does not have the role {terms.role} on {terms.path_pattern}{tags}")

    async def require_granting(self, principal: Principal, terms: Terms, until: Milliseconds = NOW) -> None:
        """Do nothing if `principal` may give and take such a grant, which is in force until then.

        Raises `Unauthenticated`, `Denied`, `RoleUnknown`, and as `Rights.require_system` for a system role.
        """
        if terms.path_pattern == SYSTEM:
            await self._rights.require_system(principal, SystemAction.ADMINISTER)
            return
        if await self._rights.may_system(principal, SystemAction.ADMINISTER):
            return
        if not await self._manages(principal, terms.path_pattern):
            self._refuse(principal, f"may not manage who may do what on {terms.path_pattern}")
        await self._require_not_beyond(principal, terms, until)

    async def enact(
        self,
        principal: Principal,
        terms: Terms,
        expires_at: Milliseconds | None = None,
        *,
        within: ProjectName | None = None,
    ) -> Given:
        """Give a grant, whoever asks; `within` a project, as the only one of its grantee on the pattern.

        Raises `RoleUnknown`, `PrincipalUnknown`, `ExpiryInvalid`, `ProjectUnknown` when there is no such project,
        `LastAdministrator` and `LastBreakGlassAccount` when the last one would cease to be one, as `GrantGuard` and as
        `FourEyes.require`.
        """
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise ExpiryInvalid
        await self._require_account(terms.grantee)
        await self._guard.require_granting(principal, terms, expires_at)
        wanted = _Wanted(terms, expires_at, now, principal)
        given = await self._database.write(self._give, wanted, within)
        self._forget(terms.grantee)
        return Given(*given)

    async def revoke(self, grantee: Grantee, path_pattern: str) -> bool:
        """Take every role on a pattern away, whoever asks; tell whether there was one."""
        had_one = await self._database.write(store.take_all, grantee, path_pattern, self._clock())
        self._forget(grantee)
        return had_one

    def _give(self, connection: Connection, wanted: "_Wanted", within: ProjectName | None) -> tuple[StoredGrant, bool]:
        terms, now = wanted.terms, wanted.now
        if within is not None:
            require_existing(connection, within)
            store.remove_others(connection, terms, now)
        if hold_actions(connection, terms.role) is None:
            raise RoleUnknown(f"there is no role {terms.role}")
        if terms.grantee.kind is GranteeKind.GROUP and not groups.exists(connection, terms.grantee.name):
            raise PrincipalUnknown(f"there is no group {terms.grantee.name}")
        if wanted.expires_at is not None:
            self._require_administrator_left(connection, terms)
        self._require_second_person(connection, wanted)
        return store.give(connection, terms, wanted.expires_at, now, wanted.principal.identity)

    def _require_second_person(self, connection: Connection, wanted: "_Wanted") -> None:
        """Do nothing unless somebody would administer the registry by this grant who does not by it for as long."""
        terms, now = wanted.terms, wanted.now
        if terms.role != SystemRole.ADMINISTRATOR or store.lasts(
            connection, terms, last_moment(wanted.expires_at), now
        ):
            return
        is_group, hours = terms.grantee.kind is GranteeKind.GROUP, hours_until(now, wanted.expires_at)
        since = groups.last_joined_at(connection, terms.grantee.name) if is_group else ALWAYS
        attempt = Attempt(Act.ADMINISTRATOR_ADD, str(terms.grantee), hours, since)
        self._four_eyes.require(connection, wanted.principal, attempt)

    async def _manages(self, principal: Principal, path_pattern: str) -> bool:
        pattern = parse_pattern(path_pattern)
        if not await self._authorizer.covers(principal, Action.MANAGE_MEMBERS, pattern):
            return False
        if principal.scopes is not None:
            raise InsufficientScope
        return True

    async def _require_not_beyond(self, principal: Principal, terms: Terms, until: Milliseconds) -> None:
        """Do nothing if `principal` may do there whatever the role allows, and open it to many if these are."""
        allowed = await self._database.read(hold_actions, terms.role)
        if allowed is None:
            raise RoleUnknown(f"there is no role {terms.role}")
        needed = allowed | {Action.ADMIN} if terms.grantee.kind in MANY else allowed
        pattern = parse_pattern(terms.path_pattern)
        for action in sorted(needed):
            if not await self._authorizer.covers(principal, action, pattern, terms.tag_pattern, until=until):
                for_as_long = " for as long" if until > self._clock() else ""
                self._refuse(
                    principal, f"may not {action} on all of {terms.path_pattern}{for_as_long}, and so not grant it"
                )

    async def _require_account(self, grantee: Grantee) -> None:
        if grantee.kind not in (GranteeKind.USER, GranteeKind.ROBOT):
            return
        standing_of = self._standings[PrincipalKind(grantee.kind.value)]
        if await standing_of(grantee.name) is Standing.NONE:
            raise PrincipalUnknown(f"there is no {grantee.kind} {grantee.name}, or it is disabled")

    def _take(self, connection: Connection, terms: Terms, now: Milliseconds) -> bool:
        self._require_administrator_left(connection, terms)
        return store.take(connection, terms, now)

    def _require_administrator_left(self, connection: Connection, terms: Terms) -> None:
        """Do nothing unless these are the terms by which the last administrator is one.

        Raises `LastAdministrator` and `LastBreakGlassAccount`.
        """
        if terms.role != SystemRole.ADMINISTRATOR or terms.grantee.kind is not GranteeKind.USER:
            return
        if terms.grantee.name in lock_local_administrators(connection):
            self._require_another_way_in(connection, terms.grantee.name)

    def _forget(self, grantee: Grantee) -> None:
        if grantee.kind in (GranteeKind.GROUP, *MANY):
            self._authorizer.forget_all()
        else:
            self._authorizer.forget(PrincipalKind(grantee.kind.value), grantee.name)

    @staticmethod
    def _refuse(principal: Principal, what: str) -> None:
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        raise Denied(
            f"{principal.name} {what}", hint="Ask an administrator of the project, or of the registry, to grant it."
        )


def last_moment(expires_at: Milliseconds | None) -> Milliseconds:
    """Return the last moment of a grant that ends then, or never."""
    return _FOREVER if expires_at is None else Milliseconds(expires_at - 1)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A grant to give: until then or for good, now, and by whom."""

    terms: Terms
    expires_at: Milliseconds | None
    now: Milliseconds
    principal: Principal
