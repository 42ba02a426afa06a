# SPDX-License-Identifier: Apache-2.0
"""The use cases of templates: setting, showing and deleting them, and telling which counts for a name."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.grants import PrincipalUnknown
from entrepot.features.projects import ProjectName
from entrepot.features.projects import Projects
from entrepot.features.projects import require_existing
from entrepot.features.roles import RoleUnknown
from entrepot.features.roles import hold_actions
from entrepot.features.templates import store
from entrepot.features.templates.errors import TemplateInvalid
from entrepot.features.templates.errors import TemplateUnknown
from entrepot.features.templates.errors import TooManyTemplates
from entrepot.features.templates.models import EVERYTHING
from entrepot.features.templates.models import MAX_PROJECT_TEMPLATES
from entrepot.features.templates.models import MAX_TEMPLATES
from entrepot.features.templates.models import REGISTRY
from entrepot.features.templates.models import Purpose
from entrepot.features.templates.models import Template
from entrepot.features.templates.models import TemplateTerms
from entrepot.features.templates.models import parse_template_name
from entrepot.features.templates.planning import Plan
from entrepot.features.templates.planning import account_lacking
from entrepot.features.templates.rights import TemplateRights
from entrepot.features.templates.starting import Starting
from entrepot.features.templates.telling import tell_deleted
from entrepot.features.templates.telling import tell_set
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """One page of templates by name; `is_more` says whether another follows."""

    templates: list[Template]
    is_more: bool


@dataclass(frozen=True, slots=True)
class SetTemplate:
    """A template that is there now, and whether it was not before."""

    template: Template
    is_new: bool


@dataclass(frozen=True, slots=True)
class Match:
    """What something called so would start with: a project, and a repository; None where no template is for it."""

    project: Plan | None
    repository: Plan | None


class Templates:
    """Every template there is: those of the registry, where the project is None, and those of projects.

    A template belongs to the registry or the project, and not to who set it. It changes nothing that is there.
    """

    def __init__(self, platform: Platform, projects: Projects, rights: TemplateRights, starting: Starting) -> None:
        self._database = platform.database
        self._clock = platform.clock
        self._projects = projects
        self._rights = rights
        self._starting = starting

    async def page(self, principal: Principal, project: ProjectName | None, after: str, limit: int) -> TemplatePage:
        """Return the templates behind the one of a name.

        Raises as `TemplateRights.require_seeing`, and `ProjectUnknown`.
        """
        await self._require_seeing(principal, project)
        found = await self._database.snapshot(store.page, project or REGISTRY, after, limit + 1)
        return TemplatePage(found[:limit], len(found) > limit)

    async def show(self, principal: Principal, project: ProjectName | None, name: str) -> Template:
        """Return a template. Raises as `page`, `TemplateInvalid` and `TemplateUnknown`."""
        await self._require_seeing(principal, project)
        found = await self._database.snapshot(store.find, project or REGISTRY, parse_template_name(name))
        return _known(name, found)

    async def put(
        self, principal: Principal, project: ProjectName | None, name: str, terms: TemplateTerms
    ) -> SetTemplate:
        """Set a template, in place of the one of its name.

        Raises as `TemplateRights.require_setting`, `TemplateInvalid`, `TooManyTemplates`, `ProjectUnknown`,
        `PrincipalUnknown` and `RoleUnknown`.
        """
        parse_template_name(name)
        if project is not None:
            _require_within(project, terms)
        await self._rights.require_setting(principal, project, terms)
        now, by = self._clock(), principal.identity
        wanted = Template(project or REGISTRY, name, terms, now, by, now, by)
        return await self._database.write(_put, wanted, project)

    async def delete(self, principal: Principal, project: ProjectName | None, name: str) -> None:
        """Delete a template. Raises as `TemplateRights.require_deleting`, `TemplateInvalid` and `TemplateUnknown`."""
        await self._rights.require_deleting(principal, project)
        parse_template_name(name)
        await self._database.write_locked(_delete, project or REGISTRY, name, self._clock())

    async def match(self, principal: Principal, project: ProjectName | None, name: RepositoryName) -> Match:
        """Tell what a new repository of this name would start with, and its project if that were new.

        Within a project only the former. Raises as `page`, and `TemplateInvalid` for a name in another project.
        """
        await self._require_seeing(principal, project)
        if project not in (None, namespace_of(name)):
            raise TemplateInvalid(f"{name} is not in the project {project}", hint=f"Name one such as {project}/app.")
        return await self._database.snapshot(_match, self._starting, name, project is None)

    async def _require_seeing(self, principal: Principal, project: ProjectName | None) -> None:
        await self._rights.require_seeing(principal, project)
        if project is not None:
            await self._projects.existing(project)


def _require_within(project: ProjectName, terms: TemplateTerms) -> None:
    if terms.purpose is not Purpose.REPOSITORY or not parse_pattern(f"{project}/**").includes(
        parse_pattern(terms.pattern)
    ):
        raise TemplateInvalid(
            f"a template of the project {project} is for repositories in it",
            hint=f"Write a pattern such as '{project}/app-*' or '{project}/{EVERYTHING}'.",
        )


def _known(name: str, template: Template | None) -> Template:
    if template is None:
        raise TemplateUnknown(f"there is no template {name}")
    return template


def _put(connection: Connection, wanted: Template, project: ProjectName | None) -> SetTemplate:
    if project is not None:
        require_existing(connection, project)
    before = store.lock(connection, wanted.project, wanted.name)
    most = MAX_TEMPLATES if project is None else MAX_PROJECT_TEMPLATES
    if before is None and store.count(connection, wanted.project) >= most:
        raise TooManyTemplates(f"there are {most} templates, which is the most there may be")
    for grant in wanted.terms.grants:
        if hold_actions(connection, grant.role) is None:
            raise RoleUnknown(f"there is no role {grant.role}")
        lacking = "" if grant.grantee is None else account_lacking(connection, grant.grantee)
        if lacking:
            raise PrincipalUnknown(lacking)
    store.put(connection, wanted)
    tell_set(connection, wanted, before)
    return SetTemplate(_known(wanted.name, store.find(connection, wanted.project, wanted.name)), before is None)


def _delete(connection: Connection, project: str, name: str, now: Milliseconds) -> None:
    before = _known(name, store.lock(connection, project, name))
    store.remove(connection, project, name)
    tell_deleted(connection, before, now)


def _match(connection: Connection, starting: Starting, name: RepositoryName, is_of_registry: bool) -> Match:
    project = starting.plan_project(connection, namespace_of(name), None) if is_of_registry else None
    return Match(project, starting.plan_repository(connection, name))
