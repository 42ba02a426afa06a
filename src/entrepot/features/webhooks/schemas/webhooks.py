# SPDX-License-Identifier: Apache-2.0
"""Webhooks in the management API."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import StringConstraints

from entrepot.features.projects import parse_project_name
from entrepot.features.webhooks.models import MAX_FILTERS
from entrepot.features.webhooks.models import MAX_HEADER_CHARACTERS
from entrepot.features.webhooks.models import MAX_HEADERS
from entrepot.features.webhooks.models import MAX_NAME_CHARACTERS
from entrepot.features.webhooks.models import MAX_PATHS
from entrepot.features.webhooks.models import MAX_TEMPLATE_CHARACTERS
from entrepot.features.webhooks.models import PausedBy
from entrepot.features.webhooks.models import Secret
from entrepot.features.webhooks.models import Terms
from entrepot.features.webhooks.models import Webhook
from entrepot.features.webhooks.models import WebhookFormat
from entrepot.features.webhooks.service import Issued
from entrepot.features.webhooks.service import Shown
from entrepot.features.webhooks.service import Wanted
from entrepot.infra.http.schemas import GivenRevision
from entrepot.infra.http.schemas import Moment
from entrepot.infra.http.schemas import Revised

MAX_OVERLAP_MINUTES = 7 * 24 * 60
MAX_URL_CHARACTERS = 2_048

_EVENTS = (
    "What it tells of: names such as `tag.moved`, beginnings such as `tag.*`, or `*`; none for everything but pulls "
    "and questions (`content.*`). `GET /api/v1/webhooks/types` lists the names."
)
_PATHS = "Path patterns of the repositories that it tells of; none for all of them, and for what is about none."
_URL = "Where requests go. An address of the Internet, unless the operator allows others."
_TEMPLATE = "Of the format `template`: what is sent, with places such as `{{ data.repository }}`."
_HEADER_NAMES = "The headers that it sends besides. Their values are not shown."

Filter = Annotated[str, StringConstraints(max_length=64)]
Path = Annotated[str, StringConstraints(max_length=255)]
HeaderName = Annotated[str, StringConstraints(max_length=64)]
HeaderValue = Annotated[SecretStr, Field(max_length=MAX_HEADER_CHARACTERS)]


class WebhookTerms(BaseModel):
    """What a webhook says. A change replaces all of it, but for headers that are left out."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=MAX_NAME_CHARACTERS, examples=["deploy"])
    url: str = Field(max_length=MAX_URL_CHARACTERS, description=_URL, examples=["https://hooks.example.org/entrepot"])
    events: list[Filter] = Field([], max_length=MAX_FILTERS, description=_EVENTS, examples=[["tag.*"]])
    paths: list[Path] = Field([], max_length=MAX_PATHS, description=_PATHS, examples=[["team/app", "team/lib-*"]])
    format: WebhookFormat = Field(WebhookFormat.CLOUDEVENTS, description="What a request looks like.")
    template: str = Field("", max_length=MAX_TEMPLATE_CHARACTERS, description=_TEMPLATE)
    content_type: str = Field("application/json", max_length=160, description="Of a template.")
    headers: dict[HeaderName, HeaderValue] | None = Field(
        None,
        max_length=MAX_HEADERS,
        description="Headers to send besides, such as `Authorization`; left out, they stay as they are.",
    )

    def wanted(self, revision: int | None = None) -> Wanted:
        """Return it as the use cases take it."""
        terms = Terms(
            self.name,
            self.url,
            tuple(dict.fromkeys(self.events)),
            tuple(dict.fromkeys(self.paths)),
            self.format,
            self.template,
            self.content_type,
        )
        headers = None
        if self.headers is not None:
            headers = {name: value.get_secret_value() for name, value in self.headers.items()}
        return Wanted(terms, headers, revision)


class WebhookRequest(WebhookTerms):
    """A webhook to make."""

    project: str | None = Field(None, max_length=255, description="Its project; none for one of the registry.")

    @property
    def project_name(self) -> str:
        """The project, empty for none. Raises as `parse_project_name`."""
        return parse_project_name(self.project) if self.project else ""


class WebhookChangeRequest(WebhookTerms):
    """What a webhook says from now on."""

    revision: GivenRevision = None


class PauseRequest(BaseModel):
    """Why it is paused."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=300)


class SecretRotationRequest(BaseModel):
    """How the secret that there is ends."""

    model_config = ConfigDict(extra="forbid")

    overlap_minutes: int = Field(
        24 * 60, ge=0, le=MAX_OVERLAP_MINUTES, description="So long requests carry the signatures of both."
    )


class WebhookSecretItem(BaseModel):
    """What requests are signed with, without the secret itself."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    created_at: Moment
    ends_at: Moment | None = Field(description="When it is no longer signed with; null for the one that stays.")

    @classmethod
    def of(cls, secret: Secret) -> "WebhookSecretItem":
        """Show a secret."""
        return cls(id=secret.id, created_at=secret.created_at, ends_at=secret.ends_at)


class WebhookItem(Revised):
    """A webhook."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    project: str | None = Field(description="Null for one of the registry.", examples=["team"])
    name: str
    url: str = Field(description=_URL)
    events: list[str] = Field(description=_EVENTS)
    paths: list[str] = Field(description=_PATHS)
    format: WebhookFormat
    template: str = Field(description=_TEMPLATE)
    content_type: str
    header_names: list[str] = Field(description=_HEADER_NAMES)
    owner: str = Field(description="Who made or changed it last: it tells what they may read.", examples=["user:alice"])
    is_paused: bool
    paused_by: PausedBy = Field(description="Empty where it is not.")
    paused_at: Moment | None
    pause_reason: str
    failing_since: Moment | None = Field(description="Since when every attempt failed; null if the last one did not.")
    delivered_at: Moment | None = Field(description="When something was delivered last.")
    last_error: str = Field(description="What was wrong with the last attempt, empty for nothing.")
    created_at: Moment

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookItem":
        """Show a webhook."""
        return cls.model_validate(_fields(webhook))


class WebhookView(WebhookItem):
    """A webhook and what it signs with."""

    secrets: list[WebhookSecretItem]

    @classmethod
    def showing(cls, shown: Shown) -> "WebhookView":
        """Show it."""
        secrets = [WebhookSecretItem.of(secret) for secret in shown.secrets]
        return cls.model_validate({**_fields(shown.webhook), "secrets": secrets})


class NewWebhookView(WebhookView):
    """A webhook with a secret that was just made."""

    secret: str = Field(
        repr=False, description="What requests are signed with. It is shown this once.", examples=["whsec_…"]
    )

    @classmethod
    def issued(cls, issued: Issued) -> "NewWebhookView":
        """Show it, and its secret."""
        shown = WebhookView.showing(issued.shown)
        return cls.model_validate({**dict(shown), "secret": issued.secret})


class WebhookList(BaseModel):
    """Webhooks, by name."""

    items: list[WebhookItem]


class WebhookTypes(BaseModel):
    """The names of everything that webhooks can tell of."""

    items: list[str] = Field(examples=[["tag.created", "tag.moved"]])


def _fields(webhook: Webhook) -> dict[str, object]:
    terms = webhook.terms
    return {
        "id": webhook.id,
        "project": webhook.project or None,
        "name": terms.name,
        "url": terms.url,
        "events": list(terms.events),
        "paths": list(terms.paths),
        "format": terms.format,
        "template": terms.template,
        "content_type": terms.content_type,
        "header_names": list(webhook.header_names),
        "owner": webhook.owner,
        "is_paused": webhook.is_paused,
        "paused_by": webhook.paused_by,
        "paused_at": webhook.paused_at,
        "pause_reason": webhook.pause_reason,
        "failing_since": webhook.failing_since,
        "delivered_at": webhook.delivered_at,
        "last_error": webhook.last_error,
        "created_at": webhook.created_at,
        "revision": webhook.revision,
        "changed_at": webhook.changed_at,
        "changed_by": webhook.owner,
    }
