# SPDX-License-Identifier: Apache-2.0
"""The use cases of the log: what was delivered, sending something again, and trying whether a receiver hears us."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.events import TESTED
from entrepot.features.events import CloudEvent
from entrepot.features.events import encode_cloud_event
from entrepot.features.webhooks.administering import Administering
from entrepot.features.webhooks.delivering import Delivering
from entrepot.features.webhooks.errors import DeliveryUnknown
from entrepot.features.webhooks.errors import StillSending
from entrepot.features.webhooks.errors import WebhookUnknown
from entrepot.features.webhooks.models import Attempt
from entrepot.features.webhooks.models import Delivery
from entrepot.features.webhooks.models import Webhook
from entrepot.features.webhooks.queue import Claimed
from entrepot.features.webhooks.queue import NewDelivery
from entrepot.features.webhooks.store import deliveries
from entrepot.features.webhooks.store import lanes
from entrepot.features.webhooks.store import results
from entrepot.features.webhooks.store.deliveries import Wish
from entrepot.features.webhooks.telling import told
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import digest_of
from entrepot.registry.announcing import announce

LEASE_MS = MINUTE_MS
EXAMPLE = "example"
"""The repository that a test tells of."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A delivery with the attempts at it, the newest first."""

    delivery: Delivery
    attempts: tuple[Attempt, ...]


class DeliveryLog:
    """What was delivered for a webhook, and what is to be."""

    def __init__(
        self, database: Database, administering: Administering, delivering: Delivering, source: str, clock: Clock
    ) -> None:
        """`source` is what CloudEvents come from."""
        self._database = database
        self._administering = administering
        self._delivering = delivering
        self._source = source
        self._clock = clock

    async def page(self, principal: Principal, webhook_id: str, wish: Wish) -> list[Delivery]:
        """Return deliveries, the newest first. Raises as `Administering.find`."""
        await self._administering.find(principal, webhook_id)
        return await self._database.read(deliveries.page, webhook_id, wish)

    async def show(self, principal: Principal, webhook_id: str, delivery_id: str) -> Logged:
        """Return a delivery. Raises as `Administering.find`, and `DeliveryUnknown`."""
        await self._administering.find(principal, webhook_id)
        return await self._database.snapshot(_logged, webhook_id, delivery_id)

    async def redeliver(self, principal: Principal, webhook_id: str, delivery_id: str) -> Logged:
        """Send it again at once, with the same id. Raises as `show`, and `StillSending`."""
        webhook = await self._administering.find(principal, webhook_id)
        now = self._clock()

        def redeliver(connection: Connection) -> Logged:
            """Queue it, and say who asked for it."""
            found = _logged(connection, webhook_id, delivery_id).delivery
            if not deliveries.send_again(connection, found, now):
                raise StillSending
            announce(connection, Change.WEBHOOK_REDELIVERED, now, told(webhook, after={"delivery": delivery_id}))
            return _logged(connection, webhook_id, delivery_id)

        return await self._database.write_locked(redeliver)

    async def redeliver_failed(self, principal: Principal, webhook_id: str, since: Milliseconds) -> int:
        """Send everything again that happened since then and was given up; return how much. Raises as `page`."""
        webhook = await self._administering.find(principal, webhook_id)
        now = self._clock()

        def redeliver(connection: Connection) -> int:
            """Queue them, and say who asked for it."""
            count = deliveries.send_failed_again(connection, webhook_id, since, now)
            what = {"since": rfc3339(since), "deliveries": count}
            announce(connection, Change.WEBHOOK_REDELIVERED, now, told(webhook, after=what))
            return count

        return await self._database.write_locked(redeliver)

    async def test(self, principal: Principal, webhook_id: str) -> Logged:
        """Send an event that says that it is a test, once, paused or not, and wait for what comes of it.

        Raises as `Administering.find`.
        """
        webhook = await self._administering.find(principal, webhook_id)
        claimed = await self._database.write_locked(self._claim, webhook)
        result = await self._delivering.attempt(claimed)
        await self._database.write_locked(results.settle, [result], self._clock())
        return await self._database.snapshot(_logged, webhook_id, claimed.id)

    def _claim(self, connection: Connection, webhook: Webhook) -> Claimed:
        now = self._clock()
        event = self._example(webhook, now)
        sender = lanes.sender_of(connection, webhook.id, now)
        if sender is None:
            raise WebhookUnknown
        new = NewDelivery(webhook.id, "", event.name, event.subject, encode_cloud_event(event), now)
        return lanes.add_claimed(connection, sender, new, now, after(now, LEASE_MS))

    def _example(self, webhook: Webhook, now: Milliseconds) -> CloudEvent:
        repository = f"{webhook.project or EXAMPLE}/{EXAMPLE}"
        data = {
            "is_test": True,
            "project": webhook.project or EXAMPLE,
            "repository": repository,
            "tag": "1.0",
            "digest": digest_of(b""),
            "principal": webhook.owner,
        }
        source = self._source or "urn:entrepot:registry"
        return CloudEvent(new_ulid(), source, TESTED, f"{repository}:1.0", now, "", data)


def _logged(connection: Connection, webhook_id: str, delivery_id: str) -> Logged:
    found = deliveries.find(connection, webhook_id, delivery_id)
    if found is None:
        raise DeliveryUnknown
    return Logged(found, tuple(deliveries.attempts(connection, found.number)))
