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

__all__ = [
    "CONTENT_TYPE",
    "NAMES",
    "PULLED",
    "TESTED",
    "TYPE_PREFIX",
    "USES",
    "CloudEvent",
    "cloud_events",
    "decode_cloud_event",
    "encode_cloud_event",
    "sequence_of",
]
