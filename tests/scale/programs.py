# SPDX-License-Identifier: Apache-2.0
"""A server program that may be killed, stand still, and be started again with what it has on disk."""

import os
import signal
import subprocess
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.server import kill_group
from tests.server import launch
from tests.server import log_tail
from tests.server import wait_until


@dataclass(slots=True)
class Program:
    """One of them: its command, where it writes what it says, how to find that it is ready, and its process."""

    command: Sequence[str]
    log: Path
    is_ready: Callable[[], bool]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; return once it is ready. Raises `ServerError` when it is not after a minute."""
        self.process = launch(self.command, self.log)
        wait_until(self.is_ready, f"{self.command[0]} to be ready", self.process, self.log)

    def kill(self) -> None:
        """End it without a word."""
        if self.process is not None:
            kill_group(self.process)

    def pause(self) -> None:
        """Let it stand still, with every connection open."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


@contextmanager
def running(program: Program) -> Iterator[Program]:
    """Run it until the block ends, which it does at once; when the block fails, the end of its log is printed."""
    try:
        program.start()
        yield program
    except BaseException:
        print(f"--- {program.log}\n{log_tail(program.log)}")
        raise
    finally:
        program.kill()
