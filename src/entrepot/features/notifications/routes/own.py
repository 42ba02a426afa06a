# SPDX-License-Identifier: Apache-2.0
"""Somebody's own notifications in the management API."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.notifications.addressing import Addressing
from entrepot.features.notifications.choosing import Choosing
from entrepot.features.notifications.kinds import KINDS
from entrepot.features.notifications.models import Preferences
from entrepot.features.notifications.people import require_person
from entrepot.features.notifications.schemas.own import AddressRequest
from entrepot.features.notifications.schemas.own import CodeRequest
from entrepot.features.notifications.schemas.own import MuteItem
from entrepot.features.notifications.schemas.own import MuteList
from entrepot.features.notifications.schemas.own import MuteRequest
from entrepot.features.notifications.schemas.own import NotificationItem
from entrepot.features.notifications.schemas.own import NotificationKindItem
from entrepot.features.notifications.schemas.own import NotificationKindList
from entrepot.features.notifications.schemas.own import NotificationList
from entrepot.features.notifications.schemas.own import PreferencesRequest
from entrepot.features.notifications.schemas.own import PreferencesView
from entrepot.features.notifications.schemas.own import ReadRequest
from entrepot.features.notifications.schemas.own import UnreadCount
from entrepot.features.notifications.service import NEWEST
from entrepot.features.notifications.service import Inbox
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import InvalidCursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ACCOUNT
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.router import api_router
from entrepot.kernel.access import Principal
from entrepot.registry.api_callers import ApiCallers

MAX_PLACE_DIGITS = 18

UnreadQuery = Annotated[bool, Query(description="Only what you have not read.")]
MutePath = Annotated[str, Path(max_length=26, description="The id of a mute.")]


class NotificationRoutes:
    """The endpoints of what is somebody's own."""

    def __init__(self, inbox: Inbox, choosing: Choosing, addressing: Addressing, callers: ApiCallers) -> None:
        self._inbox = inbox
        self._choosing = choosing
        self._addressing = addressing
        self._callers = callers

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("notifications")
        address, mutes = "/notifications/address", "/notifications/mutes"
        router.add_api_route("/notifications", self.list_notifications)
        router.add_api_route("/notifications/unread", self.count_unread_notifications)
        router.add_api_route("/notifications/kinds", self.list_notification_kinds)
        router.add_api_route("/notifications:read", self.read_notifications, methods=["POST"])
        router.add_api_route("/notifications/preferences", self.show_notification_preferences)
        router.add_api_route("/notifications/preferences", self.change_notification_preferences, methods=["PUT"])
        router.add_api_route(address, self.change_notification_address, methods=["PUT"])
        router.add_api_route(f"{address}:confirm", self.confirm_notification_address, methods=["POST"])
        router.add_api_route(address, self.remove_notification_address, methods=["DELETE"])
        router.add_api_route(mutes, self.list_notification_mutes)
        router.add_api_route(mutes, self.mute_notifications, methods=["POST"], status_code=201)
        router.add_api_route(f"{mutes}/{{mute}}", self.unmute_notifications, methods=["DELETE"], status_code=204)
        return router

    @takes(OWN)
    async def list_notifications(
        self,
        request: Request,
        response: Response,
        unread: UnreadQuery = False,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> NotificationList:
        """List what you heard of, the newest first, as far as you may still hear of it."""
        principal, before = await self._principal(request), _number(key_of(cursor))
        found = await self._inbox.page(principal, before, limit, is_unread=unread)
        if found.before is not None:
            link_next(request, response, str(found.before))
        return NotificationList(items=[NotificationItem.of(each) for each in found.items])

    @takes(OWN)
    async def count_unread_notifications(self, request: Request) -> UnreadCount:
        """Count what you have not read."""
        return UnreadCount(unread=await self._inbox.unread(await self._principal(request)))

    @takes(ACCOUNT)
    async def list_notification_kinds(self, request: Request) -> NotificationKindList:
        """List everything that you can hear of."""
        require_person(await self._principal(request))
        return NotificationKindList(items=[NotificationKindItem.of(kind) for kind in KINDS.values()])

    @takes(OWN)
    async def read_notifications(self, request: Request, wanted: ReadRequest) -> UnreadCount:
        """Note that you have read some; the answer says how many you have not."""
        principal = await self._principal(request)
        return UnreadCount(unread=await self._inbox.read(principal, wanted.ids, wanted.until))

    @takes(OWN)
    async def show_notification_preferences(self, request: Request) -> PreferencesView:
        """Show how you hear of things."""
        return self._view(await self._choosing.preferences(await self._principal(request)))

    @takes(OWN)
    async def change_notification_preferences(self, request: Request, wanted: PreferencesRequest) -> PreferencesView:
        """Change how you hear of things. What waits for a mail goes into the next one of the new sort."""
        return self._view(await self._choosing.choose(await self._principal(request), wanted.wanted()))

    @takes(OWN)
    async def change_notification_address(self, request: Request, wanted: AddressRequest) -> PreferencesView:
        """Send a code to an address of yours; mail goes there once you give the code back.

        Takes a login that is not long ago.
        """
        return self._view(await self._addressing.ask(await self._principal(request), wanted.address))

    @takes(OWN)
    async def confirm_notification_address(self, request: Request, wanted: CodeRequest) -> PreferencesView:
        """Give back the code that was sent to an address of yours: from now on mail goes there."""
        return self._view(await self._addressing.confirm(await self._principal(request), wanted.code))

    @takes(OWN)
    async def remove_notification_address(self, request: Request) -> PreferencesView:
        """Get no more mail. Takes a login that is not long ago."""
        return self._view(await self._addressing.forget(await self._principal(request)))

    @takes(OWN)
    async def list_notification_mutes(self, request: Request) -> MuteList:
        """List what you do not want to hear of."""
        found = await self._choosing.mutes(await self._principal(request))
        return MuteList(items=[MuteItem.of(each) for each in found])

    @takes(OWN)
    async def mute_notifications(self, request: Request, wanted: MuteRequest) -> MuteItem:
        """Hear no more of a kind, a project or a repository, until a moment or for ever."""
        principal = await self._principal(request)
        place = (wanted.project, wanted.repository)
        return MuteItem.of(await self._choosing.mute(principal, wanted.kind, *place, wanted.until))

    @takes(OWN)
    async def unmute_notifications(self, request: Request, mute: MutePath) -> None:
        """Hear of it again."""
        await self._choosing.unmute(await self._principal(request), mute)

    def _view(self, found: Preferences) -> PreferencesView:
        return PreferencesView.of(found, is_mail_on=self._addressing.is_mail_on)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal


def _number(key: str) -> int:
    """Return the number that a page begins behind. Raises `InvalidCursor`."""
    if not key:
        return NEWEST
    if not (key.isascii() and key.isdigit() and len(key) <= MAX_PLACE_DIGITS):
        raise InvalidCursor
    return int(key)
