# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about users and failed logins."""

from collections.abc import Collection
from dataclasses import fields

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.groups import leave
from entrepot.features.identity.models import FailedLogins
from entrepot.features.identity.models import Standing
from entrepot.features.identity.models import User
from entrepot.features.identity.models import password_credential
from entrepot.features.identity.tables import former_users
from entrepot.features.identity.tables import login_failures
from entrepot.features.identity.tables import users
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import SystemRole
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

ENTREPOT = "internal:entrepot"
"""Who grants what nobody asked for."""

_USER = select(*(users.c[field.name] for field in fields(User)))
_FIND = _USER.where(users.c.name == bindparam("name"))
_LOCKED = _FIND.with_for_update()
_PAGE = _USER.where(users.c.name > bindparam("after")).order_by(users.c.name).limit(bindparam("count"))
_IS_ADMINISTRATOR = (
    grants.c.path_pattern == SYSTEM,
    grants.c.role == SystemRole.ADMINISTRATOR.value,
    grants.c.opening == "",
)
"""By a grant that somebody gave: whoever breaks the glass is none of these."""

_OF_USER = grants.c.principal == literal_column("'user:'", bytewise(8)) + users.c.name
_LASTING = (
    select(users.c.name)
    .select_from(users.join(grants, _OF_USER))
    .where(*_IS_ADMINISTRATOR, grants.c.expires_at.is_(None))
)
_ADMINISTRATOR = _LASTING.limit(1)
_FOR_GOOD = _LASTING.where(users.c.name == bindparam("name"))
_LOCAL_ADMINISTRATORS = (
    _LASTING.where(users.c.disabled_at.is_(None), users.c.provider.is_(None)).order_by(users.c.id).with_for_update()
)
_ENABLED_LOCAL = (
    select(users.c.name)
    .where(
        users.c.name.in_(bindparam("names", expanding=True)), users.c.disabled_at.is_(None), users.c.provider.is_(None)
    )
    .order_by(users.c.id)
    .with_for_update()
)
_ADMINISTRATORS_AMONG = select(grants.c.principal).where(
    *_IS_ADMINISTRATOR,
    grants.c.principal.in_(bindparam("principals", expanding=True)),
    or_(grants.c.expires_at.is_(None), grants.c.expires_at > bindparam("now")),
)
_PASSWORD_IN_FORCE = Prepared(
    select(users.c.id, users.c.password_changed_at).where(
        users.c.name == bindparam("name"),
        users.c.disabled_at.is_(None),
        users.c.provider.is_(None),
        users.c.second_factor_at.is_(None),
    ),
    "name",
)
_STANDING = Prepared(select(users.c.id).where(users.c.name == bindparam("name"), users.c.disabled_at.is_(None)), "name")
_FORMER = select(former_users.c.name, former_users.c.became).where(former_users.c.name == bindparam("name"))
_FORGET_FORMER = delete(former_users).where(former_users.c.name == bindparam("name"))
_OTHERS = tuple(users.c[field.name] for field in fields(User) if field.name not in ("id", "name"))
_TWIN = insert(users).from_select(
    ["name", *(column.name for column in _OTHERS)],
    select(bindparam("new_name", type_=users.c.name.type), *_OTHERS).where(users.c.id == bindparam("of")),
)
_REMOVE = delete(users).where(users.c.id == bindparam("of"))
_GIVE_ID = update(users).where(users.c.name == bindparam("called")).values(id=bindparam("of"))
_FAILED = select(login_failures.c.failures, login_failures.c.last_failed_at).where(
    login_failures.c.subject == bindparam("subject")
)
_FAILED_NOW = Prepared(_FAILED, "subject")
_FAILED_LOCKED = Prepared(_FAILED.with_for_update(), "subject")
_FORGET = delete(login_failures).where(login_failures.c.subject == bindparam("subject"))
_FORGET_OUTSIDE = delete(login_failures).where(
    or_(login_failures.c.last_failed_at < bindparam("begin"), login_failures.c.last_failed_at > bindparam("end"))
)


def standing_of(connection: Connection, name: str) -> Standing:
    """Return what the user of this name counts for."""
    return Standing.NONE if _STANDING.first(connection, name) is None else Standing.USER


def find_user(connection: Connection, name: str) -> User | None:
    """Return the user of this name, disabled or not."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else User(*row)


def list_users(connection: Connection, after: str, count: int) -> list[User]:
    """Return the users behind the name `after`, in the order of their names, at most `count`."""
    return [User(*row) for row in connection.execute(_PAGE, {"after": after, "count": count})]


def password_in_force(connection: Connection, name: str) -> str | None:
    """Return what `Principal.credential` is after a login of this user, if enabled and let in by a password alone."""
    row = _PASSWORD_IN_FORCE.first(connection, name)
    return None if row is None else password_credential(row[0], row[1])


def lock_user(connection: Connection, name: str) -> User | None:
    """Return the user of this name, whom nobody else changes until this transaction ends."""
    row = connection.execute(_LOCKED, {"name": name}).first()
    return None if row is None else User(*row)


def set_second_factor_at(connection: Connection, user: User, moment: Milliseconds | None) -> None:
    """Note since when a user has a second factor, None for a user who has none any more."""
    connection.execute(update(users).where(users.c.id == user.id).values(second_factor_at=moment))


def has_administrator(connection: Connection) -> bool:
    """Tell whether any user is an administrator for good, disabled or not."""
    return connection.execute(_ADMINISTRATOR).first() is not None


def lock_local_administrators(connection: Connection) -> set[str]:
    """Return the enabled users from no provider who are administrators for good, by a grant to themselves.

    None of them changes until this transaction ends.
    """
    return set(connection.execute(_LOCAL_ADMINISTRATORS).scalars())


def lock_enabled_local(connection: Connection, names: Collection[str]) -> set[str]:
    """Return those of `names` that are enabled users from no provider.

    None of them changes until this transaction ends.
    """
    return set(connection.execute(_ENABLED_LOCAL, {"names": sorted(names)}).scalars())


def create_first_administrator(connection: Connection, name: str, password_hash: str, now: Milliseconds) -> bool:
    """Create an administrator unless there is one; tell whether this call did."""
    if has_administrator(connection) or not create_user(connection, name, password_hash, now):
        return False
    make_administrator(connection, name, now, ENTREPOT)
    return True


def create_user(connection: Connection, name: str, password_hash: str, now: Milliseconds) -> bool:
    """Create a local user unless there is one of this name; tell whether this call did."""
    row = {"name": name, "password_hash": password_hash, "created_at": now, "password_changed_at": now}
    return insert_if_absent(connection, users, row)


def administrators_among(connection: Connection, names: Collection[str], now: Milliseconds) -> set[str]:
    """Return those of the users `names` who are administrators by a grant to themselves."""
    principals = {f"user:{name}": name for name in names}
    rows = connection.execute(_ADMINISTRATORS_AMONG, {"principals": list(principals), "now": now})
    return {principals[each] for each in rows.scalars()}


def administers_for_good(connection: Connection, name: str) -> bool:
    """Tell whether a user is an administrator for good, by a grant to itself, disabled or not."""
    return connection.execute(_FOR_GOOD, {"name": name}).first() is not None


def make_administrator(connection: Connection, name: str, now: Milliseconds, by: str) -> None:
    """Grant a user the role of an administrator, for good."""
    key = {"principal": f"user:{name}", "path_pattern": SYSTEM, "role": SystemRole.ADMINISTRATOR.value}
    insert = dialect_insert(connection, grants)
    lasting = insert.on_conflict_do_update(
        index_elements=["principal", "path_pattern", "role", "tag_pattern", "opening"], set_={"expires_at": None}
    )
    row = {**key, "tag_pattern": "", "opening": "", "expires_at": None, "created_at": now, "created_by": by}
    connection.execute(lasting, row)


def unmake_administrator(connection: Connection, name: str) -> None:
    """Take that role away from a user."""
    connection.execute(delete(grants).where(grants.c.principal == f"user:{name}", *_IS_ADMINISTRATOR))


def was_user(connection: Connection, name: str) -> bool:
    """Tell whether a user had this name and has it no more."""
    return connection.execute(_FORMER, {"name": name}).first() is not None


def became(connection: Connection, name: str) -> str | None:
    """Return what the user who had this name is called now, None when nobody had it, or it was deleted."""
    row = connection.execute(_FORMER, {"name": name}).first()
    return None if row is None else row.became


def set_disabled(connection: Connection, user: User, disabled_at: Milliseconds | None) -> None:
    """Disable a user, or enable it with None."""
    connection.execute(update(users).where(users.c.id == user.id).values(disabled_at=disabled_at))


def set_password(connection: Connection, user: User, password_hash: str, now: Milliseconds) -> bool:
    """Give a user a new password; tell False when it is no longer the one that `user` was read with.

    The time of the change grows with every change, whatever the clock says.
    """
    changed_at = max(now, user.password_changed_at + 1)
    change = (
        update(users)
        .where(users.c.id == user.id, users.c.name == user.name, users.c.password_hash == user.password_hash)
        .values(password_hash=password_hash, password_changed_at=changed_at)
    )
    return connection.execute(change).rowcount == 1


def delete_user(connection: Connection, user: User, now: Milliseconds) -> None:
    """Delete a user with all that was granted to it, and keep the name from being given out again."""
    connection.execute(delete(grants).where(grants.c.principal == f"user:{user.name}"))
    leave(connection, f"user:{user.name}")
    retire(connection, user, None, now)


def retire(connection: Connection, user: User, into: str | None, now: Milliseconds) -> None:
    """Delete a user, and keep the name; `into` names the user who has taken its place."""
    _keep_name(connection, user.name, into, now)
    connection.execute(_REMOVE, {"of": user.id})


def begin_renaming(connection: Connection, user: User, name: str, now: Milliseconds) -> None:
    """Let a row of the new name stand beside that of a user, for what refers to the name, and keep the old name.

    Only `finish_renaming` makes it the user's own: until then there are two.
    """
    connection.execute(_FORGET_FORMER, {"name": name})
    connection.execute(_TWIN, {"of": user.id, "new_name": name})
    _keep_name(connection, user.name, name, now)


def finish_renaming(connection: Connection, user: User, name: str) -> None:
    """Let the row of the new name take the place of the other one, once nothing refers to that any more."""
    connection.execute(_REMOVE, {"of": user.id})
    connection.execute(_GIVE_ID, {"of": user.id, "called": name})


def failed_logins(connection: Connection, subject: str) -> FailedLogins | None:
    """Return what is known of the failed logins of a subject."""
    row = _FAILED_NOW.first(connection, subject)
    return None if row is None else FailedLogins(*row)


def lock_failed_logins(connection: Connection, subject: str) -> FailedLogins | None:
    """Return the same; nobody else changes it until this transaction ends."""
    row = _FAILED_LOCKED.first(connection, subject)
    return None if row is None else FailedLogins(*row)


def keep_failed_logins(connection: Connection, subject: str, failed: FailedLogins) -> None:
    """Store the failed logins of a subject."""
    insert = dialect_insert(connection, login_failures)
    excluded = insert.excluded
    kept = insert.on_conflict_do_update(
        index_elements=[login_failures.c.subject],
        set_={"failures": excluded.failures, "last_failed_at": excluded.last_failed_at},
    )
    row = {"subject": subject, "failures": failed.failures, "last_failed_at": failed.last_failed_at}
    connection.execute(kept, row)


def forget_failed_logins(connection: Connection, subject: str) -> None:
    """Let a subject begin anew."""
    connection.execute(_FORGET, {"subject": subject})


def forget_failed_logins_outside(connection: Connection, begin: Milliseconds, end: Milliseconds) -> None:
    """Drop what last failed before `begin`, or after `end`, which is yet to come."""
    connection.execute(_FORGET_OUTSIDE, {"begin": begin, "end": end})


def _keep_name(connection: Connection, name: str, into: str | None, now: Milliseconds) -> None:
    """Note that a name is nobody's any more, and who is meant by it and by the names before it."""
    connection.execute(update(former_users).where(former_users.c.became == name).values(became=into))
    insert_if_absent(connection, former_users, {"name": name, "deleted_at": now, "became": into})
