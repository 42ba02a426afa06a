# SPDX-License-Identifier: Apache-2.0
"""`entrepot job`."""

import json
from dataclasses import replace

import pytest

from entrepot.features.jobs.cli import job_commands
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.remote.errors import ServerRefused
from tests.builders.job_table import JobTable
from tests.builders.shell import Shell
from tests.fakes.settable_clock import SettableClock


@pytest.fixture
def table(shell: Shell) -> JobTable:
    """The jobs of the application beside the shell."""
    return JobTable(shell.application.database, SettableClock())


def test_jobs_are_listed_and_shown(shell: Shell, table: JobTable) -> None:
    """By state and kind, or alone."""
    job_id = table.enqueue()
    [job] = table.claim()
    table.settle(replace(job, failures=5, last_error="ValueError: no"), JobState.DEAD)
    table.enqueue("other")

    lines = shell.done(job_commands, "list", "--state", "dead", "--kind", "scan").splitlines()

    assert len(lines) == 2
    assert lines[1].split()[:4] == [job_id, "scan", "dead", "1"]
    assert lines[1].endswith("ValueError: no")
    assert json.loads(shell.done(job_commands, "show", job_id, "--output", "json"))["failures"] == 5


def test_a_job_is_cancelled_and_queued_again(shell: Shell, table: JobTable) -> None:
    """The answer shows its state."""
    job_id = table.enqueue()

    cancelled = shell.done(job_commands, "cancel", job_id)
    queued = shell.done(job_commands, "retry", job_id)

    assert "cancelled" in cancelled
    assert "queued" in queued
    assert table.find(job_id).state is JobState.QUEUED


def test_what_cannot_be_done_is_refused(shell: Shell, table: JobTable) -> None:
    """With the words of the server."""
    refused = shell(job_commands, "retry", table.enqueue())

    assert isinstance(refused.exception, ServerRefused)
    assert "only one that is dead or cancelled" in refused.exception.message


def test_schedules_are_listed(shell: Shell) -> None:
    """With when they come next."""
    lines = shell.done(job_commands, "schedules").splitlines()

    assert lines[0].split()[:3] == ["NAME", "CRON", "KIND"]
    assert any(line.startswith("registry.tidy") for line in lines)
