# SPDX-License-Identifier: Apache-2.0
"""Collection in the management API."""

from fastapi import APIRouter
from fastapi import status
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.garbage.models import Task
from entrepot.features.garbage.schemas import GarbageView
from entrepot.features.garbage.schemas import ProjectStorageList
from entrepot.features.garbage.schemas import ProjectStorageView
from entrepot.features.garbage.schemas import RehearsalView
from entrepot.features.garbage.schemas import RunId
from entrepot.features.garbage.schemas import RunList
from entrepot.features.garbage.schemas import RunView
from entrepot.features.garbage.schemas import StartedView
from entrepot.features.garbage.schemas import StartRequest
from entrepot.features.garbage.service import Garbage
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.api_callers import ApiCallers


class NoRehearsal(InvalidRequest):
    """Only `garbage.collect` can be rehearsed."""

    code = "no_rehearsal"
    default_hint = "Leave out the task, or dry_run."


class GarbageRoutes:
    """The endpoints of collection. All take an administrator of the registry."""

    def __init__(self, garbage: Garbage, callers: ApiCallers) -> None:
        self._garbage = garbage
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("garbage")
        router.add_api_route("/garbage", self.show_garbage)
        router.add_api_route("/garbage:pause", self.pause_garbage, methods=["POST"])
        router.add_api_route("/garbage:resume", self.resume_garbage, methods=["POST"])
        router.add_api_route("/garbage/runs", self.list_garbage_runs)
        router.add_api_route(
            "/garbage/runs", self.start_garbage_run, methods=["POST"], status_code=status.HTTP_202_ACCEPTED
        )
        router.add_api_route("/garbage/runs/{run_id}", self.show_garbage_run)
        router.add_api_route("/garbage/storage", self.list_project_storage)
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_garbage(self, request: Request) -> GarbageView:
        """Show how collection is: what waits, how long bytes stay, and what was done last. Takes an administrator."""
        return GarbageView.of(await self._garbage.status(await self._principal(request)))

    @takes(to_system(SystemAction.OPERATE))
    async def pause_garbage(self, request: Request) -> GarbageView:
        """Let nothing be collected until it is resumed; a run stops within one step. Takes an administrator."""
        principal = await self._principal(request)
        await self._garbage.pause(principal)
        return GarbageView.of(await self._garbage.status(principal))

    @takes(to_system(SystemAction.OPERATE))
    async def resume_garbage(self, request: Request) -> GarbageView:
        """End a pause. Takes an administrator."""
        principal = await self._principal(request)
        await self._garbage.resume(principal)
        return GarbageView.of(await self._garbage.status(principal))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_garbage_runs(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> RunList:
        """List the runs of the last 90 days that did something, newest first. Takes an administrator."""
        page = await self._garbage.runs(await self._principal(request), key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.runs[-1].id)
        return RunList(items=[RunView.of(run) for run in page.runs])

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_garbage_run(self, request: Request, run_id: RunId) -> RunView:
        """Show one run. Takes an administrator."""
        return RunView.of(await self._garbage.run(await self._principal(request), Ulid(run_id)))

    @takes(to_system(SystemAction.OPERATE))
    async def start_garbage_run(self, request: Request, wanted: StartRequest) -> StartedView:
        """Begin something now, or only tell what it would do. Takes an administrator."""
        principal = await self._principal(request)
        if not wanted.dry_run:
            return StartedView(job=await self._garbage.start(principal, wanted.task), would=None)
        if wanted.task is not Task.COLLECT:
            raise NoRehearsal
        return StartedView(job=None, would=RehearsalView.of(await self._garbage.rehearse(principal)))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_project_storage(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> ProjectStorageList:
        """List what each project stores, by name, counted now. Takes an administrator.

        A page may hold fewer than `limit` where projects hold much, while the `Link` header says that there is more.
        """
        page = await self._garbage.storage(await self._principal(request), key_of(cursor), limit)
        if page.next_after:
            link_next(request, response, page.next_after)
        return ProjectStorageList(items=[ProjectStorageView.of(project) for project in page.projects])

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
