# SPDX-License-Identifier: Apache-2.0
"""Usage in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query
from starlette.requests import Request

from entrepot.features.projects import parse_project_name
from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.reports import Reports
from entrepot.features.usage.schemas import DaysQuery
from entrepot.features.usage.schemas import GrowthItem
from entrepot.features.usage.schemas import GrowthView
from entrepot.features.usage.schemas import TrafficItem
from entrepot.features.usage.schemas import TrafficView
from entrepot.features.usage.schemas import UsageQuery
from entrepot.features.usage.schemas import UsageView
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.registry.api_callers import ApiCallers

Project = Annotated[str, Query(min_length=1, max_length=255, description="Of this project.", examples=["team"])]
Days = Annotated[int, Query(ge=1, le=KEPT_DAYS, description="Of so many days, today among them (UTC).")]

_READ = takes(in_repository(Action.READ), in_project(Action.READ))


class UsageRoutes:
    """The endpoints of usage."""

    def __init__(self, reports: Reports, callers: ApiCallers) -> None:
        self._reports = reports
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("usage")
        router.add_api_route("/usage", self.show_usage)
        router.add_api_route("/usage/traffic", self.show_traffic)
        router.add_api_route("/usage/storage", self.show_storage)
        return router

    @_READ
    async def show_usage(self, request: Request, query: Annotated[UsageQuery, Query()]) -> UsageView:
        """Break down the pulls and pushes of a project or a repository.

        A fetched manifest is a pull. The entry of an index belongs to the pull of the index, if the same principal
        fetches it from the same address within a minute. By `principal` it takes the right to read the audit log,
        or to administer the project.
        """
        answer = await self._reports.ask(await self._principal(request), query.question)
        return UsageView.of(answer, query.by)

    @_READ
    async def show_traffic(self, request: Request, query: Annotated[DaysQuery, Query()]) -> TrafficView:
        """Show the bytes that went into a project or a repository, and out of it, by day."""
        found = await self._reports.traffic(await self._principal(request), *query.named, query.days)
        return TrafficView(items=[TrafficItem.of(each) for each in found])

    @takes(in_project(Action.READ))
    async def show_storage(self, request: Request, project: Project, days: Days = 30) -> GrowthView:
        """Show what a project held at the end of each day."""
        found = await self._reports.growth(await self._principal(request), parse_project_name(project), days)
        return GrowthView(items=[GrowthItem.of(each) for each in found])

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
