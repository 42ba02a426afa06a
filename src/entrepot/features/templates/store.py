# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about templates."""

from collections.abc import Collection
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.features.templates.choose import Candidate
from entrepot.features.templates.models import REGISTRY
from entrepot.features.templates.models import Purpose
from entrepot.features.templates.models import Settings
from entrepot.features.templates.models import Template
from entrepot.features.templates.models import TemplateGrant
from entrepot.features.templates.models import TemplateTerms
from entrepot.features.templates.tables import template_grants
from entrepot.features.templates.tables import templates
from entrepot.features.templates.telling import tell_deleted
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import InvalidRequest

_COLUMNS = (
    templates.c.project,
    templates.c.name,
    templates.c.purpose,
    templates.c.pattern,
    templates.c.settings,
    templates.c.created_at,
    templates.c.created_by,
    templates.c.changed_at,
    templates.c.changed_by,
)
_OF_PROJECT = templates.c.project == bindparam("of_project")
_IS_IT = (_OF_PROJECT, templates.c.name == bindparam("of_name"))
_ALL_OF = select(*_COLUMNS).where(_OF_PROJECT).order_by(templates.c.name)
_PAGE = _ALL_OF.where(templates.c.name > bindparam("after")).limit(bindparam("limit"))
_FIND = select(*_COLUMNS).where(*_IS_IT)
_LOCK = _FIND.with_for_update()
_COUNT = select(func.count()).select_from(templates).where(_OF_PROJECT)
_CANDIDATES = select(templates.c.project, templates.c.name, templates.c.pattern).where(
    templates.c.purpose == bindparam("purpose"), templates.c.project.in_(bindparam("projects", expanding=True))
)
_REMOVE = delete(templates).where(*_IS_IT)
_GRANTS = (
    select(template_grants.c.template, template_grants.c.principal, template_grants.c.role, template_grants.c.path)
    .where(
        template_grants.c.project == bindparam("of_project"),
        template_grants.c.template.in_(bindparam("names", expanding=True)),
    )
    .order_by(template_grants.c.template, template_grants.c.position)
)
_REMOVE_GRANTS = delete(template_grants).where(
    template_grants.c.project == bindparam("of_project"), template_grants.c.template == bindparam("of_name")
)


def page(connection: Connection, project: str, after: str, limit: int) -> list[Template]:
    """Return up to `limit` templates of a project, or of the registry, behind the name `after`, by name."""
    rows = connection.execute(_PAGE, {"of_project": project, "after": after, "limit": limit}).all()
    return _read(connection, project, rows)


def find(connection: Connection, project: str, name: str) -> Template | None:
    """Return the template of this name."""
    rows = connection.execute(_FIND, {"of_project": project, "of_name": name}).all()
    return next(iter(_read(connection, project, rows)), None)


def lock(connection: Connection, project: str, name: str) -> Template | None:
    """Return the same; nobody else changes it until this transaction ends."""
    rows = connection.execute(_LOCK, {"of_project": project, "of_name": name}).all()
    return next(iter(_read(connection, project, rows)), None)


def count(connection: Connection, project: str) -> int:
    """Return how many templates a project has, or the registry."""
    return connection.execute(_COUNT, {"of_project": project}).scalar_one()


def candidates(connection: Connection, purpose: Purpose, projects: Collection[str]) -> list[Candidate]:
    """Return the templates of the registry and of `projects` that are for such things. One statement."""
    values = {"purpose": purpose.value, "projects": sorted({REGISTRY, *projects})}
    return [Candidate(*row) for row in connection.execute(_CANDIDATES, values)]


def put(connection: Connection, template: Template) -> None:
    """Store a template in place of what is stored of it."""
    terms = template.terms
    row = {
        "project": template.project,
        "name": template.name,
        "purpose": terms.purpose.value,
        "pattern": terms.pattern,
        "settings": msgspec.json.encode(terms.settings).decode(),
        "created_at": template.created_at,
        "created_by": template.created_by,
        "changed_at": template.changed_at,
        "changed_by": template.changed_by,
    }
    wanted = dialect_insert(connection, templates)
    names = ("purpose", "pattern", "settings", "changed_at", "changed_by")
    change = {name: wanted.excluded[name] for name in names}
    connection.execute(wanted.on_conflict_do_update(index_elements=["project", "name"], set_=change), row)
    connection.execute(_REMOVE_GRANTS, {"of_project": template.project, "of_name": template.name})
    grants = [
        {
            "project": template.project,
            "template": template.name,
            "position": position,
            "principal": grant.principal,
            "role": grant.role,
            "path": grant.path,
        }
        for position, grant in enumerate(terms.grants)
    ]
    if grants:
        connection.execute(insert(template_grants), grants)


def remove(connection: Connection, project: str, name: str) -> None:
    """Remove a template with its grants."""
    connection.execute(_REMOVE, {"of_project": project, "of_name": name})


def remove_of_project(connection: Connection, project: str) -> None:
    """Remove every template of a project that is deleted, as a part of that transaction."""
    rows = connection.execute(_ALL_OF, {"of_project": project}).all()
    for template in _read(connection, project, rows):
        tell_deleted(connection, template, system_clock(), f"the project {project} was deleted")
    connection.execute(delete(templates).where(_OF_PROJECT), {"of_project": project})


def _read(connection: Connection, project: str, rows: Iterable[Any]) -> list[Template]:
    """Read rows of one project; what a newer version wrote, and this one does not understand, is left out."""
    names = [row.name for row in rows]
    if not names:
        return []
    grants: dict[str, list[TemplateGrant]] = {}
    for template, *grant in connection.execute(_GRANTS, {"of_project": project, "names": names}):
        grants.setdefault(template, []).append(TemplateGrant(*grant))
    found: list[Template] = []
    for of_project, name, purpose, pattern, settings, *rest in rows:
        with suppress(ValueError, InvalidRequest, msgspec.ValidationError):
            read = msgspec.json.decode(settings, type=Settings)
            terms = TemplateTerms(Purpose(purpose), pattern, read, tuple(grants.get(name, ())))
            found.append(Template(of_project, name, terms, *rest))
    return found
