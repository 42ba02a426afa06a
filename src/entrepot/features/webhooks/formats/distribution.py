# SPDX-License-Identifier: Apache-2.0
"""The envelope of notifications that Docker Distribution sends, with one event in it.

How many pulls an event stands for is not in it: it says that there were some.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from entrepot.features.events import PULLED
from entrepot.features.events import TESTED
from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.formats.interface import Body
from entrepot.features.webhooks.formats.interface import Rendering
from entrepot.features.webhooks.formats.interface import as_json
from entrepot.features.webhooks.formats.interface import person_of
from entrepot.kernel.clock import rfc3339

CONTENT_TYPE = "application/vnd.docker.distribution.events.v2+json"

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "manifest.pushed": "push",
        PULLED: "pull",
        "manifest.deleted": "delete",
        "tag.deleted": "delete",
        "blob.deleted": "delete",
        "blob.mounted": "mount",
        TESTED: "push",
    }
)


class DistributionRendering(Rendering):
    """Distribution's names and shape."""

    names = frozenset(ACTIONS)

    def __init__(self, public_url: str) -> None:
        """`public_url` is where manifests are read, empty where it is not known."""
        self._public_url = public_url.rstrip("/")

    def body(self, event: CloudEvent) -> Body:
        """Return the envelope."""
        data = event.data
        told = {
            "id": event.id,
            "timestamp": rfc3339(event.at),
            "action": ACTIONS[event.name],
            "target": self._target(event),
            "request": _given(
                {
                    "id": data.get("request_id"),
                    "addr": data.get("address"),
                    "host": self._public_url.partition("://")[2],
                    "method": _METHODS[ACTIONS[event.name]],
                    "useragent": data.get("agent"),
                }
            ),
            "actor": _given({"name": person_of(event)}),
            "source": _given({"addr": self._public_url.partition("://")[2], "instanceID": data.get("origin")}),
        }
        return as_json(CONTENT_TYPE, {"events": [told]})

    def _target(self, event: CloudEvent) -> dict[str, Any]:
        data, kind = event.data, "blobs" if event.name.startswith("blob.") else "manifests"
        reference = data.get("digest") or data.get("tag")
        url = f"{self._public_url}/v2/{event.repository}/{kind}/{reference}" if self._public_url and reference else None
        return _given(
            {
                "mediaType": data.get("media_type"),
                "digest": data.get("digest"),
                "size": data.get("size"),
                "length": data.get("size"),
                "repository": event.repository,
                "fromRepository": data.get("source"),
                "url": url,
                "tag": data.get("tag"),
            }
        )


_METHODS: Mapping[str, str] = MappingProxyType({"push": "PUT", "pull": "GET", "delete": "DELETE", "mount": "POST"})


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "")}
