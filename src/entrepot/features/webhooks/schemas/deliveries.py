# SPDX-License-Identifier: Apache-2.0
"""The log of deliveries in the management API."""

from typing import Any

import msgspec
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.webhooks.log import Logged
from entrepot.features.webhooks.models import Attempt
from entrepot.features.webhooks.models import Delivery
from entrepot.features.webhooks.models import DeliveryState
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment

_HEADERS = msgspec.json.Decoder(dict[str, str])


class RedeliveryRequest(BaseModel):
    """What to send again."""

    model_config = ConfigDict(extra="forbid")

    since: GivenMoment = Field(description="Everything that happened since then and was given up or dropped.")


class Redelivered(BaseModel):
    """How much is sent again."""

    deliveries: int


class WebhookDeliveryItem(BaseModel):
    """One event for one webhook, and what came of it."""

    id: str = Field(description="The `webhook-id`: the same in every attempt.", examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    type: str = Field(description="What happened.", examples=["tag.moved"])
    subject: str = Field(examples=["team/app:1.0"])
    state: DeliveryState
    occurred_at: Moment
    created_at: Moment
    due_at: Moment | None = Field(description="When it is sent next; null if it waits its turn, or has ended.")
    attempts: int
    finished_at: Moment | None
    status: int | None = Field(description="What the receiver answered last; null for nothing.")
    reason: str = Field(description="What was wrong last, empty for nothing.")

    @classmethod
    def of(cls, delivery: Delivery) -> "WebhookDeliveryItem":
        """Show a delivery."""
        return cls.model_validate(_fields(delivery))


class WebhookAttemptItem(BaseModel):
    """One try: the request, and the answer."""

    number: int
    at: Moment
    duration_ms: int
    error: str
    request_headers: dict[str, str] = Field(description="Values of headers that are secret are not in it.")
    request_body: str = Field(description="Of the newest attempt only; at most 32 KiB.")
    status: int | None
    response_headers: dict[str, str]
    response_body: str = Field(description="Of the newest attempt only; at most 4 KiB.")

    @classmethod
    def of(cls, attempt: Attempt) -> "WebhookAttemptItem":
        """Show an attempt."""
        exchange = attempt.exchange
        return cls(
            number=attempt.number,
            at=attempt.at,
            duration_ms=attempt.duration_ms,
            error=attempt.error,
            request_headers=_HEADERS.decode(exchange.request_headers),
            request_body=exchange.request_body,
            status=exchange.status,
            response_headers=_HEADERS.decode(exchange.response_headers or "{}"),
            response_body=exchange.response_body,
        )


class WebhookDeliveryView(WebhookDeliveryItem):
    """A delivery with the attempts at it."""

    log: list[WebhookAttemptItem] = Field(description="The newest first.")

    @classmethod
    def showing(cls, logged: Logged) -> "WebhookDeliveryView":
        """Show it."""
        attempts = [WebhookAttemptItem.of(each) for each in logged.attempts]
        return cls.model_validate({**_fields(logged.delivery), "log": attempts})


class WebhookDeliveryList(BaseModel):
    """Deliveries, the newest first."""

    items: list[WebhookDeliveryItem]


def _fields(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "type": delivery.name,
        "subject": delivery.subject,
        "state": delivery.state,
        "occurred_at": delivery.occurred_at,
        "created_at": delivery.created_at,
        "due_at": delivery.due_at,
        "attempts": delivery.attempts,
        "finished_at": delivery.finished_at,
        "status": delivery.status,
        "reason": delivery.reason,
    }
