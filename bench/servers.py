# SPDX-License-Identifier: Apache-2.0
"""The servers that are measured, each in a process group of its own, and how much processor time they take."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
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
ENTREPOT_TWO = "entrepot, 2 workers"
OURS = (ENTREPOT, ENTREPOT_TWO)
PEER = "docker-registry"
PEER_PACKAGE = "docker-registry"
PEER_PROGRAM = Path("/usr/bin/docker-registry")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

UNLIMITED = {
    f"ENTREPOT_RATE_LIMITS__{limit}_{what}": number
    for limit in (
        "LOGIN__ADDRESS",
        *(
            f"{asked}__{whose}"
            for asked in ("TOKEN", "READ", "WRITE", "REFERRERS")
            for whose in ("IDENTITY", "ADDRESS")
        ),
    )
    for what, number in (("PER_SECOND", "100000"), ("BURST", "10000000"))
}
"""Requests are counted as ever, and none is refused: a benchmark asks for more than anybody needs."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    group: int
    data: Path

    def cpu_seconds(self) -> float:
        """Return the processor time, user and system, that its process group has taken so far."""
        return cpu_seconds_of({self.group})


def cpu_seconds_of(groups: Collection[int]) -> float:
    """Return the processor time, user and system, that some process groups have taken so far."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) in groups:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


@contextmanager
def entrepot(data: Path, workers: int = 1, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve `data`, which was prepared, as `entrepot serve` does, with the gate of `bench.application`.

    `more` is added to the environment.

    One worker is what it starts with by default. Two are a side of their own beside
    peers that use every core of the machine.
    """
    port = free_port()
    name = ENTREPOT if workers == 1 else ENTREPOT_TWO
    command = [sys.executable, "-m", "tests.serving", "bench.application:create_application", str(port), str(workers)]
    environment = {
        "ENTREPOT_DATA_DIR": str(data),
        "ENTREPOT_SERVER__PORT": str(port),
        "ENTREPOT_SERVER__WORKERS": str(workers),
        **UNLIMITED,
        **(more or {}),
    }
    with running(name, command, data, port, environment) as server:
        yield server


@contextmanager
def docker_registry(data: Path, place: Mapping[str, object] | None = None) -> Iterator[Server]:
    """Serve `data` by Debian's docker-registry: its own configuration, but for address, folder and no login.

    `place` is where it keeps its bytes instead of `data`, as its configuration has that.
    """
    install(PEER_PACKAGE, PEER_PROGRAM)
    port = free_port()
    configuration = {
        "version": 0.1,
        "log": {"fields": {"service": "registry"}},
        "storage": {
            "cache": {"blobdescriptor": "inmemory"},
            **(place or {"filesystem": {"rootdirectory": str(data)}}),
            "delete": {"enabled": True},
        },
        "http": {"addr": f"{HOST}:{port}", "headers": {"X-Content-Type-Options": ["nosniff"]}},
        "health": {"storagedriver": {"enabled": True, "interval": "10s", "threshold": 3}},
    }
    data.mkdir(parents=True, exist_ok=True)
    file = data.with_suffix(".json")
    file.write_text(json.dumps(configuration))
    unset = {"AWS_CA_BUNDLE": ""}  # with one it does not start on a bucket
    with running(PEER, [str(PEER_PROGRAM), "serve", str(file)], data, port, unset) as server:
        yield server


def peer_version() -> str:
    """Return what the peer says of itself."""
    install(PEER_PACKAGE, PEER_PROGRAM)
    text = subprocess.run([str(PEER_PROGRAM), "--version"], capture_output=True, text=True, check=True).stdout
    return text.strip().rpartition(" ")[2]


def install(package: str, program: Path) -> None:
    """Install Debian's package of a peer where its program is missing."""
    if program.exists():
        return
    print(f"{program} is missing: installing Debian's {package} with apt-get")
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        raise SystemExit(f"Install {package} so that {program} exists, then repeat.")
    subprocess.run([*as_root, apt_get, "install", "--yes", "--no-install-recommends", package], check=True)


@contextmanager
def running(name: str, command: list[str], data: Path, port: int, environment: dict[str, str]) -> Iterator[Server]:
    """Run a server until the block ends; its log is beside `data`."""
    log = data.with_suffix(".log")
    process = launch(command, log, environment=environment)
    try:
        wait_until(lambda: answers(f"http://{HOST}:{port}/v2/"), f"{name} to answer", process, log)
        yield Server(name, port, process.pid, data)
    finally:
        stop(process)
