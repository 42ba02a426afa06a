# SPDX-License-Identifier: Apache-2.0
"""What every generation of the OCI conformance suite is held to: everything ran, everything passed."""

import os
import subprocess
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.interop.commands import StepError
from tests.interop.target import Target

RUN_SECONDS = 300
TRANSCRIPT_CHARACTERS = 3_000
SHOWN_PROBLEMS = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that did not pass: its full name, status, what was wrong, and the HTTP exchange if there was one."""

    name: str
    status: str
    reason: str
    transcript: str = ""

    def __str__(self) -> str:
        """Show everything there is, the transcript cut to `TRANSCRIPT_CHARACTERS`."""
        return f"* {self.name} [{self.status}]\n{self.reason}\n{self.transcript[:TRANSCRIPT_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The counts of a suite, as text, and everything that is wrong."""

    counts: str
    problems: tuple[Problem, ...]

    def judge(self) -> None:
        """Raise `StepError`, with the counts and the problems, if there is a problem."""
        if not self.problems:
            return
        shown = "\n\n".join(str(problem) for problem in self.problems[:SHOWN_PROBLEMS])
        hidden = len(self.problems) - SHOWN_PROBLEMS
        more = f"\n… and {hidden} more" if hidden > 0 else ""
        raise StepError(f"{self.counts}\n\n{shown}{more}")


class Suite(Protocol):
    """One generation of the conformance suite, built."""

    def check(self, target: Target) -> Outcome:
        """Run all of it against `target`; raise `StepError` when a report was not written."""
        ...


def run_program(command: Sequence[str | Path], settings: Mapping[str, str], directory: Path) -> str:
    """Run a suite in `directory` with no `OCI_` variable but `settings`, and return everything that it prints.

    Its exit status says too little: it is 0 when nothing ran. The reports decide.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OCI_")}
    finished = subprocess.run(
        command,
        env={**inherited, **settings},
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=RUN_SECONDS,
        check=False,
    )
    return finished.stdout
