# SPDX-License-Identifier: Apache-2.0
"""Putting somebody into a group: the rules, and the change, in one transaction.

It has to be a serializable one. Then of two changes that together would put a
group into itself, or one too many into a group, the later one sees the other.
"""

from itertools import pairwise

from sqlalchemy import Connection

from entrepot.features.groups import store
from entrepot.features.groups.errors import GroupFull
from entrepot.features.groups.errors import GroupInItself
from entrepot.features.groups.errors import GroupOfProvider
from entrepot.features.groups.errors import GroupsTooDeep
from entrepot.features.groups.errors import GroupUnknown
from entrepot.features.groups.errors import TooManyGroups
from entrepot.features.groups.models import MAX_GROUPS
from entrepot.features.groups.models import MAX_MEMBERS
from entrepot.features.groups.models import MAX_NESTED
from entrepot.features.groups.models import Group
from entrepot.features.groups.models import GroupName
from entrepot.features.groups.models import Member
from entrepot.features.groups.models import MemberKind
from entrepot.features.groups.models import Membership
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


def admit(
    connection: Connection, name: GroupName, member: Member, now: Milliseconds, by: str
) -> tuple[Membership, bool]:
    """Put a member into a group unless it is there; return since when it is, and whether this call did.

    Raises `GroupUnknown`, `GroupOfProvider`, `GroupInItself`, `GroupsTooDeep`, `GroupFull` and `TooManyGroups`.
    """
    require_own(require_group(connection, name))
    present = store.find_membership(connection, name, str(member))
    if present is not None:
        return present, False
    if member.kind is MemberKind.GROUP:
        _require_nestable(connection, name, GroupName(member.name))
    _require_room(connection, name, member)
    membership = Membership(name, str(member), now, by)
    store.put_in(connection, membership)
    announce(connection, Change.GROUP_JOINED, now, Told(object=str(member), after={"group": name}))
    return membership, True


def require_group(connection: Connection, name: GroupName) -> Group:
    """Return the group of this name. Raises `GroupUnknown`."""
    group = store.find(connection, name)
    if group is None:
        raise GroupUnknown(f"there is no group {name}")
    return group


def require_own(group: Group) -> None:
    """Do nothing if it is decided here who is in a group. Raises `GroupOfProvider`."""
    if group.provider is not None:
        raise GroupOfProvider(f"the identity provider {group.provider} decides who is in the group {group.name}")


def _require_nestable(connection: Connection, outer: GroupName, inner: GroupName) -> None:
    """Do nothing if there is the group `inner`, and it may be put into `outer`."""
    require_group(connection, inner)
    above = store.above(connection, outer, inner)
    if above.sought_at is not None:
        way = store.way_up(connection, outer, inner, above.sought_at)
        steps = [f"{lower} is in {upper}" for lower, upper in pairwise(way)]
        raise GroupInItself(f"{inner} cannot be in {outer}: {', '.join(steps) or 'they are one'}")
    levels = above.levels + store.levels_below(connection, inner)
    if levels > MAX_NESTED:
        raise GroupsTooDeep(
            f"{inner} in {outer} would make more than {MAX_NESTED} groups in one another, which is the most allowed"
        )


def _require_room(connection: Connection, name: GroupName, member: Member) -> None:
    if store.count_members(connection, name) >= MAX_MEMBERS:
        raise GroupFull(f"{MAX_MEMBERS} are in the group {name}, which is the most there may be")
    if store.count_groups(connection, str(member)) >= MAX_GROUPS:
        raise TooManyGroups(f"{member} is in {MAX_GROUPS} groups, which is the most there may be")
