# SPDX-License-Identifier: Apache-2.0
"""Retention in the management API: the policies of the registry, of projects and of repositories, and their plans."""

from fastapi import APIRouter
from fastapi import status
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.schemas import PlanList
from entrepot.features.retention.schemas import PlanPath
from entrepot.features.retention.schemas import PlanRequest
from entrepot.features.retention.schemas import PlanView
from entrepot.features.retention.schemas import PolicyRequest
from entrepot.features.retention.schemas import PolicyView
from entrepot.features.retention.schemas import RunRequest
from entrepot.features.retention.schemas import StepList
from entrepot.features.retention.schemas import StepView
from entrepot.features.retention.schemas import VerdictList
from entrepot.features.retention.schemas import VerdictView
from entrepot.features.retention.service import Retention
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
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
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers

REGISTRY = Scope(Level.REGISTRY)


class RetentionRoutes:
    """The endpoints of retention."""

    def __init__(self, retention: Retention, callers: ApiCallers) -> None:
        self._retention = retention
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("retention")
        for path, of in (
            ("/retention", ""),
            ("/projects/{name}/retention", "project_"),
            ("/repositories/{name:path}/-/retention", "repository_"),
        ):
            router.add_api_route(path, getattr(self, f"show_{of}policy"))
            router.add_api_route(path, getattr(self, f"set_{of}policy"), methods=["PUT"])
            router.add_api_route(path, getattr(self, f"remove_{of}policy"), methods=["DELETE"], status_code=204)
            plans = f"{path}/plans"
            accepted = status.HTTP_202_ACCEPTED
            router.add_api_route(plans, getattr(self, f"list_{of}plans"))
            router.add_api_route(plans, getattr(self, f"make_{of}plan"), methods=["POST"], status_code=accepted)
            router.add_api_route(f"{plans}/{{plan}}", getattr(self, f"show_{of}plan"))
            router.add_api_route(f"{plans}/{{plan}}/steps", getattr(self, f"list_{of}plan_steps"))
            run = getattr(self, f"run_{of}plan")
            router.add_api_route(f"{plans}/{{plan}}:run", run, methods=["POST"], status_code=accepted)
        router.add_api_route("/repositories/{name:path}/-/retention:explain", self.explain_retention)
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_policy(
        self,
        request: Request,
    ) -> PolicyView:
        """Show the policy of the registry."""
        return PolicyView.of(await self._retention.policy(await self._caller(request), REGISTRY))

    @takes(to_system(SystemAction.ADMINISTER))
    async def set_policy(self, request: Request, wanted: PolicyRequest) -> PolicyView:
        """Set the policy of the registry, in place of the one that it has. Deletes nothing by itself."""
        caller = await self._caller(request)
        return PolicyView.of(await self._retention.set_policy(caller, REGISTRY, wanted.terms))

    @takes(to_system(SystemAction.ADMINISTER))
    async def remove_policy(
        self,
        request: Request,
    ) -> None:
        """Let the registry have no policy of its own."""
        await self._retention.remove_policy(await self._caller(request), REGISTRY)

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_plans(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> PlanList:
        """List the plans of the registry, the newest first."""
        return await self._plans(request, response, REGISTRY, (key_of(cursor), limit))

    @takes(to_system(SystemAction.ADMINISTER))
    async def make_plan(self, request: Request, wanted: PlanRequest) -> PlanView:
        """Begin a plan of what would go of the registry. Deletes nothing."""
        return await self._make(request, REGISTRY, wanted)

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_plan(self, request: Request, plan: PlanPath) -> PlanView:
        """Show a plan of the registry."""
        return PlanView.of(await self._retention.plan(await self._caller(request), REGISTRY, Ulid(plan)))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_plan_steps(
        self, request: Request, response: Response, plan: PlanPath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> StepList:
        """List what a plan of the registry deletes, and what became of it."""
        return await self._steps(request, response, (REGISTRY, Ulid(plan)), (key_of(cursor), limit))

    @takes(to_system(SystemAction.ADMINISTER))
    async def run_plan(self, request: Request, plan: PlanPath, seen: RunRequest) -> PlanView:
        """Have a plan of the registry carried out: what it names and is still due, and nothing else."""
        caller = await self._caller(request)
        return PlanView.of(await self._retention.carry_out(caller, REGISTRY, Ulid(plan), seen.deletions))

    @takes(in_project(Action.MANAGE_POLICY))
    async def show_project_policy(
        self,
        request: Request,
        name: str,
    ) -> PolicyView:
        """Show the policy of a project."""
        return PolicyView.of(await self._retention.policy(await self._caller(request), _project(name)))

    @takes(in_project(Action.MANAGE_POLICY))
    async def set_project_policy(self, request: Request, name: str, wanted: PolicyRequest) -> PolicyView:
        """Set the policy of a project, in place of the one that it has. Deletes nothing by itself."""
        caller = await self._caller(request)
        return PolicyView.of(await self._retention.set_policy(caller, _project(name), wanted.terms))

    @takes(in_project(Action.MANAGE_POLICY))
    async def remove_project_policy(
        self,
        request: Request,
        name: str,
    ) -> None:
        """Let a project have no policy of its own."""
        await self._retention.remove_policy(await self._caller(request), _project(name))

    @takes(in_project(Action.MANAGE_POLICY))
    async def list_project_plans(
        self, request: Request, response: Response, name: str, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> PlanList:
        """List the plans of a project, the newest first."""
        return await self._plans(request, response, _project(name), (key_of(cursor), limit))

    @takes(in_project(Action.MANAGE_POLICY))
    async def make_project_plan(self, request: Request, name: str, wanted: PlanRequest) -> PlanView:
        """Begin a plan of what would go of a project. Deletes nothing."""
        return await self._make(request, _project(name), wanted)

    @takes(in_project(Action.MANAGE_POLICY))
    async def show_project_plan(self, request: Request, name: str, plan: PlanPath) -> PlanView:
        """Show a plan of a project."""
        return PlanView.of(await self._retention.plan(await self._caller(request), _project(name), Ulid(plan)))

    @takes(in_project(Action.MANAGE_POLICY))
    async def list_project_plan_steps(
        self,
        request: Request,
        response: Response,
        name: str,
        plan: PlanPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> StepList:
        """List what a plan of a project deletes, and what became of it."""
        return await self._steps(request, response, (_project(name), Ulid(plan)), (key_of(cursor), limit))

    @takes(in_project(Action.MANAGE_POLICY))
    async def run_project_plan(self, request: Request, name: str, plan: PlanPath, seen: RunRequest) -> PlanView:
        """Have a plan of a project carried out: what it names and is still due, and nothing else."""
        caller = await self._caller(request)
        return PlanView.of(await self._retention.carry_out(caller, _project(name), Ulid(plan), seen.deletions))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def show_repository_policy(
        self,
        request: Request,
        name: RepositoryPath,
    ) -> PolicyView:
        """Show the policy of a repository."""
        return PolicyView.of(await self._retention.policy(await self._caller(request), _repository(name)))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def set_repository_policy(self, request: Request, name: RepositoryPath, wanted: PolicyRequest) -> PolicyView:
        """Set the policy of a repository, in place of the one that it has. Deletes nothing by itself."""
        caller = await self._caller(request)
        return PolicyView.of(await self._retention.set_policy(caller, _repository(name), wanted.terms))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def remove_repository_policy(
        self,
        request: Request,
        name: RepositoryPath,
    ) -> None:
        """Let a repository have no policy of its own."""
        await self._retention.remove_policy(await self._caller(request), _repository(name))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def list_repository_plans(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> PlanList:
        """List the plans of a repository, the newest first."""
        return await self._plans(request, response, _repository(name), (key_of(cursor), limit))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def make_repository_plan(self, request: Request, name: RepositoryPath, wanted: PlanRequest) -> PlanView:
        """Begin a plan of what would go of a repository. Deletes nothing."""
        return await self._make(request, _repository(name), wanted)

    @takes(in_repository(Action.MANAGE_POLICY))
    async def show_repository_plan(self, request: Request, name: RepositoryPath, plan: PlanPath) -> PlanView:
        """Show a plan of a repository."""
        return PlanView.of(await self._retention.plan(await self._caller(request), _repository(name), Ulid(plan)))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def list_repository_plan_steps(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        plan: PlanPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> StepList:
        """List what a plan of a repository deletes, and what became of it."""
        return await self._steps(request, response, (_repository(name), Ulid(plan)), (key_of(cursor), limit))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def run_repository_plan(
        self, request: Request, name: RepositoryPath, plan: PlanPath, seen: RunRequest
    ) -> PlanView:
        """Have a plan of a repository carried out: what it names and is still due, and nothing else."""
        caller = await self._caller(request)
        return PlanView.of(await self._retention.carry_out(caller, _repository(name), Ulid(plan), seen.deletions))

    @takes(in_repository(Action.READ))
    async def explain_retention(self, request: Request, name: RepositoryPath) -> VerdictList:
        """Tell what the policies in force would make of every tag of a repository now, and why. Changes nothing."""
        found = await self._retention.explain(await self._caller(request), parse_repository_name(name))
        return VerdictList(items=[VerdictView.of(each) for each in found])

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
        after = int(page[0]) if page[0].isdecimal() else -1
        found = await self._retention.steps(await self._caller(request), *which, after, page[1])
        if found.is_more:
            link_next(request, response, str(found.steps[-1].number))
        return StepList(items=[StepView.of(step) for step in found.steps])

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _project(name: str) -> Scope:
    return Scope(Level.PROJECT, parse_project_name(name))


def _repository(name: str) -> Scope:
    return Scope(Level.REPOSITORY, parse_repository_name(name))
