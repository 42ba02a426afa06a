# SPDX-License-Identifier: Apache-2.0
"""`entrepot grant`: who may do what where, on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.moments import parse_until
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
from entrepot.kernel.clock import system_clock

grant_commands = command_group("grant", "Grants: a role for somebody on the repositories that match a pattern.")

PrincipalArgument = Annotated[
    str,
    typer.Argument(metavar="PRINCIPAL", help="A user, group:NAME, robot:NAME, workload:NAME, everyone or anonymous."),
]
PatternArgument = Annotated[
    str,
    typer.Argument(
        metavar="PATTERN",
        help="team/app, 'team/**' for all of a project, '**' for everything, SYSTEM for the registry as a whole; "
        "with :TAGS, as in 'team/**:v*', it lets only such tags be set and deleted.",
    ),
]
RoleArgument = Annotated[
    str, typer.Argument(metavar="ROLE", help="view, read, write, maintain, admin, or what 'role list' shows.")
]
UntilOption = Annotated[
    str, typer.Option("--until", metavar="WHEN", help="Let it end by itself: 12h, 30d, or 2027-01-31T12:00:00Z.")
]


@grant_commands.command("list")
def list_grants(
    principal: Annotated[str, typer.Option("--principal", help="Only those of somebody, such as group:dev.")] = "",
    within: Annotated[str, typer.Option("--within", help="Only those on a path and below it.")] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List grants, oldest first: all as an administrator or auditor, within a path as who manages it.

    Example: entrepot grant list --within team/app
    """
    query = {key: value for key, value in (("principal", principal), ("within", within)) if value}
    items = connect(server).items("grants", limit, **query)
    columns = ("principal", "path_pattern", "role", "tag_pattern", "expires_at", "created_at", "created_by")
    show_items(items, columns, output)


@grant_commands.command("create")
def create_grant(
    principal: PrincipalArgument,
    pattern: PatternArgument,
    role: RoleArgument,
    *,
    until: UntilOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a role on the repositories that match a pattern, for ever or until some moment.

    Example: entrepot grant create group:dev 'team/**:dev-*' write --until 90d
    """
    wanted = {"principal": principal, "role": role, **_place(pattern)}
    if until:
        wanted["expires_at"] = parse_until(until, system_clock())
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
    client.delete("grants", principal=principal, role=role, **_place(pattern))
    tell(f"{principal} no longer has {role} on {pattern} by this grant.")


def _place(pattern: str) -> dict[str, str]:
    path, _, tags = pattern.partition(":")
    return {"path_pattern": path, "tag_pattern": tags}
