# SPDX-License-Identifier: Apache-2.0
"""Copies in the management API."""

from fastapi import APIRouter
from fastapi import status
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.copies.schemas import CopyList
from entrepot.features.copies.schemas import CopyPath
from entrepot.features.copies.schemas import CopyPreview
from entrepot.features.copies.schemas import CopyPreviewList
from entrepot.features.copies.schemas import CopyRequest
from entrepot.features.copies.schemas import CopyView
from entrepot.features.copies.service import Copies
from entrepot.features.copies.service import CopyPage
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
from entrepot.kernel.clock import Clock
from entrepot.kernel.identifiers import is_ulid
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.core import Caller


class CopyRoutes:
    """The endpoints of copies."""

    def __init__(self, copies: Copies, callers: ApiCallers, clock: Clock) -> None:
        self._copies = copies
        self._callers = callers
        self._clock = clock

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("copies")
        of_repository = "/repositories/{name:path}/-/copies"
        router.add_api_route("/copies", self.list_copies)
        router.add_api_route("/copies/{copy}", self.show_copy)
        router.add_api_route("/copies/{copy}:cancel", self.cancel_copy, methods=["POST"])
        router.add_api_route(of_repository, self.list_repository_copies)
        accepted = status.HTTP_202_ACCEPTED
        router.add_api_route(of_repository, self.request_copy, methods=["POST"], status_code=accepted)
        router.add_api_route(f"{of_repository}:preview", self.preview_copy, methods=["POST"])
        return router

    @takes(ACCOUNT)
    async def list_copies(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> CopyList:
        """List your copies, and those between repositories that you may read, of the last 90 days."""
        caller = await self._caller(request)
        return self._shown(request, response, await self._copies.page(caller.principal, _before(cursor), limit))

    @takes(in_repository(Action.READ))
    async def list_repository_copies(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> CopyList:
        """List the copies from and into a repository, of those whose other end you may read."""
        caller, repository = await self._caller(request), parse_repository_name(name)
        page = await self._copies.of_repository(caller.principal, repository, _before(cursor), limit)
        return self._shown(request, response, page)

    @takes(in_repository(Action.PUSH))
    async def request_copy(
        self, request: Request, response: Response, name: RepositoryPath, wanted: CopyRequest
    ) -> CopyView:
        """Copy artifacts into another repository, with all that belongs to them. It is done in the background.

        Takes the right to pull here, and there those that pushing takes. What would be refused is refused at once.
        """
        caller = await self._caller(request)
        copy = await self._copies.request(caller, wanted.wish(parse_repository_name(name)))
        response.headers["Location"] = f"/api/v1/copies/{copy.id}"
        return CopyView.at(copy, self._clock())

    @takes(in_repository(Action.PUSH))
    async def preview_copy(self, request: Request, name: RepositoryPath, wanted: CopyRequest) -> CopyPreviewList:
        """Tell what a copy would bring, or why it would be refused. Changes nothing."""
        caller = await self._caller(request)
        plans = await self._copies.preview(caller, wanted.wish(parse_repository_name(name)))
        return CopyPreviewList(items=[CopyPreview.of(plan) for plan in plans])

    @takes(OWN)
    async def show_copy(self, request: Request, copy: CopyPath) -> CopyView:
        """Show a copy to who asked for it, or may read both ends."""
        caller = await self._caller(request)
        return CopyView.at(await self._copies.show(caller.principal, copy), self._clock())

    @takes(OWN)
    async def cancel_copy(self, request: Request, copy: CopyPath) -> CopyView:
        """Stop a copy, or that what is said later comes along. From then on it sets no tag; what has come stays.

        Takes having asked for it, or the right to push to its target.
        """
        caller = await self._caller(request)
        return CopyView.at(await self._copies.cancel(caller.principal, copy), self._clock())

    def _shown(self, request: Request, response: Response, page: CopyPage) -> CopyList:
        if page.last is not None:
            link_next(request, response, page.last)
        now = self._clock()
        return CopyList(items=[CopyView.at(each, now) for each in page.copies])

    async def _caller(self, request: Request) -> Caller:
        return await self._callers.identify(request.scope, request.receive)


def _before(cursor: str) -> str:
    key = key_of(cursor)
    if key and not is_ulid(key):
        raise InvalidCursor
    return key
