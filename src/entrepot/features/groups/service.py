# SPDX-License-Identifier: Apache-2.0
"""The use cases of groups: making and ending them, and who is in them."""

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.groups import store
from entrepot.features.groups.admission import admit
from entrepot.features.groups.admission import require_group
from entrepot.features.groups.admission import require_own
from entrepot.features.groups.errors import AccountUnknown
from entrepot.features.groups.errors import GroupExists
from entrepot.features.groups.errors import MemberUnknown
from entrepot.features.groups.models import Group
from entrepot.features.groups.models import GroupName
from entrepot.features.groups.models import Member
from entrepot.features.groups.models import MemberKind
from entrepot.features.groups.models import Membership
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import InsufficientScope
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import ALWAYS
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform

MAX_DESCRIPTION_CHARACTERS = 1_000

IsAccount = Callable[[Principal], Awaitable[bool]]
"""Tells whether it is an account that exists and is enabled, or of a kind that has none."""

Leave = Callable[[Connection, str, Milliseconds], None]
"""Removes what is kept about a group, in the transaction that deletes it."""


MayAdminister = Callable[[Connection, str], bool]
"""Tells whether whoever is in a group, such as `group:on-call`, may take the administrator's role in an emergency."""


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One page of groups, by name; `is_more` says whether another follows."""

    groups: list[Group]
    is_more: bool


@dataclass(frozen=True, slots=True)
class MembershipPage:
    """One page of those who are in a group directly; `is_more` says whether another follows."""

    memberships: list[Membership]
    is_more: bool


class Groups:
    """Every group there is. Administrators of the registry change them; who may read accounts sees them.

    What changes counts in this process at once, on all others within two seconds.
    """

    def __init__(
        self,
        platform: Platform,
        is_account: IsAccount,
        forget: Callable[[], None],
        leave: Leave,
        may_administer: MayAdminister,
    ) -> None:
        """`forget` drops whatever was remembered of accounts and of what they may do.

        `leave` removes what features keep about a group that is deleted, such as `group:developers`.
        """
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._is_account = is_account
        self._forget = forget
        self._leave = leave
        self._may_administer = may_administer

    async def page(self, principal: Principal, after: str, limit: int) -> GroupPage:
        """Return the groups behind the name `after`. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        found = await self._database.read(store.page, after, limit + 1)
        return GroupPage(found[:limit], len(found) > limit)

    async def page_with(self, principal: Principal, member: Member, after: str, limit: int) -> GroupPage:
        """Return those that somebody is in directly. One may ask about oneself. Raises as `Rights.require_system`."""
        if principal.identity != str(member):
            await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        elif principal.scopes is not None:
            raise InsufficientScope
        found = await self._database.read(store.page_with, str(member), after, limit + 1)
        return GroupPage(found[:limit], len(found) > limit)

    async def show(self, principal: Principal, name: GroupName) -> Group:
        """Return a group. Raises as `Rights.require_system`, and `GroupUnknown`."""
        await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        return await self._database.read(require_group, name)

    async def members(self, principal: Principal, name: GroupName, after: str, limit: int) -> MembershipPage:
        """Return those who are in a group directly, behind `after`, such as `user:alice`. Raises as `show`."""
        await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        found = await self._database.snapshot(_members, name, after, limit + 1)
        return MembershipPage(found[:limit], len(found) > limit)

    async def create(self, principal: Principal, name: GroupName, description: str) -> Group:
        """Make a group that nobody is in.

        Raises as `Rights.require_system`, `ReauthenticationNeeded` and `GroupExists`.
        """
        await self._require_changing(principal)
        group = Group(name, _kept(description), self._clock(), principal.identity)
        await self._database.write(_create, group)
        return group

    async def describe(self, principal: Principal, name: GroupName, description: str) -> Group:
        """Give a group another description. Raises as `delete`."""
        await self._require_changing(principal)
        return await self._database.write(_describe, name, _kept(description), self._clock())

    async def delete(self, principal: Principal, name: GroupName) -> None:
        """Delete a group with all that was granted to it, so that another one of its name inherits nothing.

        Raises as `Rights.require_system`, `ReauthenticationNeeded` and `GroupUnknown`.
        """
        await self._require_changing(principal)
        await self._database.write(_delete, name, self._clock(), self._leave)
        self._forget()

    async def put(self, principal: Principal, name: GroupName, member: Member) -> tuple[Membership, bool]:
        """Put somebody into a group; return since when they are in it, and whether they were not before.

        Raises as `delete` and `admit`, `AccountUnknown`, and as `FourEyes.require` where the group administers, or may.
        """
        await self._require_changing(principal)
        await self._require_account(member)
        put = await self._database.write(self._put, principal, name, member)
        self._forget()
        return put

    async def remove(self, principal: Principal, name: GroupName, member: Member) -> None:
        """Take somebody out of a group. Raises as `delete`, `GroupOfProvider` and `MemberUnknown`."""
        await self._require_changing(principal)
        await self._database.write(_remove, name, member, self._clock())
        self._forget()

    def _put(
        self, connection: Connection, principal: Principal, name: GroupName, member: Member
    ) -> tuple[Membership, bool]:
        now = self._clock()
        put = admit(connection, name, member, now, principal.identity)
        group = f"group:{name}"
        if put[1] and (store.administers(connection, group, now) or self._may_administer(connection, group)):
            since = store.last_joined_at(connection, member.name) if member.kind is MemberKind.GROUP else ALWAYS
            attempt = Attempt(Act.ADMINISTRATOR_ADD, f"{member} in {group}", since=since)
            self._four_eyes.require(connection, principal, attempt)
        return put

    async def _require_changing(self, principal: Principal) -> None:
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)

    async def _require_account(self, member: Member) -> None:
        if member.kind is MemberKind.GROUP:
            return
        self._forget()  # somebody who was looked for in vain may have an account since
        if not await self._is_account(Principal(PrincipalKind(member.kind.value), member.name)):
            raise AccountUnknown(f"there is no {member.kind} {member.name}, or it is disabled")


def _kept(description: str) -> str:
    return one_line(description, MAX_DESCRIPTION_CHARACTERS)


def _members(connection: Connection, name: GroupName, after: str, limit: int) -> list[Membership]:
    require_group(connection, name)
    return store.members(connection, name, after, limit)


def _create(connection: Connection, group: Group) -> None:
    if not store.add(connection, group):
        raise GroupExists(f"there is a group {group.name} already")
    told = Told(object=f"group:{group.name}", after={"description": group.description})
    announce(connection, Change.GROUP_CREATED, group.created_at, told)


def _describe(connection: Connection, name: GroupName, description: str, now: Milliseconds) -> Group:
    before = require_group(connection, name)
    store.describe(connection, name, description)
    if before.description != description:
        told = Told(
            object=f"group:{name}", before={"description": before.description}, after={"description": description}
        )
        announce(connection, Change.GROUP_CHANGED, now, told)
    return replace(before, description=description)


def _delete(connection: Connection, name: GroupName, now: Milliseconds, leave: Leave) -> None:
    before = require_group(connection, name)
    leave(connection, f"group:{name}", now)
    store.remove(connection, name)
    told = Told(object=f"group:{name}", before={"description": before.description})
    announce(connection, Change.GROUP_DELETED, now, told)


def _remove(connection: Connection, name: GroupName, member: Member, now: Milliseconds) -> None:
    require_own(require_group(connection, name))
    if not store.take_out(connection, name, str(member)):
        raise MemberUnknown(f"{member} is not in the group {name} itself")
    announce(connection, Change.GROUP_LEFT, now, Told(object=str(member), before={"group": name}))
