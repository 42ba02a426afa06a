# SPDX-License-Identifier: Apache-2.0
"""Naming in the management API."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.naming.schemas import NamingRequest
from entrepot.features.naming.schemas import NamingView
from entrepot.features.naming.service import Naming
from entrepot.features.projects import parse_project_name
from entrepot.infra.http.permission import SEEN_PROJECT
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers


class NamingRoutes:
    """The endpoints of naming."""

    def __init__(self, naming: Naming, callers: ApiCallers) -> None:
        self._naming = naming
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("naming")
        router.add_api_route("/naming", self.show_naming)
        router.add_api_route("/naming", self.set_naming, methods=["PUT"])
        router.add_api_route("/projects/{name}/naming", self.show_project_naming)
        router.add_api_route("/projects/{name}/naming", self.set_project_naming, methods=["PUT"])
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_naming(self, request: Request) -> NamingView:
        """Show the rules of the registry about names and types."""
        return NamingView.of(await self._naming.show(await self._caller(request)))

    @takes(to_system(SystemAction.ADMINISTER))
    async def set_naming(self, request: Request, wanted: NamingRequest) -> NamingView:
        """Put rules in the place of those of the registry. Takes an administrator who logged in of late.

        They count at once in the process that answers, and in every other one within two seconds.
        """
        rules = [each.rule for each in wanted.rules]
        return NamingView.of(await self._naming.set(await self._caller(request), rules, wanted.revision))

    @takes(SEEN_PROJECT)
    async def show_project_naming(self, request: Request, name: str) -> NamingView:
        """Show the rules of a project about names and types. Those of the registry count there too."""
        project = parse_project_name(name)
        return NamingView.of(await self._naming.show_project(await self._caller(request), project))

    @takes(in_project(Action.MANAGE_POLICY))
    async def set_project_naming(self, request: Request, name: str, wanted: NamingRequest) -> NamingView:
        """Put rules in the place of those of a project. Takes the role `maintain` on `<name>/**`."""
        caller, project = await self._caller(request), parse_project_name(name)
        rules = [each.rule for each in wanted.rules]
        return NamingView.of(await self._naming.set_project(caller, project, rules, wanted.revision))

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
