# SPDX-License-Identifier: Apache-2.0
"""What happens, told as it happens: a stream of server-sent events for the console, for scripts and for people.

Every event is told only to those who may read the repository at that moment. What is sent to other servers tells of
events as `cloudevents` does. See docs/how-to/events.md.
"""

from entrepot.features.events.cloudevents import CONTENT_TYPE
from entrepot.features.events.cloudevents import NAMES
from entrepot.features.events.cloudevents import PULLED
from entrepot.features.events.cloudevents import TESTED
from entrepot.features.events.cloudevents import TYPE_PREFIX
from entrepot.features.events.cloudevents import USES
from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.cloudevents import cloud_events
from entrepot.features.events.cloudevents import decode_cloud_event
from entrepot.features.events.cloudevents import encode_cloud_event
from entrepot.features.events.cloudevents import sequence_of
from entrepot.features.events.errors import EventFilterInvalid
from entrepot.features.events.filters import EVERYTHING
from entrepot.features.events.filters import MAX_FILTER_CHARACTERS
from entrepot.features.events.filters import names_of
from entrepot.features.events.filters import parse_event_filter
from entrepot.features.events.settings import EventSettings

__all__ = [
    "CONTENT_TYPE",
    "EVERYTHING",
    "MAX_FILTER_CHARACTERS",
    "NAMES",
    "PULLED",
    "TESTED",
    "TYPE_PREFIX",
    "USES",
    "CloudEvent",
    "EventFilterInvalid",
    "EventSettings",
    "cloud_events",
    "decode_cloud_event",
    "encode_cloud_event",
    "names_of",
    "parse_event_filter",
    "sequence_of",
]
