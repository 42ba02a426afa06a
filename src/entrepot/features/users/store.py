# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement that lets the columns of `following` follow.

It takes the tables of other features from the catalogue, by name: a change of name is about all of them at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.users.following import FOLLOWING
from entrepot.features.users.following import AtMerge
from entrepot.features.users.following import Following
from entrepot.features.users.models import MovingToken
from entrepot.infra.database.metadata import metadata
from entrepot.kernel.clock import Milliseconds

MAX_TOKEN_NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant of a user."""

    id: int
    path_pattern: str
    role: str
    tag_pattern: str
    expires_at: Milliseconds | None

    @property
    def terms(self) -> tuple[str, str, str]:
        """What it says: a user has one grant of these terms."""
        return self.path_pattern, self.role, self.tag_pattern


@dataclass(frozen=True, slots=True)
class HeldMembership:
    """A group that a user is in directly, and who decides that: None for administrators."""

    group: str
    provider: str | None


def rename(connection: Connection, old: str, new: str, now: Milliseconds) -> None:
    """Let everything that names a user and decides something name it by its new name."""
    for each in FOLLOWING:
        _follow(connection, each, old, new, now)


def strip(connection: Connection, name: str) -> None:
    """Remove what was given to a name that nobody has, if anything was."""
    for each in FOLLOWING:
        if each.unique or each.at_merge is not AtMerge.MOVES:
            _end(connection, each, name)


def move(connection: Connection, source: str, into: str, now: Milliseconds) -> None:
    """Let what simply moves be the other user's, and end what does not, once what combines has been combined."""
    tokens = _table("refresh_tokens")
    by_password = tokens.c.credential.startswith("password:")
    connection.execute(delete(tokens).where(tokens.c.principal == f"user:{source}", by_password))
    for each in FOLLOWING:
        if each.at_merge is AtMerge.ENDS:
            _end(connection, each, source)
        else:
            _make_room(connection, each, source, into)
            _follow(connection, each, source, into, now)


def grants_of(connection: Connection, name: str) -> list[HeldGrant]:
    """Return the grants of a user, the oldest first, but for those of break-glass access: each is one by itself."""
    grants = _table("grants")
    columns = (grants.c.id, grants.c.path_pattern, grants.c.role, grants.c.tag_pattern, grants.c.expires_at)
    is_theirs = (grants.c.principal == f"user:{name}", grants.c.opening == "")
    rows = connection.execute(select(*columns).where(*is_theirs).order_by(grants.c.id))
    return [HeldGrant(*row) for row in rows]


def combine_grant(connection: Connection, kept: HeldGrant, removed: HeldGrant, until: Milliseconds | None) -> None:
    """Remove one of two grants of the same terms, and let the other end at a moment, or never."""
    grants = _table("grants")
    connection.execute(delete(grants).where(grants.c.id == removed.id))
    connection.execute(update(grants).where(grants.c.id == kept.id).values(expires_at=until))


def memberships_of(connection: Connection, name: str) -> list[HeldMembership]:
    """Return the groups that a user is in directly, by name."""
    groups, members = _table("groups"), _table("group_members")
    found = (
        select(groups.c.name, groups.c.provider)
        .join(members, members.c.group_name == groups.c.name)
        .where(members.c.member == f"user:{name}")
        .order_by(groups.c.name)
    )
    return [HeldMembership(*row) for row in connection.execute(found)]


def leave_group(connection: Connection, group: str, name: str) -> None:
    """Take a user out of a group."""
    members = _table("group_members")
    is_it = (members.c.group_name == group, members.c.member == f"user:{name}")
    connection.execute(delete(members).where(*is_it))


def tokens_moving(connection: Connection, source: str, into: str) -> list[MovingToken]:
    """Return the tokens of a user that were not revoked, each with a name that is free at the other user."""
    taken = set(_token_names(connection, into))
    names = _token_names(connection, source)
    found = []
    for name in names:
        new_name = next(each for each in _spellings(name, source) if each not in taken)
        taken.add(new_name)
        found.append(MovingToken(name, new_name))
    return found


def rename_token(connection: Connection, holder: str, token: MovingToken) -> None:
    """Give a token of a user the name that it is to have."""
    credentials = _table("credentials")
    is_it = (credentials.c.principal == f"user:{holder}", credentials.c.name == token.name)
    connection.execute(
        update(credentials).where(*is_it, credentials.c.revoked_at.is_(None)).values(name=token.new_name)
    )


def _token_names(connection: Connection, name: str) -> list[str]:
    credentials = _table("credentials")
    is_theirs = (credentials.c.principal == f"user:{name}", credentials.c.revoked_at.is_(None))
    return list(connection.execute(select(credentials.c.name).where(*is_theirs).order_by(credentials.c.id)).scalars())


def _spellings(name: str, source: str) -> Iterator[str]:
    """Yield the name, then such as `laptop-alice` and `laptop-2`, within the length of a name."""
    yield name
    number = 1
    ending = f"-{source}"
    while True:
        yield name[: max(1, MAX_TOKEN_NAME_CHARACTERS - len(ending))] + ending[: MAX_TOKEN_NAME_CHARACTERS - 1]
        number += 1
        ending = f"-{number}"


def _follow(connection: Connection, following: Following, old: str, new: str, now: Milliseconds) -> None:
    column = _column(following)
    change = (
        update(column.table).where(*_rows(following, column, old, now)).values({column.name: following.spelled(new)})
    )
    connection.execute(change)


def _end(connection: Connection, following: Following, name: str) -> None:
    column = _column(following)
    connection.execute(delete(column.table).where(column == following.spelled(name)))


def _make_room(connection: Connection, following: Following, source: str, into: str) -> None:
    """Remove what would stand in the way of what the user that stays has of the same kind."""
    if not following.unique:
        return
    column = _column(following)
    kept = column.table.alias()
    theirs = select(kept.c[following.unique]).where(kept.c[following.column] == following.spelled(into))
    in_the_way = (column == following.spelled(source), column.table.c[following.unique].in_(theirs))
    connection.execute(delete(column.table).where(*in_the_way))


def _rows(following: Following, column: "Column[str]", name: str, now: Milliseconds) -> tuple[ColumnElement[bool], ...]:
    is_theirs = column == following.spelled(name)
    return (is_theirs, column.table.c[following.until] > now) if following.until else (is_theirs,)


def _column(following: Following) -> "Column[str]":
    return _table(following.table).c[following.column]


def _table(name: str) -> Table:
    return metadata.tables[name]
