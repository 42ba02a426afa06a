# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement of a decision."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import union_all

from entrepot.features.access.models import Grant
from entrepot.features.projects import public_project
from entrepot.infra.database.prepared import Prepared
from entrepot.registry.tables import grants

_GRANTS_AND_VISIBILITY = Prepared(
    union_all(
        select(grants.c.path_pattern, grants.c.role).where(grants.c.principal == bindparam("principal")),
        public_project(bindparam("project")).add_columns(null()),
    ),
    "principal",
    "project",
)


def grants_of(connection: Connection, principal: str, project: str) -> tuple[list[Grant], bool]:
    """Return the grants of a principal, named as `kind:name`, and whether the project is public, in one statement."""
    rows = _GRANTS_AND_VISIBILITY.all(connection, principal, project)
    found = [Grant(path_pattern, role) for path_pattern, role in rows if role is not None]
    return found, len(found) < len(rows)
