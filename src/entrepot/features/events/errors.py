# SPDX-License-Identifier: Apache-2.0
"""Why nobody is told."""

from entrepot.kernel.errors import AppError
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
