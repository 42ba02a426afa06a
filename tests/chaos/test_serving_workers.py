# SPDX-License-Identifier: Apache-2.0
"""Server processes are killed; who connects gets an answer all the same, and nobody is left behind."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.answering import FIRST
from tests.server import HOST
from tests.server import answers
from tests.server import free_port
from tests.server import kill_group
from tests.server import launch
from tests.server import wait_until

WORKERS = 2
ENOUGH_CONNECTIONS = 64
"""So many connections that each worker gets one, as good as certainly."""
PATIENCE_SECONDS = 30.0
SOON_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Site:
    """A server with several workers."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self) -> int:
        """Open a connection, and return the id of the process that answers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/")
            return int(connection.getresponse().read())
        finally:
            connection.close()

    def workers(self) -> set[int]:
        """Return who answers."""
        return {self.ask() for _ in range(ENOUGH_CONNECTIONS)}


def is_running(process: int) -> bool:
    """Tell whether a process is there and not merely remembered until somebody asks for its end."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_for_end(*processes: int) -> None:
    """Return once none of the processes runs. Raises `TimeoutError`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_running, processes)):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Serve with two workers."""
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-m", "tests.serving", "tests.chaos.answering:application", str(port), str(WORKERS)]
    site = Site(port, launch(command, log), log)
    try:
        wait_until(lambda: answers(f"http://{HOST}:{port}/"), "an answer", site.process, log)
        yield site
    finally:
        kill_group(site.process)


def test_one_that_cannot_start_fails_the_start_of_all(tmp_path: Path) -> None:
    """Also when another one could: whoever started them is told by the status, and by the log why."""
    log, environment = tmp_path / "log", {FIRST: str(tmp_path / "first")}
    factory = "tests.chaos.answering:application_of_the_first"
    command = [sys.executable, "-m", "tests.serving", factory, str(free_port()), str(WORKERS)]
    process = launch(command, log, environment=environment)

    assert process.wait(PATIENCE_SECONDS) == 1
    assert "somebody else is first" in log.read_text()


def test_a_stop_before_anybody_serves_is_no_failure(tmp_path: Path) -> None:
    """Whoever was told to stop while it starts, and cannot start any more, has not failed."""
    log, started = tmp_path / "log", tmp_path / "started"
    factory = "tests.chaos.answering:application_that_fails_late"
    command = [sys.executable, "-m", "tests.serving", factory, str(free_port()), str(WORKERS)]
    process = launch(command, log, environment={FIRST: str(started)})
    wait_until(started.exists, "a start", process, log)
    process.send_signal(signal.SIGTERM)
    time.sleep(SOON_SECONDS)
    started.unlink()

    assert process.wait(PATIENCE_SECONDS) == 0, log.read_text()


def test_a_killed_worker_is_replaced(site: Site) -> None:
    """While a worker is missing, whoever is connected to its place waits for the next; nobody is refused."""
    before = site.workers()
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    wait_for_end(killed)
    after = site.workers()

    assert len(before) == len(after) == WORKERS
    assert before - after == {killed}


def test_workers_end_with_their_parent(site: Site) -> None:
    """When the process that watches them is killed, they stop: the port is free for the next start."""
    workers = site.workers()
    os.kill(site.process.pid, signal.SIGKILL)
    site.process.wait()
    wait_for_end(*workers)

    with pytest.raises(ConnectionRefusedError):
        site.ask()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_stop_together(site: Site, number: signal.Signals) -> None:
    """One signal to the parent ends everything, in good order."""
    workers = site.workers()
    site.process.send_signal(number)

    assert site.process.wait(PATIENCE_SECONDS) == 0
    assert not any(map(is_running, workers))


def test_a_stop_during_the_start_is_heard(site: Site) -> None:
    """A worker that is being replaced when the stop comes ends as well."""
    (killed, *_) = site.workers()
    os.kill(killed, signal.SIGKILL)
    site.process.send_signal(signal.SIGTERM)

    assert site.process.wait(PATIENCE_SECONDS) == 0
