# SPDX-License-Identifier: Apache-2.0
"""What is told of templates, in the transactions in which it happens."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.templates.models import Template
from entrepot.features.templates.models import TemplateTerms
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


@dataclass(frozen=True, slots=True)
class ToldGrant:
    """A grant of a template."""

    principal: str
    role: str
    path: str


@dataclass(frozen=True, slots=True)
class ToldTemplate:
    """A template as it stands."""

    purpose: str
    pattern: str
    visibility: str | None
    grants: list[ToldGrant]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a template was used for: a project, or a repository in it, when, and who made it where that is known."""

    project: str
    repository: str
    at: Milliseconds
    principal: Principal | None = None


def tell_set(connection: Connection, template: Template, before: Template | None) -> None:
    """Say that a template is there, or is another than `before`; nothing if it says the same."""
    if before is not None and before.terms == template.terms:
        return
    told = Told(
        object=template.label,
        project=template.project,
        before=None if before is None else _plain(before.terms),
        after=_plain(template.terms),
    )
    change = Change.TEMPLATE_CREATED if before is None else Change.TEMPLATE_CHANGED
    announce(connection, change, template.changed_at, told)


def tell_deleted(connection: Connection, template: Template, now: Milliseconds, reason: str = "") -> None:
    """Say that a template is gone."""
    told = Told(object=template.label, project=template.project, before=_plain(template.terms), reason=reason)
    announce(connection, Change.TEMPLATE_DELETED, now, told)


def tell_applied(connection: Connection, template: Template, occasion: Occasion) -> None:
    """Say that a new repository starts with what a template says. Of a project, the record of its making says so."""
    told = Told(
        object=template.label,
        project=occasion.project,
        repository=occasion.repository,
        principal=occasion.principal,
    )
    announce(connection, Change.TEMPLATE_APPLIED, occasion.at, told)


def tell_skipped(
    connection: Connection, template: Template, occasion: Occasion, what: dict[str, str], reason: str
) -> None:
    """Say that a part of a template could not be given to something new."""
    told = Told(
        object=template.label,
        project=occasion.project,
        repository=occasion.repository,
        after=what,
        reason=reason,
        principal=occasion.principal,
    )
    announce(connection, Change.TEMPLATE_SKIPPED, occasion.at, told)


def _plain(terms: TemplateTerms) -> ToldTemplate:
    grants = [ToldGrant(grant.principal, grant.role, grant.path) for grant in terms.grants]
    visibility = terms.settings.visibility
    return ToldTemplate(terms.purpose.value, terms.pattern, None if visibility is None else visibility.value, grants)
