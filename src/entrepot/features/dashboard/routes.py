# SPDX-License-Identifier: Apache-2.0
"""The overview in the management API."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.dashboard.schemas import DashboardView
from entrepot.features.dashboard.service import Dashboard
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.registry.api_callers import ApiCallers


class DashboardRoutes:
    """The one endpoint."""

    def __init__(self, dashboard: Dashboard, callers: ApiCallers) -> None:
        self._dashboard = dashboard
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("dashboard")
        router.add_api_route("/dashboard", self.show_dashboard)
        return router

    @takes(ACCOUNT)
    async def show_dashboard(self, request: Request) -> DashboardView:
        """Show what there is: storage, recent changes, busy repositories and health, as far as you may see them."""
        caller = await self._callers.identify(request.scope, request.receive)
        return DashboardView.of(await self._dashboard.overview(caller.principal))
