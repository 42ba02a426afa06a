# SPDX-License-Identifier: Apache-2.0
"""Webhooks in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.projects import parse_project_name
from entrepot.features.webhooks.log import DeliveryLog
from entrepot.features.webhooks.schemas.deliveries import WebhookDeliveryView
from entrepot.features.webhooks.schemas.webhooks import NewWebhookView
from entrepot.features.webhooks.schemas.webhooks import PauseRequest
from entrepot.features.webhooks.schemas.webhooks import SecretRotationRequest
from entrepot.features.webhooks.schemas.webhooks import WebhookChangeRequest
from entrepot.features.webhooks.schemas.webhooks import WebhookItem
from entrepot.features.webhooks.schemas.webhooks import WebhookList
from entrepot.features.webhooks.schemas.webhooks import WebhookRequest
from entrepot.features.webhooks.schemas.webhooks import WebhookTypes
from entrepot.features.webhooks.schemas.webhooks import WebhookView
from entrepot.features.webhooks.service import Webhooks
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import in_project
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import MINUTE_MS
from entrepot.registry.api_callers import ApiCallers

WebhookPath = Annotated[str, Path(max_length=26, description="The id of a webhook.")]
WebhookSecretPath = Annotated[str, Path(max_length=26, description="The id of a secret.")]
ProjectQuery = Annotated[
    str, Query(max_length=255, description="The project; those of the registry if left out.", examples=["team"])
]

_ADMINISTER = takes(in_project(Action.ADMIN), to_system(SystemAction.ADMINISTER))


class WebhookRoutes:
    """The endpoints of webhooks themselves."""

    def __init__(self, webhooks: Webhooks, log: DeliveryLog, callers: ApiCallers) -> None:
        self._webhooks = webhooks
        self._log = log
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("webhooks")
        one = "/webhooks/{webhook}"
        router.add_api_route("/webhooks", self.list_webhooks)
        router.add_api_route("/webhooks", self.create_webhook, methods=["POST"], status_code=201)
        router.add_api_route("/webhooks/types", self.list_webhook_types)
        router.add_api_route(one, self.show_webhook)
        router.add_api_route(one, self.change_webhook, methods=["PUT"])
        router.add_api_route(one, self.delete_webhook, methods=["DELETE"], status_code=204)
        router.add_api_route(f"{one}:test", self.test_webhook, methods=["POST"])
        router.add_api_route(f"{one}:pause", self.pause_webhook, methods=["POST"])
        router.add_api_route(f"{one}:resume", self.resume_webhook, methods=["POST"])
        router.add_api_route(f"{one}:rotate", self.rotate_webhook, methods=["POST"])
        router.add_api_route(f"{one}/secrets/{{secret}}", self.end_webhook_secret, methods=["DELETE"])
        return router

    @_ADMINISTER
    async def list_webhooks(
        self,
        request: Request,
        response: Response,
        project: ProjectQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> WebhookList:
        """List the webhooks of a project, or of the registry."""
        of = parse_project_name(project) if project else ""
        found = await self._webhooks.page(await self._principal(request), of, key_of(cursor), limit + 1)
        if len(found) > limit:
            link_next(request, response, found[limit - 1].terms.name)
        return WebhookList(items=[WebhookItem.of(each) for each in found[:limit]])

    @_ADMINISTER
    async def create_webhook(self, request: Request, response: Response, wanted: WebhookRequest) -> NewWebhookView:
        """Make a webhook. Its secret is in the answer, and nowhere else. Takes a login that is not long ago.

        It tells of what happens from now on, as far as you may read it at the moment in which it is sent.
        """
        principal = await self._principal(request)
        made = await self._webhooks.create(principal, wanted.project_name, wanted.wanted())
        response.headers["Location"] = f"{request.url.path}/{made.shown.webhook.id}"
        return NewWebhookView.issued(made)

    @takes(ACCOUNT)
    async def list_webhook_types(self, request: Request) -> WebhookTypes:
        """List the names of everything that webhooks can tell of."""
        return WebhookTypes(items=self._webhooks.types(await self._principal(request)))

    @_ADMINISTER
    async def show_webhook(self, request: Request, webhook: WebhookPath) -> WebhookView:
        """Show a webhook, without what is secret."""
        return WebhookView.showing(await self._webhooks.show(await self._principal(request), webhook))

    @_ADMINISTER
    async def change_webhook(self, request: Request, webhook: WebhookPath, wanted: WebhookChangeRequest) -> WebhookView:
        """Change a webhook, which is yours from then on: it tells what you may read."""
        principal = await self._principal(request)
        return WebhookView.showing(await self._webhooks.change(principal, webhook, wanted.wanted(wanted.revision)))

    @_ADMINISTER
    async def delete_webhook(self, request: Request, webhook: WebhookPath) -> None:
        """Delete a webhook and its log; nothing more is sent."""
        await self._webhooks.delete(await self._principal(request), webhook)

    @_ADMINISTER
    async def test_webhook(self, request: Request, webhook: WebhookPath) -> WebhookDeliveryView:
        """Send an event that says that it is a test, once, and show what came of it."""
        return WebhookDeliveryView.showing(await self._log.test(await self._principal(request), webhook))

    @_ADMINISTER
    async def pause_webhook(
        self, request: Request, webhook: WebhookPath, wanted: PauseRequest | None = None
    ) -> WebhookView:
        """Send nothing until it is resumed; what happens meanwhile waits."""
        reason = wanted.reason if wanted else ""
        return WebhookView.showing(await self._webhooks.pause(await self._principal(request), webhook, reason))

    @_ADMINISTER
    async def resume_webhook(self, request: Request, webhook: WebhookPath) -> WebhookView:
        """Send again, beginning with what has waited."""
        return WebhookView.showing(await self._webhooks.resume(await self._principal(request), webhook))

    @_ADMINISTER
    async def rotate_webhook(
        self, request: Request, webhook: WebhookPath, wanted: SecretRotationRequest | None = None
    ) -> NewWebhookView:
        """Give a webhook a new secret; for a while requests carry the signatures of both."""
        overlap_ms = (wanted or SecretRotationRequest()).overlap_minutes * MINUTE_MS
        return NewWebhookView.issued(await self._webhooks.rotate(await self._principal(request), webhook, overlap_ms))

    @_ADMINISTER
    async def end_webhook_secret(
        self, request: Request, webhook: WebhookPath, secret: WebhookSecretPath
    ) -> WebhookView:
        """Sign no longer with a secret that another one has taken the place of."""
        return WebhookView.showing(await self._webhooks.end_secret(await self._principal(request), webhook, secret))

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal
