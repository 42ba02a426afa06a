# SPDX-License-Identifier: Apache-2.0
"""`entrepot access`: `can-i` and `who-can`, which are commands of their own too."""

from typing import Annotated

import typer

from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell
from entrepot.kernel.access import Action
from entrepot.oci.reference import parse_repository_name

access_commands = command_group("access", "Access: who may do what, and why.")

ActionArgument = Annotated[Action, typer.Argument(help="What is to be done.")]
RepositoryArgument = Annotated[
    str, typer.Argument(metavar="REPOSITORY", help="Such as team/app; it need not exist. With :TAG, for that tag.")
]


@access_commands.command("can-i")
def can_i(
    action: ActionArgument,
    repository: RepositoryArgument,
    principal: Annotated[str, typer.Option("--as", help="Ask about somebody else, such as robot:team.ci.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Tell whether you may do something in a repository, why, and what would help. Exit status 1 when you may not.

    Example: entrepot can-i delete team/app:v1
    """
    query = _place(action, repository) | ({"principal": principal} if principal else {})
    decision = connect(server).get("access", **query)
    if output is Output.JSON:
        show_item(decision, output)
    else:
        tell(f"{'yes' if decision['allowed'] else 'no'}: {decision['because']}")
        if decision["fix"]:
            tell(f"It could be granted so: {decision['fix']}")
    if not decision["allowed"]:
        raise typer.Exit(1)


@access_commands.command("who-can")
def who_can(
    action: ActionArgument,
    repository: RepositoryArgument,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List who may do something in a repository, and by which grants.

    Example: entrepot who-can push team/app
    """
    found = connect(server).get("access/who", **_place(action, repository))
    if output is Output.JSON:
        show_item(found, output)
        return
    rows = [{"principal": each["principal"], **(each["grant"] or {})} for each in found["items"]]
    show_items(rows, ("principal", "held_by", "role", "path_pattern", "tag_pattern", "expires_at"), output)
    if not found["is_complete"]:
        tell("There are more.")


def _place(action: Action, repository: str) -> dict[str, str]:
    name, _, tag = repository.partition(":")
    return {"action": action.value, "repository": parse_repository_name(name), **({"tag": tag} if tag else {})}
