# SPDX-License-Identifier: Apache-2.0
"""Why nobody is told."""

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import Unavailable


class TooManyStreams(AppError):
    """You have as many streams of events open as one may have."""

    code = "too_many_streams"
    status = 429
    default_hint = "Close another one first, such as a tab of the console."


class StreamsExhausted(Unavailable):
    """As many streams of events are open as this server process serves."""

    code = "streams_exhausted"
    default_hint = "Try again shortly, or ask for what you want to know now and then instead."


class EventFilterInvalid(InvalidRequest):
    """That is no filter of events."""

    code = "event_filter_invalid"
    default_hint = "Write tag.moved, tag.*, or *; GET /api/v1/webhooks/types lists what happens."


class NatsNotInstalled(AppError):
    """A sink of events.sinks is a NATS server, and the library that speaks to it is not installed."""

    code = "nats_not_installed"
    default_hint = "Install it beside Entrepot: pip install nats-py"
