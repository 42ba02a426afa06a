# SPDX-License-Identifier: Apache-2.0
"""CloudEvents 1.0 over HTTP, in the structured mode: the body is the whole event."""

from entrepot.features.events import CONTENT_TYPE
from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.formats.interface import Body
from entrepot.features.webhooks.formats.interface import Rendering
from entrepot.features.webhooks.formats.interface import as_json


class CloudEventRendering(Rendering):
    """The event itself."""

    def body(self, event: CloudEvent) -> Body:
        """Return the event in the JSON format."""
        return as_json(f"{CONTENT_TYPE}; charset=utf-8", event.document())
