# SPDX-License-Identifier: Apache-2.0
"""Which format makes the body of a request."""

from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.formats import harbor
from entrepot.features.webhooks.formats.cloudevents import CloudEventRendering
from entrepot.features.webhooks.formats.distribution import DistributionRendering
from entrepot.features.webhooks.formats.harbor import HarborRendering
from entrepot.features.webhooks.formats.interface import Rendering
from entrepot.features.webhooks.formats.slack import SlackRendering
from entrepot.features.webhooks.formats.teams import TeamsRendering
from entrepot.features.webhooks.formats.template import TemplateRendering
from entrepot.features.webhooks.models import Terms
from entrepot.features.webhooks.models import WebhookFormat


class Renderings:
    """Makes bodies for a registry of a certain address."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        registry = public_url.partition("://")[2].rstrip("/")
        self._ready: dict[WebhookFormat, Rendering] = {
            WebhookFormat.CLOUDEVENTS: CloudEventRendering(),
            WebhookFormat.HARBOR: HarborRendering(registry),
            WebhookFormat.DISTRIBUTION: DistributionRendering(public_url),
            WebhookFormat.SLACK: SlackRendering(),
            WebhookFormat.TEAMS: TeamsRendering(),
        }

    @property
    def source(self) -> str:
        """What CloudEvents of this registry come from, empty where it has no address."""
        return self._public_url

    def of(self, terms: Terms) -> Rendering:
        """Return what makes the bodies of a webhook. Raises `TemplateInvalid`."""
        if terms.format is WebhookFormat.TEMPLATE:
            return TemplateRendering(terms.template, terms.content_type)
        return self._ready[terms.format]


def can_tell(format_: WebhookFormat, event: CloudEvent) -> bool:
    """Tell whether a format has words for an event."""
    names = _NAMES.get(format_)
    if names is not None and event.name not in names:
        return False
    return format_ is not WebhookFormat.HARBOR or harbor.tells(event)


_NAMES = {WebhookFormat.HARBOR: HarborRendering.names, WebhookFormat.DISTRIBUTION: DistributionRendering.names}
