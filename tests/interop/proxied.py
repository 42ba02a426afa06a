# SPDX-License-Identifier: Apache-2.0
"""Behind proxies that are configured as docs/how-to/proxy.md says: TLS, on a port that is not 443."""

import io
import json
import re
import tarfile
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.events import outbox
from entrepot.infra.http.authority import Authority
from entrepot.registry.events import Event
from entrepot.registry.events import decode
from tests.interop.commands import StepError
from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.proxies import PROXIES
from tests.interop.proxies import Certificate
from tests.interop.proxies import Proxy
from tests.interop.proxies import make_certificate
from tests.interop.proxies import proxying
from tests.interop.report import Report
from tests.interop.tools import Pins
from tests.interop.tools import install_packages
from tests.server import ENTREPOT
from tests.server import HOST
from tests.server import Server
from tests.server import free_port
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

PACKAGES = ("nginx", "haproxy", "caddy", "skopeo", "podman")
PREFIX = "/registry-ui"
PASSWORD = "a-password-for-proxies"
CLIENT_ADDRESS = "127.0.0.7"
"""Where curl comes from, so that the client's address and the proxy's are two."""

FORGED = ("--header", "Forwarded: for=203.0.113.9;host=evil.example", "--header", "X-Forwarded-For: 203.0.113.9")
INDEX = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}

LARGE_MEBIBYTES = 1024
MEMORY_MEBIBYTES = 64
"""What a gigabyte that goes through may cost the server in memory."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server behind a proxy, and a folder for its clients."""

    url: str
    server: Server
    certificate: Certificate
    scratch: Path

    @property
    def authority(self) -> str:
        """The `host:port` that image names start with."""
        return self.url.partition("://")[2]

    @property
    def credentials(self) -> str:
        """What clients take for one use."""
        return f"{self.server.user}:{self.server.password}"

    def curl(self, path: str, *flags: str) -> str:
        """Ask with forged headers, from an address that is not the proxy's, and return what curl prints."""
        usual = ["--silent", "--show-error", "--noproxy", "*", "--ipv4", "--cacert", str(self.certificate.file)]
        return run(["curl", *usual, "--interface", CLIENT_ADDRESS, *FORGED, *flags, f"{self.url}{path}"])

    def head(self, path: str, *flags: str) -> str:
        """Return the head of an answer, with its field names in lower case."""
        said = self.curl(path, "--dump-header", "-", "--output", "/dev/null", *flags)
        return re.sub(r"(?m)^[\w-]+:", lambda name: name[0].lower(), said)


@contextmanager
def proxied(proxy: Proxy, example: str, certificate: Certificate, host: str = HOST, **settings: str) -> Iterator[Site]:
    """Serve behind a proxy until the block ends; `{url}` in settings stands for the address of the proxy."""
    with tempfile.TemporaryDirectory(prefix="entrepot-proxied-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        port = free_port()
        url = f"https://localhost:{port}"
        environment = {
            "ENTREPOT_SERVER__TRUSTED_PROXIES": "127.0.0.1,::1",
            "ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
            "ENTREPOT_LOGS__REQUESTS": "all",
            "ENTREPOT_LOGS__FORMAT": "json",
            **{name: value.format(url=url) for name, value in settings.items()},
        }
        with (
            _serving(scratch, host, environment) as server,
            proxying(proxy, example, scratch / "proxy", certificate, (port, server.authority)),
        ):
            yield Site(url, server, certificate, scratch)


@contextmanager
def _serving(scratch: Path, host: str, environment: Mapping[str, str]) -> Iterator[Server]:
    port, data, log = free_port(), scratch / "data", scratch / "server.log"
    command = [str(ENTREPOT), "serve", "--host", host, "--port", str(port), "--data", str(data)]
    authority = Authority(host, port)
    server = Server(f"http://{authority}", "admin", PASSWORD, data, log, launch(command, log, environment=environment))
    with stopping(server.process, log):
        server.wait_until_healthy()
        yield server


def exercise_proxies(pins: Pins, report: Report) -> None:
    """Try every proxy with every client, and nginx with everything that can be configured."""
    with report.step("proxies", "install"):
        install_packages({name: pins.packages[name] for name in PACKAGES})
    with tempfile.TemporaryDirectory(prefix="entrepot-certificate-") as folder:
        certificate = make_certificate(Path(folder))
        for name, proxy in PROXIES.items():
            with report.step(name, "whole run"), proxied(proxy, proxy.examples()[0], certificate) as site:
                _exercise(name, site, report)
        nginx = PROXIES["nginx"]
        whole, beside = nginx.examples()
        with (
            report.step("nginx", "whole run with a public URL"),
            proxied(nginx, whole, certificate, ENTREPOT_SERVER__PUBLIC_URL="{url}") as site,
        ):
            _use_clients("nginx, public URL", site, report)
        with report.step("nginx", "whole run over IPv6"), proxied(nginx, whole, certificate, "::1") as site:
            _exercise("nginx over IPv6", site, report)
        with (
            report.step("nginx", "whole run beside another site"),
            proxied(nginx, beside, certificate, ENTREPOT_SERVER__PATH_PREFIX=PREFIX) as site,
        ):
            _exercise_prefix(site, report)


def _exercise(name: str, site: Site, report: Report) -> None:
    with report.step(name, "the realm is the address that the client used"):
        _expect_realm(site)
    with report.step(name, "a host that is not known is not repeated"):
        said = site.head("/v2/", "--header", "Host: evil.example")
        expect("evil.example" not in said, said)
    with report.step(name, "addresses in answers are relative"):
        said = site.head("/v2/demo/a/blobs/uploads/", *_posting(site))
        expect("location: /v2/demo/a/blobs/uploads/" in said, said)
    _use_clients(name, site, report)
    with report.step(name, "log and events have the client's address, not a forged one"):
        _expect_client_address(site)
    with report.step(name, f"{LARGE_MEBIBYTES} MiB stream through"):
        _stream(site)


def _expect_realm(site: Site) -> None:
    said = site.head("/v2/")
    expect(f'realm="{site.url}/auth/token"' in said, said)
    expect("no-store" in said, said)


def _use_clients(name: str, site: Site, report: Report) -> None:
    """Log in, push and pull with podman and skopeo."""
    image = f"{site.authority}/demo/app:1"
    trusting = f"--cert-dir={site.certificate.folder}"
    login_file = f"--authfile={site.scratch / 'auth.json'}"
    user = [f"--username={site.server.user}", "--password-stdin"]
    with report.step(name, "podman logs in, pushes and pulls"):
        archive = site.scratch / "files.tar"
        _write_archive(archive)
        _podman(site, "login", trusting, login_file, *user, site.authority, stdin=site.server.password)
        _podman(site, "import", str(archive), image)
        _podman(site, "push", trusting, login_file, image)
        _podman(site, "rmi", image)
        _podman(site, "pull", trusting, login_file, image)
    with report.step(name, "skopeo logs in, pulls and pushes"):
        login = ["skopeo", "login", trusting, login_file, *user, site.authority]
        run(login, stdin=site.server.password)
        copy = ["skopeo", "copy", f"--src-cert-dir={site.certificate.folder}", login_file]
        run([*copy, f"docker://{image}", f"dir:{site.scratch / 'pulled'}"])
        copy = ["skopeo", "copy", f"--dest-cert-dir={site.certificate.folder}", login_file]
        run([*copy, f"dir:{site.scratch / 'pulled'}", f"docker://{site.authority}/demo/copy:1"])


def _podman(site: Site, *arguments: str, stdin: str = "") -> None:
    home = site.scratch / "podman"
    places = [f"--root={home / 'root'}", f"--runroot={home / 'run'}", f"--tmpdir={home / 'tmp'}"]
    quiet = ["--storage-driver=vfs", "--events-backend=none", "--cgroup-manager=cgroupfs"]
    run(["podman", *places, *quiet, *arguments], stdin=stdin)


def _write_archive(path: Path) -> None:
    content = path.name.encode() * 100_000
    with tarfile.open(path, mode="w") as archive:
        file = tarfile.TarInfo("content")
        file.size = len(content)
        archive.addfile(file, io.BytesIO(content))


def _expect_client_address(site: Site) -> None:
    """Push with curl, which comes from an address of its own, and look where addresses are kept."""
    media_type = f"Content-Type: {INDEX['mediaType']}"
    flags = ["--request", "PUT", "--header", media_type, "--data", json.dumps(INDEX), "--user", site.credentials]
    said = site.head("/v2/demo/curl/manifests/1", *flags)
    expect(" 201" in said, said)
    server = site.server
    wait_until(lambda: bool(_logged(site)), "the log to tell of the push", server.process, server.log)
    logged = _logged(site)
    expect(logged == {CLIENT_ADDRESS}, f"the log has {logged}")
    kept = {event.address for event in _events(site) if event.repository == "demo/curl"}
    expect(kept == {CLIENT_ADDRESS}, f"the events have {kept}")


def _logged(site: Site) -> set[str]:
    """Return the addresses that the log has for the push; a line is written when its answer has gone."""
    lines = [json.loads(line) for line in site.server.log.read_text().splitlines() if '"PUT"' in line]
    return {line["address"] for line in lines if line["path"] == "/v2/demo/curl/manifests/1"}


def _events(site: Site) -> list[Event]:
    database = SqliteDatabase(site.server.data / "entrepot.db")
    try:
        with database.reading() as connection:
            return [decode(row) for row in outbox.read_after(connection, outbox.BEGINNING, 1_000)]
    finally:
        database.close()


def _stream(site: Site) -> None:
    """Push and pull a large blob, and see that neither the server nor the proxy kept it on the way."""
    content = site.scratch / "large"
    with content.open("wb") as file:
        file.truncate(LARGE_MEBIBYTES << 20)
    digest = f"sha256:{run(['sha256sum', str(content)]).split()[0]}"
    before = _most_memory_mebibytes(site.server.process.pid)
    location = re.search(r"(?m)^location: (\S+)", site.head("/v2/demo/large/blobs/uploads/", *_posting(site)))
    if location is None:
        raise StepError("the upload has no address")
    said = site.head(f"{location[1]}?digest={digest}", "--upload-file", str(content), "--user", site.credentials)
    expect(" 201" in said, said)
    content.unlink()
    pulled = site.scratch / "pulled-large"
    site.curl(f"/v2/demo/large/blobs/{digest}", "--output", str(pulled), "--user", site.credentials)
    expect(run(["sha256sum", str(pulled)]).split()[0] == digest.partition(":")[2], "other bytes came back")
    grown = _most_memory_mebibytes(site.server.process.pid) - before
    expect(grown < MEMORY_MEBIBYTES, f"the server took {grown} MiB more")
    kept = [path for path in (site.scratch / "proxy").rglob("*") if path.is_file() and path.stat().st_size > 1 << 20]
    expect(not kept, f"the proxy kept {kept}")


def _posting(site: Site) -> tuple[str, ...]:
    return ("--request", "POST", "--user", site.credentials)


def _most_memory_mebibytes(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(peak[1]) >> 10 if peak else 0


def _exercise_prefix(site: Site, report: Report) -> None:
    name = "nginx beside another site"
    with report.step(name, "the realm is at the root"):
        _expect_realm(site)
    _use_clients(name, site, report)
    with report.step(name, "the API is under the prefix, and so are its links"):
        user = ("--user", site.credentials)
        said = site.head(f"{PREFIX}/api/v1/repositories?limit=1", *user)
        expect(f"link: <{PREFIX}/api/v1/repositories?limit=1&cursor=" in said, said)
        servers = json.loads(site.curl(f"{PREFIX}/api/v1/openapi.json", *user))["servers"]
        expect(servers == [{"url": PREFIX}], f"the description names {servers}")
        expect("Entrepot" in site.curl(f"{PREFIX}/"), "there is no page under the prefix")
    with report.step(name, "the other site is left alone"):
        expect(site.curl("/") == "another site\n", "it does not answer")
