# SPDX-License-Identifier: Apache-2.0
"""`entrepot group`: groups and who is in them, on a server."""

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

group_commands = command_group("group", "Groups: whom roles are granted to together.")

GroupArgument = Annotated[str, typer.Argument(metavar="GROUP", help="Its name.")]
MemberArgument = Annotated[
    str, typer.Argument(metavar="MEMBER", help="A user, group:NAME, robot:NAME or workload:NAME.")
]


@group_commands.command("list")
def list_groups(
    member: Annotated[str, typer.Option("--member", help="Only those that somebody, such as alice, is in.")] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the groups, as an administrator or auditor; which you are in yourself, as anybody.

    Example: entrepot group list --member robot:team.ci
    """
    items = connect(server).items("groups", limit, **({"member": member} if member else {}))
    show_items(items, ("name", "description", "provider", "created_at", "created_by"), output)


@group_commands.command("show")
def show_group(group: GroupArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a group.

    Example: entrepot group show developers
    """
    show_item(connect(server).get(path_to("groups", group)), output)


@group_commands.command("create")
def create_group(
    group: GroupArgument,
    *,
    description: Annotated[str, typer.Option("--description", help="What it is for, in one line.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a group, which may do nothing until something is granted to it.

    Example: entrepot group create developers --description 'Everybody who builds the shop'
    """
    show_item(connect(server).post("groups", {"name": group, "description": description}), output)


@group_commands.command("describe")
def describe_group(
    group: GroupArgument,
    description: Annotated[str, typer.Argument(metavar="DESCRIPTION", help="What it is for, in one line.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a group another description.

    Example: entrepot group describe developers 'Everybody who builds the shop'
    """
    show_item(connect(server).patch(path_to("groups", group), {"description": description}), output)


@group_commands.command("delete")
def delete_group(group: GroupArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a group with all that was granted to it; who was in it may do that no more.

    Example: entrepot group delete developers --yes
    """
    client = connect(server)
    require_sure(f"Delete the group {group} and its grants at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("groups", group))
    tell(f"The group {group} is deleted.")


@group_commands.command("members")
def list_group_members(
    group: GroupArgument,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List who is in a group directly; members of a group that is in it are listed there.

    Example: entrepot group members developers
    """
    items = connect(server).items(path_to("groups", group, "members"), limit)
    show_items(items, ("member", "created_at", "created_by"), output)


@group_commands.command("add")
def add_group_member(
    group: GroupArgument,
    member: MemberArgument,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Put somebody into a group, or another group with all who are in it.

    Example: entrepot group add developers alice
    """
    show_item(connect(server).put(path_to("groups", group, "members", member), {}), output)


@group_commands.command("remove")
def remove_group_member(
    group: GroupArgument, member: MemberArgument, *, is_sure: SureOption = False, server: ServerOption = ""
) -> None:
    """Take somebody out of a group.

    Example: entrepot group remove developers alice --yes
    """
    client = connect(server)
    require_sure(f"Remove {member} from the group {group} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("groups", group, "members", member))
    tell(f"{member} is no longer in the group {group} itself.")
