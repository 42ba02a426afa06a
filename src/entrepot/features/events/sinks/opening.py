# SPDX-License-Identifier: Apache-2.0
"""Which sink an address of the configuration stands for."""

from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

from entrepot.features.events.errors import NatsNotInstalled
from entrepot.features.events.settings import SinkKind
from entrepot.features.events.settings import SinkSettings
from entrepot.features.events.sinks.file import FileSink
from entrepot.features.events.sinks.interface import Sink


def open_sink(settings: SinkSettings) -> Sink:
    """Return what events are sent with; connects to nothing yet. Raises `NatsNotInstalled`."""
    if settings.kind is SinkKind.FILE:
        return FileSink(Path(unquote(urlsplit(settings.url).path)))
    try:
        from entrepot.features.events.sinks.nats import NatsSink  # noqa: PLC0415 - an optional library
        from entrepot.features.events.sinks.nats import Server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NatsNotInstalled from error
    return NatsSink(Server(settings.url, settings.ca_file, settings.secret_file), settings.subject)
