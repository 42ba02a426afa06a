# SPDX-License-Identifier: Apache-2.0
"""One writer thread that commits everything that waits in one durable transaction."""

import queue
import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from time import perf_counter
from typing import Any
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.infra.database.engine import DURATION
from entrepot.infra.database.engine import WAITING
from entrepot.infra.database.engine import durations
from entrepot.infra.telemetry.metrics import Histogram
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric

T = TypeVar("T")

MAX_WRITES_PER_COMMIT = 64

BATCH = Metric(
    "entrepot_database_commit_writes",
    "How many writes one commit made durable.",
    Kind.HISTOGRAM,
    bounds=(1, 2, 4, 8, 16, 32, 64),
)


class _Write:
    """A function waiting to be run, and where its outcome goes."""

    __slots__ = ("asked_at", "context", "error", "future", "result", "work")

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.context = copy_context()
        self.future: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None
        self.asked_at = perf_counter()


class GroupCommit:
    """Runs writing functions one after another, many to a commit."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._durations = durations()
        self._batches = Histogram(BATCH.bounds)

    def submit(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Queue `work`; the future resolves once its effect is durable, or with what it raised."""
        write = _Write(work)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the database is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
                self._thread.start()
            self._queue.put(write)
        return write.future

    def measure(self) -> Iterator[Measurement]:
        """Yield how many writes wait, how long they took, and how many went into one commit."""
        yield Measurement(WAITING, [self._queue.qsize()])
        yield Measurement(DURATION, self._durations.values)
        yield Measurement(BATCH, self._batches.values)

    def close(self) -> None:
        """Finish what was queued, then stop. Idempotent."""
        with self._lock:
            self._is_closed = True
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        connection: Connection | None = None
        is_open = True
        while is_open:
            batch, is_open = self._next_batch()
            try:
                connection = connection or self._connect()
                _commit(connection, batch)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the write
                for write in batch:
                    write.error = write.error or error
                if connection is not None:
                    _abandon(connection)
                connection = None
            self._note(batch)
            for write in batch:
                _resolve(write)
        if connection is not None:
            connection.close()

    def _note(self, batch: list[_Write]) -> None:
        if batch:
            self._batches.observe(len(batch))
        ended_at = perf_counter()
        for write in batch:
            self._durations.observe(ended_at - write.asked_at)

    def _next_batch(self) -> tuple[list[_Write], bool]:
        item = self._queue.get()
        batch: list[_Write] = []
        while item is not None:
            batch.append(item)
            if len(batch) == MAX_WRITES_PER_COMMIT:
                return batch, True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False


def _commit(connection: Connection, batch: list[_Write]) -> None:
    if not batch:
        return
    driver: Any = connection.connection.dbapi_connection
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        for write in batch:
            _run_in_savepoint(connection, driver, write)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        if driver.in_transaction:
            connection.exec_driver_sql("ROLLBACK")
        raise


def _abandon(connection: Connection) -> None:
    """Let go of a connection that failed, in whatever state it is."""
    with suppress(Exception):
        connection.invalidate()
    with suppress(Exception):
        connection.close()


def _run_in_savepoint(connection: Connection, driver: Any, write: _Write) -> None:
    driver.execute("SAVEPOINT w")
    try:
        write.result = write.context.run(write.work, connection)
    except Exception as error:  # noqa: BLE001 - handed to whoever waits for the write
        write.error = error
        driver.execute("ROLLBACK TO w")
    driver.execute("RELEASE w")


def _resolve(write: _Write) -> None:
    if not write.future.set_running_or_notify_cancel():
        return
    if write.error is not None:
        write.future.set_exception(write.error)
    else:
        write.future.set_result(write.result)
