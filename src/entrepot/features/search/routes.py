# SPDX-License-Identifier: Apache-2.0
"""Search in the management API."""

from fastapi import APIRouter
from starlette.requests import Request

from entrepot.features.search.schemas import DEFAULT_RESULTS
from entrepot.features.search.schemas import QueryText
from entrepot.features.search.schemas import ResultLimit
from entrepot.features.search.schemas import SearchView
from entrepot.features.search.service import Search
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.registry.api_callers import ApiCallers


class SearchRoutes:
    """The endpoint that finds."""

    def __init__(self, search: Search, callers: ApiCallers) -> None:
        self._search = search
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("search")
        router.add_api_route("/search", self.search)
        return router

    @takes(ANYBODY)
    async def search(self, request: Request, q: QueryText, limit: ResultLimit = DEFAULT_RESULTS) -> SearchView:
        """Find projects, repositories, tags and artifacts that you may read by a part of their names.

        Names of projects and repositories are found by any part of them, in capitals or not; tags and digests by
        how they begin. A digest needs its algorithm (`sha256:ab`) or six of its characters (`9f86d0`).
        """
        caller = await self._callers.identify(request.scope, request.receive)
        return SearchView.of(await self._search.find(caller.principal, q, limit))
