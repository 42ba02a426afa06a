# SPDX-License-Identifier: Apache-2.0
"""The words of webhooks."""

import re
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from entrepot.features.access import parse_pattern
from entrepot.features.events import parse_event_filter
from entrepot.features.webhooks.errors import WebhookInvalid
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

MAX_OF_PROJECT = 50
"""Webhooks of one project, or of the registry."""
MAX_FILTERS = 50
MAX_PATHS = 50
MAX_HEADERS = 20
MAX_HEADER_CHARACTERS = 4_096
MAX_TEMPLATE_CHARACTERS = 16 * 1024
MAX_NAME_CHARACTERS = 64
KEPT_DAYS = 30
KEPT_DELIVERIES = 10_000
"""Of each webhook, of those that have ended."""
WAITING_DELIVERIES = 100_000
"""Of each webhook, of those that have not: where there are more, the oldest are given up."""
KEPT_BODY_BYTES = 4 * 1024
"""How much of an answer is kept."""
KEPT_REQUEST_BYTES = 32 * 1024
TRIED_MS = DAY_MS
"""A delivery is given up so long after its first attempt."""
PAUSED_AFTER_MS = 3 * DAY_MS
"""A webhook of which every attempt failed for so long is paused."""
OVERLAP_MS = 24 * HOUR_MS
"""So long the secret that there was is good beside a new one, unless somebody says another time."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_CONTENT_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}(?:; ?charset=utf-8)?")
_OURS = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
"""Headers that nobody sets but us."""


class WebhookFormat(StrEnum):
    """What a request of a webhook looks like."""

    CLOUDEVENTS = "cloudevents"
    HARBOR = "harbor"
    DISTRIBUTION = "distribution"
    SLACK = "slack"
    TEAMS = "teams"
    TEMPLATE = "template"


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    """What happened before it in its repository has not been sent for the first time."""
    DUE = "due"
    """It is sent now, or again at a certain time."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It was tried for a day, or the receiver is gone."""
    DROPPED = "dropped"
    """It is not sent: the owner may not read the repository any more, or there was too much."""


class PausedBy(StrEnum):
    """Who paused a webhook."""

    NOBODY = ""
    PERSON = "person"
    FAILURE = "failure"
    """It had failed for too long."""
    GONE = "gone"
    """The receiver says that it is gone for good (410)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody says of a webhook."""

    name: str
    url: str = field(repr=False)
    """Chat services have a secret in it: logs and records show its origin only."""
    events: tuple[str, ...] = ()
    """Filters of what is told; none for everything but use."""
    paths: tuple[str, ...] = ()
    """Path patterns of repositories; none for all, and for what is about none."""
    format: WebhookFormat = WebhookFormat.CLOUDEVENTS
    template: str = ""
    content_type: str = "application/json"
    """Of a template."""

    def check(self) -> None:
        """Refuse what is too much, and what is no pattern. Raises `WebhookInvalid` and what patterns raise."""
        if len(self.name) > MAX_NAME_CHARACTERS or _NAME.fullmatch(self.name) is None:
            raise WebhookInvalid(
                f"{self.name[:MAX_NAME_CHARACTERS]!r} is no name for a webhook",
                hint=f"Take lower case letters, digits and . _ - between them, {MAX_NAME_CHARACTERS} at most.",
            )
        if len(self.events) > MAX_FILTERS or len(self.paths) > MAX_PATHS:
            raise WebhookInvalid(f"a webhook has at most {MAX_FILTERS} filters of events, and {MAX_PATHS} of paths")
        for each in self.events:
            parse_event_filter(each)
        for path in self.paths:
            parse_pattern(path)
        if len(self.template) > MAX_TEMPLATE_CHARACTERS:
            raise WebhookInvalid(f"a template has at most {MAX_TEMPLATE_CHARACTERS} characters")
        if bool(self.template) != (self.format is WebhookFormat.TEMPLATE):
            raise WebhookInvalid("the format 'template' takes a template, and no other one does")
        if _CONTENT_TYPE.fullmatch(self.content_type) is None:
            raise WebhookInvalid("the content type is none as they are written, such as application/json")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook, as it stands."""

    id: Ulid
    project: str
    """Empty for one of the registry."""
    terms: Terms
    header_names: tuple[str, ...]
    """Of the headers that it sends besides; their values are secret."""
    owner: str
    """Who made or changed it last, as an identity: it is told what they may read."""
    paused_by: PausedBy
    paused_at: Milliseconds | None
    pause_reason: str
    failing_since: Milliseconds | None
    """When the first of the attempts was made that have failed since one succeeded."""
    delivered_at: Milliseconds | None
    last_error: str
    revision: int
    created_at: Milliseconds
    changed_at: Milliseconds

    @property
    def is_paused(self) -> bool:
        """Whether nothing is sent now."""
        return self.paused_by is not PausedBy.NOBODY


@dataclass(frozen=True, slots=True)
class Secret:
    """What requests are signed with, without the secret."""

    id: Ulid
    created_at: Milliseconds
    ends_at: Milliseconds | None
    """When it is no longer signed with; None for not until there is another one."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook, and what came of it."""

    number: int
    id: Ulid
    """The `webhook-id`: the same in every attempt."""
    webhook_id: Ulid
    name: str
    subject: str
    event: str
    """The CloudEvent, as it was when it happened."""
    occurred_at: Milliseconds
    created_at: Milliseconds
    state: DeliveryState
    due_at: Milliseconds | None
    attempts: int
    finished_at: Milliseconds | None
    status: int | None
    """What the receiver answered last."""
    reason: str
    """What was wrong last, empty for nothing."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came of it, as it is kept: values of secret headers are not in it."""

    request_headers: str
    request_body: str
    status: int | None = None
    response_headers: str = ""
    response_body: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver."""

    number: int
    at: Milliseconds
    duration_ms: int
    error: str
    exchange: Exchange


def check_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return headers that a webhook may send besides. Raises `WebhookInvalid`, which repeats no value."""
    if len(headers) > MAX_HEADERS:
        raise WebhookInvalid(f"a webhook sends at most {MAX_HEADERS} headers of its own")
    if len({name.lower() for name in headers}) != len(headers):
        raise WebhookInvalid("a header is named twice")
    for name, value in headers.items():
        if _HEADER.fullmatch(name) is None or name.lower() in _OURS:
            raise WebhookInvalid(f"{name[:64]!r} is no header that a webhook may set")
        if len(value) > MAX_HEADER_CHARACTERS or _HEADER_VALUE.fullmatch(value) is None:
            raise WebhookInvalid(f"the value of {name} is too long, or has characters that no header has")
    return headers
