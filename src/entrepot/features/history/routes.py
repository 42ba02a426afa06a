# SPDX-License-Identifier: Apache-2.0
"""The history of tags in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.history.schemas import ChangeItem
from entrepot.features.history.schemas import HistoryView
from entrepot.features.history.schemas import RestoredView
from entrepot.features.history.schemas import RestoreRequest
from entrepot.features.history.service import NEWEST
from entrepot.features.history.service import TagHistory
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.api_callers import ApiCallers


class HistoryRoutes:
    """The endpoints of one tag's history."""

    def __init__(self, history: TagHistory, callers: ApiCallers) -> None:
        self._history = history
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("history")
        router.add_api_route("/repositories/{name:path}/-/tags/{tag}/history", self.show_history)
        router.add_api_route("/repositories/{name:path}/-/tags/{tag}:restore", self.restore_tag, methods=["POST"])
        return router

    @takes(in_repository(Action.READ))
    async def show_history(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        tag: str,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> HistoryView:
        """List every change of a tag, newest first, of a deleted tag too."""
        caller = await self._callers.identify(request.scope, request.receive)
        before = _entry_of(cursor)
        page = await self._history.page(caller.principal, parse_repository_name(name), parse_tag(tag), before, limit)
        if page.is_more:
            link_next(request, response, str(page.values[-1].entry.id))
        return HistoryView(items=[ChangeItem.of(value) for value in page.values])

    @takes(in_repository(Action.TAG))
    async def restore_tag(
        self, request: Request, name: RepositoryPath, tag: str, wanted: RestoreRequest
    ) -> RestoredView:
        """Point a tag at a former value, and bring back the artifact, with its referrers, if it was deleted."""
        caller = await self._callers.identify(request.scope, request.receive)
        digest = parse_digest(wanted.digest)
        restored = await self._history.restore(caller, parse_repository_name(name), parse_tag(tag), digest)
        return RestoredView.of(restored, digest)


def _entry_of(cursor: str) -> int:
    key = key_of(cursor)
    if not key:
        return NEWEST
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise InvalidCursor
    return int(key)
