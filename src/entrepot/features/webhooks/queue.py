# SPDX-License-Identifier: Apache-2.0
"""What is handed between the queue and whoever delivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.webhooks.models import Exchange
from entrepot.features.webhooks.models import Webhook
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """An event that a webhook wants to hear of."""

    webhook_id: Ulid
    lane: str
    """The repository, or the project: first attempts are made in order within it."""
    name: str
    subject: str
    event: str
    occurred_at: Milliseconds


@dataclass(frozen=True, slots=True)
class Sender:
    """A webhook with what it takes to send, secrets as they are stored."""

    webhook: Webhook
    secrets: Sequence[tuple[Ulid, bytes]]
    headers_encrypted: bytes | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process is to attempt."""

    number: int
    id: Ulid
    lane: str
    name: str
    event: str
    attempts: int
    failures: int
    began_at: Milliseconds | None
    is_first: bool
    claim: str
    sender: Sender


class Verdict(StrEnum):
    """What an attempt came to."""

    DELIVERED = "delivered"
    FAILED = "failed"
    """It is tried again, for a day."""
    GONE = "gone"
    """The receiver wants nothing more."""
    UNSENDABLE = "unsendable"
    """No request can be made of it."""
    DROPPED = "dropped"
    """Its owner may not read it."""
    POSTPONED = "postponed"
    """It was not tried: we could not find out whether it may be, or had to stop."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a claimed delivery."""

    claimed: Claimed
    verdict: Verdict
    at: Milliseconds
    """When the attempt began."""
    reason: str = ""
    duration_ms: int = 0
    exchange: Exchange | None = None
    retry_after_seconds: int | None = None
