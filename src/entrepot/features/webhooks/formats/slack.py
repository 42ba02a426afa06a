# SPDX-License-Identifier: Apache-2.0
"""A message for Slack's incoming webhooks, and for whatever takes the same."""

from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.formats.interface import Body
from entrepot.features.webhooks.formats.interface import Rendering
from entrepot.features.webhooks.formats.interface import as_json
from entrepot.features.webhooks.formats.sentence import facts
from entrepot.features.webhooks.formats.sentence import sentence


class SlackRendering(Rendering):
    """A line of text, and the same with its facts as blocks."""

    def body(self, event: CloudEvent) -> Body:
        """Return the message."""
        line = _escaped(sentence(event))
        blocks: list[dict[str, object]] = [{"type": "section", "text": {"type": "mrkdwn", "text": line}}]
        said = [f"{name}: {_escaped(value)}" for name, value in facts(event)]
        if said:
            blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": each} for each in said]})
        return as_json("application/json", {"text": line, "blocks": blocks})


def _escaped(text: str) -> str:
    """Let nothing in a text be read as a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
