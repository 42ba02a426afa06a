# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about projects."""

from collections.abc import Collection

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
from entrepot.features.projects.models import Visibility
from entrepot.features.projects.tables import IS_PUBLIC
from entrepot.features.projects.tables import projects
from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.infra.database.upsert import dialect_insert
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import Span
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store import namespaces


def public_project(name: BindParameter[str]) -> Select[tuple[str]]:
    """Return a statement, or part of one, with one row if the project of that name is public, and none if not."""
    return select(projects.c.name).where(projects.c.name == name, projects.c.visibility == Visibility.PUBLIC.value)


_COLUMNS = (
    projects.c.name,
    projects.c.visibility,
    projects.c.created_at,
    projects.c.created_by,
    projects.c.cause,
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
_PUBLIC = public_project(bindparam("name"))
_PUBLIC_AFTER = (
    select(projects.c.name)
    .where(projects.c.name > bindparam("after"), IS_PUBLIC)
    .order_by(projects.c.name)
    .limit(bindparam("limit"))
)
_PUBLIC_AMONG = select(projects.c.name).where(
    projects.c.name.in_(bindparam("names", expanding=True)), projects.c.visibility == Visibility.PUBLIC.value
)


def find(connection: Connection, name: ProjectName) -> Project | None:
    """Return the project of that name.

    One that was pushed into a moment ago is there already, though its row is yet to be written by the listener.
    """
    row = connection.execute(_FIND, {"name": name}).first()
    return _pushed(connection, name) if row is None else _project(*row)


def hold(connection: Connection, name: ProjectName) -> Project | None:
    """Return the same; one that is stored is not deleted until this transaction ends."""
    row = connection.execute(_HOLD, {"name": name}).first()
    return _pushed(connection, name) if row is None else _project(*row)


def lock(connection: Connection, name: ProjectName) -> Project | None:
    """Return the same; one that is stored is neither held nor changed by anybody else until this transaction ends."""
    row = connection.execute(_LOCK, {"name": name}).first()
    return _pushed(connection, name) if row is None else _project(*row)


def page(connection: Connection, after: str, limit: int) -> list[Project]:
    """Return up to `limit` projects behind `after`, by name, in bytewise order."""
    return [_project(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def containing_text(connection: Connection, span: Span, text: str, limit: int) -> dict[ProjectName, bool]:
    """Return up to `limit` stored projects in the span whose names contain `text`, by name, and which are public."""
    values = {"first": span.first, "end": span.end, "pattern": containing(text), "limit": limit}
    return {name: visibility == Visibility.PUBLIC for name, visibility in connection.execute(_CONTAINING, values)}


def create(connection: Connection, project: Project) -> bool:
    """Store a project unless there is one of that name; tell whether this call did."""
    return find(connection, project.name) is None and insert_if_absent(connection, projects, _row(project))


def adopt(connection: Connection, name: ProjectName, pushed_by: str) -> None:
    """Store the project that a push made, unless it is stored, or has nothing in it that can be seen any more."""
    project = _pushed(connection, name)
    if project is not None:
        insert_if_absent(connection, projects, {**_row(project), "created_by": pushed_by})


def replace(connection: Connection, project: Project) -> None:
    """Store a project in place of what is stored of it."""
    insert = dialect_insert(connection, projects)
    change = {"visibility": insert.excluded.visibility}
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=change), _row(project))


def remove(connection: Connection, name: ProjectName) -> None:
    """Remove the row of a project."""
    connection.execute(delete(projects).where(projects.c.name == name))


def count_projects(connection: Connection) -> int:
    """Count the projects that are stored. Looks at each: not for a request to wait for."""
    return connection.execute(select(func.count()).select_from(projects)).scalar_one()


def is_public(connection: Connection, name: str) -> bool:
    """Tell whether there is a public project of this name."""
    return connection.execute(_PUBLIC, {"name": name}).first() is not None


def public_among(connection: Connection, names: Collection[str]) -> set[str]:
    """Return those of `names` that are public projects."""
    return set(connection.execute(_PUBLIC_AMONG, {"names": list(names)}).scalars())


def public_behind(connection: Connection, after: str, limit: int) -> tuple[set[str], list[str]]:
    """Return the public projects that may hold names behind the repository name `after`.

    First those whose own name is not behind it, then the next `limit` behind it, by name: the names
    below `team` come after those of `team-a` and `team.b`.
    """
    project = namespace_of(RepositoryName(after))[: MAX_NAME_CHARACTERS + 1]
    around = {project, *(project[:place] for place, character in enumerate(project) if character in "-.")}
    following = connection.execute(_PUBLIC_AFTER, {"after": after, "limit": limit}).scalars()
    return public_among(connection, around), list(following)


def _pushed(connection: Connection, name: ProjectName) -> Project | None:
    first = namespaces.first_push(connection, name)
    return None if first is None else Project(name, Visibility.PRIVATE, first.at, first.by, Cause.PUSH)


def _project(name: str, visibility: str, created_at: int, created_by: str, cause: str) -> Project:
    return Project(ProjectName(name), Visibility(visibility), Milliseconds(created_at), created_by, Cause(cause))


def _row(project: Project) -> dict[str, object]:
    return {
        "name": project.name,
        "visibility": project.visibility.value,
        "created_at": project.created_at,
        "created_by": project.created_by,
        "cause": project.cause.value,
    }
