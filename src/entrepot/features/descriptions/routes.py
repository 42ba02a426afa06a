# SPDX-License-Identifier: Apache-2.0
"""Descriptions in the management API."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.descriptions.schemas import DescriptionRequest
from entrepot.features.descriptions.schemas import DescriptionView
from entrepot.features.descriptions.service import Descriptions
from entrepot.features.projects import parse_project_name
from entrepot.infra.http.permission import SEEN_PROJECT
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers


class DescriptionRoutes:
    """The endpoints of descriptions."""

    def __init__(self, descriptions: Descriptions, callers: ApiCallers) -> None:
        self._descriptions = descriptions
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("descriptions")
        for place, show, change in (
            ("/repositories/{name:path}/-/descriptions", self.show_description, self.change_description),
            ("/projects/{name}/descriptions", self.show_project_description, self.change_project_description),
        ):
            router.add_api_route(place, show)
            router.add_api_route(place, change, methods=["PUT"])
        return router

    @takes(in_repository(Action.READ))
    async def show_description(self, request: Request, name: RepositoryPath) -> DescriptionView:
        """Show what a repository is, and whom to ask about it."""
        shown = await self._descriptions.show(await self._caller(request), parse_repository_name(name))
        return DescriptionView.of(shown)

    @takes(in_repository(Action.ADMIN))
    async def change_description(
        self, request: Request, name: RepositoryPath, wanted: DescriptionRequest
    ) -> DescriptionView:
        """Say what a repository is, and whom to ask about it, in the place of what is said."""
        caller, repository = await self._caller(request), parse_repository_name(name)
        changed = await self._descriptions.change(caller, repository, wanted.description, wanted.revision)
        return DescriptionView.of(changed)

    @takes(SEEN_PROJECT)
    async def show_project_description(self, request: Request, name: str) -> DescriptionView:
        """Show what a project is, and whom to ask about it."""
        shown = await self._descriptions.show_project(await self._caller(request), parse_project_name(name))
        return DescriptionView.of(shown)

    @takes(in_project(Action.ADMIN))
    async def change_project_description(
        self, request: Request, name: str, wanted: DescriptionRequest
    ) -> DescriptionView:
        """Say what a project is, and whom to ask about it, in the place of what is said."""
        caller, project = await self._caller(request), parse_project_name(name)
        changed = await self._descriptions.change_project(caller, project, wanted.description, wanted.revision)
        return DescriptionView.of(changed)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
