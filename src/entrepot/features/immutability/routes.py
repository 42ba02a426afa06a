# SPDX-License-Identifier: Apache-2.0
"""Immutability in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.immutability.looking import About
from entrepot.features.immutability.looking import Looking
from entrepot.features.immutability.looking import MatchedPage
from entrepot.features.immutability.schemas import ExplainedView
from entrepot.features.immutability.schemas import MatchedList
from entrepot.features.immutability.schemas import MatchedView
from entrepot.features.immutability.schemas import NewOverride
from entrepot.features.immutability.schemas import OverrideView
from entrepot.features.immutability.schemas import RepositoriesQuery
from entrepot.features.immutability.schemas import TagPath
from entrepot.features.immutability.schemas import TagRulesRequest
from entrepot.features.immutability.schemas import TagRulesView
from entrepot.features.immutability.schemas import TagsQuery
from entrepot.features.immutability.service import Immutability
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


class ImmutabilityRoutes:
    """The endpoints of immutability."""

    def __init__(self, immutability: Immutability, looking: Looking, callers: ApiCallers) -> None:
        self._immutability = immutability
        self._looking = looking
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("immutability")
        router.add_api_route("/immutability", self.show_immutability)
        router.add_api_route("/immutability", self.set_immutability, methods=["PUT"])
        router.add_api_route("/immutability:preview", self.preview_immutability)
        of_project = "/projects/{name}/immutability"
        router.add_api_route(of_project, self.show_project_immutability)
        router.add_api_route(of_project, self.set_project_immutability, methods=["PUT"])
        router.add_api_route(f"{of_project}:preview", self.preview_project_immutability)
        of_tag = "/repositories/{name:path}/-/tags/{tag}/immutability"
        router.add_api_route(of_tag, self.explain_immutability)
        router.add_api_route(f"{of_tag}/override", self.give_immutability_override, methods=["PUT"])
        router.add_api_route(f"{of_tag}/override", self.take_immutability_override, methods=["DELETE"], status_code=204)
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def show_immutability(self, request: Request) -> TagRulesView:
        """Show the rules of the registry, in order."""
        return TagRulesView.of(await self._immutability.show(await self._caller(request)))

    @takes(to_system(SystemAction.ADMINISTER))
    async def set_immutability(self, request: Request, wanted: TagRulesRequest) -> TagRulesView:
        """Put rules in the place of those of the registry. Takes an administrator who logged in of late.

        They count at once in the process that answers, and in every other one within two seconds.
        """
        rules = [each.rule for each in wanted.rules]
        return TagRulesView.of(await self._immutability.set(await self._caller(request), rules, wanted.revision))

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def preview_immutability(
        self,
        request: Request,
        response: Response,
        repositories: RepositoriesQuery,
        tags: TagsQuery = "*",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> MatchedList:
        """List the tags that a rule of the registry would be about, of those that you may read. Changes nothing."""
        caller, about = await self._caller(request), About(repositories, tags)
        page = await self._looking.preview(caller, about, _place_of(cursor), limit)
        return _matched(request, response, page)

    @takes(SEEN_PROJECT)
    async def show_project_immutability(self, request: Request, name: str) -> TagRulesView:
        """Show the rules of a project, in order. Those of the registry count there too."""
        project = parse_project_name(name)
        return TagRulesView.of(await self._immutability.show_project(await self._caller(request), project))

    @takes(in_project(Action.MANAGE_POLICY))
    async def set_project_immutability(self, request: Request, name: str, wanted: TagRulesRequest) -> TagRulesView:
        """Put rules in the place of those of a project. Takes the role `maintain` on `<name>/**`."""
        caller, project = await self._caller(request), parse_project_name(name)
        rules = [each.rule for each in wanted.rules]
        return TagRulesView.of(await self._immutability.set_project(caller, project, rules, wanted.revision))

    @takes(in_project(Action.MANAGE_POLICY))
    async def preview_project_immutability(  # noqa: PLR0913 - one for each part of the query
        self,
        request: Request,
        response: Response,
        name: str,
        repositories: RepositoriesQuery,
        tags: TagsQuery = "*",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> MatchedList:
        """List the tags that a rule of a project would be about, of those that you may read. Changes nothing."""
        caller, about = await self._caller(request), About(repositories, tags, parse_project_name(name))
        page = await self._looking.preview(caller, about, _place_of(cursor), limit)
        return _matched(request, response, page)

    @takes(in_repository(Action.READ))
    async def explain_immutability(self, request: Request, name: RepositoryPath, tag: TagPath) -> ExplainedView:
        """Tell which rule decides about a tag, and what it lets happen. The tag need not be there."""
        caller, named = await self._caller(request), parse_tag(tag)
        return ExplainedView.of(named, await self._looking.explain(caller, parse_repository_name(name), named))

    @takes(in_repository(Action.OVERRIDE))
    async def give_immutability_override(
        self, request: Request, name: RepositoryPath, tag: TagPath, wanted: NewOverride
    ) -> OverrideView:
        """Let a tag be moved and deleted for a while although a rule keeps it; the rights that takes are another thing.

        Takes a recent login, and is recorded. A client such as docker then does what it was refused.
        """
        where = parse_repository_name(name), parse_tag(tag)
        caller = await self._caller(request)
        given = await self._immutability.give_override(caller, *where, wanted.reason, wanted.expires_at)
        return OverrideView.of(given)

    @takes(in_repository(Action.OVERRIDE))
    async def take_immutability_override(self, request: Request, name: RepositoryPath, tag: TagPath) -> None:
        """Take an override back before it ends."""
        where = parse_repository_name(name), parse_tag(tag)
        await self._immutability.take_override(await self._caller(request), *where)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _matched(request: Request, response: Response, page: MatchedPage) -> MatchedList:
    if page.last is not None:
        link_next(request, response, f"{page.last.repository} {page.last.tag}")
    return MatchedList(items=[MatchedView.of(each) for each in page.matched])


def _place_of(cursor: str) -> NamedPlace:
    repository, _, tag = key_of(cursor).partition(" ")
    return NamedPlace(repository, tag)
