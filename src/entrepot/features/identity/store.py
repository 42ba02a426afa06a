# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about users."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select

from entrepot.features.identity.models import User
from entrepot.features.identity.tables import users
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds

_FIND = select(users.c.name, users.c.password_hash, users.c.is_admin, users.c.disabled_at).where(
    users.c.name == bindparam("name")
)
_ADMINISTRATOR = select(users.c.id).where(users.c.is_admin).limit(1)


def find_user(connection: Connection, name: str) -> User | None:
    """Return the user of this name, disabled or not."""
    row = connection.execute(_FIND, {"name": name}).first()
    if row is None:
        return None
    return User(row.name, row.password_hash, row.is_admin, row.disabled_at is not None)


def has_administrator(connection: Connection) -> bool:
    """Tell whether any administrator exists, disabled or not."""
    return connection.execute(_ADMINISTRATOR).first() is not None


def create_first_administrator(connection: Connection, name: str, password_hash: str, now: Milliseconds) -> bool:
    """Create an administrator unless there is one; tell whether this call did."""
    if has_administrator(connection):
        return False
    row = {
        "name": name,
        "password_hash": password_hash,
        "is_admin": True,
        "created_at": now,
        "password_changed_at": now,
    }
    return insert_if_absent(connection, users, row)
