# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about descriptions."""

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.features.descriptions.models import Brief
from entrepot.features.descriptions.models import Described
from entrepot.features.descriptions.models import Description
from entrepot.features.descriptions.models import Kind
from entrepot.features.descriptions.models import Owner
from entrepot.features.descriptions.models import Place
from entrepot.features.descriptions.models import read_owner
from entrepot.features.descriptions.tables import descriptions
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of

NAMES_PER_STATEMENT = 500

_NONE = Described(Description(), 0, Milliseconds(0), "")
_ONE = (descriptions.c.kind == bindparam("the_kind"), descriptions.c.name == bindparam("the_name"))
_FIND = select(
    descriptions.c.summary,
    descriptions.c.text,
    descriptions.c.owner,
    descriptions.c.revision,
    descriptions.c.changed_at,
    descriptions.c.changed_by,
).where(*_ONE)
_LOCK = _FIND.with_for_update()
_BRIEFS = select(descriptions.c.name, descriptions.c.summary, descriptions.c.owner).where(
    descriptions.c.kind == bindparam("the_kind"), descriptions.c.name.in_(bindparam("names", expanding=True))
)
_OWNERS = select(descriptions.c.kind, descriptions.c.owner).where(
    or_(
        (descriptions.c.kind == Kind.REPOSITORY.value) & (descriptions.c.name == bindparam("the_repository")),
        (descriptions.c.kind == Kind.PROJECT.value) & (descriptions.c.name == bindparam("the_project")),
    ),
    descriptions.c.owner != "",
)
_REMOVE_WITHIN = delete(descriptions).where(descriptions.c.project == bindparam("the_project"))


def find(connection: Connection, place: Place, *, is_to_change: bool = False) -> Described:
    """Return what is said of a place; where it is to change, nobody else changes it until the transaction ends."""
    statement = _LOCK if is_to_change else _FIND
    row = connection.execute(statement, {"the_kind": place.kind.value, "the_name": place.name}).first()
    if row is None:
        return _NONE
    description = Description(row.summary, row.text, read_owner(row.owner))
    return Described(description, row.revision, row.changed_at, row.changed_by)


def put(connection: Connection, place: Place, described: Described) -> None:
    """Say this of a place."""
    said = described.description
    row = {
        "kind": place.kind.value,
        "name": place.name,
        "project": place.project,
        "summary": said.summary,
        "text": said.text,
        "owner": str(said.owner or ""),
        "revision": described.revision,
        "changed_at": described.changed_at,
        "changed_by": described.changed_by,
    }
    statement = dialect_insert(connection, descriptions)
    new = {name: statement.excluded[name] for name in row if name not in ("kind", "name")}
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "name"], set_=new), row)


def briefs_of(connection: Connection, kind: Kind, names: Sequence[str]) -> dict[str, Brief]:
    """Return the summaries and owners of those of `names` of which something was said."""
    found: dict[str, Brief] = {}
    for start in range(0, len(names), NAMES_PER_STATEMENT):
        values = {"the_kind": kind.value, "names": list(names[start : start + NAMES_PER_STATEMENT])}
        for name, summary, owner in connection.execute(_BRIEFS, values):
            found[name] = Brief(summary, read_owner(owner))
    return found


def owner_of(connection: Connection, repository: RepositoryName) -> Owner | None:
    """Return whom to ask about a repository: its owner, or else that of its project."""
    values = {"the_repository": repository, "the_project": namespace_of(repository)}
    owners = {row.kind: row.owner for row in connection.execute(_OWNERS, values)}
    return read_owner(owners.get(Kind.REPOSITORY.value) or owners.get(Kind.PROJECT.value, ""))


def remove_within(connection: Connection, project: str) -> None:
    """Forget what was said of a project and of its repositories."""
    connection.execute(_REMOVE_WITHIN, {"the_project": project})
