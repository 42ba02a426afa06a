# SPDX-License-Identifier: Apache-2.0
"""The row about starting: from the start of `entrepot serve` to the first manifest, with the large data set."""

import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.measurement import Outcome
from bench.measurement import Sample
from bench.measurement import at_most
from bench.scale import ADMINISTRATOR
from bench.scale import LARGE
from bench.scale import PASSWORD
from bench.scale import PER_REPOSITORY
from bench.scale import built
from bench.scale import login
from bench.scale import payload
from bench.scale import repository
from bench.scale import tag
from bench.servers import ENTREPOT
from bench.servers import Server
from bench.workspace import Workspace
from tests.server import HOST
from tests.server import free_port
from tests.server import launch_entrepot
from tests.server import stop

LIMIT_SECONDS = 2
GIVE_UP_SECONDS = 60
AGAIN_SECONDS = 0.005
IMPORTS = 25
"""How many packages the list of imports names."""


class Imported(NamedTuple):
    """What importing the modules of one package takes by itself, in milliseconds."""

    package: str
    ms: float


def start(workspace: Workspace, rounds: int) -> Outcome:
    """Start the command again and again; the files of the data set are in the system's cache."""
    large = built(workspace, LARGE)
    started(large.data)
    samples = [started(large.data) for _ in range(rounds)]
    bound = at_most("from the start to the first manifest", [one.value for one in samples], LIMIT_SECONDS, "s")
    conditions = {
        "data": large.description,
        "first manifest": "one GET by tag, by Basic login, asked again every 5 ms until it is answered",
        "cpu": "seconds until then",
        "imports (ms by themselves)": [f"{one.package} {one.ms:.0f}" for one in imports()],
    }
    return Outcome("start", "s", {ENTREPOT: samples}, [], conditions, [bound])


def imports() -> list[Imported]:
    """Tell which packages the imports of a server take longest for, as `-X importtime` measures it."""
    command = [sys.executable, "-X", "importtime", "-c", "import entrepot.entry.server, entrepot.entry.serve"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    taken: dict[str, float] = {}
    for line in told.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        if own.strip().isdigit():
            module = rest.rpartition("|")[2].strip()
            package = ".".join(module.split(".")[: 3 if module.startswith("entrepot") else 1])
            taken[package] = taken.get(package, 0) + int(own) / 1000
    ordered = sorted((Imported(*each) for each in taken.items()), key=lambda one: -one.ms)
    return [Imported("all", sum(taken.values())), *ordered[:IMPORTS]]


def started(data: Path, environment: Mapping[str, str] | None = None) -> Sample:
    """Start the command on the large data set, with more variables; stop it after its first manifest."""
    port = free_port()
    path = f"/v2/{repository(7)}/manifests/{tag(0)}"
    begin = perf_counter()
    server = launch_entrepot(data, port, PASSWORD, environment=environment)
    try:
        while (answer := _manifest(port, path)) is None:
            if server.process.poll() is not None or perf_counter() - begin > GIVE_UP_SECONDS:
                raise SystemExit(f"the server did not start; see {server.log}")
            time.sleep(AGAIN_SECONDS)
        taken = perf_counter() - begin
        cpu = Server(ENTREPOT, port, server.process.pid, data).cpu_seconds()
    finally:
        stop(server.process)
    assert answer == payload(7 * PER_REPOSITORY), answer
    return Sample(taken, cpu)


def _manifest(port: int, path: str) -> bytes | None:
    connection = HTTPConnection(HOST, port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("GET", path, headers={"Authorization": login(ADMINISTRATOR)})
        return connection.getresponse().read()
    except OSError:
        return None
    finally:
        connection.close()
