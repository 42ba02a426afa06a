# SPDX-License-Identifier: Apache-2.0
"""Threshold rules, the log of mails and the test mail in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.notifications.administering import NotificationAdministration
from entrepot.features.notifications.schemas.administration import ListedNotificationRule
from entrepot.features.notifications.schemas.administration import MailItem
from entrepot.features.notifications.schemas.administration import MailList
from entrepot.features.notifications.schemas.administration import NotificationRuleItem
from entrepot.features.notifications.schemas.administration import NotificationRuleList
from entrepot.features.notifications.schemas.administration import NotificationRuleRequest
from entrepot.features.notifications.schemas.own import AddressRequest
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers

RulePath = Annotated[str, Path(max_length=32, description="The name of a rule, such as `storage`.")]

_ADMINISTER = takes(to_system(SystemAction.ADMINISTER))


class NotificationAdministrationRoutes:
    """The endpoints of administrators."""

    def __init__(self, administration: NotificationAdministration, callers: ApiCallers) -> None:
        self._administration = administration
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("notifications")
        rules, mails = "/notifications/rules", "/notifications/mails"
        router.add_api_route(rules, self.list_notification_rules)
        router.add_api_route(f"{rules}/{{rule}}", self.change_notification_rule, methods=["PUT"])
        router.add_api_route(f"{rules}/{{rule}}", self.reset_notification_rule, methods=["DELETE"])
        router.add_api_route(mails, self.list_notification_mails)
        router.add_api_route(f"{mails}:test", self.test_notification_mail, methods=["POST"], status_code=204)
        return router

    @takes(to_system(SystemAction.READ_SYSTEM))
    async def list_notification_rules(self, request: Request) -> NotificationRuleList:
        """List every threshold rule, and what is at a level of it now."""
        principal = await self._principal(request)
        found = await self._administration.rules(principal)
        crossed = await self._administration.crossed(principal)
        return NotificationRuleList(
            items=[ListedNotificationRule.listed(each, crossed.get(each.spec.name)) for each in found]
        )

    @_ADMINISTER
    async def change_notification_rule(
        self, request: Request, rule: RulePath, wanted: NotificationRuleRequest
    ) -> NotificationRuleItem:
        """Change a threshold rule."""
        principal = await self._principal(request)
        changed = await self._administration.change(principal, rule, wanted.terms(), wanted.revision)
        return NotificationRuleItem.of(changed)

    @_ADMINISTER
    async def reset_notification_rule(self, request: Request, rule: RulePath) -> NotificationRuleItem:
        """Let a threshold rule say what it says where nobody changed it."""
        return NotificationRuleItem.of(
            await self._administration.change(await self._principal(request), rule, None, None)
        )

    @_ADMINISTER
    async def list_notification_mails(
        self, request: Request, response: Response, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> MailList:
        """List mails that were or are to be sent, the newest first, without what they say."""
        found = await self._administration.mails(await self._principal(request), key_of(cursor), limit + 1)
        if len(found) > limit:
            link_next(request, response, found[limit - 1].id)
        return MailList(items=[MailItem.of(each) for each in found[:limit]])

    @_ADMINISTER
    async def test_notification_mail(self, request: Request, wanted: AddressRequest) -> None:
        """Send a mail that says that it is a test; where it is not taken, the answer says why."""
        await self._administration.test(await self._principal(request), wanted.address)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
