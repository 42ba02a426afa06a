# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about aliases."""

from collections.abc import Collection

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select

from entrepot.features.tokens.aliases import Alias
from entrepot.features.tokens.tables import login_aliases
from entrepot.infra.database.upsert import insert_if_absent

_WHO = select(login_aliases.c.principal).where(login_aliases.c.alias == bindparam("alias"))
_OF = select(login_aliases.c.principal, login_aliases.c.alias).where(
    login_aliases.c.principal.in_(bindparam("principals", expanding=True))
)
_REMOVE = delete(login_aliases).where(login_aliases.c.principal == bindparam("of"))


def principal_of(connection: Connection, alias: str) -> str | None:
    """Return who goes by an alias, such as `robot:team.ci`."""
    found: str | None = connection.execute(_WHO, {"alias": alias}).scalar_one_or_none()
    return found


def of_principals(connection: Connection, principals: Collection[str]) -> dict[str, str]:
    """Return by principal the alias that each goes by, where there is one."""
    rows = connection.execute(_OF, {"principals": list(principals)})
    return {row.principal: row.alias for row in rows}


def put(connection: Connection, principal: str, alias: Alias) -> bool:
    """Let a principal go by an alias, in place of another; tell whether that was free."""
    remove(connection, principal)
    return insert_if_absent(connection, login_aliases, {"alias": alias, "principal": principal})


def remove(connection: Connection, principal: str) -> None:
    """Let a principal go by no alias."""
    connection.execute(_REMOVE, {"of": principal})
