# SPDX-License-Identifier: Apache-2.0
"""Templates in the management API: those of the registry, and below a project its own."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.templates.schemas import MatchView
from entrepot.features.templates.schemas import NameQuery
from entrepot.features.templates.schemas import TemplateList
from entrepot.features.templates.schemas import TemplatePath
from entrepot.features.templates.schemas import TemplateView
from entrepot.features.templates.schemas import WantedTemplate
from entrepot.features.templates.service import SetTemplate
from entrepot.features.templates.service import TemplatePage
from entrepot.features.templates.service import Templates
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers


class TemplateRoutes:
    """The endpoints of templates."""

    def __init__(self, templates: Templates, callers: ApiCallers) -> None:
        self._templates = templates
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("templates")
        router.add_api_route("/templates", self.list_templates)
        router.add_api_route("/templates:match", self.match_templates)
        router.add_api_route("/templates/{template}", self.show_template)
        router.add_api_route("/templates/{template}", self.set_template, methods=["PUT"])
        router.add_api_route("/templates/{template}", self.delete_template, methods=["DELETE"], status_code=204)
        below = "/projects/{name}/templates"
        router.add_api_route(below, self.list_project_templates)
        router.add_api_route(f"{below}:match", self.match_project_templates)
        router.add_api_route(f"{below}/{{template}}", self.show_project_template)
        router.add_api_route(f"{below}/{{template}}", self.set_project_template, methods=["PUT"])
        router.add_api_route(f"{below}/{{template}}", self.delete_project_template, methods=["DELETE"], status_code=204)
        return router

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_templates(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> TemplateList:
        """List the templates of the registry, by name. Takes the right to read accounts, as all that shows them."""
        page = await self._templates.page(await self._caller(request), None, key_of(cursor), limit)
        return _listed(request, response, page)

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def match_templates(self, request: Request, asked: NameQuery) -> MatchView:
        """Tell which templates would count for a new repository of a name, and its project if that were new."""
        match = await self._templates.match(await self._caller(request), None, parse_repository_name(asked))
        return MatchView.of(match)

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def show_template(self, request: Request, template: TemplatePath) -> TemplateView:
        """Show a template of the registry."""
        return TemplateView.of(await self._templates.show(await self._caller(request), None, template))

    @takes(to_system(SystemAction.ADMINISTER))
    async def set_template(
        self, request: Request, response: Response, template: TemplatePath, wanted: WantedTemplate
    ) -> TemplateView:
        """Set a template of the registry, in place of the one of its name; 201 if there was none.

        Takes an administrator of the registry who logged in of late. What is there already stays as it is.
        """
        done = await self._templates.put(await self._caller(request), None, template, wanted.terms)
        return _set(response, done)

    @takes(to_system(SystemAction.ADMINISTER))
    async def delete_template(self, request: Request, template: TemplatePath) -> None:
        """Delete a template of the registry. What it gave stays."""
        await self._templates.delete(await self._caller(request), None, template)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.READ_ACCOUNTS))
    async def list_project_templates(
        self, request: Request, response: Response, name: str, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> TemplateList:
        """List the templates of a project, by name. Takes the role `admin` on the project, as every change does."""
        project = parse_project_name(name)
        page = await self._templates.page(await self._caller(request), project, key_of(cursor), limit)
        return _listed(request, response, page)

    @takes(in_project(Action.ADMIN), to_system(SystemAction.READ_ACCOUNTS))
    async def match_project_templates(self, request: Request, name: str, asked: NameQuery) -> MatchView:
        """Tell which template would count for a new repository of a name in the project, its own or the registry's."""
        project, repository = parse_project_name(name), parse_repository_name(asked)
        return MatchView.of(await self._templates.match(await self._caller(request), project, repository))

    @takes(in_project(Action.ADMIN), to_system(SystemAction.READ_ACCOUNTS))
    async def show_project_template(self, request: Request, name: str, template: TemplatePath) -> TemplateView:
        """Show a template of a project."""
        project = parse_project_name(name)
        return TemplateView.of(await self._templates.show(await self._caller(request), project, template))

    @takes(in_project(Action.ADMIN))
    async def set_project_template(
        self, request: Request, response: Response, name: str, template: TemplatePath, wanted: WantedTemplate
    ) -> TemplateView:
        """Set a template for new repositories of a project, in place of the one of its name; 201 if there was none."""
        project = parse_project_name(name)
        return _set(response, await self._templates.put(await self._caller(request), project, template, wanted.terms))

    @takes(in_project(Action.ADMIN))
    async def delete_project_template(self, request: Request, name: str, template: TemplatePath) -> None:
        """Delete a template of a project. What it gave stays."""
        await self._templates.delete(await self._caller(request), parse_project_name(name), template)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _listed(request: Request, response: Response, page: TemplatePage) -> TemplateList:
    if page.is_more:
        link_next(request, response, page.templates[-1].name)
    return TemplateList(items=[TemplateView.of(each) for each in page.templates])


def _set(response: Response, done: SetTemplate) -> TemplateView:
    response.status_code = 201 if done.is_new else 200
    return TemplateView.of(done.template)
