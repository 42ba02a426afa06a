# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about roles that are not built in, and how grants use any role."""

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import FromClause
from sqlalchemy import Join
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.roles.errors import RoleNotUnderstood
from entrepot.features.roles.models import ROLE_ACTIONS
from entrepot.features.roles.models import SYSTEM
from entrepot.features.roles.models import KnownRole
from entrepot.features.roles.models import actions_of
from entrepot.features.roles.tables import roles
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.access import Action
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import grants

_ACTIONS = select(roles.c.actions).where(roles.c.name == bindparam("name"))
_HOLD_ACTIONS = _ACTIONS.with_for_update(read=True)
_COLUMNS = (roles.c.name, roles.c.description, roles.c.actions, roles.c.created_at, roles.c.created_by)
_FIND = select(*_COLUMNS).where(roles.c.name == bindparam("name"))
_PAGE = select(*_COLUMNS).where(roles.c.name > bindparam("after")).order_by(roles.c.name).limit(bindparam("limit"))
_COUNT = select(func.count()).select_from(roles)
_CHANGE = (
    update(roles)
    .where(roles.c.name == bindparam("of"))
    .values(description=bindparam("new_description"), actions=bindparam("new_actions"))
)
_REMOVE = delete(roles).where(roles.c.name == bindparam("of"))
_BUILT_IN_SINCE = (
    select(*_COLUMNS).where(roles.c.name.in_(sorted(ROLE_ACTIONS))).order_by(roles.c.name).with_for_update()
)
_RENAME = update(roles).where(roles.c.name == bindparam("of")).values(name=bindparam("new_name"))
_USES = select(grants.c.principal, grants.c.path_pattern).where(grants.c.role == bindparam("role"))
_SOME_USES = _USES.limit(bindparam("limit"))
_COUNT_USES = select(func.count()).select_from(_SOME_USES.subquery())

custom_actions = roles.c.actions
"""In a statement of `with_custom_roles`: what the role allows, joined by commas; null for one that is built in."""


def with_custom_roles(rows: FromClause, role: ColumnElement[str]) -> Join:
    """Return rows beside what is stored of the role that each names, if anything is."""
    return rows.outerjoin(roles, roles.c.name == role)


def hold_actions(connection: Connection, role: str, *, is_held: bool = True) -> frozenset[Action] | None:
    """Return what a role allows, None if there is none.

    It stays until the transaction ends, if it `is_held`; where nothing is written, nothing can be.
    Raises `RoleNotUnderstood`: nobody can say what granting such a role would give.
    """
    if role in ROLE_ACTIONS:
        return ROLE_ACTIONS[role]
    stored = connection.execute(_HOLD_ACTIONS if is_held else _ACTIONS, {"name": role}).scalar_one_or_none()
    if stored is None:
        return None
    try:
        return actions_of(role, stored)
    except ValueError as error:
        raise RoleNotUnderstood(f"the role {role} allows something that this version does not know") from error


def role_made_at(connection: Connection, name: str) -> Milliseconds | None:
    """Return when a custom role was made; None if there is none of this name, as for those that are built in."""
    found = find(connection, name)
    return None if found is None else found.created_at


def find(connection: Connection, name: str) -> KnownRole | None:
    """Return the custom role of this name."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else _role(*row)


def page(connection: Connection, after: str, limit: int) -> list[KnownRole]:
    """Return up to `limit` custom roles behind the name `after`, by name."""
    return [_role(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def count(connection: Connection) -> int:
    """Return how many custom roles there are."""
    found: int = connection.execute(_COUNT).scalar_one()
    return found


def add(connection: Connection, role: KnownRole) -> bool:
    """Store a custom role unless there is one of its name; tell whether this call did."""
    row = {
        "name": role.name,
        "description": role.description,
        "actions": ",".join(role.actions),
        "created_at": role.created_at,
        "created_by": role.created_by,
    }
    return insert_if_absent(connection, roles, row)


def change(connection: Connection, name: str, description: str, actions: tuple[Action, ...]) -> bool:
    """Replace what a custom role is for and what it allows; tell whether there is one of that name."""
    values = {"of": name, "new_description": description, "new_actions": ",".join(actions)}
    return connection.execute(_CHANGE, values).rowcount == 1


def remove(connection: Connection, name: str) -> bool:
    """Remove a custom role; tell whether it was there. Waits for whoever has called `hold_actions`."""
    return connection.execute(_REMOVE, {"of": name}).rowcount == 1


def lock_built_in_since(connection: Connection) -> list[KnownRole]:
    """Return the custom roles that are called as built-in ones; they stay until the transaction ends."""
    return [_role(*row) for row in connection.execute(_BUILT_IN_SINCE)]


def rename(connection: Connection, name: str, new_name: str) -> None:
    """Call a custom role otherwise, wherever it is named beside a path: on the registry no custom role is given."""
    connection.execute(_RENAME, {"of": name, "new_name": new_name})
    for table in metadata.sorted_tables:
        if "role" in table.c:
            of_registry = table.c.path_pattern == SYSTEM if "path_pattern" in table.c else false()
            connection.execute(update(table).where(table.c.role == name, ~of_registry).values(role=new_name))


def some_uses(connection: Connection, role: str, limit: int) -> list[tuple[str, str]]:
    """Return principal and path pattern of up to `limit` grants of a role, those that have ended too."""
    rows = connection.execute(_SOME_USES, {"role": role, "limit": limit})
    return [(principal, path_pattern) for principal, path_pattern in rows]


def count_uses(connection: Connection, role: str, limit: int) -> int:
    """Return how many grants of a role there are, those that have ended too; `limit` if there are more."""
    found: int = connection.execute(_COUNT_USES, {"role": role, "limit": limit}).scalar_one()
    return found


def _role(name: str, description: str, actions: str, created_at: int, created_by: str) -> KnownRole:
    named = tuple(action for action in actions.split(",") if action)
    return KnownRole(name, description, named, Milliseconds(created_at), created_by)
