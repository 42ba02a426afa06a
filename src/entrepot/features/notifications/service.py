# SPDX-License-Identifier: Apache-2.0
"""The use cases of somebody's own list: seeing what they heard of, and noting that they have read it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.notifications.audience import Audience
from entrepot.features.notifications.models import Notification
from entrepot.features.notifications.people import require_person
from entrepot.features.notifications.store import inbox
from entrepot.features.notifications.store.inbox import NEWEST
from entrepot.features.notifications.store.inbox import Wish
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import Clock

__all__ = ["NEWEST", "Inbox", "NotificationPage"]

MAX_PAGES = 20
"""So many pages are looked through for what somebody may still hear of, then the page ends."""


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """One page of a list, the newest first; `before` is where the next begins, None at the end."""

    items: list[Notification]
    before: int | None


class Inbox:
    """What people hear of, each their own. Raises as `require_person`."""

    def __init__(self, database: Database, audience: Audience, clock: Clock) -> None:
        self._database = database
        self._audience = audience
        self._clock = clock

    async def page(self, principal: Principal, before: int, limit: int, *, is_unread: bool) -> NotificationPage:
        """Return what they may still hear of, older than the number `before`."""
        person, found = require_person(principal), list[Notification]()
        for _ in range(MAX_PAGES):
            batch = await self._database.read(inbox.page, person, Wish(before, limit + 1, is_unread))
            found += await self._audience.allowed(principal, batch)
            if len(found) > limit:
                return NotificationPage(found[:limit], found[limit - 1].number)
            if len(batch) <= limit:
                return NotificationPage(found, None)
            before = batch[-1].number
        return NotificationPage(found, before)

    async def unread(self, principal: Principal) -> int:
        """Return how many they have not read, of those that they may still hear of."""
        groups = await self._database.read(inbox.unread, require_person(principal))
        counts = [
            each.count
            for each in groups
            if await self._audience.may_hear(principal, each.need, each.project, each.repository)
        ]
        return sum(counts)

    async def read(self, principal: Principal, ids: Collection[str], until: str) -> int:
        """Note that they have read these, and everything up to one; return how many they have not."""
        person, now = require_person(principal), self._clock()

        def mark(connection: Connection) -> None:
            """Mark them."""
            inbox.mark_read(connection, person, ids, now)
            number = inbox.find_number(connection, person, until) if until else None
            if number is not None:
                inbox.mark_read_until(connection, person, number, now)

        await self._database.write(mark)
        return await self.unread(principal)
