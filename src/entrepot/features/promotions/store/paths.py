# SPDX-License-Identifier: Apache-2.0
"""Paths and their approvers, as they are stored."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.groups import Member
from entrepot.features.groups import MemberKind
from entrepot.features.groups import group_made_at
from entrepot.features.groups import holders
from entrepot.features.groups import parse_member
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.paths import Terms
from entrepot.features.promotions.tables import promotion_approvers
from entrepot.features.promotions.tables import promotion_paths
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.identifiers import Ulid

_HOLDERS = holders(bindparam("somebody", type_=bytewise(320)))
_LISTED = (
    select(promotion_approvers.c.approver, promotion_approvers.c.added_at)
    .join(_HOLDERS, promotion_approvers.c.approver == _HOLDERS.c.principal)
    .where(promotion_approvers.c.path_id == bindparam("of_path"))
)
_APPROVERS = (
    select(promotion_approvers.c.path_id, promotion_approvers.c.approver)
    .where(promotion_approvers.c.path_id.in_(bindparam("some", expanding=True)))
    .order_by(promotion_approvers.c.approver)
)
_ORDER = (promotion_paths.c.project, promotion_paths.c.name)


def find(connection: Connection, path_id: str) -> Path | None:
    """Return the path of this id."""
    return _one(connection, select(promotion_paths).where(promotion_paths.c.id == path_id))


def lock(connection: Connection, path_id: str) -> Path | None:
    """Return it, and let nobody else change it, or ask or decide along it, until this transaction ends."""
    return _one(connection, select(promotion_paths).where(promotion_paths.c.id == path_id).with_for_update())


def named(connection: Connection, project: str, name: str) -> Path | None:
    """Return the path into a project that is called so."""
    query = select(promotion_paths).where(promotion_paths.c.project == project, promotion_paths.c.name == name)
    return _one(connection, query)


def page(connection: Connection, after: tuple[str, str], limit: int) -> list[Path]:
    """Return paths by the project that they lead into and by name, behind one."""
    project, name = after
    behind = or_(
        promotion_paths.c.project > project,
        (promotion_paths.c.project == project) & (promotion_paths.c.name > name),
    )
    return _many(connection, select(promotion_paths).where(behind).order_by(*_ORDER).limit(limit))


def of_project(connection: Connection, project: str) -> list[Path]:
    """Return the paths from and into a project."""
    query = select(promotion_paths).where(
        or_(promotion_paths.c.project == project, promotion_paths.c.source == project)
    )
    return _many(connection, query.order_by(*_ORDER))


def count_into(connection: Connection, project: str) -> int:
    """Return how many paths lead into a project."""
    query = select(func.count()).select_from(promotion_paths).where(promotion_paths.c.project == project)
    return int(connection.execute(query).scalar_one())


def add(connection: Connection, path: Path) -> bool:
    """Store a path unless there is one of its name; tell whether this call did."""
    row = {"id": path.id, "project": path.project, "name": path.name, "created_at": path.created_at, **_values(path)}
    if not insert_if_absent(connection, promotion_paths, row):
        return False
    _name(connection, path)
    return True


def replace(connection: Connection, path: Path) -> None:
    """Store a path that has changed."""
    connection.execute(update(promotion_paths).where(promotion_paths.c.id == path.id).values(_values(path)))
    connection.execute(delete(promotion_approvers).where(promotion_approvers.c.path_id == path.id))
    _name(connection, path)


def remove(connection: Connection, path_id: Ulid) -> None:
    """Remove a path with its approvers."""
    connection.execute(delete(promotion_paths).where(promotion_paths.c.id == path_id))


def lists(connection: Connection, path_id: Ulid, identity: str) -> bool:
    """Tell whether somebody, such as `user:alice`, is named on a path, or in a group that is.

    A group that was made after it was named is another one of the same name.
    """
    for approver, added_at in connection.execute(_LISTED, {"of_path": path_id, "somebody": identity}):
        member = parse_member(approver)
        made_at = group_made_at(connection, member.name) if member.kind is MemberKind.GROUP else added_at
        if made_at is not None and made_at <= added_at:
            return True
    return False


def _name(connection: Connection, path: Path) -> None:
    rows = [
        {"path_id": path.id, "approver": str(each), "added_at": path.changed_at}
        for each in dict.fromkeys(path.terms.approvers)
    ]
    if rows:
        connection.execute(insert(promotion_approvers), rows)


def _one(connection: Connection, query: Any) -> Path | None:
    return next(iter(_many(connection, query)), None)


def _many(connection: Connection, query: Any) -> list[Path]:
    rows = connection.execute(query).all()
    approvers = _approvers(connection, [row.id for row in rows])
    return [_path(row, approvers.get(row.id, [])) for row in rows]


def _approvers(connection: Connection, ids: list[str]) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for path_id, approver in connection.execute(_APPROVERS, {"some": ids}) if ids else ():
        found.setdefault(path_id, []).append(parse_member(approver))
    return found


def _values(path: Path) -> dict[str, Any]:
    terms = path.terms
    return {
        "source": terms.source,
        "repositories": terms.repositories,
        "prefix": terms.prefix,
        "tags": terms.tags,
        "tag_suffix": terms.tag_suffix,
        "approvals": terms.approvals,
        "own_request_counts": terms.own_request_counts,
        "wait_hours": terms.wait_hours,
        "follow_hours": terms.follow_hours,
        "revision": path.revision,
        "changed_at": path.changed_at,
        "changed_by": path.changed_by,
    }


def _path(row: Row[Any], approvers: Iterable[Member]) -> Path:
    terms = Terms(
        source=row.source,
        repositories=row.repositories,
        prefix=row.prefix,
        tags=row.tags,
        tag_suffix=row.tag_suffix,
        approvals=row.approvals,
        approvers=tuple(approvers),
        own_request_counts=row.own_request_counts,
        wait_hours=row.wait_hours,
        follow_hours=row.follow_hours,
    )
    return Path(
        id=Ulid(row.id),
        project=row.project,
        name=row.name,
        terms=terms,
        revision=row.revision,
        created_at=row.created_at,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
