# SPDX-License-Identifier: Apache-2.0
"""The proxies of docs/how-to/proxy.md: their examples as they stand there, with this machine's addresses put in."""

import re
import socket
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.server import HOST
from tests.server import ROOT
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

PAGE = ROOT / "docs" / "how-to" / "proxy.md"

NGINX = """\
daemon off;
user root;
pid {folder}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
{example}
}}
"""
HAPROXY = """\
global
    stats socket {folder}/socket
{example}
"""
CADDY = """\
{{
    admin off
    auto_https disable_redirects
    storage file_system {folder}
}}
{example}
"""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for this machine that stands for itself, in a folder as clients take it."""

    folder: Path

    @property
    def file(self) -> Path:
        """The certificate, under the name that podman and skopeo look for."""
        return self.folder / "ca.crt"

    @property
    def key(self) -> Path:
        """Its private key."""
        return self.folder.with_suffix(".key")

    @property
    def both(self) -> Path:
        """Certificate and key in one file."""
        return self.folder.with_suffix(".pem")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy: how its examples are marked, what stands around them, and how it is started with a file."""

    language: str
    frame: str
    command: Sequence[str]

    def examples(self) -> list[str]:
        """Return the examples of the page, in order."""
        return re.findall(rf"(?ms)^```{self.language}\n(.*?)^```$", PAGE.read_text())


PROXIES = {
    "nginx": Proxy("nginx", NGINX, ("nginx", "-e", "stderr", "-c")),
    "HAProxy": Proxy("haproxy", HAPROXY, ("haproxy", "-db", "-f")),
    "Caddy": Proxy("caddy", CADDY, ("caddy", "run", "--adapter", "caddyfile", "--config")),
}


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate for `localhost` and its addresses."""
    certificate = Certificate(folder / "certificates")
    certificate.folder.mkdir()
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(certificate.key), "-out", str(certificate.file)]
    run(["openssl", "req", "-x509", *kind, "-subj", "/CN=localhost", "-addext", names, *files])
    certificate.both.write_text(certificate.file.read_text() + certificate.key.read_text())
    return certificate


@contextmanager
def proxying(
    proxy: Proxy, example: str, folder: Path, certificate: Certificate, places: tuple[int, str]
) -> Iterator[None]:
    """Run a proxy until the block ends; `places` are the port it listens on and the `host:port` behind it."""
    folder.mkdir()
    port, behind = places
    file = folder / "configuration"
    file.write_text(proxy.frame.format(folder=folder, example=_here(example, certificate, port, behind)))
    log = folder / "log"
    process = launch([*proxy.command, str(file)], log)
    with stopping(process, log):
        wait_until(lambda: _is_open(port), "the proxy to listen", process, log)
        yield


def _here(example: str, certificate: Certificate, port: int, behind: str) -> str:
    """Put this machine's files and addresses into an example."""
    replaced = {
        "/etc/nginx/tls/registry.crt": str(certificate.file),
        "/etc/nginx/tls/registry.key": str(certificate.key),
        "/etc/haproxy/registry.pem": str(certificate.both),
        "127.0.0.1:5000": behind,
        "listen 443": f"listen {HOST}:{port}",
        "listen [::]:443": f"listen [::1]:{port}",
        "bind :443": f"bind {HOST}:{port}",
        "registry.example {": f"localhost:{port} {{\n    bind {HOST}\n    tls {certificate.file} {certificate.key}",
        "registry.example": "localhost",
    }
    for before, after in replaced.items():
        example = example.replace(before, after)
    return example


def _is_open(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return False
    return True
