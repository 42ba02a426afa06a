# SPDX-License-Identifier: Apache-2.0
"""A real Entrepot server in a process of its own, for tests that need one."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENTREPOT = ROOT / ".venv" / "bin" / "entrepot"
HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 20.0

NO_RATE_LIMITS = {"ENTREPOT_RATE_LIMITS__ENABLED": "false"}
"""Tests are no ordinary clients: some send as much as a server takes, all of it from one address."""


class ServerError(Exception):
    """A server did not start, or ended by itself; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, who may administer it, and its process (leader of its own group)."""

    url: str
    user: str
    password: str
    data: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def authority(self) -> str:
        """The `host:port` that image names start with."""
        return self.url.partition("://")[2]

    def wait_until_healthy(self) -> None:
        """Return once `/healthz` answers."""
        url = f"{self.url}/healthz"
        wait_until(lambda: answers(url), f"{url} to answer", self.process, self.log)


@contextmanager
def running_server(data: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve `data` (a new temporary directory when None) on a free loopback port until the block ends.

    The end of the log is printed when the block fails. Raises `ServerError` when the server does not start.
    """
    with tempfile.TemporaryDirectory(prefix="entrepot-test-") as scratch:
        directory = data or Path(scratch) / "data"
        server = start_entrepot(directory, free_port(), secrets.token_urlsafe(16), environment=environment)
        with stopping(server.process, server.log):
            yield server


@contextmanager
def stopping(process: subprocess.Popen[bytes], log: Path) -> Iterator[None]:
    """Stop a process when the block ends, and print the end of its log when the block fails."""
    try:
        yield
    except BaseException:
        sys.stderr.write(f"--- {log}\n{log_tail(log)}\n")
        raise
    finally:
        stop(process)


def start_entrepot(data: Path, port: int, password: str, *, environment: Mapping[str, str] | None = None) -> Server:
    """Start `entrepot serve` on `data` and wait until it answers; raise `ServerError` when it does not."""
    server = launch_entrepot(data, port, password, environment=environment)
    try:
        server.wait_until_healthy()
    except BaseException:
        stop(server.process)
        raise
    return server


def launch_entrepot(data: Path, port: int, password: str, *, environment: Mapping[str, str] | None = None) -> Server:
    """Start `entrepot serve` on `data` and return at once; the log is beside `data`, with the suffix `.log`."""
    command = [str(ENTREPOT), "serve", "--host", HOST, "--port", str(port), "--data", str(data)]
    own = {"ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD": password, **NO_RATE_LIMITS}
    log = data.with_suffix(".log")
    process = launch(command, log, environment={**own, **(environment or {})})
    return Server(f"http://{HOST}:{port}", "admin", password, data, log, process)


def free_port() -> int:
    """Return a loopback TCP port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def launch(
    command: Sequence[str], log: Path, *, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of a new process group, its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**own_environment(), **(environment or {})},
            cwd=ROOT,
            start_new_session=True,
        )


def own_environment() -> dict[str, str]:
    """Return the environment without what it says to tests alone, which is no setting of a server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_TEST_")}


def wait_until(condition: Callable[[], bool], what: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once `condition` holds; raise `ServerError` when `process` ends before, or takes too long for `what`."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if process.poll() is not None:
            raise ServerError(f"the process ended with status {process.returncode}:\n{log_tail(log)}")
        if time.monotonic() > deadline:
            raise ServerError(f"waited {START_SECONDS:.0f} s for {what}:\n{log_tail(log)}")
        time.sleep(0.02)


def answers(url: str) -> bool:
    """Tell whether a plain-HTTP `url` answers with a status below 500."""
    authority, _, path = url.partition("://")[2].partition("/")
    connection = http.client.HTTPConnection(authority, timeout=5)
    try:
        connection.request("GET", f"/{path}")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and kill its whole group if it has not after `STOP_SECONDS`."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """`kill -9` the process group that `launch` made, at once, and collect its leader."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_SECONDS)


def log_tail(log: Path, lines: int = 60) -> str:
    """Return the last lines of a log, or a note that there is none."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
