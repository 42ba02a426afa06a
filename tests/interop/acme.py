# SPDX-License-Identifier: Apache-2.0
"""`--tls acme` against pebble, an authority for tests: ordered, renewed, and kept when the authority is gone."""

import http.client
import json
import socket
import ssl
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from entrepot.infra.http.tls.signing import Life
from entrepot.infra.http.tls.signing import key_pem
from entrepot.infra.http.tls.signing import make_authority
from entrepot.infra.http.tls.signing import make_leaf
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import system_clock
from tests.interop.commands import StepError
from tests.interop.commands import expect
from tests.interop.programs import build_go
from tests.interop.report import Report
from tests.interop.tools import Pins
from tests.server import HOST
from tests.server import Server
from tests.server import free_port
from tests.server import launch
from tests.server import launch_entrepot
from tests.server import stopping
from tests.server import wait_until

CLIENT = "pebble"
REGISTRY = "registry.entrepot.test"
LIFE_SECONDS = 30
KEY_ID, MAC_KEY = "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


@dataclass(frozen=True, slots=True)
class Pebble:
    """A running authority that resolves every name to this machine, and asks for an external account."""

    directory: str
    roots: str
    ca_file: Path
    challenge_port: int = field(default_factory=free_port)

    def settings(self) -> Mapping[str, str]:
        """Return the variables that have a server order from it."""
        prefix = "ENTREPOT_SERVER__TLS__"
        return {
            f"{prefix}MODE": "acme",
            f"{prefix}ACME__DIRECTORY": self.directory,
            f"{prefix}ACME__EMAIL": "admin@entrepot.test",
            f"{prefix}ACME__HOSTS": json.dumps([REGISTRY]),
            f"{prefix}ACME__HTTP_PORT": str(self.challenge_port),
            f"{prefix}ACME__AGREE_TERMS": "true",
            f"{prefix}ACME__CA_FILE": str(self.ca_file),
            f"{prefix}ACME__EAB_KEY_ID": KEY_ID,
            f"{prefix}ACME__EAB_HMAC_KEY": MAC_KEY,
            "ENTREPOT_SERVER__WORKERS": "2",
        }

    def root(self) -> str:
        """Return the certificate that everything it issues leads to, in PEM."""
        authority, _, path = self.roots.partition("://")[2].partition("/")
        trusted = ssl.create_default_context(cafile=str(self.ca_file))
        connection = http.client.HTTPSConnection(authority, timeout=10, context=trusted)
        try:
            connection.request("GET", f"/{path}")
            return connection.getresponse().read().decode()
        finally:
            connection.close()


def exercise_acme(pins: Pins, report: Report) -> None:
    """Order a certificate with the HTTP-01 challenge, renew it, and lose the authority."""
    with report.step(CLIENT, "whole run"), tempfile.TemporaryDirectory(prefix="entrepot-acme-") as scratch:
        home = Path(scratch)
        with _pebble(pins, home) as pebble, _server(home, pebble) as server:
            with report.step(CLIENT, "orders a certificate that the authority verified over HTTP"):
                trusted = ssl.create_default_context(cadata=pebble.root())
                wait_until(lambda: _serial(server, trusted) != "", "a certificate", server.process, server.log)
            with report.step(CLIENT, "the plain port redirects to https"):
                _redirects(server, pebble)
            with report.step(CLIENT, "renews before the end, and open connections stay"):
                _renews(server, trusted)
        with _server(home, pebble) as server, report.step(CLIENT, "keeps the certificate when the authority is gone"):
            wait_until(lambda: _has_failed(server), "a failed order", server.process, server.log)
            expect(_serial(server, _accepting_anything()) != "", "the server shows no certificate any more")


@contextmanager
def _server(home: Path, pebble: Pebble) -> Iterator[Server]:
    server = launch_entrepot(home / "data", free_port(), "not-needed-here", environment=pebble.settings())
    with stopping(server.process, server.log):
        address = (HOST, int(server.authority.rpartition(":")[2]))
        wait_until(lambda: _listens(address), "the server to listen", server.process, server.log)
        yield server


@contextmanager
def _pebble(pins: Pins, home: Path) -> Iterator[Pebble]:
    """Run pebble, and its server of names, until the block ends."""
    authority = make_authority("Authority of the authority", ["localhost"], Life.of(system_clock(), DAY_MS))
    leaf = make_leaf(["localhost"], Life.of(system_clock(), DAY_MS), authority)
    port, management, names = free_port(), free_port(), free_port()
    pebble = Pebble(f"https://localhost:{port}/dir", f"https://localhost:{management}/roots/0", home / "pebble-ca.pem")
    pebble.ca_file.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    (home / "cert.pem").write_bytes(leaf.certificate.public_bytes(Encoding.PEM))
    (home / "key.pem").write_bytes(key_pem(leaf.key))
    configuration = {
        "listenAddress": f"{HOST}:{port}",
        "managementListenAddress": f"{HOST}:{management}",
        "certificate": str(home / "cert.pem"),
        "privateKey": str(home / "key.pem"),
        "httpPort": pebble.challenge_port,
        "tlsPort": free_port(),
        "externalAccountBindingRequired": True,
        "externalAccountMACKeys": {KEY_ID: MAC_KEY},
        "profiles": {"default": {"description": "short", "validityPeriod": LIFE_SECONDS}},
    }
    (home / "pebble.json").write_text(json.dumps({"pebble": configuration}))
    unused = ["-http01=", "-https01=", "-tlsalpn01=", "-doh=", f"-management={HOST}:{free_port()}"]
    resolver = [str(build_go("pebble-names", pins.go["pebble-names"])), f"-dnsserver={HOST}:{names}", *unused]
    program = [str(build_go(CLIENT, pins.go[CLIENT])), "-config", str(home / "pebble.json")]
    log = home / "pebble.log"
    resolving = launch([*resolver, "-defaultIPv6="], home / "names.log")
    with stopping(resolving, home / "names.log"):
        running = launch([*program, "-dnsserver", f"{HOST}:{names}"], log, environment={"PEBBLE_VA_NOSLEEP": "1"})
        with stopping(running, log):
            wait_until(lambda: _listens((HOST, port)), "pebble to listen", running, log)
            yield pebble


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=5).close()
    except OSError:
        return False
    return True


def _serial(server: Server, context: ssl.SSLContext) -> str:
    """Return the serial number of the certificate that the server shows; empty when it is not accepted."""
    address = (HOST, int(server.authority.rpartition(":")[2]))
    try:
        with (
            socket.create_connection(address, timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=REGISTRY) as secured,
        ):
            return str((secured.getpeercert() or {}).get("serialNumber", "unknown"))
    except OSError:
        return ""


def _accepting_anything() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _redirects(server: Server, pebble: Pebble) -> None:
    connection = http.client.HTTPConnection(HOST, pebble.challenge_port, timeout=10)
    connection.request("GET", "/v2/?n=1", headers={"Host": f"{REGISTRY}:{pebble.challenge_port}"})
    answer = connection.getresponse()
    connection.close()
    wanted = f"https://{REGISTRY}:{server.authority.rpartition(':')[2]}/v2/?n=1"
    expect(answer.status == 308 and answer.headers["Location"] == wanted, f"{answer.status} {answer.headers}")


def _renews(server: Server, trusted: ssl.SSLContext) -> None:
    connection = http.client.HTTPSConnection(server.authority, timeout=60, context=_accepting_anything())
    first = _serial(server, trusted)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    kept = connection.sock
    wait_until(lambda: _serial(server, trusted) not in ("", first), "a renewed one", server.process, server.log)
    connection.request("GET", "/healthz")
    status = connection.getresponse().status
    expect(status == 200 and connection.sock is kept, f"the open connection was answered with {status}")
    connection.close()


def _has_failed(server: Server) -> bool:
    said = [line for line in server.log.read_text().splitlines() if "tls.order_failed" in line]
    if said and "next_step" not in said[-1]:
        raise StepError(f"the failure does not say what to do: {said[-1]}")
    return bool(said)
