# SPDX-License-Identifier: Apache-2.0
"""`entrepot access can-i`, for short `entrepot can-i`: what one may do on a server, and why."""

from typing import Annotated

import typer

from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import tell
from entrepot.kernel.access import Action
from entrepot.oci.reference import parse_repository_name

access_commands = command_group("access", "Access: what you may do, and why.")


@access_commands.command("can-i")
def can_i(
    action: Annotated[Action, typer.Argument(help="What you would do.")],
    repository: Annotated[str, typer.Argument(metavar="REPOSITORY", help="Such as team/app; it need not exist.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Tell whether you may do something in a repository, and why. Exit status 1 when you may not.

    Example: entrepot can-i push team/app
    """
    client = connect(server)
    query = {"action": action.value, "repository": parse_repository_name(repository)}
    decision = client.get("access", **query)
    if output is Output.JSON:
        show_item(decision, output)
    else:
        tell(f"{'yes' if decision['allowed'] else 'no'}: {decision['because']}")
    if not decision["allowed"]:
        raise typer.Exit(1)
