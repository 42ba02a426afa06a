# SPDX-License-Identifier: Apache-2.0
"""Several nodes of one registry behind a load balancer, and what may befall them.

A node is a real `entrepot serve` with a data folder of its own. All share a PostgreSQL server of their own, the
instance key, and the storage: a bucket of a SeaweedFS of their own, unless `storages` is told otherwise.
"""

import base64
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from tests.interop.commands import run
from tests.scale.balancer import CHECK_SECONDS
from tests.scale.balancer import balancer
from tests.scale.programs import Program
from tests.scale.servers import PROGRAMS
from tests.scale.servers import UNPRIVILEGED
from tests.scale.servers import Place
from tests.scale.servers import postgresql
from tests.scale.storages import Storing
from tests.scale.storages import in_bucket
from tests.scale.wire import Wire
from tests.server import HOST
from tests.server import Server
from tests.server import free_port
from tests.server import kill_group
from tests.server import launch
from tests.server import launch_entrepot
from tests.server import log_tail
from tests.server import wait_until

NODES = 3
PASSWORD = "the-password-of-the-administrator"
ADMIN = {"authorization": f"Basic {base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()}"}
"""The header of the administrator."""

DRAIN_SECONDS = 2
"""Longer than the balancer takes to notice that a node is not ready any more."""

STOPPED_SECONDS = DRAIN_SECONDS + 30.0 + 20.0
"""What the grace of requests and of jobs adds up to."""

DONE_SECONDS = 120.0
_UNFINISHED = (
    "SELECT (SELECT count(*) FROM jobs WHERE finished_at IS NULL)"
    " + (SELECT count(*) FROM schedules WHERE next_run_at = 0)"
)


@dataclass(slots=True)
class Node:
    """One of them: where it listens, what it is told, and its process while there is one."""

    data: Path
    port: int
    environment: dict[str, str]
    server: Server | None = None

    @property
    def url(self) -> str:
        """Where it is reached without the balancer."""
        return f"http://{HOST}:{self.port}"

    @property
    def running(self) -> Server:
        """Its process."""
        assert self.server is not None
        return self.server

    def start(self, **changes: str) -> float:
        """Start it, with other variables for once; return after how many seconds it was ready."""
        begun = time.monotonic()
        self.server = launch_entrepot(self.data, self.port, PASSWORD, environment=self.environment | changes)
        self.wait_until_ready()
        return time.monotonic() - begun

    def wait_until_ready(self) -> None:
        """Return once it says that it is ready."""
        process, log = self.running.process, self.running.log
        wait_until(lambda: is_ready(self.url), f"{self.url} to be ready", process, log)

    def stop(self) -> None:
        """Ask it to end, and wait until it has, as long as it may take. Raises `subprocess.TimeoutExpired`."""
        self.running.process.terminate()
        self.running.process.wait(STOPPED_SECONDS)
        self.kill()  # what it may have left

    def kill(self) -> None:
        """End it without a word."""
        kill_group(self.running.process)

    def pause(self) -> None:
        """Let it stand still, with every connection open."""
        os.killpg(self.running.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        os.killpg(self.running.process.pid, signal.SIGCONT)

    def wire(self) -> Wire:
        """Return a connection to it, of the administrator."""
        return Wire(self.port, ADMIN)

    def log(self) -> str:
        """Return everything that it has said."""
        return self.data.with_suffix(".log").read_text(errors="replace")


@dataclass(slots=True)
class Postgres:
    """The PostgreSQL server of the nodes, which may be stopped and started again."""

    place: Place
    begun: subprocess.Popen[bytes] | None = None

    def stop(self, mode: str = "fast") -> None:
        """Stop it as `pg_ctl stop` does."""
        run([*_as_owner(), f"{PROGRAMS}/pg_ctl", "stop", "--pgdata", f"{self.place.folder}/data", "--mode", mode])

    def start(self) -> None:
        """Start it as it was started before."""
        options = (self.place.folder / "data" / "postmaster.opts").read_text().split(" ", 1)[1]
        self.close()
        words = [word.strip('"') for word in options.strip().split('" "')]
        self.begun = launch([*_as_owner(), f"{PROGRAMS}/postgres", *words], self.place.folder / "log")
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once it takes connections."""
        ready = [f"{PROGRAMS}/pg_isready", "--host", HOST, "--port", str(self.place.port), "--quiet"]
        while subprocess.run(ready, check=False).returncode:
            time.sleep(0.05)

    def restart(self, mode: str = "fast") -> None:
        """Stop it, and start it at once."""
        self.stop(mode)
        self.start()

    def run(self, statement: str, database: str = "postgres") -> str:
        """Have a statement executed; return what `psql` prints."""
        url = self.place.url.rpartition("/")[0]
        return run([f"{PROGRAMS}/psql", "--tuples-only", "--no-align", "--command", statement, f"{url}/{database}"])

    def close(self) -> None:
        """End what was started again."""
        if self.begun is not None:
            self.begun.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.begun.wait(10)
            kill_group(self.begun)


def _as_owner() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={UNPRIVILEGED}", "--regid=nogroup", "--clear-groups"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes, the balancer before them, and what they share."""

    nodes: list[Node]
    url: str
    database: Postgres
    storage: Program | None
    """The server of the bytes, where there is one."""

    @property
    def port(self) -> int:
        """Where the balancer listens."""
        return int(urlsplit(self.url).port or 0)

    @property
    def authority(self) -> str:
        """The `host:port` of the balancer."""
        return self.url.partition("://")[2]

    def bearer(self, *scopes: str) -> dict[str, str]:
        """Return the header of a token for the scopes, fetched through the balancer."""
        asked = "&".join(f"scope={scope}" for scope in scopes)
        with closing(Wire(self.port, ADMIN)) as wire:
            answer = wire.ask("GET", f"/auth/token?{asked}")
        assert answer.status == 200, answer
        return {"authorization": f"Bearer {answer.json['token']}"}

    def count(self, question: str) -> int:
        """Ask the database for a number."""
        return int(self.database.run(question, "nodes"))

    def make_everything_due(self) -> None:
        """Let every schedule be due now."""
        self.database.run("UPDATE schedules SET next_run_at = 0", "nodes")

    def wait_until_done(self) -> None:
        """Return once no schedule is due and no job is unfinished."""
        ends_at = time.monotonic() + DONE_SECONDS
        while self.count(_UNFINISHED):
            assert time.monotonic() < ends_at, "jobs do not end"
            time.sleep(0.2)

    def wait_until_balanced(self) -> None:
        """Return once every node is ready, and the balancer has had the time to notice."""
        for node in self.nodes:
            node.wait_until_ready()
        time.sleep(2 * CHECK_SECONDS)


@dataclass(frozen=True, slots=True)
class Alike:
    """Nodes without a balancer, and what they share."""

    nodes: list[Node]
    database: Postgres
    storage: Program | None


@contextmanager
def cluster(
    folder: Path,
    count: int = NODES,
    storing: Storing = in_bucket,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Cluster]:
    """Start everything, and stop it when the block ends; when it fails, the ends of the logs are printed."""
    with (
        started(folder, count, storing, settings) as alike,
        balancer([node.port for node in alike.nodes]) as url,
    ):
        yield Cluster(alike.nodes, url, alike.database, alike.storage)


@contextmanager
def started(
    folder: Path,
    count: int = NODES,
    storing: Storing = in_bucket,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Alike]:
    """Start the nodes and what they share, and stop it when the block ends, as `cluster` does."""
    key = folder / "instance.key"
    key.touch(0o600)
    key.write_text(secrets.token_urlsafe(32))
    with ExitStack() as stack:
        stored = stack.enter_context(storing(folder / "shared"))
        place = stack.enter_context(postgresql())
        database = Postgres(place)
        stack.callback(database.close)
        database.wait_until_ready()
        database.run("CREATE DATABASE nodes")
        database.run("ALTER DATABASE nodes SET synchronous_commit = on")
        told = {
            "ENTREPOT_DATABASE__URL": f"{place.url.rpartition('/')[0]}/nodes",
            "ENTREPOT_STORAGE__URL": stored.url,
            "ENTREPOT_KEYS__INSTANCE_KEY_FILE": str(key),
            "ENTREPOT_SERVER__TRUSTED_PROXIES": f"{HOST}/32",
            "ENTREPOT_SERVER__DRAIN_SECONDS": str(DRAIN_SECONDS),
            **stored.environment,
            **(settings or {}),
        }
        nodes = [Node(folder / f"node{number}", free_port(), dict(told)) for number in range(count)]
        stack.enter_context(ended_after(nodes))
        nodes[0].start()  # which makes the tables
        if count > 1:
            with ThreadPoolExecutor(count) as threads:
                list(threads.map(Node.start, nodes[1:]))
        yield Alike(nodes, database, stored.server)


@contextmanager
def alone(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Node]:
    """Start a node that shares nothing: it has SQLite and its folder. It is stopped when the block ends."""
    node = Node(folder / "node", free_port(), dict(settings or {}))
    with ended_after([node]):
        node.start()
        yield node


@contextmanager
def ended_after(nodes: list[Node]) -> Iterator[None]:
    """Kill nodes when the block ends; when it fails, the ends of their logs are printed."""
    try:
        yield
    except BaseException:
        for node in nodes:
            print(f"--- {node.data.name}\n{log_tail(node.data.with_suffix('.log'), 30)}")
        raise
    finally:
        for node in nodes:
            if node.server is not None:
                with suppress(ProcessLookupError):
                    node.go_on()
                kill_group(node.server.process)


def is_ready(url: str) -> bool:
    """Tell whether a node says that it is."""
    port = int(urlsplit(url).port or 0)
    with suppress(OSError, HTTPException), closing(Wire(port)) as wire:
        return wire.ask("GET", "/readyz").status == 200
    return False
