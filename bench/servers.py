# SPDX-License-Identifier: Apache-2.0
"""The servers that are measured, each in a process group of its own, and how much processor time they take."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.server import HOST
from tests.server import answers
from tests.server import free_port
from tests.server import launch
from tests.server import stop
from tests.server import wait_until

ENTREPOT = "entrepot"
PEER = "docker-registry"
PEER_PACKAGE = "docker-registry"
PEER_PROGRAM = Path("/usr/bin/docker-registry")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    group: int
    data: Path

    def cpu_seconds(self) -> float:
        """Return the processor time, user and system, that its process group has taken so far."""
        ticks = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.group:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_PER_SECOND


@contextmanager
def entrepot(data: Path) -> Iterator[Server]:
    """Serve `data`, which was prepared, as `entrepot serve` does, with the gate of `bench.application`."""
    port = free_port()
    command = [sys.executable, "-m", "tests.serving", "bench.application:create_application", str(port)]
    environment = {"ENTREPOT_DATA_DIR": str(data), "ENTREPOT_SERVER__PORT": str(port)}
    with _running(ENTREPOT, command, data, port, environment) as server:
        yield server


@contextmanager
def docker_registry(data: Path) -> Iterator[Server]:
    """Serve `data` by Debian's docker-registry: its own configuration, but for address, folder and no login."""
    _install_peer()
    port = free_port()
    configuration = {
        "version": 0.1,
        "log": {"fields": {"service": "registry"}},
        "storage": {
            "cache": {"blobdescriptor": "inmemory"},
            "filesystem": {"rootdirectory": str(data)},
            "delete": {"enabled": True},
        },
        "http": {"addr": f"{HOST}:{port}", "headers": {"X-Content-Type-Options": ["nosniff"]}},
        "health": {"storagedriver": {"enabled": True, "interval": "10s", "threshold": 3}},
    }
    data.mkdir(parents=True, exist_ok=True)
    file = data.with_suffix(".json")
    file.write_text(json.dumps(configuration))
    with _running(PEER, [str(PEER_PROGRAM), "serve", str(file)], data, port, {}) as server:
        yield server


def peer_version() -> str:
    """Return what the peer says of itself."""
    _install_peer()
    text = subprocess.run([str(PEER_PROGRAM), "--version"], capture_output=True, text=True, check=True).stdout
    return text.strip().rpartition(" ")[2]


def _install_peer() -> None:
    if PEER_PROGRAM.exists():
        return
    print(f"{PEER_PROGRAM} is missing: installing Debian's {PEER_PACKAGE} with apt-get")
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    program = shutil.which("apt-get")
    if program is None:
        raise SystemExit(f"Install {PEER_PACKAGE} (CNCF distribution 2.8) so that {PEER_PROGRAM} exists, then repeat.")
    subprocess.run([*as_root, program, "install", "--yes", "--no-install-recommends", PEER_PACKAGE], check=True)


@contextmanager
def _running(name: str, command: list[str], data: Path, port: int, environment: dict[str, str]) -> Iterator[Server]:
    log = data.with_suffix(".log")
    process = launch(command, log, environment=environment)
    try:
        wait_until(lambda: answers(f"http://{HOST}:{port}/v2/"), f"{name} to answer", process, log)
        yield Server(name, port, process.pid, data)
    finally:
        stop(process)
