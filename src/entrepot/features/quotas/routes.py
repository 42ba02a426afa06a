# SPDX-License-Identifier: Apache-2.0
"""Quotas in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.schemas import DefaultQuotaView
from entrepot.features.quotas.schemas import QuotaCheckStarted
from entrepot.features.quotas.schemas import QuotaCheckView
from entrepot.features.quotas.schemas import QuotaListItem
from entrepot.features.quotas.schemas import QuotaPage
from entrepot.features.quotas.schemas import QuotaQuery
from entrepot.features.quotas.schemas import QuotaRequest
from entrepot.features.quotas.schemas import QuotaView
from entrepot.features.quotas.service import Quotas
from entrepot.features.quotas.store.listing import Wish
from entrepot.features.quotas.store.listing import value_of
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers

AccountName = Annotated[str, Path(min_length=1, max_length=255, pattern=r"^[^\s/:]+$", examples=["jane"])]

_READ = takes(to_system(SystemAction.READ_SYSTEM))
_SET = takes(to_system(SystemAction.ADMINISTER))
_MAX_VALUE = 2**63


class QuotaRoutes:
    """The endpoints of quotas."""

    def __init__(self, quotas: Quotas, callers: ApiCallers) -> None:
        self._quotas = quotas
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("quotas")
        router.add_api_route("/quotas", self.list_quotas)
        router.add_api_route("/quotas/default", self.show_default_quota)
        router.add_api_route("/quotas/default", self.set_default_quota, methods=["PUT"])
        router.add_api_route("/quotas/default", self.remove_default_quota, methods=["DELETE"], status_code=204)
        router.add_api_route("/quotas/check", self.show_quota_check)
        router.add_api_route("/quotas/check", self.check_quotas, methods=["POST"], status_code=202)
        router.add_api_route("/projects/{name}/quota", self.show_project_quota)
        router.add_api_route("/projects/{name}/quota", self.set_project_quota, methods=["PUT"])
        router.add_api_route("/projects/{name}/quota", self.remove_project_quota, methods=["DELETE"], status_code=204)
        router.add_api_route("/quotas/users/{name}", self.show_user_quota)
        router.add_api_route("/quotas/users/{name}", self.set_user_quota, methods=["PUT"])
        router.add_api_route("/quotas/users/{name}", self.remove_user_quota, methods=["DELETE"], status_code=204)
        router.add_api_route("/quotas/robots/{name}", self.show_robot_quota)
        router.add_api_route("/quotas/robots/{name}", self.set_robot_quota, methods=["PUT"])
        router.add_api_route("/quotas/robots/{name}", self.remove_robot_quota, methods=["DELETE"], status_code=204)
        return router

    @_READ
    async def list_quotas(
        self,
        request: Request,
        response: Response,
        query: Annotated[QuotaQuery, Query()],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> QuotaPage:
        """List who uses what: every project that holds something, or the users or robots that have a quota."""
        wish = Wish(query.kind, query.sort, query.at_least, _place(cursor), limit + 1)
        found = await self._quotas.page(await self._caller(request), wish)
        if len(found) > limit:
            last = found[limit - 1]
            link_next(request, response, f"{value_of(last, query.sort)} {last.subject}")
        return QuotaPage(items=[QuotaListItem.of(each) for each in found[:limit]])

    @_READ
    async def show_default_quota(self, request: Request) -> DefaultQuotaView:
        """Show the quota of every project without its own."""
        return DefaultQuotaView.of(await self._quotas.show_default(await self._caller(request)))

    @_SET
    async def set_default_quota(self, request: Request, wanted: QuotaRequest) -> DefaultQuotaView:
        """Set the quota of every project without its own. Takes an administrator who logged in of late."""
        caller = await self._caller(request)
        return DefaultQuotaView.of(await self._quotas.set_default(caller, wanted.quota, wanted.revision))

    @_SET
    async def remove_default_quota(self, request: Request) -> None:
        """Let projects without a quota of their own have none. Takes an administrator who logged in of late."""
        await self._quotas.set_default(await self._caller(request), None, None)

    @_READ
    async def show_quota_check(self, request: Request) -> QuotaCheckView:
        """Show what came of the last time that everything was counted anew, which happens every night."""
        return QuotaCheckView.of(await self._quotas.last_check(await self._caller(request)))

    @takes(to_system(SystemAction.OPERATE))
    async def check_quotas(self, request: Request) -> QuotaCheckStarted:
        """Have everything counted anew, and put right what was counted wrong."""
        return QuotaCheckStarted(job=await self._quotas.check(await self._caller(request)))

    @takes(in_project(Action.READ))
    async def show_project_quota(self, request: Request, name: str) -> QuotaView:
        """Show what a project may use, what it does, what it stores beside that, and when it will be full."""
        project = parse_project_name(name)
        return QuotaView.of(await self._quotas.show_project(await self._caller(request), project))

    @_SET
    async def set_project_quota(self, request: Request, name: str, wanted: QuotaRequest) -> QuotaView:
        """Set a project's own quota. Takes an administrator of the registry who logged in of late.

        It counts at once in the process that answers, and in every other one within two seconds. What is there stays,
        also where it is more.
        """
        caller, project = await self._caller(request), parse_project_name(name)
        return QuotaView.of(await self._quotas.set_project(caller, project, wanted.quota, wanted.revision))

    @_SET
    async def remove_project_quota(self, request: Request, name: str) -> None:
        """Let a project have the default quota. Takes an administrator of the registry who logged in of late."""
        await self._quotas.set_project(await self._caller(request), parse_project_name(name), None, None)

    @takes(OWN, to_system(SystemAction.READ_SYSTEM))
    async def show_user_quota(self, request: Request, name: AccountName) -> QuotaView:
        """Show what a user may have pushed in all projects together, and did."""
        return QuotaView.of(await self._quotas.show_account(await self._caller(request), SubjectKind.USER, name))

    @_SET
    async def set_user_quota(self, request: Request, name: AccountName, wanted: QuotaRequest) -> QuotaView:
        """Set a user's quota. Takes an administrator who logged in of late; what is there is counted first."""
        return await self._set_account(request, (SubjectKind.USER, name), wanted)

    @_SET
    async def remove_user_quota(self, request: Request, name: AccountName) -> None:
        """Take a user's quota away. Takes an administrator who logged in of late."""
        await self._quotas.set_account(await self._caller(request), (SubjectKind.USER, name), None, None)

    @takes(OWN, to_system(SystemAction.READ_SYSTEM))
    async def show_robot_quota(self, request: Request, name: AccountName) -> QuotaView:
        """Show what a robot may have pushed in all projects together, and did."""
        return QuotaView.of(await self._quotas.show_account(await self._caller(request), SubjectKind.ROBOT, name))

    @_SET
    async def set_robot_quota(self, request: Request, name: AccountName, wanted: QuotaRequest) -> QuotaView:
        """Set a robot's quota. Takes an administrator who logged in of late; what is there is counted first."""
        return await self._set_account(request, (SubjectKind.ROBOT, name), wanted)

    @_SET
    async def remove_robot_quota(self, request: Request, name: AccountName) -> None:
        """Take a robot's quota away. Takes an administrator who logged in of late."""
        await self._quotas.set_account(await self._caller(request), (SubjectKind.ROBOT, name), None, None)

    async def _set_account(self, request: Request, account: tuple[SubjectKind, str], wanted: QuotaRequest) -> QuotaView:
        caller = await self._caller(request)
        return QuotaView.of(await self._quotas.set_account(caller, account, wanted.quota, wanted.revision))

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _place(cursor: str) -> tuple[int, Subject] | None:
    """Return behind what a page begins. Raises `InvalidCursor`."""
    if not cursor:
        return None
    value, _, subject = key_of(cursor).partition(" ")
    if not (value.removeprefix("-").isdecimal() and len(value) < 20 and subject) or int(value) >= _MAX_VALUE:
        raise InvalidCursor
    return int(value), Subject(subject)
