# SPDX-License-Identifier: Apache-2.0
"""`entrepot role`: what grants can give, on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell
from entrepot.kernel.access import Action

role_commands = command_group("role", "Roles: sets of actions that grants give.")

RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", help="Its name: a-z, 0-9 and '-'.")]
ActionsOption = Annotated[list[Action], typer.Option("--action", help="What it lets do; give it once for each.")]


@role_commands.command("list")
def list_roles(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List every role: the built-in ones, then the others by name.

    Example: entrepot role list
    """
    items = connect(server).items("roles", limit)
    show_items(items, ("name", "is_built_in", "is_system", "actions", "description"), output)


@role_commands.command("show")
def show_role(role: RoleArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a role, what it lets do, and to administrators and auditors how many grants give it.

    Example: entrepot role show maintain
    """
    show_item(connect(server).get(path_to("roles", role)), output)


@role_commands.command("create")
def create_role(
    role: RoleArgument,
    actions: ActionsOption,
    *,
    description: Annotated[str, typer.Option("--description", help="What it is for, in one line.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a role.

    Example: entrepot role create deployer --action pull --action tag --description 'Sets tags on what was built'
    """
    wanted = {"name": role, "description": description, "actions": actions}
    show_item(connect(server).post("roles", wanted), output)


@role_commands.command("change")
def change_role(
    role: RoleArgument,
    actions: Annotated[
        list[Action] | None, typer.Option("--action", help="What it lets do from now on; give it once for each.")
    ] = None,
    description: Annotated[str | None, typer.Option("--description", help="What it is for, in one line.")] = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Change what a role lets do, or is for, for everybody who has it. What is not given stays.

    Example: entrepot role change deployer --action pull --action tag --action sign
    """
    if not actions and description is None:
        raise typer.BadParameter("give what is to change: --action, --description or both")
    client = connect(server)
    present = client.get(path_to("roles", role))
    wanted = {
        "actions": actions or present["actions"],
        "description": present["description"] if description is None else description,
    }
    show_item(client.put(path_to("roles", role), wanted), output)


@role_commands.command("delete")
def delete_role(role: RoleArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a role that no grant gives.

    Example: entrepot role delete deployer --yes
    """
    client = connect(server)
    require_sure(f"Delete the role {role} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("roles", role))
    tell(f"The role {role} is deleted.")
