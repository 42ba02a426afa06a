# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about projects."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from entrepot.features.projects.models import Cause
from entrepot.features.projects.models import Project
from entrepot.features.projects.models import ProjectName
from entrepot.features.projects.models import Redirects
from entrepot.features.projects.models import Visibility
from entrepot.features.projects.tables import IS_OPEN
from entrepot.features.projects.tables import projects
from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import Span
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store import namespaces
from entrepot.registry.store import windows


def visibility_of(name: BindParameter[str]) -> Select[tuple[str]]:
    """Return a statement, or part of one, with the visibility of the project of that name, if it is stored."""
    return select(projects.c.visibility).where(projects.c.name == name)


_COLUMNS = (
    projects.c.name,
    projects.c.visibility,
    projects.c.created_at,
    projects.c.created_by,
    projects.c.cause,
    projects.c.redirect,
    windows.days_of(projects.c.name),
)
_FIND = select(*_COLUMNS).where(projects.c.name == bindparam("name"))
_HOLD = _FIND.with_for_update(read=True)
_LOCK = _FIND.with_for_update()
_PAGE = (
    select(*_COLUMNS).where(projects.c.name > bindparam("after")).order_by(projects.c.name).limit(bindparam("limit"))
)
_CONTAINING = (
    select(projects.c.name, projects.c.visibility)
    .where(
        projects.c.name >= bindparam("first"),
        projects.c.name < bindparam("end"),
        Contains(projects.c.name, bindparam("pattern")),
    )
    .order_by(projects.c.name)
    .limit(bindparam("limit"))
)
_REDIRECT = Prepared(select(projects.c.redirect).where(projects.c.name == bindparam("name")), "name")
_VISIBILITY = Prepared(visibility_of(bindparam("name")), "name")
_IS_AMONG_THESE = projects.c.visibility.in_(bindparam("these", expanding=True))
_OPEN_AFTER = (
    select(projects.c.name)
    .where(projects.c.name > bindparam("after"), IS_OPEN, _IS_AMONG_THESE)
    .order_by(projects.c.name)
    .limit(bindparam("limit"))
)
_OPEN_AMONG = select(projects.c.name).where(projects.c.name.in_(bindparam("names", expanding=True)), _IS_AMONG_THESE)


def find(connection: Connection, name: ProjectName) -> Project | None:
    """Return the project of that name.

    One that was pushed into a moment ago is there already, though its row is yet to be written by the listener.
    """
    row = connection.execute(_FIND, {"name": name}).first()
    return pushed(connection, name) if row is None else _project(*row)


def hold(connection: Connection, name: ProjectName) -> Project | None:
    """Return the same; one that is stored is not deleted until this transaction ends."""
    row = connection.execute(_HOLD, {"name": name}).first()
    return pushed(connection, name) if row is None else _project(*row)


def lock(connection: Connection, name: ProjectName) -> Project | None:
    """Return the same; one that is stored is neither held nor changed by anybody else until this transaction ends."""
    row = connection.execute(_LOCK, {"name": name}).first()
    return pushed(connection, name) if row is None else _project(*row)


def page(connection: Connection, after: str, limit: int) -> list[Project]:
    """Return up to `limit` projects behind `after`, by name, in bytewise order."""
    return [_project(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def containing_text(connection: Connection, span: Span, text: str, limit: int) -> dict[ProjectName, Visibility]:
    """Return up to `limit` stored projects in the span whose names contain `text`, by name, with their visibility."""
    values = {"first": span.first, "end": span.end, "pattern": containing(text), "limit": limit}
    return {name: Visibility(visibility) for name, visibility in connection.execute(_CONTAINING, values)}


def create(connection: Connection, project: Project) -> bool:
    """Store a project unless there is one of that name; tell whether this call did."""
    return find(connection, project.name) is None and insert_if_absent(connection, projects, _row(project))


def adopt(connection: Connection, project: Project) -> bool:
    """Store the project that a push made, unless it is stored; tell whether this call did."""
    return insert_if_absent(connection, projects, _row(project))


def replace(connection: Connection, project: Project) -> None:
    """Store a project in place of what is stored of it."""
    insert = dialect_insert(connection, projects)
    change = {"visibility": insert.excluded.visibility, "redirect": insert.excluded.redirect}
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=change), _row(project))
    windows.put(connection, project.name, project.undelete_days)


def remove(connection: Connection, name: ProjectName) -> None:
    """Remove what is stored of a project."""
    windows.put(connection, name, None)
    connection.execute(delete(projects).where(projects.c.name == name))


def count_projects(connection: Connection) -> int:
    """Count the projects that are stored. Looks at each: not for a request to wait for."""
    return connection.execute(select(func.count()).select_from(projects)).scalar_one()


def visibility(connection: Connection, name: str) -> Visibility:
    """Return the visibility of the project of this name; `private` of one that is not stored."""
    row = _VISIBILITY.first(connection, name)
    return Visibility.PRIVATE if row is None else Visibility(row[0])


def redirect(connection: Connection, name: str) -> Redirects:
    """Return whether clients may be sent to the storage for what the project of this name holds."""
    row = _REDIRECT.first(connection, name)
    return Redirects.ALLOWED if row is None else Redirects(row[0])


def open_among(connection: Connection, names: Collection[str], these: Collection[Visibility]) -> set[str]:
    """Return those of the projects `names` whose visibility is one of `these`."""
    return set(connection.execute(_OPEN_AMONG, {"names": list(names), "these": _values(these)}).scalars())


def open_behind(
    connection: Connection, after: str, these: Collection[Visibility], limit: int
) -> tuple[set[str], list[str]]:
    """Return the projects of `these` visibilities, none private, that may hold names behind a repository's name.

    First those whose own name is not behind it, then the next `limit` behind it, by name: the names
    below `team` come after those of `team-a` and `team.b`.
    """
    project = namespace_of(RepositoryName(after))[: MAX_NAME_CHARACTERS + 1]
    around = {project, *(project[:place] for place, character in enumerate(project) if character in "-.")}
    values = {"after": after, "these": _values(these), "limit": limit}
    return open_among(connection, around, these), list(connection.execute(_OPEN_AFTER, values).scalars())


def open_projects(connection: Connection, after: str, these: Collection[Visibility], limit: int) -> list[str]:
    """Return up to `limit` projects behind `after` whose visibility is one of `these`, none private, by name."""
    values = {"after": after, "these": _values(these), "limit": limit}
    return list(connection.execute(_OPEN_AFTER, values).scalars())


def _values(these: Collection[Visibility]) -> list[str]:
    return [each.value for each in these]


def pushed(connection: Connection, name: ProjectName) -> Project | None:
    """Return the project that pushes made, stored or not; None if it has nothing in it that can be seen."""
    first = namespaces.first_push(connection, name)
    return None if first is None else Project(name, Visibility.PRIVATE, first.at, first.by, Cause.PUSH)


def _project(*row: Any) -> Project:
    name, visibility, created_at, created_by, cause, redirect, undelete_days = row
    return Project(
        ProjectName(name),
        Visibility(visibility),
        Milliseconds(created_at),
        created_by,
        Cause(cause),
        Redirects(redirect),
        undelete_days,
    )


def _row(project: Project) -> dict[str, object]:
    return {
        "name": project.name,
        "visibility": project.visibility.value,
        "created_at": project.created_at,
        "created_by": project.created_by,
        "cause": project.cause.value,
        "redirect": project.redirect.value,
    }
