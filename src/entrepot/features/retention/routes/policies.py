# SPDX-License-Identifier: Apache-2.0
"""Policies of retention in the management API: of the registry, of projects and of repositories."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.retention.policies import REGISTRY
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.schemas.rules import PolicyRequest
from entrepot.features.retention.schemas.rules import PolicyView
from entrepot.features.retention.schemas.trials import ImportedView
from entrepot.features.retention.schemas.trials import PresetList
from entrepot.features.retention.schemas.trials import PresetView
from entrepot.features.retention.schemas.trials import RetentionImportRequest
from entrepot.features.retention.schemas.trials import TriedView
from entrepot.features.retention.schemas.trials import TryRequest
from entrepot.features.retention.schemas.trials import VerdictList
from entrepot.features.retention.schemas.trials import VerdictView
from entrepot.features.retention.service import Retention
from entrepot.features.retention.service import Wanted
from entrepot.features.retention.service import key_of_verdict
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import in_repository
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import RepositoryPath
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.api_callers import ApiCallers

TagQuery = Annotated[str, Query(description="One tag; all of them without.", examples=["1.0"])]

LEVELS = (
    ("/retention", ""),
    ("/projects/{name}/retention", "project_"),
    ("/repositories/{name:path}/-/retention", "repository_"),
)
"""Where policies are, and what the endpoints of each level are called by."""


def of_project(name: str) -> Scope:
    """Return the scope of a project. Raises as `parse_project_name`."""
    return Scope(Level.PROJECT, parse_project_name(name))


def of_repository(name: str) -> Scope:
    """Return the scope of a repository. Raises as `parse_repository_name`."""
    return Scope(Level.REPOSITORY, parse_repository_name(name))


class RetentionRoutes:
    """The endpoints of policies."""

    def __init__(self, retention: Retention, callers: ApiCallers) -> None:
        self._retention = retention
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("retention")
        router.add_api_route("/retention/presets", self.list_retention_presets)
        for path, of in LEVELS:
            router.add_api_route(path, getattr(self, f"show_{of}retention"))
            router.add_api_route(path, getattr(self, f"set_{of}retention"), methods=["PUT"])
            router.add_api_route(path, getattr(self, f"remove_{of}retention"), methods=["DELETE"], status_code=204)
            router.add_api_route(f"{path}:preview", getattr(self, f"preview_{of}retention"), methods=["POST"])
        for path, of in LEVELS[1:]:
            router.add_api_route(f"{path}:import", getattr(self, f"import_{of}retention"), methods=["POST"])
        router.add_api_route("/repositories/{name:path}/-/retention:explain", self.explain_retention)
        return router

    @takes(ACCOUNT)
    async def list_retention_presets(self, request: Request) -> PresetList:
        """List policies that many want, to begin with. None of them is set before somebody sets it."""
        presets = self._retention.presets(await self._caller(request))
        return PresetList(items=[PresetView.of(each) for each in presets])

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_retention(self, request: Request) -> PolicyView:
        """Show the policy of the registry."""
        return PolicyView.of(await self._retention.policy(await self._caller(request), REGISTRY))

    @takes(to_system(SystemAction.ADMINISTER))
    async def set_retention(self, request: Request, wanted: PolicyRequest) -> PolicyView:
        """Set the policy of the registry, in place of the one that it has. Deletes nothing by itself."""
        caller = await self._caller(request)
        return PolicyView.of(await self._retention.set_policy(caller, REGISTRY, wanted.terms))

    @takes(to_system(SystemAction.ADMINISTER))
    async def remove_retention(self, request: Request) -> None:
        """Let the registry have no policy of its own."""
        await self._retention.remove_policy(await self._caller(request), REGISTRY)

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def preview_retention(self, request: Request, wanted: TryRequest) -> TriedView:
        """Tell what rules would do in the registry, set or beside those of its policies. Changes nothing."""
        return await self._preview(request, REGISTRY, wanted)

    @takes(in_project(Action.MANAGE_POLICY))
    async def show_project_retention(self, request: Request, name: str) -> PolicyView:
        """Show the policy of a project."""
        return PolicyView.of(await self._retention.policy(await self._caller(request), of_project(name)))

    @takes(in_project(Action.MANAGE_POLICY))
    async def set_project_retention(self, request: Request, name: str, wanted: PolicyRequest) -> PolicyView:
        """Set the policy of a project, in place of the one that it has. Deletes nothing by itself."""
        caller = await self._caller(request)
        return PolicyView.of(await self._retention.set_policy(caller, of_project(name), wanted.terms))

    @takes(in_project(Action.MANAGE_POLICY))
    async def remove_project_retention(self, request: Request, name: str) -> None:
        """Let a project have no policy of its own."""
        await self._retention.remove_policy(await self._caller(request), of_project(name))

    @takes(in_project(Action.MANAGE_POLICY))
    async def preview_project_retention(self, request: Request, name: str, wanted: TryRequest) -> TriedView:
        """Tell what rules would do in a project, set or beside those of its policies. Changes nothing."""
        return await self._preview(request, of_project(name), wanted)

    @takes(in_project(Action.MANAGE_POLICY))
    async def import_project_retention(
        self, request: Request, name: str, wanted: RetentionImportRequest
    ) -> ImportedView:
        """Read a policy of another registry, and tell what would be treated differently. Changes nothing."""
        return await self._import(request, of_project(name), wanted)

    @takes(in_repository(Action.MANAGE_POLICY))
    async def show_repository_retention(self, request: Request, name: RepositoryPath) -> PolicyView:
        """Show the policy of a repository."""
        return PolicyView.of(await self._retention.policy(await self._caller(request), of_repository(name)))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def set_repository_retention(
        self, request: Request, name: RepositoryPath, wanted: PolicyRequest
    ) -> PolicyView:
        """Set the policy of a repository, in place of the one that it has. Deletes nothing by itself."""
        caller = await self._caller(request)
        return PolicyView.of(await self._retention.set_policy(caller, of_repository(name), wanted.terms))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def remove_repository_retention(self, request: Request, name: RepositoryPath) -> None:
        """Let a repository have no policy of its own."""
        await self._retention.remove_policy(await self._caller(request), of_repository(name))

    @takes(in_repository(Action.MANAGE_POLICY))
    async def preview_repository_retention(
        self, request: Request, name: RepositoryPath, wanted: TryRequest
    ) -> TriedView:
        """Tell what rules would do in a repository, set or beside those of its policies. Changes nothing."""
        return await self._preview(request, of_repository(name), wanted)

    @takes(in_repository(Action.MANAGE_POLICY))
    async def import_repository_retention(
        self, request: Request, name: RepositoryPath, wanted: RetentionImportRequest
    ) -> ImportedView:
        """Read a policy of another registry, and tell what would be treated differently. Changes nothing."""
        return await self._import(request, of_repository(name), wanted)

    @takes(in_repository(Action.READ))
    async def explain_retention(
        self,
        request: Request,
        response: Response,
        name: RepositoryPath,
        tag: TagQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> VerdictList:
        """Tell what the policies in force would make of the tags of a repository now, and why. Changes nothing."""
        wanted = Wanted(parse_tag(tag) if tag else None, key_of(cursor), limit)
        found = await self._retention.explain(await self._caller(request), parse_repository_name(name), wanted)
        if found.is_more:
            link_next(request, response, key_of_verdict(found.verdicts[-1]))
        return VerdictList(items=[VerdictView.of(each) for each in found.verdicts])

    async def _preview(self, request: Request, scope: Scope, wanted: TryRequest) -> TriedView:
        caller, limit = await self._caller(request), wanted.limit
        if wanted.in_place:
            return TriedView.of(await self._retention.preview_policy(caller, scope, wanted.terms, limit))
        return TriedView.of(await self._retention.preview(caller, scope, [each.rule for each in wanted.rules], limit))

    async def _import(self, request: Request, scope: Scope, wanted: RetentionImportRequest) -> ImportedView:
        caller = await self._caller(request)
        found = await self._retention.compare(caller, scope, wanted.format, wanted.document)
        return ImportedView.of(*found)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
