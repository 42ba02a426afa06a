# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about eligibilities."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.break_glass.models import Eligibility
from entrepot.features.break_glass.tables import break_glass_eligibilities as eligibilities
from entrepot.features.grants import Terms
from entrepot.features.grants import parse_grantee
from entrepot.features.groups import holders
from entrepot.features.roles import SystemRole
from entrepot.infra.database.metadata import bytewise
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import is_ulid

_COLUMNS = (
    eligibilities.c.id,
    eligibilities.c.principal,
    eligibilities.c.path_pattern,
    eligibilities.c.role,
    eligibilities.c.longest_minutes,
    eligibilities.c.created_at,
    eligibilities.c.created_by,
)
_ALL = select(*_COLUMNS)
_PAGE = _ALL.where(eligibilities.c.id > bindparam("after")).order_by(eligibilities.c.id).limit(bindparam("limit"))
_HOLDERS = holders(bindparam("principal", type_=bytewise(320)))
_HELD = (
    _ALL.select_from(_HOLDERS.join(eligibilities, eligibilities.c.principal == _HOLDERS.c.principal))
    .order_by(eligibilities.c.id)
    .limit(bindparam("limit"))
)
_MAY_ADMINISTER = _HELD.where(eligibilities.c.role == SystemRole.ADMINISTRATOR.value)
_SAME = _ALL.where(
    eligibilities.c.principal == bindparam("of"),
    eligibilities.c.path_pattern == bindparam("path_pattern"),
    eligibilities.c.role == bindparam("role"),
)
_COUNT = select(func.count()).select_from(eligibilities)
_REMOVE = delete(eligibilities).where(eligibilities.c.id == bindparam("of")).returning(*_COLUMNS)
_REMOVE_OF = delete(eligibilities).where(eligibilities.c.principal == bindparam("of")).returning(*_COLUMNS)


def page(connection: Connection, after: str, limit: int) -> list[Eligibility]:
    """Return up to `limit` eligibilities behind the one with an id, oldest first."""
    return [_eligibility(row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def held_by(connection: Connection, principal: str, limit: int) -> list[Eligibility]:
    """Return up to `limit` of those that somebody such as `user:alice` has, by name or in groups, oldest first."""
    return [_eligibility(row) for row in connection.execute(_HELD, {"principal": principal, "limit": limit})]


def may_administer(connection: Connection, principal: str) -> bool:
    """Tell whether somebody such as `user:alice`, or whoever is in a group, may take the administrator's role."""
    return connection.execute(_MAY_ADMINISTER, {"principal": principal, "limit": 1}).first() is not None


def is_there(connection: Connection, terms: Terms) -> bool:
    """Tell whether there is one of these terms."""
    same = {"of": str(terms.grantee), "path_pattern": terms.path_pattern, "role": terms.role}
    return connection.execute(_SAME, same).first() is not None


def count(connection: Connection) -> int:
    """Return how many there are."""
    found: int = connection.execute(_COUNT).scalar_one()
    return found


def add(connection: Connection, eligibility: Eligibility) -> None:
    """Store one."""
    terms = eligibility.terms
    row = {
        "id": eligibility.id,
        "principal": str(terms.grantee),
        "path_pattern": terms.path_pattern,
        "role": terms.role,
        "longest_minutes": eligibility.longest_minutes,
        "created_at": eligibility.created_at,
        "created_by": eligibility.created_by,
    }
    connection.execute(insert(eligibilities), row)


def remove(connection: Connection, eligibility_id: str) -> Eligibility | None:
    """Remove one, and return it; None if it is not there, or that is no id."""
    if not is_ulid(eligibility_id):
        return None
    row = connection.execute(_REMOVE, {"of": eligibility_id}).first()
    return None if row is None else _eligibility(row)


def remove_of(connection: Connection, principal: str) -> list[Eligibility]:
    """Remove those of somebody such as `user:alice`, or of a group, and return them."""
    return [_eligibility(row) for row in connection.execute(_REMOVE_OF, {"of": principal})]


def remove_within(connection: Connection, project: str) -> list[Eligibility]:
    """Remove those that are about nothing but a project, and return them."""
    path_pattern = eligibilities.c.path_pattern
    within = or_(path_pattern == project, path_pattern.startswith(f"{project}/", autoescape=True))
    return [_eligibility(row) for row in connection.execute(delete(eligibilities).where(within).returning(*_COLUMNS))]


def _eligibility(row: Sequence[Any]) -> Eligibility:
    id_, principal, path_pattern, role, longest_minutes, created_at, created_by = row
    terms = Terms(parse_grantee(principal), path_pattern, role)
    return Eligibility(Ulid(id_), terms, longest_minutes, created_at, created_by)
