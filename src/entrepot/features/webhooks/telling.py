# SPDX-License-Identifier: Apache-2.0
"""What is told of changes to webhooks. Of an address only its origin is: the rest may be a secret."""

from dataclasses import dataclass
from typing import Any

from entrepot.features.webhooks.models import Webhook
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.url import parse_url
from entrepot.registry.announcing import Told
from entrepot.registry.events import Outcome


@dataclass(frozen=True, slots=True)
class ToldWebhook:
    """A webhook as it stands, without what is secret."""

    name: str
    origin: str
    events: list[str]
    paths: list[str]
    format: str
    headers: list[str]
    owner: str


def told_webhook(webhook: Webhook) -> ToldWebhook:
    """Return what may be told of a webhook."""
    terms = webhook.terms
    return ToldWebhook(
        name=terms.name,
        origin=origin_of(terms.url),
        events=list(terms.events),
        paths=list(terms.paths),
        format=terms.format.value,
        headers=list(webhook.header_names),
        owner=webhook.owner,
    )


def told(webhook: Webhook, before: Any = None, after: Any = None, reason: str = "") -> Told:
    """Say that something became of a webhook."""
    return Told(object=f"webhook:{webhook.id}", project=webhook.project, before=before, after=after, reason=reason)


def told_of_pause(webhook: Webhook) -> Told:
    """Say that a webhook was paused because of its receiver."""
    after = {"name": webhook.terms.name, "paused_by": webhook.paused_by.value}
    return Told(
        object=f"webhook:{webhook.id}",
        project=webhook.project,
        after=after,
        outcome=Outcome.FAILED,
        reason=webhook.pause_reason,
    )


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    try:
        return parse_url(url).origin
    except OutgoingFailed:
        return ""
