# SPDX-License-Identifier: Apache-2.0
"""The table of what was tried: client, operation, result, time; and the evidence of each failure."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field

from tests.interop.commands import StepError
from tests.server import ServerError


@dataclass(frozen=True, slots=True)
class Row:
    """One operation of one client; `evidence` is empty when it succeeded."""

    client: str
    operation: str
    seconds: float
    evidence: str


@dataclass(slots=True)
class Report:
    """Everything tried so far, in order."""

    rows: list[Row] = field(default_factory=list)

    @contextmanager
    def step(self, client: str, operation: str) -> Iterator[None]:
        """Time the block and record it; a failure is recorded and the run goes on."""
        started = time.monotonic()
        evidence = ""
        try:
            yield
        except (StepError, ServerError, OSError, subprocess.SubprocessError) as error:
            evidence = str(error) or type(error).__name__
        row = Row(client, operation, time.monotonic() - started, evidence)
        self.rows.append(row)
        print(_line(row), flush=True)

    @property
    def failures(self) -> list[Row]:
        """What failed so far."""
        return [row for row in self.rows if row.evidence]

    def conclude(self) -> str:
        """Return the evidence of every failure, and one closing line of counts."""
        failures = self.failures
        evidence = [f"\n--- {row.client}: {row.operation}\n{row.evidence}" for row in failures]
        passed = len(self.rows) - len(failures)
        return "\n".join([*evidence, f"\n{passed} passed, {len(failures)} failed"])


def _line(row: Row) -> str:
    verdict = "FAILED" if row.evidence else "ok"
    return f"{row.client:<22} {row.operation:<58} {verdict:<6} {row.seconds:7.2f} s"
