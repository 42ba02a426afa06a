# SPDX-License-Identifier: Apache-2.0
"""Worker processes that are quick to start and are there to be killed.

`python -m tests.chaos.job_workers DATABASE` starts one worker for every line it
reads, by forking, and prints its process id.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import insert

from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.infra.jobs.worker import Worker
from entrepot.infra.jobs.worker import WorkerSettings
from entrepot.kernel.clock import system_clock
from tests.builders.databases import opened
from tests.builders.databases import place_of
from tests.builders.job_table import Task

LONGEST_SECONDS = 0.1
SETTINGS = WorkerSettings(slots=4, lease_ms=1_500, heartbeat_ms=300, poll_seconds=0.05)

effects_metadata = MetaData()
effects = Table(
    "effects",
    effects_metadata,
    Column("job", String(26), primary_key=True),
    Column("claim", Integer, primary_key=True),
)


class Nursery:
    """Starts workers in processes of their own."""

    def __init__(self, database: Database) -> None:
        command = [sys.executable, "-m", "tests.chaos.job_workers", place_of(database)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.workers: list[int] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave no process behind."""
        self._process.communicate()

    def start(self) -> None:
        """Start one more worker."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.workers.append(int(self._process.stdout.readline()))

    def kill(self, worker: int) -> None:
        """End a worker in the middle of what it does."""
        self.workers.remove(worker)
        os.kill(worker, signal.SIGKILL)


async def work(place: str) -> None:
    """Run jobs that take a while and then write one effect, for ever."""
    database = opened(place)

    def record(connection: Connection, context: JobContext) -> None:
        context.guard(connection)
        connection.execute(insert(effects).values(job=context.job.id, claim=context.job.claims))

    async def run(context: JobContext, _task: Task) -> None:
        await asyncio.sleep(random.uniform(0, LONGEST_SECONDS))
        await database.write(record, context)

    kind = JobKind(name="chaos", payload=Task, run=run, max_attempts=1_000, backoff=Backoff(1, 50))
    await Worker(database, [kind], Doorbell(), system_clock, SETTINGS).run()


def main() -> None:
    """Fork a worker for every line, and end them all when there are no more lines."""
    started: list[int] = []
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            be_a_worker()
        started.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in started:  # nobody waited for them yet, so none of these numbers means another process by now
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def be_a_worker() -> None:
    """Work until killed; never return to what was forked."""
    try:
        with Path(os.devnull).open("w") as silence:
            os.dup2(silence.fileno(), 1)
        asyncio.run(work(sys.argv[1]))
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
