# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about groups."""

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from typing import Any

from sqlalchemy import CTE
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from entrepot.features.groups.models import MAX_NESTED
from entrepot.features.groups.models import Group
from entrepot.features.groups.models import GroupName
from entrepot.features.groups.models import Membership
from entrepot.features.groups.tables import group_members
from entrepot.features.groups.tables import groups
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import SystemRole
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

_IDENTITY = bytewise(320)


class _Bytewise(FunctionElement[str]):
    """Text that is from no column, compared as columns of `bytewise` are: a recursion is about one sort of text."""

    type = _IDENTITY
    inherit_cache = True


@compiles(_Bytewise)
def _as_it_is(element: _Bytewise, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Bytewise, "postgresql")
def _collated(element: _Bytewise, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)}) COLLATE "C"'


_EXISTS = select(groups.c.name).where(groups.c.name == bindparam("name")).with_for_update(read=True)
_GROUP = literal_column("'group:'", bytewise(8))
_NAMED = _Bytewise(_GROUP + bindparam("name", type_=_IDENTITY))
_START = select(_NAMED.label("principal")).cte("inside", recursive=True)
_INSIDE = _START.union(
    select(group_members.c.member)
    .select_from(_START)
    .join(group_members, group_members.c.group_name == func.substr(_START.c.principal, len("group:") + 1))
    .where(_START.c.principal.startswith("group:"))
)
_EVERYBODY = (
    select(_INSIDE.c.principal)
    .where(~_INSIDE.c.principal.startswith("group:"))
    .order_by(_INSIDE.c.principal)
    .limit(bindparam("limit"))
)
_LAST_JOINED = select(func.max(group_members.c.created_at)).join(
    _INSIDE, group_members.c.group_name == func.substr(_INSIDE.c.principal, len("group:") + 1)
)
_COLUMNS = tuple(groups.c[field.name] for field in fields(Group))
_FIND = select(*_COLUMNS).where(groups.c.name == bindparam("name"))
_PAGE = select(*_COLUMNS).where(groups.c.name > bindparam("after")).order_by(groups.c.name).limit(bindparam("limit"))
_PAGE_WITH = (
    select(*_COLUMNS)
    .join(group_members, group_members.c.group_name == groups.c.name)
    .where(group_members.c.member == bindparam("member"), group_members.c.group_name > bindparam("after"))
    .order_by(group_members.c.group_name)
    .limit(bindparam("limit"))
)
_DESCRIBE = update(groups).where(groups.c.name == bindparam("of")).values(description=bindparam("text"))
_REMOVE = delete(groups).where(groups.c.name == bindparam("name"))
_REMOVE_GRANTS = delete(grants).where(grants.c.principal == bindparam("holder"))
_MEMBERSHIP = select(
    group_members.c.group_name, group_members.c.member, group_members.c.created_at, group_members.c.created_by
)
_OF_GROUP = group_members.c.group_name == bindparam("name")
_OF_MEMBER = group_members.c.member == bindparam("of")
_FIND_MEMBERSHIP = _MEMBERSHIP.where(_OF_GROUP, _OF_MEMBER)
_MEMBERS = (
    _MEMBERSHIP.where(_OF_GROUP, group_members.c.member > bindparam("after"))
    .order_by(group_members.c.member)
    .limit(bindparam("limit"))
)
_TAKE_OUT = delete(group_members).where(_OF_GROUP, _OF_MEMBER)
_LEAVE = delete(group_members).where(_OF_MEMBER)
_COUNT_MEMBERS = select(func.count()).select_from(group_members).where(_OF_GROUP)
_COUNT_GROUPS = select(func.count()).select_from(group_members).where(_OF_MEMBER)

_FROM_HERE = select((_GROUP + groups.c.name).label("principal"), literal_column("1", Integer).label("level")).where(
    groups.c.name == bindparam("name")
)
_UP = _FROM_HERE.cte("up", recursive=True)
_ABOVE = _UP.union(
    select(_GROUP + group_members.c.group_name, _UP.c.level + 1)
    .join_from(_UP, group_members, group_members.c.member == _UP.c.principal)
    .where(_UP.c.level < MAX_NESTED)
)
_DOWN = _FROM_HERE.cte("down", recursive=True)
_BELOW = _DOWN.union(
    select(group_members.c.member, _DOWN.c.level + 1)
    .join_from(_DOWN, group_members, group_members.c.group_name == func.substr(_DOWN.c.principal, len("group:") + 1))
    .where(group_members.c.member >= "group:", group_members.c.member < "group;", _DOWN.c.level < MAX_NESTED)
)
_LEVELS_ABOVE = select(
    func.max(_ABOVE.c.level), func.min(case((_ABOVE.c.principal == bindparam("sought"), _ABOVE.c.level)))
)
_LEVELS_BELOW = select(func.max(_BELOW.c.level))
_STEP_DOWN = (
    select(func.min(_ABOVE.c.principal))
    .join(group_members, group_members.c.member == _ABOVE.c.principal)
    .where(_ABOVE.c.level == bindparam("level"), group_members.c.group_name == bindparam("outer"))
)


@dataclass(frozen=True, slots=True)
class Above:
    """What a group is in: `levels` of groups in one another, with its own, looked at up to as many as there may be."""

    levels: int
    sought_at: int | None
    """The level of the group that was looked for, counted from the group's own, 1; None when it is not there."""


def holders(*principals: ColumnElement[str]) -> CTE:
    """Return, as a part of a statement, the principals and every group that they are in, directly or through others.

    Its one column is `principal`, such as `group:developers`; a group counts once, whatever circles there are.
    """
    seeds = union_all(*(select(_Bytewise(each).label("principal")) for each in principals)).subquery()
    held = select(seeds.c.principal).cte("held", recursive=True)
    found = select(_GROUP + group_members.c.group_name).join(held, group_members.c.member == held.c.principal)
    return held.union(found)


_HOLDERS = holders(bindparam("somebody", type_=_IDENTITY))
_ADMINISTERS = (
    select(grants.c.id)
    .join(_HOLDERS, grants.c.principal == _HOLDERS.c.principal)
    .where(
        grants.c.path_pattern == SYSTEM,
        grants.c.role == SystemRole.ADMINISTRATOR.value,
        or_(grants.c.expires_at.is_(None), grants.c.expires_at > bindparam("now")),
    )
    .limit(1)
)


def exists(connection: Connection, name: str) -> bool:
    """Tell whether there is a group of this name, which then stays until this transaction ends."""
    return connection.execute(_EXISTS, {"name": name}).first() is not None


def group_made_at(connection: Connection, name: str) -> Milliseconds | None:
    """Return when the group of this name was made, None if there is none."""
    found = find(connection, GroupName(name))
    return None if found is None else found.created_at


def administers(connection: Connection, principal: str, now: Milliseconds) -> bool:
    """Tell whether somebody, such as `user:alice` or `group:ops`, administers the registry, alone or in a group."""
    return connection.execute(_ADMINISTERS, {"somebody": principal, "now": now}).first() is not None


def leave(connection: Connection, member: str) -> None:
    """Take somebody, such as `user:alice`, out of every group."""
    connection.execute(_LEAVE, {"of": member})


def everybody_in(connection: Connection, name: str, limit: int) -> list[str]:
    """Return up to `limit` of those who are in a group or in groups that are in it, such as `user:alice`, in order."""
    return list(connection.execute(_EVERYBODY, {"name": name, "limit": limit}).scalars())


def last_joined_at(connection: Connection, name: str) -> Milliseconds:
    """Return when somebody last came into a group or one that is in it, or when it was made if nobody is."""
    joined = connection.execute(_LAST_JOINED, {"name": name}).scalar_one_or_none()
    return Milliseconds(max(joined or 0, group_made_at(connection, name) or 0))


def find(connection: Connection, name: GroupName) -> Group | None:
    """Return the group of this name."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else Group(*row)


def page(connection: Connection, after: str, limit: int) -> list[Group]:
    """Return up to `limit` groups behind the name `after`, by name."""
    return [Group(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def page_with(connection: Connection, member: str, after: str, limit: int) -> list[Group]:
    """Do the same for those that somebody, such as `user:alice`, is in directly."""
    values = {"member": member, "after": after, "limit": limit}
    return [Group(*row) for row in connection.execute(_PAGE_WITH, values)]


def add(connection: Connection, group: Group) -> bool:
    """Store a group unless there is one of its name; tell whether this call did."""
    return insert_if_absent(connection, groups, asdict(group))


def describe(connection: Connection, name: GroupName, description: str) -> bool:
    """Give a group another description; tell whether there is one of that name."""
    return connection.execute(_DESCRIBE, {"of": name, "text": description}).rowcount == 1


def remove(connection: Connection, name: GroupName) -> bool:
    """Remove a group, who is in it, its places in others and all that was granted to it; tell whether it was there."""
    leave(connection, f"group:{name}")
    connection.execute(_REMOVE_GRANTS, {"holder": f"group:{name}"})
    return connection.execute(_REMOVE, {"name": name}).rowcount == 1


def members(connection: Connection, name: GroupName, after: str, limit: int) -> list[Membership]:
    """Return up to `limit` of those who are in a group directly, behind `after`, such as `user:alice`, in order."""
    rows = connection.execute(_MEMBERS, {"name": name, "after": after, "limit": limit})
    return [Membership(*row) for row in rows]


def find_membership(connection: Connection, name: GroupName, member: str) -> Membership | None:
    """Return since when somebody is in a group directly, None for who is not."""
    row = connection.execute(_FIND_MEMBERSHIP, {"name": name, "of": member}).first()
    return None if row is None else Membership(*row)


def put_in(connection: Connection, membership: Membership) -> None:
    """Store that somebody is in a group, who was not."""
    row = {
        "group_name": membership.group,
        "member": membership.member,
        "created_at": membership.created_at,
        "created_by": membership.created_by,
    }
    connection.execute(insert(group_members), row)


def take_out(connection: Connection, name: GroupName, member: str) -> bool:
    """Take somebody out of a group; tell whether they were in it directly."""
    return connection.execute(_TAKE_OUT, {"name": name, "of": member}).rowcount == 1


def count_members(connection: Connection, name: GroupName) -> int:
    """Return how many are in a group directly."""
    found: int = connection.execute(_COUNT_MEMBERS, {"name": name}).scalar_one()
    return found


def count_groups(connection: Connection, member: str) -> int:
    """Return in how many groups somebody, such as `user:alice`, is directly."""
    found: int = connection.execute(_COUNT_GROUPS, {"of": member}).scalar_one()
    return found


def above(connection: Connection, name: GroupName, sought: GroupName) -> Above:
    """Return what a group that exists is in, and where in that the group `sought` is."""
    levels, sought_at = connection.execute(_LEVELS_ABOVE, {"name": name, "sought": f"group:{sought}"}).one()
    return Above(levels, sought_at)


def levels_below(connection: Connection, name: GroupName) -> int:
    """Return how many groups are in one another from one that exists downwards, up to as many as there may be."""
    levels: int = connection.execute(_LEVELS_BELOW, {"name": name}).scalar_one()
    return levels


def way_up(connection: Connection, name: GroupName, outer: GroupName, level: int) -> list[GroupName]:
    """Return the shortest way from a group to one that it is in, each in the next; `level` is where that was found."""
    way = [outer]
    for each in range(level - 1, 0, -1):
        step = {"name": name, "level": each, "outer": way[0]}
        inner: str = connection.execute(_STEP_DOWN, step).scalar_one()
        way.insert(0, GroupName(inner.removeprefix("group:")))
    return way
