# SPDX-License-Identifier: Apache-2.0
"""The log of deliveries in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.webhooks.log import DeliveryLog
from entrepot.features.webhooks.models import DeliveryState
from entrepot.features.webhooks.routes.webhooks import WebhookPath
from entrepot.features.webhooks.schemas.deliveries import Redelivered
from entrepot.features.webhooks.schemas.deliveries import RedeliveryRequest
from entrepot.features.webhooks.schemas.deliveries import WebhookDeliveryItem
from entrepot.features.webhooks.schemas.deliveries import WebhookDeliveryList
from entrepot.features.webhooks.schemas.deliveries import WebhookDeliveryView
from entrepot.features.webhooks.store.deliveries import NEWEST
from entrepot.features.webhooks.store.deliveries import Wish
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.api_callers import ApiCallers

DeliveryPath = Annotated[str, Path(max_length=26, description="The id of a delivery.")]
StateQuery = Annotated[DeliveryState | None, Query(description="Only those that stand so.")]

_ADMINISTER = takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))
_MAX_DIGITS = 18


class DeliveryRoutes:
    """The endpoints of deliveries."""

    def __init__(self, log: DeliveryLog, callers: ApiCallers) -> None:
        self._log = log
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("webhooks")
        log = "/webhooks/{webhook}/deliveries"
        router.add_api_route(log, self.list_webhook_deliveries)
        router.add_api_route(f"{log}:redeliver", self.redeliver_failed, methods=["POST"])
        router.add_api_route(f"{log}/{{delivery}}", self.show_webhook_delivery)
        router.add_api_route(f"{log}/{{delivery}}:redeliver", self.redeliver, methods=["POST"])
        return router

    @_ADMINISTER
    async def list_webhook_deliveries(
        self,
        request: Request,
        response: Response,
        webhook: WebhookPath,
        state: StateQuery = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> WebhookDeliveryList:
        """List what was and is delivered, the newest first. It is kept for 30 days, and so many of each webhook."""
        principal = await self._principal(request)
        found = await self._log.page(principal, webhook, Wish(state, _place(cursor), limit + 1))
        if len(found) > limit:
            link_next(request, response, str(found[limit - 1].number))
        return WebhookDeliveryList(items=[WebhookDeliveryItem.of(each) for each in found[:limit]])

    @_ADMINISTER
    async def redeliver_failed(self, request: Request, webhook: WebhookPath, wanted: RedeliveryRequest) -> Redelivered:
        """Send everything again that happened since a moment and was given up or dropped."""
        principal = await self._principal(request)
        return Redelivered(deliveries=await self._log.redeliver_failed(principal, webhook, wanted.since))

    @_ADMINISTER
    async def show_webhook_delivery(
        self, request: Request, webhook: WebhookPath, delivery: DeliveryPath
    ) -> WebhookDeliveryView:
        """Show a delivery with the requests that were made and what was answered."""
        return WebhookDeliveryView.showing(await self._log.show(await self._principal(request), webhook, delivery))

    @_ADMINISTER
    async def redeliver(self, request: Request, webhook: WebhookPath, delivery: DeliveryPath) -> WebhookDeliveryView:
        """Send a delivery again at once, delivered or not; receivers know it by its id."""
        return WebhookDeliveryView.showing(await self._log.redeliver(await self._principal(request), webhook, delivery))

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _place(cursor: str) -> int:
    """Return the number that a page begins behind. Raises `InvalidCursor`."""
    key = key_of(cursor)
    if not key:
        return NEWEST
    if not (key.isascii() and key.isdigit() and len(key) <= _MAX_DIGITS):
        raise InvalidCursor
    return int(key)
