# SPDX-License-Identifier: Apache-2.0
"""Plans of retention in the management API: of the registry, of projects and of repositories."""

from fastapi import APIRouter
from fastapi import status
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.retention.policies import REGISTRY
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.routes.policies import LEVELS
from entrepot.features.retention.routes.policies import of_project
from entrepot.features.retention.routes.policies import of_repository
from entrepot.features.retention.schemas.plans import PlanList
from entrepot.features.retention.schemas.plans import PlanPath
from entrepot.features.retention.schemas.plans import PlanRequest
from entrepot.features.retention.schemas.plans import PlanView
from entrepot.features.retention.schemas.plans import RunRequest
from entrepot.features.retention.schemas.plans import StepList
from entrepot.features.retention.schemas.plans import StepView
from entrepot.features.retention.service import Retention
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.api_callers import ApiCallers

_FIRST = -1


class PlanRoutes:
    """The endpoints of plans."""

    def __init__(self, retention: Retention, callers: ApiCallers) -> None:
        self._retention = retention
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router, accepted = api_router("retention"), status.HTTP_202_ACCEPTED
        for path, of in LEVELS:
            plans, one = f"{path}/plans", f"{path}/plans/{{plan}}"
            make, run = getattr(self, f"make_{of}retention_plan"), getattr(self, f"run_{of}retention_plan")
            router.add_api_route(plans, getattr(self, f"list_{of}retention_plans"))
            router.add_api_route(plans, make, methods=["POST"], status_code=accepted)
            router.add_api_route(one, getattr(self, f"show_{of}retention_plan"))
            router.add_api_route(f"{one}/steps", getattr(self, f"list_{of}retention_steps"))
            router.add_api_route(f"{one}:run", run, methods=["POST"], status_code=accepted)
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_retention_plans(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> PlanList:
        """List the plans of the registry, the newest first."""
        return await self._plans(request, response, REGISTRY, (key_of(cursor), limit))

    @takes(to_system(SystemAction.ADMINISTER))
    async def make_retention_plan(self, request: Request, wanted: PlanRequest) -> PlanView:
        """Begin a plan of what would go of the registry. Deletes nothing."""
        return await self._make(request, REGISTRY, wanted)

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_retention_plan(self, request: Request, plan: PlanPath) -> PlanView:
        """Show a plan of the registry."""
        return PlanView.of(await self._retention.plan(await self._caller(request), REGISTRY, Ulid(plan)))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_retention_steps(
        self, request: Request, response: Response, plan: PlanPath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> StepList:
        """List what a plan of the registry deletes, and what became of it."""
        return await self._steps(request, response, (REGISTRY, Ulid(plan)), (key_of(cursor), limit))

    @takes(to_system(SystemAction.ADMINISTER))
    async def run_retention_plan(self, request: Request, plan: PlanPath, seen: RunRequest) -> PlanView:
        """Have a plan of the registry carried out: what it names and is still due, and nothing else."""
        caller = await self._caller(request)
        return PlanView.of(await self._retention.carry_out(caller, REGISTRY, Ulid(plan), seen.deletions))

    @takes(in_project(Action.MANAGE_POLICY))
    async def list_project_retention_plans(
        self, request: Request, response: Response, name: str, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> PlanList:
        """List the plans of a project, the newest first."""
        return await self._plans(request, response, of_project(name), (key_of(cursor), limit))

    @takes(in_project(Action.MANAGE_POLICY))
    async def make_project_retention_plan(self, request: Request, name: str, wanted: PlanRequest) -> PlanView:
        """Begin a plan of what would go of a project. Deletes nothing."""
        return await self._make(request, of_project(name), wanted)

    @takes(in_project(Action.MANAGE_POLICY))
    async def show_project_retention_plan(self, request: Request, name: str, plan: PlanPath) -> PlanView:
        """Show a plan of a project."""
        return PlanView.of(await self._retention.plan(await self._caller(request), of_project(name), Ulid(plan)))

    @takes(in_project(Action.MANAGE_POLICY))
    async def list_project_retention_steps(
        self,
        request: Request,
        response: Response,
        name: str,
        plan: PlanPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> StepList:
        """List what a plan of a project deletes, and what became of it."""
        return await self._steps(request, response, (of_project(name), Ulid(plan)), (key_of(cursor), limit))

    @takes(in_project(Action.MANAGE_POLICY))
    async def run_project_retention_plan(
        self, request: Request, name: str, plan: PlanPath, seen: RunRequest
    ) -> PlanView:
        """Have a plan of a project carried out: what it names and is still due, and nothing else."""
        caller = await self._caller(request)
        return PlanView.of(await self._retention.carry_out(caller, of_project(name), Ulid(plan), seen.deletions))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def list_repository_retention_plans(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> PlanList:
        """List the plans of a repository, the newest first."""
        return await self._plans(request, response, of_repository(name), (key_of(cursor), limit))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def make_repository_retention_plan(
        self, request: Request, name: RepositoryPath, wanted: PlanRequest
    ) -> PlanView:
        """Begin a plan of what would go of a repository. Deletes nothing."""
        return await self._make(request, of_repository(name), wanted)

    @takes(in_repository(Action.MANAGE_POLICY))
    async def show_repository_retention_plan(self, request: Request, name: RepositoryPath, plan: PlanPath) -> PlanView:
        """Show a plan of a repository."""
        return PlanView.of(await self._retention.plan(await self._caller(request), of_repository(name), Ulid(plan)))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def list_repository_retention_steps(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        plan: PlanPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> StepList:
        """List what a plan of a repository deletes, and what became of it."""
        return await self._steps(request, response, (of_repository(name), Ulid(plan)), (key_of(cursor), limit))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def run_repository_retention_plan(
        self, request: Request, name: RepositoryPath, plan: PlanPath, seen: RunRequest
    ) -> PlanView:
        """Have a plan of a repository carried out: what it names and is still due, and nothing else."""
        caller = await self._caller(request)
        return PlanView.of(await self._retention.carry_out(caller, of_repository(name), Ulid(plan), seen.deletions))

    async def _plans(self, request: Request, response: Response, scope: Scope, page: tuple[str, int]) -> PlanList:
        found = await self._retention.plans(await self._caller(request), scope, *page)
        if found.is_more:
            link_next(request, response, found.plans[-1].id)
        return PlanList(items=[PlanView.of(plan) for plan in found.plans])

    async def _make(self, request: Request, scope: Scope, wanted: PlanRequest) -> PlanView:
        given = None if wanted.rules is None else [each.rule for each in wanted.rules]
        return PlanView.of(await self._retention.make_plan(await self._caller(request), scope, given))

    async def _steps(
        self, request: Request, response: Response, which: tuple[Scope, Ulid], page: tuple[str, int]
    ) -> StepList:
        after = _number_of(page[0])
        found = await self._retention.steps(await self._caller(request), *which, after, page[1])
        if found.is_more:
            link_next(request, response, str(found.steps[-1].number))
        return StepList(items=[StepView.of(step) for step in found.steps])

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _number_of(key: str) -> int:
    if not key:
        return _FIRST
    if not (key.isascii() and key.isdigit() and len(key) <= 9):
        raise InvalidCursor
    return int(key)
