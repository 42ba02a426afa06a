# SPDX-License-Identifier: Apache-2.0
"""Which destination an address of the configuration stands for."""

from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

from entrepot.features.audit.destinations.file import FileDestination
from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.otlp import OtlpDestination
from entrepot.features.audit.destinations.s3 import BucketDestination
from entrepot.features.audit.destinations.secret import Secret
from entrepot.features.audit.destinations.syslog import Server
from entrepot.features.audit.destinations.syslog import SyslogDestination
from entrepot.features.audit.destinations.timestamps import TimestampDestination
from entrepot.features.audit.destinations.web_server import WebServer
from entrepot.features.audit.destinations.webhook import WebhookDestination
from entrepot.features.audit.destinations.witness import WitnessDestination
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import Kind
from entrepot.infra.database.engine import Database
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.url import parse_url
from entrepot.kernel.clock import Clock

DEFAULT_PORTS = {"syslog+tcp": 601, "syslog+tls": 6514}
"""As registered (RFC 6587, RFC 5425)."""


class Destinations:
    """Opens destinations as the configuration describes them."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock

    def open(self, settings: DeliverySettings, database: Database) -> Destination:
        """Return what lines are sent with; connects to nothing yet. Time stamps are kept in the database."""
        url = urlsplit(settings.url)
        secret = Secret(settings.secret_file, settings.secret_variable)
        match settings.kind:
            case Kind.FILE:
                return FileDestination(path_of(settings))
            case Kind.SYSLOG:
                port = url.port or DEFAULT_PORTS[url.scheme]
                return SyslogDestination(Server(url.hostname or "", port, url.scheme == "syslog+tls", settings.ca_file))
            case Kind.WEBHOOK:
                return WebhookDestination(self._server(settings), secret, self._clock)
            case Kind.OTLP:
                return OtlpDestination(self._server(settings), parse_url(settings.address).path, secret)
            case Kind.S3:
                return self.bucket(settings)
            case Kind.WITNESS:
                return self.witness(settings)
            case Kind.TIMESTAMPS:
                authorities = Path(settings.stamp_ca_file)
                return TimestampDestination(self._server(settings), authorities, database, self._clock)

    def bucket(self, settings: DeliverySettings) -> BucketDestination:
        """Return a bucket, from which what was sent can be read back."""
        secret = Secret(settings.secret_file, settings.secret_variable)
        return BucketDestination(self._server(settings), settings, secret, self._clock)

    def witness(self, settings: DeliverySettings) -> WitnessDestination:
        """Return a witness, likewise."""
        secret = Secret(settings.secret_file, settings.secret_variable)
        path = parse_url(settings.address).path
        return WitnessDestination(self._server(settings), path, settings.login, secret)

    def _server(self, settings: DeliverySettings) -> WebServer:
        ca_file = Path(settings.ca_file) if settings.ca_file else None
        return WebServer(self._outbound.to(trusted(settings.address, ca_file)), self._clock)


def path_of(settings: DeliverySettings) -> Path:
    """Return the file that `file://` names."""
    return Path(unquote(urlsplit(settings.url).path))
