# SPDX-License-Identifier: Apache-2.0
"""The default payload of Harbor's webhooks, for receivers that know it.

A tag that is set or moved is `PUSH_ARTIFACT`, and so is an artifact that is pushed without one: so a push of one tag
is told once. What Harbor has no name for is not told.
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
from entrepot.kernel.clock import SECOND_MS

PUSH, PULL, DELETE = "PUSH_ARTIFACT", "PULL_ARTIFACT", "DELETE_ARTIFACT"
QUOTA_WARNING, QUOTA_EXCEED = "QUOTA_WARNING", "QUOTA_EXCEED"
RETENTION = "TAG_RETENTION"
FULL_PERCENT = 100

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "tag.created": PUSH,
        "tag.moved": PUSH,
        "manifest.pushed": PUSH,
        PULLED: PULL,
        "manifest.deleted": DELETE,
        "quota.reached": QUOTA_WARNING,
        "retention.run": RETENTION,
        TESTED: PUSH,
    }
)


class HarborRendering(Rendering):
    """Harbor's names and shape."""

    names = frozenset(TYPES)

    def __init__(self, registry: str) -> None:
        """`registry` is the host that references begin with, empty where it is not known."""
        self._registry = registry

    def body(self, event: CloudEvent) -> Body:
        """Return the payload."""
        told: dict[str, Any] = {"resources": self._resources(event), "repository": _repository(event)}
        if event.name == "quota.reached":
            told["custom_attributes"] = {"Details": str(event.data.get("reason", ""))}
        document = {
            "type": self._type(event),
            "occur_at": event.at // SECOND_MS,
            "operator": person_of(event),
            "event_data": told,
        }
        return as_json("application/json", document)

    def _type(self, event: CloudEvent) -> str:
        after = event.data.get("after")
        if event.name == "quota.reached" and isinstance(after, Mapping):
            return QUOTA_EXCEED if int(after.get("threshold", 0)) >= FULL_PERCENT else QUOTA_WARNING
        return TYPES[event.name]

    def _resources(self, event: CloudEvent) -> list[dict[str, Any]]:
        digest, tag = event.data.get("digest"), event.data.get("tag")
        if not event.repository or not (digest or tag):
            return []
        name = f"{self._registry}/{event.repository}" if self._registry else event.repository
        reference = f"{name}:{tag}" if tag else f"{name}@{digest}"
        return [{"digest": digest or "", "tag": tag or digest or "", "resource_url": reference}]


def tells(event: CloudEvent) -> bool:
    """Tell whether Harbor would say it: a push with a tag is told by the tag that it sets."""
    return not (event.name == "manifest.pushed" and event.data.get("tag"))


def _repository(event: CloudEvent) -> dict[str, Any]:
    namespace, _, name = event.repository.partition("/")
    return {
        "name": name or namespace,
        "namespace": event.project or namespace,
        "repo_full_name": event.repository,
        "repo_type": "private",
    }
