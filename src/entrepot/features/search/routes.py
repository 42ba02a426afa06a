# SPDX-License-Identifier: Apache-2.0
"""Search in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.search.artifact_schemas import DEFAULT_ARTIFACTS
from entrepot.features.search.artifact_schemas import ArtifactOrder
from entrepot.features.search.artifact_schemas import FoundArtifactPage
from entrepot.features.search.artifact_schemas import NewSavedQuery
from entrepot.features.search.artifact_schemas import SavedQueryList
from entrepot.features.search.artifact_schemas import SavedQueryView
from entrepot.features.search.artifact_search import ArtifactSearch
from entrepot.features.search.finding import Wish
from entrepot.features.search.language import format_artifact_query
from entrepot.features.search.language import parse_artifact_query
from entrepot.features.search.saved import SavedQueries
from entrepot.features.search.schemas import DEFAULT_RESULTS
from entrepot.features.search.schemas import ArtifactLimit
from entrepot.features.search.schemas import ArtifactQueryText
from entrepot.features.search.schemas import QueryText
from entrepot.features.search.schemas import ResultLimit
from entrepot.features.search.schemas import SavedName
from entrepot.features.search.schemas import SearchView
from entrepot.features.search.service import Search
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.request import Request as LazyRequest
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.registry.api_callers import ApiCallers

_PLACE_DIGITS = 19
_LAST_PLACE = 2**63 - 1


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


class ArtifactSearchRoutes:
    """The endpoints that find artifacts by what they are, and keep queries."""

    def __init__(
        self, artifacts: ArtifactSearch, saved: SavedQueries, challenger: Challenger, callers: ApiCallers
    ) -> None:
        self._artifacts = artifacts
        self._saved = saved
        self._challenger = challenger
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("search")
        router.add_api_route("/search/artifacts", self.search_artifacts)
        router.add_api_route("/search/saved", self.list_saved_queries)
        router.add_api_route("/search/saved/{name}", self.save_query, methods=["PUT"])
        router.add_api_route("/search/saved/{name}", self.forget_query, methods=["DELETE"], status_code=204)
        return router

    @takes(ACCOUNT)
    async def search_artifacts(
        self,
        request: Request,
        response: Response,
        q: ArtifactQueryText = "",
        sort: ArtifactOrder = ArtifactOrder.NEWEST,
        limit: ArtifactLimit = DEFAULT_ARTIFACTS,
        cursor: Cursor = "",
    ) -> FoundArtifactPage:
        """Find artifacts that you may read by what they are: type, platform, labels, annotations, commit and more.

        An artifact is found some moments after its push, once it is known what it is. The first page counts what
        was found, as far as a request may cost: `total` says whether that is all.
        """
        principal = await self._caller(request)
        query = parse_artifact_query(q)
        wish = Wish(query, _place(cursor), limit, sort is ArtifactOrder.NEWEST)
        page = await self._artifacts.find(principal, wish)
        if page.next_after is not None:
            link_next(request, response, str(page.next_after))
        origin = self._challenger.origin(LazyRequest(request.scope, request.receive))
        return FoundArtifactPage.of(page, format_artifact_query(query), origin.partition("://")[2])

    @takes(ACCOUNT)
    async def list_saved_queries(self, request: Request) -> SavedQueryList:
        """List saved queries: your own, and those that others share with a project that you may read."""
        return SavedQueryList.of(await self._saved.seen(await self._caller(request)))

    @takes(OWN)
    async def save_query(self, request: Request, name: SavedName, wanted: NewSavedQuery) -> SavedQueryView:
        """Keep a query under a name, in place of your own of that name. You may have 50."""
        saved = await self._saved.save(await self._caller(request), name, wanted.query, wanted.project)
        return SavedQueryView.of(saved, is_own=True)

    @takes(OWN)
    async def forget_query(self, request: Request, name: SavedName) -> None:
        """Delete one of your own saved queries."""
        await self._saved.forget(await self._caller(request), name)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _place(cursor: str) -> int | None:
    """Read where a page begins. Raises `InvalidCursor`."""
    key = key_of(cursor)
    if key and not (key.isascii() and key.isdigit() and len(key) <= _PLACE_DIGITS and int(key) < _LAST_PLACE):
        raise InvalidCursor
    return int(key) if key else None
