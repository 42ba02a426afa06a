# SPDX-License-Identifier: Apache-2.0
"""Promotions in the management API."""

from fastapi import APIRouter
from fastapi import status
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.promotions.schemas import DecisionRequest
from entrepot.features.promotions.schemas import PromotionList
from entrepot.features.promotions.schemas import PromotionPath
from entrepot.features.promotions.schemas import PromotionPreview
from entrepot.features.promotions.schemas import PromotionRequest
from entrepot.features.promotions.schemas import PromotionView
from entrepot.features.promotions.schemas import StateQuery
from entrepot.features.promotions.schemas import WaitingForQuery
from entrepot.features.promotions.service import PromotionPage
from entrepot.features.promotions.service import Promotions
from entrepot.features.promotions.store.promotions import Filter
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.identifiers import is_ulid
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.core import Caller


class PromotionRoutes:
    """The endpoints of promotions."""

    def __init__(self, promotions: Promotions, callers: ApiCallers) -> None:
        self._promotions = promotions
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("promotions")
        of_repository = "/repositories/{name:path}/-/promotions"
        router.add_api_route("/promotions", self.list_promotions)
        router.add_api_route("/promotions/{promotion}", self.show_promotion)
        router.add_api_route("/promotions/{promotion}:approve", self.approve_promotion, methods=["POST"])
        router.add_api_route("/promotions/{promotion}:refuse", self.refuse_promotion, methods=["POST"])
        router.add_api_route("/promotions/{promotion}:withdraw", self.withdraw_promotion, methods=["POST"])
        router.add_api_route(of_repository, self.list_repository_promotions)
        accepted = status.HTTP_202_ACCEPTED
        router.add_api_route(of_repository, self.request_promotion, methods=["POST"], status_code=accepted)
        router.add_api_route(f"{of_repository}:preview", self.preview_promotion, methods=["POST"])
        return router

    @takes(ACCOUNT)
    async def list_promotions(
        self,
        request: Request,
        response: Response,
        waiting_for: WaitingForQuery = None,
        state: StateQuery = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> PromotionList:
        """List your promotions, and those between repositories that you may read, of the last year."""
        principal = (await self._caller(request)).principal
        wanted = Filter(state=state, for_whom="" if waiting_for is None else principal.identity)
        return _listed(request, response, await self._promotions.page(principal, wanted, _before(cursor), limit))

    @takes(in_repository(Action.READ))
    async def list_repository_promotions(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> PromotionList:
        """List the promotions from and into a repository, of those whose other end you may read."""
        caller, repository = await self._caller(request), parse_repository_name(name)
        page = await self._promotions.of_repository(caller.principal, repository, _before(cursor), limit)
        return _listed(request, response, page)

    @takes(in_repository(Action.PULL))
    async def request_promotion(
        self, request: Request, response: Response, name: RepositoryPath, wanted: PromotionRequest
    ) -> PromotionView:
        """Ask for an artifact to be promoted along a path, with all that belongs to it.

        Takes the right to pull here, and to see the target. Where the path takes approvals, it waits for them; where it
        takes none, it takes the right to push there, and is carried out at once. What rules refuse is refused at once.
        """
        shown = await self._promotions.request(await self._caller(request), wanted.wish(parse_repository_name(name)))
        response.headers["Location"] = f"/api/v1/promotions/{shown.promotion.id}"
        return PromotionView.of(shown)

    @takes(in_repository(Action.PULL))
    async def preview_promotion(
        self, request: Request, name: RepositoryPath, wanted: PromotionRequest
    ) -> PromotionPreview:
        """Tell what a promotion would bring, and all that would refuse it. Changes nothing.

        Rules are asked as if you pushed it; whoever approves last does.
        """
        told = await self._promotions.preview(await self._caller(request), wanted.wish(parse_repository_name(name)))
        return PromotionPreview.of(told)

    @takes(OWN)
    async def show_promotion(self, request: Request, promotion: PromotionPath) -> PromotionView:
        """Show a promotion to who asked for it, or may read both ends."""
        return PromotionView.of(await self._promotions.show((await self._caller(request)).principal, promotion))

    @takes(OWN)
    async def approve_promotion(
        self, request: Request, promotion: PromotionPath, said: DecisionRequest
    ) -> PromotionView:
        """Approve a promotion. Once enough have, it is carried out with the rights of whoever did last.

        Takes being among the approvers of the path, the rights that pushing to the target takes, and a recent login.
        """
        return PromotionView.of(await self._promotions.approve(await self._caller(request), promotion, said.note))

    @takes(OWN)
    async def refuse_promotion(
        self, request: Request, promotion: PromotionPath, said: DecisionRequest
    ) -> PromotionView:
        """Refuse a promotion, which ends it. Takes being among the approvers of the path, and a recent login."""
        return PromotionView.of(await self._promotions.refuse(await self._caller(request), promotion, said.note))

    @takes(OWN)
    async def withdraw_promotion(self, request: Request, promotion: PromotionPath) -> PromotionView:
        """Give up what you asked for, while it waits."""
        return PromotionView.of(await self._promotions.withdraw((await self._caller(request)).principal, promotion))

    async def _caller(self, request: Request) -> Caller:
        return await self._callers.identify(request.scope, request.receive)


def _listed(request: Request, response: Response, page: PromotionPage) -> PromotionList:
    if page.last is not None:
        link_next(request, response, page.last)
    return PromotionList(items=[PromotionView.of(each) for each in page.items])


def _before(cursor: str) -> str:
    key = key_of(cursor)
    if key and not is_ulid(key):
        raise InvalidCursor
    return key
