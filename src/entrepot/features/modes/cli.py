# SPDX-License-Identifier: Apache-2.0
"""`entrepot modes`: what a server, or one of its projects, lets happen right now."""

from typing import Annotated

import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.registry.store.modes import Mode

mode_commands = command_group("modes", "Modes: no deleting, read-only, maintenance.")

ProjectOption = Annotated[str, typer.Option("--project", help="Of this project; default: of the whole registry.")]


@mode_commands.command("show")
def show_mode(project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show the mode of a server or project, and the one that counts there.

    Example: entrepot modes show --project team
    """
    show_item(connect(server).get(_path(project)), output)


@mode_commands.command("set")
def set_mode(
    mode: Annotated[Mode, typer.Argument(metavar="MODE", help="rw, no-delete, read-only or maintenance.")],
    project: ProjectOption = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody who is refused is told.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Set the mode of a server or project; `rw` ends every other one.

    Example: entrepot modes set read-only --reason "The storage is moved until 14:00 UTC"
    """
    show_item(connect(server).put(_path(project), {"mode": mode.value, "reason": reason}), output)


def _path(project: str) -> str:
    return path_to("projects", project, "mode") if project else "modes"
