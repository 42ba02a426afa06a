# SPDX-License-Identifier: Apache-2.0
"""`entrepot grant`: who may do what where, on a server."""

from typing import Annotated

import typer

from entrepot.features.access import Role
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

grant_commands = command_group("grant", "Grants: a role for somebody on the repositories that match a pattern.")

PrincipalArgument = Annotated[str, typer.Argument(metavar="PRINCIPAL", help="A user, or robot:NAME.")]
PatternArgument = Annotated[
    str, typer.Argument(metavar="PATTERN", help="team/app, 'team/**' for all of a project, '**' for everything.")
]
RoleArgument = Annotated[Role, typer.Argument(help="Pull; pull and push; also delete, and administer.")]


@grant_commands.command("list")
def list_grants(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List every grant, oldest first, as an administrator of the registry.

    Example: entrepot grant list --output json
    """
    items = connect(server).items("grants", limit)
    show_items(items, ("principal", "path_pattern", "role", "created_at", "created_by"), output)


@grant_commands.command("create")
def create_grant(
    principal: PrincipalArgument,
    pattern: PatternArgument,
    role: RoleArgument,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a role on the repositories that match a pattern.

    Example: entrepot grant create alice 'team/**' write
    """
    wanted = {"principal": principal, "path_pattern": pattern, "role": role}
    show_item(connect(server).post("grants", wanted), output)


@grant_commands.command("delete")
def delete_grant(
    principal: PrincipalArgument,
    pattern: PatternArgument,
    role: RoleArgument,
    *,
    is_sure: SureOption = False,
    server: ServerOption = "",
) -> None:
    """Take a grant away, named as it was given.

    Example: entrepot grant delete alice 'team/**' write --yes
    """
    client = connect(server)
    require_sure(f"Take {role} on {pattern} from {principal} at {client.target.url}?", is_sure=is_sure)
    client.delete("grants", principal=principal, path_pattern=pattern, role=role)
    tell(f"{principal} no longer has {role} on {pattern} by this grant.")
