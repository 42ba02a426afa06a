# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about users and failed logins."""

from dataclasses import fields

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.identity.models import FailedLogins
from entrepot.features.identity.models import PasswordInForce
from entrepot.features.identity.models import Standing
from entrepot.features.identity.models import User
from entrepot.features.identity.models import password_credential
from entrepot.features.identity.tables import former_users
from entrepot.features.identity.tables import login_failures
from entrepot.features.identity.tables import users
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

_USER = select(*(users.c[field.name] for field in fields(User)))
_FIND = _USER.where(users.c.name == bindparam("name"))
_LOCKED = _FIND.with_for_update()
_PAGE = _USER.where(users.c.name > bindparam("after")).order_by(users.c.name).limit(bindparam("count"))
_ADMINISTRATOR = select(users.c.id).where(users.c.is_admin).limit(1)
_LOCAL_ADMINISTRATORS = (
    select(users.c.name)
    .where(users.c.is_admin, users.c.disabled_at.is_(None), users.c.provider.is_(None))
    .order_by(users.c.id)
    .with_for_update()
)
_PASSWORD_IN_FORCE = Prepared(
    select(users.c.id, users.c.password_changed_at, case((users.c.is_admin, 1), else_=0)).where(
        users.c.name == bindparam("name"),
        users.c.disabled_at.is_(None),
        users.c.provider.is_(None),
        users.c.second_factor_at.is_(None),
    ),
    "name",
)
_STANDING = Prepared(
    select(case((users.c.is_admin, 1), else_=0)).where(
        users.c.name == bindparam("name"), users.c.disabled_at.is_(None)
    ),
    "name",
)
_FORMER = select(former_users.c.name).where(former_users.c.name == bindparam("name"))
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
    row = _STANDING.first(connection, name)
    if row is None:
        return Standing.NONE
    return Standing.ADMINISTRATOR if row[0] else Standing.USER


def find_user(connection: Connection, name: str) -> User | None:
    """Return the user of this name, disabled or not."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else User(*row)


def list_users(connection: Connection, after: str, count: int) -> list[User]:
    """Return the users behind the name `after`, in the order of their names, at most `count`."""
    return [User(*row) for row in connection.execute(_PAGE, {"after": after, "count": count})]


def password_in_force(connection: Connection, name: str) -> PasswordInForce | None:
    """Return what is known of the password of a user who is enabled and logs in with it alone."""
    row = _PASSWORD_IN_FORCE.first(connection, name)
    return None if row is None else PasswordInForce(password_credential(row[0], row[1]), bool(row[2]))


def lock_user(connection: Connection, name: str) -> User | None:
    """Return the user of this name, whom nobody else changes until this transaction ends."""
    row = connection.execute(_LOCKED, {"name": name}).first()
    return None if row is None else User(*row)


def set_second_factor_at(connection: Connection, user: User, moment: Milliseconds | None) -> None:
    """Note since when a user has a second factor, None for a user who has none any more."""
    connection.execute(update(users).where(users.c.id == user.id).values(second_factor_at=moment))


def has_administrator(connection: Connection) -> bool:
    """Tell whether any administrator exists, disabled or not."""
    return connection.execute(_ADMINISTRATOR).first() is not None


def lock_local_administrators(connection: Connection) -> set[str]:
    """Return the enabled administrators who are from no provider; none of them changes until this transaction ends."""
    return set(connection.execute(_LOCAL_ADMINISTRATORS).scalars())


def create_first_administrator(connection: Connection, name: str, password_hash: str, now: Milliseconds) -> bool:
    """Create an administrator unless there is one; tell whether this call did."""
    if has_administrator(connection):
        return False
    return create_user(connection, name, password_hash, now, is_admin=True)


def create_user(connection: Connection, name: str, password_hash: str, now: Milliseconds, *, is_admin: bool) -> bool:
    """Create a local user unless there is one of this name; tell whether this call did."""
    row = {
        "name": name,
        "password_hash": password_hash,
        "is_admin": is_admin,
        "created_at": now,
        "password_changed_at": now,
    }
    return insert_if_absent(connection, users, row)


def was_user(connection: Connection, name: str) -> bool:
    """Tell whether a user of this name was deleted."""
    return connection.execute(_FORMER, {"name": name}).first() is not None


def set_standing(connection: Connection, user: User, *, is_admin: bool, disabled_at: Milliseconds | None) -> None:
    """Make a user an administrator or not, disabled or not."""
    change = update(users).where(users.c.id == user.id).values(is_admin=is_admin, disabled_at=disabled_at)
    connection.execute(change)


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
    insert_if_absent(connection, former_users, {"name": user.name, "deleted_at": now})
    connection.execute(delete(grants).where(grants.c.principal == f"user:{user.name}"))
    connection.execute(delete(users).where(users.c.id == user.id))


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
