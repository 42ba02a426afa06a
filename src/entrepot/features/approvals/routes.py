# SPDX-License-Identifier: Apache-2.0
"""Approvals in the management API."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.approvals.models import State
from entrepot.features.approvals.rules import Rules
from entrepot.features.approvals.schemas import ApprovalDecision
from entrepot.features.approvals.schemas import ApprovalList
from entrepot.features.approvals.schemas import ApprovalPath
from entrepot.features.approvals.schemas import ApprovalView
from entrepot.features.approvals.schemas import ListedQuery
from entrepot.features.approvals.schemas import NewApproval
from entrepot.features.approvals.schemas import RuleList
from entrepot.features.approvals.schemas import RulesRequest
from entrepot.features.approvals.schemas import RuleView
from entrepot.features.approvals.service import Approvals
from entrepot.features.approvals.service import Listed
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


class ApprovalRoutes:
    """The endpoints of approvals. People use them; robots are no second person, nor the first."""

    def __init__(self, approvals: Approvals, rules: Rules, callers: ApiCallers) -> None:
        self._approvals = approvals
        self._rules = rules
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("approvals")
        router.add_api_route("/approvals", self.list_approvals)
        router.add_api_route("/approvals", self.request_approval, methods=["POST"], status_code=201)
        router.add_api_route("/approvals/rules", self.list_approval_rules)
        router.add_api_route("/approvals/rules", self.set_approval_rules, methods=["PUT"])
        router.add_api_route("/approvals/{id}", self.show_approval)
        router.add_api_route("/approvals/{id}:approve", self.approve, methods=["POST"])
        router.add_api_route("/approvals/{id}:reject", self.reject, methods=["POST"])
        router.add_api_route("/approvals/{id}:withdraw", self.withdraw_approval, methods=["POST"])
        return router

    @takes(OWN, to_system(SystemAction.READ_AUDIT))
    async def list_approvals(
        self,
        request: Request,
        response: Response,
        listed: ListedQuery = Listed.MINE,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> ApprovalList:
        """List approvals, newest first."""
        page = await self._approvals.page(await self._caller(request), listed, key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.items[-1].approval.id)
        return ApprovalList(items=[ApprovalView.of(each) for each in page.items])

    @takes(OWN)
    async def request_approval(self, request: Request, response: Response, wanted: NewApproval) -> ApprovalView:
        """Ask a second person to let you do something that you may do, but not alone."""
        asked = await self._approvals.request(await self._caller(request), wanted.attempt, wanted.reason)
        response.headers["Location"] = f"{request.url.path}/{asked.approval.id}"
        return ApprovalView.of(asked)

    @takes(to_system(SystemAction.READ_AUDIT))
    async def list_approval_rules(self, request: Request) -> RuleList:
        """List the acts that take a second person."""
        return RuleList(items=[RuleView.of(each) for each in await self._rules.show(await self._caller(request))])

    @takes(to_system(SystemAction.ADMINISTER))
    async def set_approval_rules(self, request: Request, wanted: RulesRequest) -> RuleList:
        """Set which acts take a second person. Takes an administrator of the registry who logged in of late.

        To leave one out takes the approval of a second person itself. To put one in, at least two people have to
        administer the registry.
        """
        rules = await self._rules.set(await self._caller(request), frozenset(wanted.acts))
        return RuleList(items=[RuleView.of(each) for each in rules])

    @takes(OWN)
    async def show_approval(self, request: Request, id: ApprovalPath) -> ApprovalView:
        """Show an approval to who asked for it, may decide about it, or may read the audit log."""
        return ApprovalView.of(await self._approvals.show(await self._caller(request), id))

    @takes(OWN)
    async def approve(self, request: Request, id: ApprovalPath, said: ApprovalDecision) -> ApprovalView:
        """Let another person do something, once, that you may do too. Takes a recent login."""
        return ApprovalView.of(
            await self._approvals.decide(await self._caller(request), id, State.APPROVED, said.comment)
        )

    @takes(OWN)
    async def reject(self, request: Request, id: ApprovalPath, said: ApprovalDecision) -> ApprovalView:
        """Do not let another person do something, or not any more. Takes a recent login."""
        return ApprovalView.of(
            await self._approvals.decide(await self._caller(request), id, State.REJECTED, said.comment)
        )

    @takes(OWN)
    async def withdraw_approval(self, request: Request, id: ApprovalPath) -> ApprovalView:
        """Give up what you asked for."""
        return ApprovalView.of(await self._approvals.withdraw(await self._caller(request), id))

    async def _caller(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
