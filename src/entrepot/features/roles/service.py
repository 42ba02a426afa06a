# SPDX-License-Identifier: Apache-2.0
"""The use cases of roles: everybody who is logged in may read them, administrators make their own."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.roles import store
from entrepot.features.roles.errors import RoleExists
from entrepot.features.roles.errors import RoleInUse
from entrepot.features.roles.errors import RoleUnknown
from entrepot.features.roles.errors import TooManyRoles
from entrepot.features.roles.models import BUILT_IN_ROLES
from entrepot.features.roles.models import KnownRole
from entrepot.features.roles.models import RoleTerms
from entrepot.features.roles.models import in_order
from entrepot.features.roles.models import parse_custom_name
from entrepot.features.roles.models import parse_role_name
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform

MAX_ROLES = 500
MAX_DESCRIPTION_CHARACTERS = 300
MAX_COUNTED_GRANTS = 1_000
"""How many grants of a role are counted."""
MAX_NAMED_GRANTS = 5
"""How many grants are named that keep a role from being deleted."""

_BUILT_IN = {role.name: position for position, role in enumerate(BUILT_IN_ROLES)}


@dataclass(frozen=True, slots=True)
class RolePage:
    """One page of roles; `is_more` says whether another follows."""

    roles: list[KnownRole]
    is_more: bool


@dataclass(frozen=True, slots=True)
class ShownRole:
    """A role, and how many grants of it there are: None for who may not know, `MAX_COUNTED_GRANTS` + 1 for more."""

    role: KnownRole
    grants: int | None


class Roles:
    """Every role there is. What changes counts in this process at once, on all others within two seconds."""

    def __init__(self, platform: Platform, forget: Callable[[], None]) -> None:
        """Call `forget` where a change leaves remembered rights behind."""
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._forget = forget

    async def page(self, principal: Principal, after_name: str, limit: int) -> RolePage:
        """Return the roles behind the one of a name: those that are built in, and then the others by name.

        Raises `Unauthenticated`.
        """
        _require_login(principal)
        built_in = _built_in_behind(after_name)
        after_custom = "" if after_name in _BUILT_IN else after_name
        custom = await self._database.read(store.page, after_custom, max(0, limit + 1 - len(built_in)))
        found = [*built_in, *custom]
        return RolePage(found[:limit], len(found) > limit)

    async def show(self, principal: Principal, name: str) -> ShownRole:
        """Return a role; to who may read accounts with the number of its grants.

        Raises `Unauthenticated`, `InvalidRoleName` and `RoleUnknown`.
        """
        _require_login(principal)
        is_counted = await self._rights.may_system(principal, SystemAction.READ_ACCOUNTS)
        return await self._database.snapshot(_show, parse_role_name(name), is_counted)

    async def create(self, principal: Principal, name: str, terms: RoleTerms) -> KnownRole:
        """Make a role.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `InvalidRoleName`, `RoleBuiltIn`,
        `RoleExists` and `TooManyRoles`.
        """
        await self._require_changing(principal)
        now = self._clock()
        role = KnownRole(
            parse_custom_name(name),
            one_line(terms.description, MAX_DESCRIPTION_CHARACTERS),
            in_order(terms.actions),
            now,
            principal.identity,
        )
        await self._database.write(_create, role, now)
        return role

    async def change(self, principal: Principal, name: str, terms: RoleTerms) -> KnownRole:
        """Replace what a role is for and what it allows, for everybody who has it.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `InvalidRoleName`, `RoleBuiltIn` and `RoleUnknown`.
        """
        await self._require_changing(principal)
        role = await self._database.write(_change, parse_custom_name(name), terms, self._clock())
        self._forget()
        return role

    async def delete(self, principal: Principal, name: str) -> None:
        """Delete a role that nobody was granted. Raises as `change`, and `RoleInUse`."""
        await self._require_changing(principal)
        await self._database.write(delete_unused, parse_custom_name(name), self._clock())
        self._forget()

    async def _require_changing(self, principal: Principal) -> None:
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)


def delete_unused(connection: Connection, name: str, now: Milliseconds) -> None:
    """Delete a role unless a grant gives it. To be written: serializable, so that no grant comes in between.

    Raises `RoleUnknown` and `RoleInUse`.
    """
    before = store.find(connection, name)
    if before is None or not store.remove(connection, name):
        raise RoleUnknown(f"there is no role {name}")
    uses = sorted(store.some_uses(connection, name, MAX_NAMED_GRANTS + 1))
    if uses:
        named = [f"{principal} on {path_pattern}" for principal, path_pattern in uses[:MAX_NAMED_GRANTS]]
        others = ["others"] if len(uses) > MAX_NAMED_GRANTS else []
        raise RoleInUse(f"the role {name} is granted to {', '.join([*named, *others])}")
    announce(connection, Change.ROLE_DELETED, now, Told(object=f"role:{name}", before=_terms(before)))


def _built_in_behind(name: str) -> tuple[KnownRole, ...]:
    if name in _BUILT_IN:
        return BUILT_IN_ROLES[_BUILT_IN[name] + 1 :]
    return () if name else BUILT_IN_ROLES


def _require_login(principal: Principal) -> None:
    if principal.kind is PrincipalKind.ANONYMOUS:
        raise Unauthenticated


def _show(connection: Connection, name: str, is_counted: bool) -> ShownRole:
    role = BUILT_IN_ROLES[_BUILT_IN[name]] if name in _BUILT_IN else store.find(connection, name)
    if role is None:
        raise RoleUnknown(f"there is no role {name}")
    grants = store.count_uses(connection, name, MAX_COUNTED_GRANTS + 1) if is_counted else None
    return ShownRole(role, grants)


def _create(connection: Connection, role: KnownRole, now: Milliseconds) -> None:
    if store.count(connection) >= MAX_ROLES:
        raise TooManyRoles(f"there are {MAX_ROLES} roles beside the built-in ones, which is the most there may be")
    if not store.add(connection, role):
        raise RoleExists(f"there is a role {role.name} already")
    announce(connection, Change.ROLE_CREATED, now, Told(object=f"role:{role.name}", after=_terms(role)))


def _change(connection: Connection, name: str, terms: RoleTerms, now: Milliseconds) -> KnownRole:
    description = one_line(terms.description, MAX_DESCRIPTION_CHARACTERS)
    before = store.find(connection, name)
    store.change(connection, name, description, in_order(terms.actions))
    changed = store.find(connection, name)
    if before is None or changed is None:
        raise RoleUnknown(f"there is no role {name}")
    told = Told(object=f"role:{name}", before=_terms(before), after=_terms(changed))
    announce(connection, Change.ROLE_CHANGED, now, told)
    return changed


def _terms(role: KnownRole) -> dict[str, object]:
    return {"description": role.description, "actions": list(role.actions)}
