# SPDX-License-Identifier: Apache-2.0
"""The guide in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.guide.models import Offer
from entrepot.features.guide.models import Whereabouts
from entrepot.features.guide.schemas import GuideView
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import takes
from entrepot.infra.http.request import Request as LazyRequest
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.api_callers import ApiCallers


class GuideRoutes:
    """The endpoint that tells clients how to use the registry."""

    def __init__(self, offer: Offer, challenger: Challenger, callers: ApiCallers) -> None:
        self._offer = offer
        self._challenger = challenger
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("guide")
        router.add_api_route("/guide", self.show_guide)
        return router

    @takes(ANYBODY)
    async def show_guide(self, request: Request, response: Response) -> GuideView:
        """Tell how clients reach this registry, and what is mounted in it. Needs no login.

        Credentials that are not valid, or not any more, count as none.
        """
        response.headers["Cache-Control"] = "no-store"
        where = Whereabouts(self._challenger.origin(LazyRequest(request.scope, request.receive)))
        return GuideView.of(self._offer, where, is_logged_in=await self._is_logged_in(request))

    async def _is_logged_in(self, request: Request) -> bool:
        try:
            caller = await self._callers.identify(request.scope, request.receive, allows_enrolment=True)
        except Unauthenticated:
            return False
        return caller.principal.kind is not PrincipalKind.ANONYMOUS
