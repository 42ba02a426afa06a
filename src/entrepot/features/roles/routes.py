# SPDX-License-Identifier: Apache-2.0
"""Roles in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.roles.schemas import NewRole
from entrepot.features.roles.schemas import RoleChange
from entrepot.features.roles.schemas import RoleItem
from entrepot.features.roles.schemas import RoleList
from entrepot.features.roles.schemas import RolePath
from entrepot.features.roles.schemas import RoleView
from entrepot.features.roles.service import Roles
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers


class RoleRoutes:
    """The endpoints of roles."""

    def __init__(self, roles: Roles, callers: ApiCallers) -> None:
        self._roles = roles
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("roles")
        router.add_api_route("/roles", self.list_roles)
        router.add_api_route("/roles", self.create_role, methods=["POST"], status_code=201)
        router.add_api_route("/roles/{name}", self.show_role)
        router.add_api_route("/roles/{name}", self.change_role, methods=["PUT"])
        router.add_api_route("/roles/{name}", self.delete_role, methods=["DELETE"], status_code=204)
        return router

    @takes(ACCOUNT)
    async def list_roles(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> RoleList:
        """List every role: the built-in ones, from little to much, then the others by name. Takes a login."""
        page = await self._roles.page(await self._caller(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.roles[-1].name)
        return RoleList(items=[RoleItem.of(role) for role in page.roles])

    @takes(to_system(SystemAction.ADMINISTER))
    async def create_role(self, request: Request, response: Response, wanted: NewRole) -> RoleItem:
        """Make a role. Takes an administrator of the registry, as every change does."""
        made = await self._roles.create(await self._caller(request), wanted.name, wanted.terms)
        response.headers["Location"] = f"{request.url.path}/{made.name}"
        return RoleItem.of(made)

    @takes(ACCOUNT)
    async def show_role(self, request: Request, name: RolePath) -> RoleView:
        """Show a role; to who may read accounts, with the number of grants that give it."""
        return RoleView.with_use(await self._roles.show(await self._caller(request), name))

    @takes(to_system(SystemAction.ADMINISTER))
    async def change_role(self, request: Request, name: RolePath, wanted: RoleChange) -> RoleItem:
        """Replace what a role is for and what it lets do, for everybody who has it."""
        return RoleItem.of(await self._roles.change(await self._caller(request), name, wanted.terms))

    @takes(to_system(SystemAction.ADMINISTER))
    async def delete_role(self, request: Request, name: RolePath) -> None:
        """Delete a role that no grant gives."""
        await self._roles.delete(await self._caller(request), name)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
