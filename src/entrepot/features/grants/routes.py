# SPDX-License-Identifier: Apache-2.0
"""Grants, and the members of projects, in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.grants.members import Members
from entrepot.features.grants.models import Terms
from entrepot.features.grants.models import parse_grantee
from entrepot.features.grants.schemas import GranteePath
from entrepot.features.grants.schemas import GranteeQuery
from entrepot.features.grants.schemas import GrantList
from entrepot.features.grants.schemas import GrantView
from entrepot.features.grants.schemas import HeldByQuery
from entrepot.features.grants.schemas import MemberList
from entrepot.features.grants.schemas import Membership
from entrepot.features.grants.schemas import MemberView
from entrepot.features.grants.schemas import NewGrant
from entrepot.features.grants.schemas import PatternQuery
from entrepot.features.grants.schemas import RoleQuery
from entrepot.features.grants.schemas import TagPatternQuery
from entrepot.features.grants.schemas import WithinQuery
from entrepot.features.grants.service import GrantPage
from entrepot.features.grants.service import Grants
from entrepot.features.grants.store import About
from entrepot.features.projects import parse_project_name
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import on_path
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.api_callers import ApiCallers


class GrantRoutes:
    """The endpoints of grants, and of members below their project."""

    def __init__(self, grants: Grants, members: Members, callers: ApiCallers) -> None:
        self._grants = grants
        self._members = members
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("grants")
        router.add_api_route("/grants", self.list_grants)
        router.add_api_route("/grants", self.give_grant, methods=["POST"], status_code=201)
        router.add_api_route("/grants", self.take_grant, methods=["DELETE"], status_code=204)
        router.add_api_route("/projects/{name}/members", self.list_members)
        router.add_api_route("/projects/{name}/members/{principal}", self.put_member, methods=["PUT"])
        router.add_api_route(
            "/projects/{name}/members/{principal}", self.remove_member, methods=["DELETE"], status_code=204
        )
        return router

    @takes(on_path(Action.MANAGE_MEMBERS), to_system(SystemAction.READ_ACCOUNTS))
    async def list_grants(
        self,
        request: Request,
        response: Response,
        principal: HeldByQuery = "",
        within: WithinQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> GrantList:
        """List grants, oldest first.

        Takes the right to read accounts, or with `within` to manage members on that path and everything below it.
        """
        about = About(str(parse_grantee(principal)) if principal else "", _path(within))
        page = await self._grants.page(await self._caller(request), about, _number_of(cursor), limit)
        _link(request, response, page)
        return GrantList(items=[GrantView.of(grant) for grant in page.grants])

    @takes(on_path(Action.MANAGE_MEMBERS), to_system(SystemAction.ADMINISTER))
    async def give_grant(self, request: Request, response: Response, wanted: NewGrant) -> GrantView:
        """Give a role on a path pattern; 200 instead of 201 when it was given before, and ends then from now on.

        Takes an administrator of the registry, or somebody who may `manage-members` on everything that the
        pattern matches, and may do there whatever the role allows.
        """
        terms = Terms(parse_grantee(wanted.principal), wanted.path_pattern, wanted.role, wanted.tag_pattern)
        given = await self._grants.give(await self._caller(request), terms, wanted.expires_at)
        response.status_code = 201 if given.is_new else 200
        return GrantView.of(given.grant)

    @takes(on_path(Action.MANAGE_MEMBERS), to_system(SystemAction.ADMINISTER))
    async def take_grant(
        self,
        request: Request,
        principal: GranteeQuery,
        path_pattern: PatternQuery,
        role: RoleQuery,
        tag_pattern: TagPatternQuery = "",
    ) -> None:
        """Take a grant away. Takes who may give it."""
        terms = Terms(parse_grantee(principal), path_pattern, role, tag_pattern)
        await self._grants.take(await self._caller(request), terms)

    @takes(in_project(Action.MANAGE_MEMBERS), to_system(SystemAction.READ_ACCOUNTS))
    async def list_members(
        self, request: Request, response: Response, name: str, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> MemberList:
        """List who has a role on all of a project. Takes the right to manage its members, as every change does."""
        project = parse_project_name(name)
        page = await self._members.page(await self._caller(request), project, _number_of(cursor), limit)
        _link(request, response, page)
        return MemberList(items=[MemberView.of(grant) for grant in page.grants])

    @takes(in_project(Action.MANAGE_MEMBERS))
    async def put_member(self, request: Request, name: str, principal: GranteePath, wanted: Membership) -> MemberView:
        """Give somebody a role on all of a project, in place of the one they have."""
        project, grantee = parse_project_name(name), parse_grantee(principal)
        caller = await self._caller(request)
        given = await self._members.put(caller, project, grantee, wanted.role, wanted.expires_at)
        return MemberView.of(given.grant)

    @takes(in_project(Action.MANAGE_MEMBERS))
    async def remove_member(self, request: Request, name: str, principal: GranteePath) -> None:
        """Take somebody's role on all of a project away."""
        project, grantee = parse_project_name(name), parse_grantee(principal)
        await self._members.remove(await self._caller(request), project, grantee)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _link(request: Request, response: Response, page: GrantPage) -> None:
    if page.is_more:
        link_next(request, response, str(page.grants[-1].id))


def _path(text: str) -> str:
    """Check what a list is to be narrowed to. Raises `NameInvalid`."""
    return parse_repository_name(text) if text else ""


def _number_of(cursor: str) -> int:
    key = key_of(cursor) or "0"
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise InvalidCursor
    return int(key)
