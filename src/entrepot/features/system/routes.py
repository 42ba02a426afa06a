# SPDX-License-Identifier: Apache-2.0
"""The system in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.system.schemas import KeyItem
from entrepot.features.system.schemas import KeyList
from entrepot.features.system.schemas import NodeItem
from entrepot.features.system.schemas import NodeList
from entrepot.features.system.schemas import SystemView
from entrepot.features.system.service import System
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.request import Request as LazyRequest
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Clock
from entrepot.registry.api_callers import ApiCallers


class SystemRoutes:
    """The endpoints of the system. All take an administrator of the registry."""

    def __init__(self, system: System, challenger: Challenger, callers: ApiCallers, clock: Clock) -> None:
        self._system = system
        self._challenger = challenger
        self._callers = callers
        self._clock = clock

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("system")
        router.add_api_route("/system", self.show_system)
        router.add_api_route("/system/nodes", self.list_nodes)
        router.add_api_route("/system/keys", self.list_keys)
        router.add_api_route("/system/keys:rotate", self.rotate_key, methods=["POST"])
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_system(self, request: Request) -> SystemView:
        """Show versions, room and addresses. Takes an administrator."""
        facts = await self._system.show(await self._principal(request))
        return SystemView.of(facts, self._challenger.origin(LazyRequest(request.scope, request.receive)))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_nodes(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> NodeList:
        """List the server processes, the one started last first. Takes an administrator."""
        page = await self._system.nodes(await self._principal(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.nodes[-1].id)
        now = self._clock()
        return NodeList(items=[NodeItem.of(node, now) for node in page.nodes])

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_keys(self, request: Request) -> KeyList:
        """List the keys whose tokens are accepted, the one that signs first. Takes an administrator."""
        keys = await self._system.keys(await self._principal(request))
        return KeyList(items=[KeyItem.of(key) for key in keys])

    @takes(to_system(SystemAction.ADMINISTER))
    async def rotate_key(self, request: Request) -> KeyList:
        """Let a new key sign tokens from now on. Takes an administrator who logged in of late.

        Tokens of the former key stay good until they expire; other processes follow within a minute.
        """
        keys = await self._system.rotate_key(await self._principal(request))
        return KeyList(items=[KeyItem.of(key) for key in keys])

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
