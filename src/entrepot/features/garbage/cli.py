# SPDX-License-Identifier: Apache-2.0
"""`entrepot garbage`, or `entrepot gc`: giving back the space of what was deleted."""

from typing import Annotated

import typer

from entrepot.features.garbage.models import Task
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

garbage_commands = command_group(
    "garbage", "Garbage: giving back the space of what was deleted. It goes on by itself; gc is short for it."
)

COLUMNS = ("id", "state", "started_at", "manifests", "blobs", "deleted", "failures", "seconds")


@garbage_commands.command("status")
def show_status(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show what waits to be collected, how long bytes stay and why, and what was done last.

    Example: entrepot garbage status
    """
    answer = dict(connect(server).get("garbage"))
    if output is Output.TABLE:
        grace = answer["grace"]
        answer["grace"] = f"{grace['minutes']} minutes, because {' and '.join(grace['reasons'])}"
    show_item(answer, output)


@garbage_commands.command("preview")
def preview(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Tell what a run would do now, and change nothing.

    The server does the steps of a run, and undoes them: `dead` is what would lose its last use, whose bytes go after
    the grace, `due` whose bytes would go at once, and `kept` what was deleted and is needed by something else.

    Example: entrepot garbage preview
    """
    show_item(connect(server).post("garbage/runs", {"dry_run": True})["would"], output)


@garbage_commands.command("run")
def run(
    task: Annotated[
        Task, typer.Option("--task", help="What to do; the other two go over everything, by themselves at night.")
    ] = Task.COLLECT,
    *,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do, as preview does.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Collect now instead of within minutes. Harmless at any time, and done by one at a time.

    garbage.sweep looks for bytes that nothing knows of, garbage.rehash reads stored bytes again to find damage.

    Example: entrepot garbage run
    """
    answer = connect(server).post("garbage/runs", {"task": task.value, "dry_run": is_dry})
    if is_dry:
        show_item(answer["would"], output)
    elif output is Output.JSON:
        show_item(answer, output)
    else:
        tell(f"It is begun. entrepot job show {answer['job']} tells how far it is, entrepot garbage runs what it did.")


@garbage_commands.command("runs")
def list_runs(limit: LimitOption = 20, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List runs that did something, newest first.

    Example: entrepot garbage runs --limit 5
    """
    show_items(connect(server).items("garbage/runs", limit), COLUMNS, output)


@garbage_commands.command("show")
def show_run(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="From the list of runs.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show what one run did.

    Example: entrepot garbage show 01KA7Q8B4H3M5V9XEYD2T6RZNW
    """
    show_item(connect(server).get(path_to("garbage", "runs", run_id)), output)


@garbage_commands.command("pause")
def pause(server: ServerOption = "") -> None:
    """Let nothing be collected until resume: nothing is deleted meanwhile, and nothing is lost.

    Example: entrepot garbage pause
    """
    connect(server).post("garbage:pause", {})
    tell("Collection is paused. entrepot garbage resume lets it go on.")


@garbage_commands.command("resume")
def resume(server: ServerOption = "") -> None:
    """Let collection go on after a pause.

    Example: entrepot garbage resume
    """
    connect(server).post("garbage:resume", {})
    tell("Collection goes on at its next time, or now by entrepot garbage run.")


@garbage_commands.command("storage")
def list_storage(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List what each project stores, in bytes.

    `unique` is freed if all of the project is deleted, `shared` is held by other projects too, `binned` can still be
    restored, `leased` waits for its artifact, `uploads` is still arriving.

    Example: entrepot garbage storage
    """
    items = connect(server).items("garbage/storage", limit)
    show_items(items, ("project", "unique", "shared", "binned", "leased", "uploads"), output)
