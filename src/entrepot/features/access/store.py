# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about grants."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select

from entrepot.features.access.models import Grant
from entrepot.registry.tables import grants

_OF_PRINCIPAL = select(grants.c.path_pattern, grants.c.role).where(grants.c.principal == bindparam("principal"))


def grants_of(connection: Connection, principal: str) -> list[Grant]:
    """Return the grants of a principal, named as `kind:name`."""
    rows = connection.execute(_OF_PRINCIPAL, {"principal": principal})
    return [Grant(path_pattern, role) for path_pattern, role in rows]
