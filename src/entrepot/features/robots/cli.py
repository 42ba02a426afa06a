# SPDX-License-Identifier: Apache-2.0
"""`entrepot robot`: accounts for programs, on a server."""

from typing import Annotated

import typer

from entrepot.features.roles import Role
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import login_hint
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import show_secret
from entrepot.infra.remote.output import tell

robot_commands = command_group("robot", "Robots: accounts for programs, each of one project.")

RobotArgument = Annotated[str, typer.Argument(metavar="ROBOT", help="What it logs in as, such as team.ci.")]
DaysOption = Annotated[int | None, typer.Option("--days", help="For how long its secret is good; default 90.", min=1)]
EverOption = Annotated[bool, typer.Option("--never-expires", help="Make a secret that is good until it is rotated.")]


@robot_commands.command("list")
def list_robots(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Whose robots.")],
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the robots of a project.

    Example: entrepot robot list team
    """
    items = connect(server).items("robots", limit, project=project)
    show_items(items, ("name", "enabled", "secret.state", "secret.expires_at", "created_at", "created_by"), output)


@robot_commands.command("show")
def show_robot(robot: RobotArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a robot and what it may do.

    Example: entrepot robot show team.ci
    """
    show_item(connect(server).get(path_to("robots", robot)), output)


@robot_commands.command("create")
def create_robot(  # noqa: PLR0913 - one for each option
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The project it belongs to.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name there: a-z, 0-9, '_' and '-'.")],
    *,
    role: Annotated[Role, typer.Option("--role", help="What it may do in all of the project.")] = Role.READ,
    days: DaysOption = None,
    never_expires: EverOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a robot. Its secret is shown this once; where output is piped, it is all that is printed.

    Example: entrepot robot create team ci --role write
    """
    client = connect(server)
    wanted = {"project": project, "name": name, "role": role, **_terms(days, never_expires=never_expires)}
    _show_once(client.post("robots", wanted), client.target.url, output)


@robot_commands.command("rotate")
def rotate_robot(
    robot: RobotArgument,
    *,
    overlap_minutes: Annotated[
        int, typer.Option("--overlap-minutes", help="For how long the secret it had goes on being good.", min=0)
    ] = 0,
    days: DaysOption = None,
    never_expires: EverOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a robot a new secret, shown this once, and let the one it had end.

    Example: entrepot robot rotate team.ci --overlap-minutes 60
    """
    client = connect(server)
    wanted = {"overlap_minutes": overlap_minutes, **_terms(days, never_expires=never_expires)}
    _show_once(client.post(f"{path_to('robots', robot)}:rotate", wanted), client.target.url, output)


@robot_commands.command("disable")
def disable_robot(robot: RobotArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let a robot do nothing until it is enabled again.

    Example: entrepot robot disable team.ci
    """
    show_item(connect(server).post(f"{path_to('robots', robot)}:disable", {}), output)


@robot_commands.command("enable")
def enable_robot(robot: RobotArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let a disabled robot log in again.

    Example: entrepot robot enable team.ci
    """
    show_item(connect(server).post(f"{path_to('robots', robot)}:enable", {}), output)


@robot_commands.command("delete")
def delete_robot(robot: RobotArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a robot, its secrets and its grants.

    Example: entrepot robot delete team.ci --yes
    """
    client = connect(server)
    require_sure(f"Delete the robot {robot} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("robots", robot))
    tell(f"The robot {robot} is deleted.")


def _terms(days: int | None, *, never_expires: bool) -> Item:
    if never_expires and days is not None:
        raise typer.BadParameter("give either --days or --never-expires")
    given = {} if days is None else {"expires_in_days": days}
    return {**given, "never_expires": never_expires}


def _show_once(made: Item, url: str, output: Output) -> None:
    show_secret(made, "secret", output, hint=login_hint(url, str(made["name"])))
