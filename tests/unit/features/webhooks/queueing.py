# SPDX-License-Identifier: Apache-2.0
"""Processes that deliver what is queued to receivers that are no servers but a function."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from entrepot.features.events import decode_cloud_event
from entrepot.features.webhooks.deliverer import Capacity
from entrepot.features.webhooks.deliverer import Deliverer
from entrepot.features.webhooks.models import Delivery
from entrepot.features.webhooks.models import Exchange
from entrepot.features.webhooks.models import Webhook
from entrepot.features.webhooks.queue import Claimed
from entrepot.features.webhooks.queue import NewDelivery
from entrepot.features.webhooks.queue import Result
from entrepot.features.webhooks.queue import Verdict
from entrepot.features.webhooks.store import deliveries
from entrepot.features.webhooks.store import lanes
from entrepot.features.webhooks.store import webhooks
from entrepot.features.webhooks.store.deliveries import NEWEST
from entrepot.features.webhooks.store.deliveries import Wish
from entrepot.features.webhooks.tables import webhook_deliveries
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock
from tests.builders.webhooks import a_delivery
from tests.builders.webhooks import a_webhook
from tests.builders.webhooks import drain

EXCHANGE = Exchange('{"webhook-id":"x"}', "{}", 200)


class Receivers:
    """What is on the other side: notes the order in which things come, and answers as a function says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.came: list[tuple[str, str]] = []
        """The name of the webhook and the subject of the event, as attempts began."""
        self.is_up: Callable[[str, str], bool] = lambda _name, _subject: True
        self.before: Callable[[Claimed], Awaitable[None]] | None = None
        """Awaited before anything is answered."""
        self.retry_after_seconds: int | None = None

    async def attempt(self, claimed: Claimed) -> Result:
        """Take it, or do not."""
        name, at = claimed.sender.webhook.terms.name, self._clock()
        subject = subject_of(claimed)
        self.came.append((name, subject))
        if self.before is not None:
            await self.before(claimed)
        is_up = self.is_up(name, subject)
        verdict = Verdict.DELIVERED if is_up else Verdict.FAILED
        return Result(claimed, verdict, at, "" if is_up else "down", 1, EXCHANGE, self.retry_after_seconds)

    async def close(self) -> None:
        """Hold nothing."""


class Queueing:
    """A queue, and any number of processes that deliver what is in it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.receivers = Receivers(clock)
        self.deliverers: list[Deliverer] = []
        self.deliverer = self.start()

    def start(self, capacity: Capacity | None = None) -> Deliverer:
        """Start a process."""
        deliverer = Deliverer(self.database, self.receivers, self.clock, capacity or Capacity())
        self.deliverers.append(deliverer)
        return deliverer

    async def webhook(self, name: str = "hook") -> Webhook:
        """Make a webhook."""
        made = a_webhook(name)
        assert await self.database.write_locked(webhooks.add, made, None)
        return made

    async def queue(self, webhook: Webhook, *subjects: str, repository: str = "team/app") -> None:
        """Let things happen in a repository, one after another."""
        new: Sequence[NewDelivery] = [a_delivery(webhook, repository, each) for each in subjects]
        await self.database.write_locked(lanes.enqueue, new, self.clock())

    async def deliver(self) -> None:
        """Let every process do what is due now."""
        await drain(*self.deliverers)

    async def log(self, webhook: Webhook) -> list[Delivery]:
        """Return the deliveries of a webhook, the oldest first."""
        found = await self.database.read(deliveries.page, webhook.id, Wish(None, NEWEST, 10_000))
        return found[::-1]

    async def states(self, webhook: Webhook) -> list[str]:
        """Return how they stand, the oldest first."""
        return [each.state.value for each in await self.log(webhook)]

    async def shown(self, webhook: Webhook) -> Webhook:
        """Return a webhook as it stands."""
        found = await self.database.read(webhooks.find, webhook.id)
        assert found is not None
        return found

    async def next_due(self) -> int | None:
        """Return when something is due next."""
        return await self.database.read(_next_due)

    async def leave(self) -> None:
        """Stop every process."""
        await asyncio.gather(*(each.leave() for each in self.deliverers))


def subject_of(claimed: Claimed) -> str:
    """Return what an event is about."""
    return decode_cloud_event(claimed.event).subject


def _next_due(connection: Connection) -> int | None:
    found: int | None = connection.scalar(select(func.min(webhook_deliveries.c.due_at)))
    return found
