# SPDX-License-Identifier: Apache-2.0
"""`entrepot job`: what a server does in the background."""

from typing import Annotated

import typer

from entrepot.infra.jobs.tables import JobState
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items

job_commands = command_group("job", "Jobs: what the server does in the background.")

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="From the list.")]


@job_commands.command("list")
def list_jobs(
    state: Annotated[JobState | None, typer.Option(help="Only jobs in this state.")] = None,
    kind: Annotated[str, typer.Option(help="Only jobs of this kind.")] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List background jobs, newest first.

    Example: entrepot job list --state dead
    """
    query = ({"state": state.value} if state else {}) | ({"kind": kind} if kind else {})
    items = connect(server).items("jobs", limit, **query)
    show_items(items, ("id", "kind", "state", "attempts", "created_at", "finished_at", "last_error"), output)


@job_commands.command("show")
def show_job(job: JobArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show one background job.

    Example: entrepot job show 01KA7Q8B4H3M5V9XEYD2T6RZNW
    """
    show_item(connect(server).get(path_to("jobs", job)), output)


@job_commands.command("cancel")
def cancel_job(job: JobArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Stop a job: one that waits at once, one that runs within seconds.

    Example: entrepot job cancel 01KA7Q8B4H3M5V9XEYD2T6RZNW
    """
    show_item(connect(server).post(f"{path_to('jobs', job)}:cancel", {}), output)


@job_commands.command("retry")
def retry_job(job: JobArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Queue a job again that is dead or cancelled, with all its attempts.

    Example: entrepot job retry 01KA7Q8B4H3M5V9XEYD2T6RZNW
    """
    show_item(connect(server).post(f"{path_to('jobs', job)}:retry", {}), output)


@job_commands.command("schedules")
def list_schedules(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List what is begun at fixed times, and when next.

    Example: entrepot job schedules
    """
    items = connect(server).items("jobs/schedules", limit)
    show_items(items, ("name", "cron", "kind", "next_run_at", "last_run_at"), output)
