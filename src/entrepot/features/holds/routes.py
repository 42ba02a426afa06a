# SPDX-License-Identifier: Apache-2.0
"""Holds in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.holds.schemas import HoldExtension
from entrepot.features.holds.schemas import HoldPath
from entrepot.features.holds.schemas import HoldRelease
from entrepot.features.holds.schemas import HoldRequest
from entrepot.features.holds.schemas import KeepingHolds
from entrepot.features.holds.schemas import PlacedHoldList
from entrepot.features.holds.schemas import PlacedHoldView
from entrepot.features.holds.service import HoldPage
from entrepot.features.holds.service import Holds
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import is_ulid
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.store.placed_holds import LAST


class HoldRoutes:
    """The endpoints of holds."""

    def __init__(self, holds: Holds, callers: ApiCallers, clock: Clock) -> None:
        self._holds = holds
        self._callers = callers
        self._clock = clock

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("holds")
        of_repository = "/repositories/{name:path}/-/holds"
        router.add_api_route("/holds", self.list_holds)
        router.add_api_route("/projects/{name}/holds", self.list_project_holds)
        router.add_api_route(of_repository, self.list_repository_holds)
        router.add_api_route(of_repository, self.place_hold, methods=["POST"], status_code=201)
        router.add_api_route(f"{of_repository}/{{hold}}:extend", self.extend_hold, methods=["POST"])
        router.add_api_route(f"{of_repository}/{{hold}}:release", self.release_hold, methods=["POST"])
        router.add_api_route("/repositories/{name:path}/-/artifacts/{digest}/holds", self.list_artifact_holds)
        return router

    @takes(ACCOUNT)
    async def list_holds(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> PlacedHoldList:
        """List the holds in repositories that you may read, the newest first."""
        return await self._listed(request, response, "", limit, cursor)

    @takes(ACCOUNT)
    async def list_project_holds(
        self, request: Request, response: Response, name: str, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> PlacedHoldList:
        """List the holds of a project, of those in repositories that you may read."""
        return await self._listed(request, response, name, limit, cursor)

    @takes(in_repository(Action.READ))
    async def list_repository_holds(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> PlacedHoldList:
        """List the holds of a repository, the newest first."""
        caller, repository = await self._caller(request), parse_repository_name(name)
        page = await self._holds.of_repository(caller, repository, _before(cursor), limit)
        return self._shown(request, response, page)

    @takes(in_repository(Action.READ))
    async def list_artifact_holds(self, request: Request, name: RepositoryPath, digest: str) -> KeepingHolds:
        """List the holds that keep an artifact now: on it, on what is above it, and on the whole repository."""
        caller, repository = await self._caller(request), parse_repository_name(name)
        found = await self._holds.keeping(caller, repository, parse_digest(digest))
        may = await self._holds.may(caller, repository)
        return KeepingHolds(items=[PlacedHoldView.at(each, self._clock()) for each in found], may=may)

    @takes(in_repository(Action.DELETE), in_repository(Action.HOLD))
    async def place_hold(self, request: Request, name: RepositoryPath, wanted: HoldRequest) -> PlacedHoldView:
        """Place a hold: nobody deletes what it is on, nor what belongs to that, before it ends.

        What is in the bin can be held too, and is not purged. Takes the right to `hold` for a legal one, and that to
        delete for one of a user.
        """
        caller = await self._caller(request)
        placed = await self._holds.place(caller, parse_repository_name(name), wanted.terms)
        return PlacedHoldView.at(placed, self._clock())

    @takes(in_repository(Action.DELETE), in_repository(Action.HOLD))
    async def extend_hold(
        self, request: Request, name: RepositoryPath, hold: HoldPath, wanted: HoldExtension
    ) -> PlacedHoldView:
        """Let a hold end later. Takes the right to place it."""
        caller = await self._caller(request)
        extended = await self._holds.extend(caller, parse_repository_name(name), hold, wanted.expires_at)
        return PlacedHoldView.at(extended, self._clock())

    @takes(in_repository(Action.DELETE), in_repository(Action.HOLD))
    async def release_hold(
        self, request: Request, name: RepositoryPath, hold: HoldPath, wanted: HoldRelease
    ) -> PlacedHoldView:
        """End a hold, for a reason. Takes the right to place it, and a recent login."""
        caller = await self._caller(request)
        released = await self._holds.release(caller, parse_repository_name(name), hold, wanted.reason)
        return PlacedHoldView.at(released, self._clock())

    async def _listed(
        self, request: Request, response: Response, project: str, limit: int, cursor: str
    ) -> PlacedHoldList:
        caller = await self._caller(request)
        if caller.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return self._shown(request, response, await self._holds.page(caller, project, _before(cursor), limit))

    def _shown(self, request: Request, response: Response, page: HoldPage) -> PlacedHoldList:
        if page.last is not None:
            link_next(request, response, page.last)
        now = self._clock()
        return PlacedHoldList(items=[PlacedHoldView.at(each, now) for each in page.holds])

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _before(cursor: str) -> str:
    key = key_of(cursor)
    if key and not is_ulid(key):
        raise InvalidCursor
    return key or LAST
