# SPDX-License-Identifier: Apache-2.0
"""Groups in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.groups.models import parse_group_name
from entrepot.features.groups.models import parse_member
from entrepot.features.groups.schemas import GroupChange
from entrepot.features.groups.schemas import GroupList
from entrepot.features.groups.schemas import GroupMemberList
from entrepot.features.groups.schemas import GroupMemberView
from entrepot.features.groups.schemas import GroupView
from entrepot.features.groups.schemas import MemberPath
from entrepot.features.groups.schemas import MemberQuery
from entrepot.features.groups.schemas import NewGroup
from entrepot.features.groups.service import Groups
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers


class GroupRoutes:
    """The endpoints of groups."""

    def __init__(self, groups: Groups, callers: ApiCallers) -> None:
        self._groups = groups
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("groups")
        member = "/groups/{name}/members/{member:path}"
        router.add_api_route("/groups", self.list_groups)
        router.add_api_route("/groups", self.create_group, methods=["POST"], status_code=201)
        router.add_api_route("/groups/{name}", self.show_group)
        router.add_api_route("/groups/{name}", self.change_group, methods=["PATCH"])
        router.add_api_route("/groups/{name}", self.delete_group, methods=["DELETE"], status_code=204)
        router.add_api_route("/groups/{name}/members", self.list_group_members)
        router.add_api_route(member, self.put_group_member, methods=["PUT"], status_code=201)
        router.add_api_route(member, self.remove_group_member, methods=["DELETE"], status_code=204)
        return router

    @takes(OWN, to_system(SystemAction.READ_ACCOUNTS))
    async def list_groups(
        self,
        request: Request,
        response: Response,
        member: MemberQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> GroupList:
        """List the groups, by name. Everybody may ask which they are in themselves."""
        wanted = parse_member(member) if member else None
        principal, after = await self._caller(request), key_of(cursor)
        if wanted is None:
            page = await self._groups.page(principal, after, limit)
        else:
            page = await self._groups.page_with(principal, wanted, after, limit)
        if page.is_more:
            link_next(request, response, page.groups[-1].name)
        return GroupList(items=[GroupView.of(group) for group in page.groups])

    @takes(to_system(SystemAction.ADMINISTER))
    async def create_group(self, request: Request, response: Response, wanted: NewGroup) -> GroupView:
        """Make a group that nobody is in, and that may do nothing until something is granted to it."""
        name = parse_group_name(wanted.name)
        group = await self._groups.create(await self._caller(request), name, wanted.description)
        response.headers["Location"] = f"{request.url.path}/{name}"
        return GroupView.of(group)

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def show_group(self, request: Request, name: str) -> GroupView:
        """Show a group."""
        return GroupView.of(await self._groups.show(await self._caller(request), parse_group_name(name)))

    @takes(to_system(SystemAction.ADMINISTER))
    async def change_group(self, request: Request, name: str, change: GroupChange) -> GroupView:
        """Give a group another description."""
        caller = await self._caller(request)
        return GroupView.of(await self._groups.describe(caller, parse_group_name(name), change.description))

    @takes(to_system(SystemAction.ADMINISTER))
    async def delete_group(self, request: Request, name: str) -> None:
        """Delete a group with all that was granted to it; who was in it may do that no more."""
        await self._groups.delete(await self._caller(request), parse_group_name(name))

    @takes(to_system(SystemAction.READ_ACCOUNTS))
    async def list_group_members(
        self, request: Request, response: Response, name: str, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> GroupMemberList:
        """List who is in a group directly, by kind and name; members of a group that is in it are listed there."""
        group, after = parse_group_name(name), key_of(cursor)
        page = await self._groups.members(await self._caller(request), group, after, limit)
        if page.is_more:
            link_next(request, response, page.memberships[-1].member)
        return GroupMemberList(items=[GroupMemberView.of(membership) for membership in page.memberships])

    @takes(to_system(SystemAction.ADMINISTER))
    async def put_group_member(
        self, request: Request, response: Response, name: str, member: MemberPath
    ) -> GroupMemberView:
        """Put somebody into a group; 200 instead of 201 when they were in it before."""
        group, wanted = parse_group_name(name), parse_member(member)
        membership, is_new = await self._groups.put(await self._caller(request), group, wanted)
        response.status_code = 201 if is_new else 200
        return GroupMemberView.of(membership)

    @takes(to_system(SystemAction.ADMINISTER))
    async def remove_group_member(self, request: Request, name: str, member: MemberPath) -> None:
        """Take somebody out of a group."""
        group, wanted = parse_group_name(name), parse_member(member)
        await self._groups.remove(await self._caller(request), group, wanted)

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
