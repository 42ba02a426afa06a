# SPDX-License-Identifier: Apache-2.0
"""Background work in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.jobs.schemas import JobId
from entrepot.features.jobs.schemas import JobItem
from entrepot.features.jobs.schemas import JobList
from entrepot.features.jobs.schemas import KindQuery
from entrepot.features.jobs.schemas import ScheduleItem
from entrepot.features.jobs.schemas import ScheduleList
from entrepot.features.jobs.schemas import StateQuery
from entrepot.features.jobs.service import Jobs
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import SystemAction
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.rights import Rights


class JobRoutes:
    """The endpoints of jobs. All take an administrator of the registry."""

    def __init__(self, jobs: Jobs, rights: Rights, callers: ApiCallers) -> None:
        self._jobs = jobs
        self._rights = rights
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("jobs")
        router.add_api_route("/jobs", self.list_jobs)
        router.add_api_route("/jobs/schedules", self.list_schedules)
        router.add_api_route("/jobs/{job_id}", self.show_job)
        router.add_api_route("/jobs/{job_id}:cancel", self.cancel_job, methods=["POST"])
        router.add_api_route("/jobs/{job_id}:retry", self.retry_job, methods=["POST"])
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_jobs(
        self,
        request: Request,
        response: Response,
        state: StateQuery = None,
        kind: KindQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> JobList:
        """List background jobs, newest first. Takes an operator or auditor. One that ended is kept for a week."""
        await self._require(request, SystemAction.READ_SYSTEM)
        page = await self._jobs.page(state, kind, key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.jobs[-1].id)
        return JobList(items=[JobItem.of(job) for job in page.jobs])

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_job(self, request: Request, job_id: JobId) -> JobItem:
        """Show one background job. Takes an operator or auditor."""
        await self._require(request, SystemAction.READ_SYSTEM)
        return JobItem.of(await self._jobs.show(Ulid(job_id)))

    @takes(to_system(SystemAction.OPERATE))
    async def cancel_job(self, request: Request, job_id: JobId) -> JobItem:
        """Stop a job: one that waits at once, one that runs within seconds. Takes an operator."""
        await self._require(request, SystemAction.OPERATE)
        return JobItem.of(await self._jobs.cancel(Ulid(job_id)))

    @takes(to_system(SystemAction.OPERATE))
    async def retry_job(self, request: Request, job_id: JobId) -> JobItem:
        """Queue a job again that is dead or cancelled, with all its attempts. Takes an operator.

        409 `job_not_retryable` while another job waits or runs that does the same.
        """
        await self._require(request, SystemAction.OPERATE)
        return JobItem.of(await self._jobs.retry(Ulid(job_id)))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_schedules(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> ScheduleList:
        """List what is begun at fixed times, by name. Takes an operator or auditor."""
        await self._require(request, SystemAction.READ_SYSTEM)
        page = await self._jobs.schedules(key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.schedules[-1].name)
        return ScheduleList(items=[ScheduleItem.of(schedule) for schedule in page.schedules])

    async def _require(self, request: Request, action: SystemAction) -> None:
        caller = await self._callers.identify(request.scope, request.receive)
        await self._rights.require_system(caller.principal, action)
