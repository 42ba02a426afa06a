# SPDX-License-Identifier: Apache-2.0
"""Projects in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects.models import parse_project_name
from entrepot.features.projects.schemas import NewProject
from entrepot.features.projects.schemas import ProjectChange
from entrepot.features.projects.schemas import ProjectList
from entrepot.features.projects.schemas import ProjectView
from entrepot.features.projects.service import Projects
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import SEEN_PROJECT
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.registry.api_callers import ApiCallers


class ProjectRoutes:
    """The endpoints of projects."""

    def __init__(self, projects: Projects, callers: ApiCallers) -> None:
        self._projects = projects
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("projects")
        router.add_api_route("/projects", self.list_projects)
        router.add_api_route("/projects", self.create_project, methods=["POST"], status_code=201)
        router.add_api_route("/projects/{name}", self.show_project)
        router.add_api_route("/projects/{name}", self.change_project, methods=["PATCH"])
        router.add_api_route("/projects/{name}", self.delete_project, methods=["DELETE"], status_code=204)
        return router

    @takes(ANYBODY)
    async def list_projects(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> ProjectList:
        """List the projects that are public, or that a grant of yours reaches into."""
        page = await self._projects.page(await self._principal(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.projects[-1].name)
        return ProjectList(items=[ProjectView.of(project) for project in page.projects])

    @takes(in_project(Action.CREATE))
    async def create_project(self, request: Request, response: Response, wanted: NewProject) -> ProjectView:
        """Make a project. Takes an administrator of the registry."""
        name = parse_project_name(wanted.name)
        project = await self._projects.create(await self._principal(request), name, wanted.visibility)
        response.headers["Location"] = f"{request.url.path}/{name}"
        return ProjectView.of(project)

    @takes(SEEN_PROJECT)
    async def show_project(self, request: Request, name: str) -> ProjectView:
        """Show a project that is public, or that a grant of yours reaches into."""
        project = await self._projects.show(await self._principal(request), parse_project_name(name))
        return ProjectView.of(project)

    @takes(in_project(Action.ADMIN))
    async def change_project(self, request: Request, name: str, change: ProjectChange) -> ProjectView:
        """Change who may pull from a project, whether from the storage itself, and how long what is deleted stays.

        Takes `admin` on `<name>/**`.
        """
        principal = await self._principal(request)
        project = await self._projects.change(principal, parse_project_name(name), change.wanted)
        return ProjectView.of(project)

    @takes(in_project(Action.ADMIN))
    async def delete_project(self, request: Request, name: str) -> None:
        """Delete a project that holds no artifacts any more, and its members. Takes the role `admin` on `<name>/**`."""
        await self._projects.delete(await self._principal(request), parse_project_name(name))

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
