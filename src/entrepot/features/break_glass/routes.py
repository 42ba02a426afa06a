# SPDX-License-Identifier: Apache-2.0
"""Break-glass access in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.break_glass.eligible import Eligibilities
from entrepot.features.break_glass.schemas import AcknowledgedQuery
from entrepot.features.break_glass.schemas import Acknowledgement
from entrepot.features.break_glass.schemas import EligibilityList
from entrepot.features.break_glass.schemas import EligibilityPath
from entrepot.features.break_glass.schemas import EligibilityView
from entrepot.features.break_glass.schemas import NewEligibility
from entrepot.features.break_glass.schemas import NewOpening
from entrepot.features.break_glass.schemas import OpeningList
from entrepot.features.break_glass.schemas import OpeningPath
from entrepot.features.break_glass.schemas import OpeningView
from entrepot.features.break_glass.schemas import OwnGlassView
from entrepot.features.break_glass.service import BreakGlass
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers


class BreakGlassRoutes:
    """The endpoints of break-glass access."""

    def __init__(self, glass: BreakGlass, eligibilities: Eligibilities, callers: ApiCallers) -> None:
        self._glass = glass
        self._eligibilities = eligibilities
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("break_glass")
        router.add_api_route("/break-glass", self.show_glass)
        router.add_api_route("/break-glass/openings", self.list_openings)
        router.add_api_route("/break-glass/openings", self.break_glass, methods=["POST"], status_code=201)
        router.add_api_route("/break-glass/openings/{id}", self.show_opening)
        router.add_api_route("/break-glass/openings/{id}:end", self.end_opening, methods=["POST"])
        router.add_api_route("/break-glass/openings/{id}:acknowledge", self.acknowledge_opening, methods=["POST"])
        eligibilities = "/break-glass/eligibilities"
        router.add_api_route(eligibilities, self.list_eligibilities)
        router.add_api_route(eligibilities, self.give_eligibility, methods=["POST"], status_code=201)
        router.add_api_route(f"{eligibilities}/{{id}}", self.take_eligibility, methods=["DELETE"], status_code=204)
        return router

    @takes(ACCOUNT)
    async def show_glass(self, request: Request) -> OwnGlassView:
        """Show what you may open in an emergency, by name or in groups, and what you have open."""
        return OwnGlassView.of(await self._glass.own(await self._caller(request)), self._glass.now())

    @takes(to_system(SystemAction.READ_AUDIT))
    async def list_openings(
        self,
        request: Request,
        response: Response,
        acknowledged: AcknowledgedQuery = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> OpeningList:
        """List openings, newest first."""
        caller = await self._caller(request)
        page = await self._glass.page(caller, key_of(cursor), limit, is_acknowledged=acknowledged)
        if page.is_more:
            link_next(request, response, page.openings[-1].id)
        return OpeningList(items=[OpeningView.of(each, page.at) for each in page.openings])

    @takes(OWN)
    async def break_glass(self, request: Request, response: Response, wanted: NewOpening) -> OpeningView:
        """Take a role that you are eligible for, from now on and for a while. Takes a login of late, and no token.

        Every administrator and auditor is told. It ends by itself, and cannot be made to last longer.
        """
        opening = await self._glass.open(await self._caller(request), wanted.wanted)
        response.headers["Location"] = f"{request.url.path}/{opening.id}"
        return OpeningView.of(opening, self._glass.now())

    @takes(OWN, to_system(SystemAction.READ_AUDIT))
    async def show_opening(self, request: Request, id: OpeningPath) -> OpeningView:
        """Show an opening."""
        return OpeningView.of(await self._glass.show(await self._caller(request), id), self._glass.now())

    @takes(OWN, to_system(SystemAction.ADMINISTER))
    async def end_opening(self, request: Request, id: OpeningPath) -> OpeningView:
        """End an opening before its time."""
        return OpeningView.of(await self._glass.end(await self._caller(request), id), self._glass.now())

    @takes(to_system(SystemAction.ADMINISTER))
    async def acknowledge_opening(self, request: Request, id: OpeningPath, said: Acknowledgement) -> OpeningView:
        """Say that you have looked at what was done by an opening of somebody else, once it has ended."""
        opening = await self._glass.acknowledge(await self._caller(request), id, said.comment)
        return OpeningView.of(opening, self._glass.now())

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_eligibilities(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> EligibilityList:
        """List who may take what in an emergency, oldest first."""
        page = await self._eligibilities.page(await self._caller(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.eligibilities[-1].id)
        return EligibilityList(items=[EligibilityView.of(each) for each in page.eligibilities])

    @takes(to_system(SystemAction.ADMINISTER))
    async def give_eligibility(self, request: Request, wanted: NewEligibility) -> EligibilityView:
        """Make a user or a group eligible. Takes an administrator of the registry who logged in of late."""
        caller = await self._caller(request)
        return EligibilityView.of(await self._eligibilities.give(caller, wanted.terms, wanted.longest_minutes))

    @takes(to_system(SystemAction.ADMINISTER))
    async def take_eligibility(self, request: Request, id: EligibilityPath) -> None:
        """Let somebody be eligible no more. What they have open goes on until it ends, or is ended."""
        await self._eligibilities.take(await self._caller(request), id)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
