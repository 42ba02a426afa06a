# SPDX-License-Identifier: Apache-2.0
"""A terminal with somebody at it: a command runs, and its questions for a password are answered by typing."""

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Container
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.interop.commands import StepError

QUESTION = re.compile(r"password[^\n:]*: ?\Z", re.IGNORECASE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
INTERRUPT = "\x03"
POLL_SECONDS = 0.05
LOCAL_FLAGS = 3
SESSION = ("setsid", "--ctty", "env", "--default-signal=INT")
"""Begins a session of its own, in which Ctrl-C interrupts although what started the tests may be deaf to it."""


class Terminal:
    """A command on a pseudo-terminal that controls it, as a shell's window does; `shown` is all that it printed."""

    def __init__(self, command: Sequence[str], password: str = "") -> None:
        self._password = password
        self._answered = 0
        self.shown = ""
        self._window, inside = pty.openpty()
        self._command = command
        self._process = subprocess.Popen([*SESSION, *command], stdin=inside, stdout=inside, stderr=inside)
        os.close(inside)

    def __enter__(self) -> Self:
        """Sit down."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the window, and end what still runs in it."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._window)

    def wait_for(self, words: str, seconds: float) -> None:
        """Return once `words` were printed; raise `StepError` when the command ends before, or takes too long."""
        deadline = time.monotonic() + seconds
        while words not in self.shown:
            if not self._read():
                raise self._failure(f"ended before it printed {words!r}")
            if time.monotonic() > deadline:
                raise self._failure(f"did not print {words!r} within {seconds:.0f} s")

    def finish(self, seconds: float, statuses: Container[int] = (0,)) -> str:
        """Return what was printed once the command ended; raise `StepError` when it fails or takes too long."""
        deadline = time.monotonic() + seconds
        while self._read():
            if time.monotonic() > deadline:
                raise self._failure(f"did not end within {seconds:.0f} s")
        if (status := self._process.wait()) not in statuses:
            raise self._failure(f"ended with status {status}")
        return self.shown

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._window, text.encode())

    def _read(self) -> bool:
        """Take in what was printed in the meantime, answer what was asked; return whether more can come."""
        if select.select([self._window], [], [], POLL_SECONDS)[0]:
            piece = b""
            with suppress(OSError):
                piece = os.read(self._window, 65_536)
            if not piece:
                return False
            self.shown += COLOUR.sub("", piece.decode(errors="replace").replace("\r\n", "\n"))
        if QUESTION.search(self.shown, self._answered) and not self._echoes():
            self._answered = len(self.shown)
            self.type(f"{self._password}\n")
        return True

    def _echoes(self) -> bool:
        """Whether keys are shown: a program that asks for a password turns that off before it reads."""
        flags: int = termios.tcgetattr(self._window)[LOCAL_FLAGS]
        return bool(flags & termios.ECHO)

    def _failure(self, what: str) -> StepError:
        return StepError(f"{' '.join(self._command)}\n{what}:\n{self.shown}")
