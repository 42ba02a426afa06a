# SPDX-License-Identifier: Apache-2.0
"""What may be wrong with webhooks."""

from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound


class WebhookInvalid(InvalidRequest):
    """The webhook is not valid."""

    code = "webhook_invalid"
    default_hint = "docs/how-to/webhooks.md has what a webhook may say."


class TemplateInvalid(InvalidRequest):
    """The template is not valid."""

    code = "webhook_template_invalid"
    default_hint = "Write JSON with places such as {{ data.repository }} in its texts."


class WebhookUnknown(NotFound):
    """There is no such webhook."""

    code = "webhook_unknown"
    default_hint = "entrepot webhooks list shows those there are."


class DeliveryUnknown(NotFound):
    """There is no such delivery."""

    code = "webhook_delivery_unknown"
    default_hint = "Deliveries are kept for 30 days."


class WebhookSecretUnknown(NotFound):
    """There is no such secret."""

    code = "webhook_secret_unknown"
    default_hint = "The webhook itself shows the secrets that it has."


class WebhookTaken(Conflict):
    """There is a webhook of this name."""

    code = "webhook_taken"
    default_hint = "Choose another name, or change the one there is."


class TooManyWebhooks(Conflict):
    """There are as many webhooks as there may be."""

    code = "too_many_webhooks"
    default_hint = "Delete one that is not needed, or let one webhook tell of more."


class WebhookChanged(Conflict):
    """Somebody else has changed the webhook."""

    code = "webhook_changed"
    default_hint = "Read it again, and then change it."


class LastSecret(Conflict):
    """It is the only secret of the webhook."""

    code = "webhook_last_secret"
    default_hint = "Rotate: that makes a new one beside it."


class StillSending(Conflict):
    """It is being sent already."""

    code = "webhook_still_sending"
    default_hint = "Wait for what comes of it."
