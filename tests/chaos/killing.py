# SPDX-License-Identifier: Apache-2.0
"""What a server that was killed leaves in the queue of jobs, and what time would do to it."""

import sqlite3
from pathlib import Path

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.infra.jobs.tables import JobState


def let_leases_end(data: Path) -> None:
    """Let what the process that was killed held be free at once, as it is once its lease has ended."""
    with sqlite3.connect(data / DATABASE_FILE, timeout=30) as connection:
        held = "UPDATE jobs SET lease_until = 1 WHERE state = ?"
        connection.execute(held, (JobState.RUNNING.value,))


def let_nothing_wait(data: Path) -> None:
    """Let nothing wait because of failures that the kills were."""
    with sqlite3.connect(data / DATABASE_FILE, timeout=30) as connection:
        waiting = "UPDATE jobs SET run_after = 1 WHERE state = ? AND claims > 0"
        connection.execute(waiting, (JobState.QUEUED.value,))
