# SPDX-License-Identifier: Apache-2.0
"""Modes in the management API. Its changes are made in every mode: else none would end."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.modes.schemas import ModeRequest
from entrepot.features.modes.schemas import ModeView
from entrepot.features.modes.service import ModeControl
from entrepot.features.projects import parse_project_name
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import SEEN_PROJECT
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.core import Caller


class ModeRoutes:
    """The endpoints of modes."""

    def __init__(self, control: ModeControl, callers: ApiCallers) -> None:
        self._control = control
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("modes")
        router.add_api_route("/modes", self.show_mode)
        router.add_api_route("/modes", self.set_mode, methods=["PUT"])
        router.add_api_route("/projects/{name}/mode", self.show_project_mode)
        router.add_api_route("/projects/{name}/mode", self.set_project_mode, methods=["PUT"])
        return router

    @takes(ACCOUNT)
    async def show_mode(self, request: Request) -> ModeView:
        """Show the mode of the registry. Takes a login."""
        caller = await self._caller(request)
        return ModeView.of(await self._control.show(caller.principal))

    @takes(to_system(SystemAction.OPERATE))
    async def set_mode(self, request: Request, wanted: ModeRequest) -> ModeView:
        """Set the mode of the registry. Takes an administrator; for `maintenance`, one who logged in of late.

        It counts at once in the process that answers, and in every other one within two seconds.
        """
        caller = await self._caller(request)
        return ModeView.of(await self._control.set(caller, wanted.mode, wanted.reason))

    @takes(SEEN_PROJECT)
    async def show_project_mode(self, request: Request, name: str) -> ModeView:
        """Show the mode of a project that is public, or that a grant of yours reaches into."""
        caller = await self._caller(request)
        return ModeView.of(await self._control.show_project(caller.principal, parse_project_name(name)))

    @takes(in_project(Action.MANAGE_POLICY))
    async def set_project_mode(self, request: Request, name: str, wanted: ModeRequest) -> ModeView:
        """Set the mode of a project. Takes the role `admin` on `<name>/**`; for `maintenance`, a recent login too.

        Where the mode of the registry is stricter, that one counts.
        """
        caller = await self._caller(request)
        project = parse_project_name(name)
        return ModeView.of(await self._control.set_project(caller, project, wanted.mode, wanted.reason))

    async def _caller(self, request: Request) -> Caller:
        return await self._callers.identify(request.scope, request.receive)
