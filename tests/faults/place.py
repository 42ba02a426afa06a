# SPDX-License-Identifier: Apache-2.0
"""Servers on a disk of their own, in a mount namespace of their own, and servers on a clock of their own."""

import platform
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from entrepot.oci.digest import digest_of
from tests.chaos.slow_client import SlowClient
from tests.interop.commands import expect
from tests.interop.commands import run
from tests.server import ENTREPOT
from tests.server import HOST
from tests.server import Server
from tests.server import free_port
from tests.server import launch
from tests.server import start_entrepot
from tests.server import stopping

PASSWORD = "correct horse"
TIMEOUT_SECONDS = 60.0
FAKETIME = Path(f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketime.so.1")


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A server whose `folder` is a small disk."""

    server: Server
    client: SlowClient
    folder: Path

    @property
    def _inside(self) -> Path:
        """The folder as this process sees it, outside of the server's namespace."""
        return Path(f"/proc/{self.server.process.pid}/root{self.folder}")

    def fill(self) -> None:
        """Leave no byte free on the disk."""
        with suppress(OSError), (self._inside / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4_096)

    def empty(self) -> None:
        """Free what `fill` took."""
        (self._inside / "filler").unlink()

    def remount(self, how: str) -> None:
        """Make the disk read-only (`ro`) or writable again (`rw`)."""
        enter = ["nsenter", "--target", str(self.server.process.pid), "--mount"]
        run([*enter, "mount", "-o", f"remount,{how}", str(self.folder)])


@contextmanager
def on_disk(folder: str, mib: int) -> Iterator[OnDisk]:
    """Serve a data folder of which `folder` ("" for all of it) is a disk of so many MiB."""
    with tempfile.TemporaryDirectory(prefix="entrepot-faults-") as scratch:
        data, port = Path(scratch) / "data", free_port()
        disk = data / folder
        disk.mkdir(parents=True)
        serve = [str(ENTREPOT), "serve", "--host", HOST, "--port", str(port), "--data", str(data)]
        script = f"mount -t tmpfs -o size={mib}m,mode=700 tmpfs {shlex.quote(str(disk))} && exec {shlex.join(serve)}"
        log = data.with_suffix(".log")
        secret = {"ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD}
        process = launch(["unshare", "--mount", "sh", "-c", script], log, environment=secret)
        server = Server(f"http://{HOST}:{port}", "admin", PASSWORD, data, log, process)
        with stopping(process, log):
            server.wait_until_healthy()
            yield OnDisk(server, client_of(server), disk)


@dataclass(frozen=True, slots=True)
class OnClock:
    """A server whose clock can be set while it runs."""

    server: Server
    client: SlowClient
    clock: Path

    def set(self, clock: str) -> None:
        """Set it, as `faketime` writes clocks: `+0` is right, `+1d` a day ahead, `@1970-01-02 00:00:00` that time."""
        partial = self.clock.with_suffix(".partial")
        partial.write_text(f"{clock}\n")
        partial.rename(self.clock)


@contextmanager
def on_clock(clock: str, data: Path) -> Iterator[OnClock]:
    """Serve `data` with a clock that is set; monotonic time is left alone."""
    file = data.with_suffix(".clock")
    file.write_text(f"{clock}\n")
    environment = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    server = start_entrepot(data, free_port(), PASSWORD, environment=environment)
    with stopping(server.process, server.log):
        yield OnClock(server, client_of(server), file)


def client_of(server: Server) -> SlowClient:
    """Make a client of a server."""
    return SlowClient(server, int(urlsplit(server.url).port or 0), TIMEOUT_SECONDS)


def expect_patience(answer: tuple[int, dict[str, str], bytes]) -> None:
    """Raise `StepError` unless an answer asks to come again."""
    status, headers, body = answer
    expect(status == 503, f"the answer is {status}, not 503: {body.decode()}")
    expect(int(headers.get("retry-after", "0")) > 0, "503 comes without Retry-After")


def expect_whole(client: SlowClient, content: bytes) -> None:
    """Raise `StepError` unless a blob is there, byte for byte."""
    expect(client.pull(digest_of(content)) == content, f"a blob of {len(content)} bytes is not what was pushed")


def finish(client: SlowClient, location: str, content: bytes, acknowledged: int) -> None:
    """Bring an upload to its end. Raises `StepError` when bytes that were acknowledged have to be sent again."""
    kept = client.resume(location, content)
    expect(kept >= acknowledged, f"{kept} bytes were kept of {acknowledged} that were acknowledged")
    status, _, body = client.ask("PUT", f"{location}?digest={digest_of(content)}")
    expect(status == 201, f"the upload ends with {status}: {body.decode()}")
    expect_whole(client, content)
