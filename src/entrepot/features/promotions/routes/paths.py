# SPDX-License-Identifier: Apache-2.0
"""Paths of promotions in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.promotions.administering import PromotionPaths
from entrepot.features.promotions.schemas import PathList
from entrepot.features.promotions.schemas import PathName
from entrepot.features.promotions.schemas import PathRequest
from entrepot.features.promotions.schemas import PathView
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import SEEN_PROJECT
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.registry.api_callers import ApiCallers


class PathRoutes:
    """The endpoints of paths, which belong to the project that they lead into."""

    def __init__(self, paths: PromotionPaths, callers: ApiCallers) -> None:
        self._paths = paths
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("promotions")
        one = "/projects/{name}/promotion-paths/{path}"
        router.add_api_route("/promotion-paths", self.list_promotion_paths)
        router.add_api_route(one, self.show_promotion_path)
        router.add_api_route(one, self.set_promotion_path, methods=["PUT"])
        router.add_api_route(one, self.delete_promotion_path, methods=["DELETE"], status_code=204)
        return router

    @takes(ACCOUNT)
    async def list_promotion_paths(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> PathList:
        """List the paths between projects of which you may see both."""
        project, _, name = key_of(cursor).partition(" ")
        page = await self._paths.page(await self._caller(request), (project, name), limit)
        if page.last is not None:
            link_next(request, response, " ".join(page.last))
        return PathList(items=[PathView.of(each) for each in page.items])

    @takes(SEEN_PROJECT)
    async def show_promotion_path(self, request: Request, name: str, path: PathName) -> PathView:
        """Show a path into a project, to who may see the one that it leads from, too."""
        principal, project = await self._caller(request), parse_project_name(name)
        return PathView.of(await self._paths.show(principal, project, path))

    @takes(in_project(Action.MANAGE_POLICY))
    async def set_promotion_path(self, request: Request, name: str, path: PathName, wanted: PathRequest) -> PathView:
        """Make a path into a project, or change what it says. Takes the role `maintain` on `<name>/**`.

        Also takes to see the project that it leads from, and a recent login. A change counts for what waits, too: how
        many approvals are needed is what the path says when somebody approves. With `revision` 0 it must be new.
        """
        principal = await self._caller(request)
        return PathView.of(await self._paths.set(principal, name, path, wanted.terms(), wanted.revision))

    @takes(in_project(Action.MANAGE_POLICY))
    async def delete_promotion_path(self, request: Request, name: str, path: PathName) -> None:
        """Delete a path; what waits on it has failed. Takes the role `maintain` on `<name>/**`, and a recent login."""
        await self._paths.delete(await self._caller(request), name, path)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
