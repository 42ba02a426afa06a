# SPDX-License-Identifier: Apache-2.0
"""An adaptive card for Microsoft Teams, as its incoming webhooks of Workflows take it."""

import re

from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.formats.interface import Body
from entrepot.features.webhooks.formats.interface import Rendering
from entrepot.features.webhooks.formats.interface import as_json
from entrepot.features.webhooks.formats.sentence import facts
from entrepot.features.webhooks.formats.sentence import sentence

CARD = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.4"

_MARKS = re.compile(r"([\\`*_\[\]<>#~|])")


class TeamsRendering(Rendering):
    """A card with a title and facts."""

    def body(self, event: CloudEvent) -> Body:
        """Return the message."""
        line = _plain(sentence(event))
        title = {"type": "TextBlock", "text": line, "wrap": True, "weight": "Bolder"}
        named = [{"title": name, "value": _plain(value)} for name, value in facts(event)]
        content = {
            "$schema": SCHEMA,
            "type": "AdaptiveCard",
            "version": VERSION,
            "body": [title, {"type": "FactSet", "facts": named}] if named else [title],
        }
        card = {"contentType": CARD, "contentUrl": None, "content": content}
        return as_json("application/json", {"type": "message", "attachments": [card]})


def _plain(text: str) -> str:
    """Let nothing in a text be read as Markdown."""
    return _MARKS.sub(r"\\\1", text)
