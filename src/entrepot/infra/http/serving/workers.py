# SPDX-License-Identifier: Apache-2.0
"""Several server processes that share their addresses: started, watched, started again, and stopped together."""

import ctypes
import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

import structlog

log = structlog.get_logger(__name__)

MIN_LIFE_SECONDS = 5.0
"""A worker that ends sooner is started again only after a pause, which doubles each time."""
MAX_PAUSE_SECONDS = 30.0

REMINDER_SECONDS = 1.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)

CANNOT_START = 1
"""The exit status of a worker that could not start."""

_PR_SET_PDEATHSIG = 1

Work = Callable[[Sequence[socket.socket]], bool]


@dataclass(slots=True)
class _Worker:
    sockets: Sequence[socket.socket]
    process: int = 0
    started_at: float = 0.0
    pause_seconds: float = 0.0
    """0 while the worker does well."""


class Workers:
    """Runs `work` in one process for each list of sockets, which this process keeps open.

    A worker that dies is replaced; what waits in its sockets is answered by the
    next. SIGTERM and SIGINT stop all; so does a worker that cannot start while
    none has, and the death of this process.
    """

    def __init__(self, work: Work, sockets: Sequence[Sequence[socket.socket]]) -> None:
        self._work = work
        self._workers = [_Worker(own) for own in sockets]
        self._is_stopping = False
        self._has_served = False
        self._has_failed = False
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def run(self) -> bool:
        """Run until told to stop and every worker has ended; return whether they could serve.

        Why one could not is in the log.
        """
        # What was imported so far is shared by all workers, as long as the collector does not touch it.
        gc.collect()
        gc.freeze()
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for worker in self._workers:
            self._start(worker)
        while any(worker.process for worker in self._workers) or not self._is_stopping:
            self._wait()
            self._collect()
            self._replace()
        return not self._has_failed

    def _start(self, worker: _Worker) -> None:
        worker.started_at = time.monotonic()
        # A signal waits until it is clear whose it is: this process stops the workers, a worker only itself.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        parent = os.getpid()
        process = os.fork()
        if process:
            worker.process = process
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            return
        status = CANNOT_START
        try:
            signal.set_wakeup_fd(-1)
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            _end_with(parent)
            for other in self._workers:
                if other is not worker:
                    _close(other.sockets)
            status = 0 if self._work(worker.sockets) else CANNOT_START
        except Exception:
            log.exception("worker.failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _wait(self) -> None:
        """Wait for a signal, or until a worker may be started again.

        When stopping, tell the workers each time: one that was just about to take signals over may have missed it.
        """
        now = time.monotonic()
        due = [worker.started_at + worker.pause_seconds for worker in self._workers if not worker.process]
        timeout = max(0.0, min(due) - now) if due else None
        if self._is_stopping:
            timeout = REMINDER_SECONDS
            for worker in self._workers:
                if worker.process:
                    os.kill(worker.process, signal.SIGTERM)
        if select.select([self._wake_read], [], [], timeout)[0]:
            os.read(self._wake_read, 4096)

    def _collect(self) -> None:
        """Note which workers have ended."""
        for worker in self._workers:
            if not worker.process:
                continue
            process, status = os.waitpid(worker.process, os.WNOHANG)
            if not process:
                continue
            worker.process = 0
            code = os.waitstatus_to_exitcode(status)
            lived = time.monotonic() - worker.started_at
            self._has_served = self._has_served or code != CANNOT_START or lived >= MIN_LIFE_SECONDS
            if not self._has_served and not self._is_stopping:
                self._has_failed = True
                self._stop()
            if self._is_stopping:
                continue
            if lived >= MIN_LIFE_SECONDS:
                worker.pause_seconds = 0.0
            else:
                worker.pause_seconds = min(max(1.0, 2 * worker.pause_seconds), MAX_PAUSE_SECONDS)
            log.error("worker.ended", process=process, status=code, starts_again_in_seconds=worker.pause_seconds)
            worker.started_at = time.monotonic()

    def _replace(self) -> None:
        """Start the workers that are due."""
        if self._is_stopping:
            return
        now = time.monotonic()
        for worker in self._workers:
            if not worker.process and now >= worker.started_at + worker.pause_seconds:
                self._start(worker)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._stop()

    def _stop(self) -> None:
        self._is_stopping = True
        for worker in self._workers:
            _close(worker.sockets)


def _end_with(parent: int) -> None:
    """Have the system end this process when the one that watches it is gone (prctl(2); Linux has it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _close(sockets: Sequence[socket.socket]) -> None:
    for each in sockets:
        each.close()
