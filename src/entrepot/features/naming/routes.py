# SPDX-License-Identifier: Apache-2.0
"""Naming in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.naming.looking import NamingLooking
from entrepot.features.naming.looking import UnfitPage
from entrepot.features.naming.schemas import NamingExplained
from entrepot.features.naming.schemas import NamingRequest
from entrepot.features.naming.schemas import NamingRule
from entrepot.features.naming.schemas import NamingView
from entrepot.features.naming.schemas import UnfitList
from entrepot.features.naming.schemas import UnfitView
from entrepot.features.naming.service import Naming
from entrepot.features.projects import parse_project_name
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import SEEN_PROJECT
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
from entrepot.registry.named_places import NamedPlace

TagQuery = Annotated[str, Query(max_length=128, description="The tag to ask about; it need not be there.")]


class NamingRoutes:
    """The endpoints of naming."""

    def __init__(self, naming: Naming, looking: NamingLooking, callers: ApiCallers) -> None:
        self._naming = naming
        self._looking = looking
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("naming")
        router.add_api_route("/naming", self.show_naming)
        router.add_api_route("/naming", self.set_naming, methods=["PUT"])
        router.add_api_route("/naming:preview", self.preview_naming, methods=["POST"])
        of_project = "/projects/{name}/naming"
        router.add_api_route(of_project, self.show_project_naming)
        router.add_api_route(of_project, self.set_project_naming, methods=["PUT"])
        router.add_api_route(f"{of_project}:preview", self.preview_project_naming, methods=["POST"])
        router.add_api_route("/repositories/{name:path}/-/naming", self.explain_naming)
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_naming(self, request: Request) -> NamingView:
        """Show the rules of the registry about names and types."""
        return NamingView.of(await self._naming.show(await self._caller(request)))

    @takes(to_system(SystemAction.ADMINISTER))
    async def set_naming(self, request: Request, wanted: NamingRequest) -> NamingView:
        """Put rules in the place of those of the registry. Takes an administrator who logged in of late.

        They count at once in the process that answers, and in every other one within two seconds.
        """
        rules = [each.rule for each in wanted.rules]
        return NamingView.of(await self._naming.set(await self._caller(request), rules, wanted.revision))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def preview_naming(
        self,
        request: Request,
        response: Response,
        wanted: NamingRule,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> UnfitList:
        """List what is there that a rule of the registry would refuse if it were new, of what you may read.

        Changes nothing; and what is there stays as it is when the rule is set.
        """
        caller = await self._caller(request)
        page = await self._looking.preview(caller, wanted.rule, None, _place_of(cursor), limit)
        return _unfit(request, response, page)

    @takes(SEEN_PROJECT)
    async def show_project_naming(self, request: Request, name: str) -> NamingView:
        """Show the rules of a project about names and types. Those of the registry count there too."""
        project = parse_project_name(name)
        return NamingView.of(await self._naming.show_project(await self._caller(request), project))

    @takes(in_project(Action.MANAGE_POLICY))
    async def set_project_naming(self, request: Request, name: str, wanted: NamingRequest) -> NamingView:
        """Put rules in the place of those of a project. Takes the role `maintain` on `<name>/**`."""
        caller, project = await self._caller(request), parse_project_name(name)
        rules = [each.rule for each in wanted.rules]
        return NamingView.of(await self._naming.set_project(caller, project, rules, wanted.revision))

    @takes(in_project(Action.MANAGE_POLICY))
    async def preview_project_naming(
        self,
        request: Request,
        response: Response,
        name: str,
        wanted: NamingRule,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> UnfitList:
        """List what is there that a rule of a project would refuse if it were new, of what you may read."""
        caller, project = await self._caller(request), parse_project_name(name)
        page = await self._looking.preview(caller, wanted.rule, project, _place_of(cursor), limit)
        return _unfit(request, response, page)

    @takes(in_repository(Action.READ))
    async def explain_naming(self, request: Request, name: RepositoryPath, tag: TagQuery = "") -> NamingExplained:
        """Tell which rules are about a repository, and what they say to its name and to that of a tag.

        Neither need be there.
        """
        caller, repository = await self._caller(request), parse_repository_name(name)
        named = parse_tag(tag) if tag else None
        return NamingExplained.of(repository, named, await self._looking.explain(caller, repository, named))

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _unfit(request: Request, response: Response, page: UnfitPage) -> UnfitList:
    if page.last is not None:
        link_next(request, response, f"{page.last.repository} {page.last.tag}")
    return UnfitList(items=[UnfitView.of(each) for each in page.unfit])


def _place_of(cursor: str) -> NamedPlace:
    repository, _, tag = key_of(cursor).partition(" ")
    return NamedPlace(repository, tag)
