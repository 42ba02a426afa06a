# SPDX-License-Identifier: Apache-2.0
"""`entrepot robot`: accounts for programs, on a server."""

import sys
from typing import Annotated

import typer

from entrepot.features.roles import Role
from entrepot.features.tokens import make_secret
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
from entrepot.infra.remote.output import printable
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import show_secret
from entrepot.infra.remote.output import tell

REGISTRY = "_"

robot_commands = command_group("robot", "Robots: accounts for programs, of a project or of the registry.")

RobotArgument = Annotated[
    str, typer.Argument(metavar="ROBOT", help="What it logs in as, such as team.ci; _.mirror for one of the registry.")
]
DaysOption = Annotated[int | None, typer.Option("--days", help="For how long its secret is good.", min=1)]
EverOption = Annotated[bool, typer.Option("--never-expires", help="Make a secret that is good until it is rotated.")]
HashOption = Annotated[
    str, typer.Option("--secret-hash", metavar="HASH", help="The hash of a secret that 'robot make-secret' has made.")
]
ProjectArgument = Annotated[
    str, typer.Argument(metavar="PROJECT", help="The project it belongs to; '_' for a robot of the registry.")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Its name there: a-z, 0-9, '_' and '-'.")]
RoleOption = Annotated[
    Role | None, typer.Option("--role", help="What it may do in all of the project; default, without --grant: read.")
]
GrantOption = Annotated[
    list[str] | None,
    typer.Option(
        "--grant",
        metavar="PATTERN=ROLE",
        help="Instead of a role: what it may do where, such as 'team/**=write' or 'base/**:v*=write'; may be repeated.",
    ),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="ADDRESS", help="Where it may be: 192.0.2.7, 10.0.0.0/8, …; may be repeated."),
]


@robot_commands.command("list")
def list_robots(
    project: Annotated[
        str, typer.Argument(metavar="[PROJECT]", help="Whose robots; '_' for those of the registry; default: all.")
    ] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the robots of a project; without one, all there are, as an administrator or auditor.

    Secrets that expire soon are named below the list.

    Example: entrepot robot list team
    """
    query = {"project": project} if project else {}
    items = connect(server).items("robots", limit, **query)
    columns = ("name", "enabled", "secret.state", "secret.expires_at", "last_used_at", "created_at", "created_by")
    show_items(items, columns, output)
    _warn(items)


@robot_commands.command("show")
def show_robot(robot: RobotArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a robot and what it may do.

    Example: entrepot robot show team.ci
    """
    item = connect(server).get(path_to("robots", robot))
    show_item(item, output)
    _warn([item])


@robot_commands.command("create")
def create_robot(  # noqa: PLR0913 - one for each option
    project: ProjectArgument,
    name: NameArgument,
    *,
    role: RoleOption = None,
    grants: GrantOption = None,
    allowed: AllowOption = None,
    days: DaysOption = None,
    never_expires: EverOption = False,
    secret_hash: HashOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a robot. Its secret is shown this once; where output is piped, it is all that is printed.

    You can let it do what you may do yourself. With --secret-hash it logs in with a secret that you have made,
    and doing the same again changes nothing: what is needed to keep robots in a repository.

    Example: entrepot robot create team ci --role write

    Example: entrepot robot create _ mirror --grant 'base/**=read' --grant 'mirror/**=write' --allow 10.0.0.0/8
    """
    client = connect(server)
    wanted = {**_robot(project, name, role, grants), "allowed_addresses": allowed or []}
    terms = _terms(days, never_expires=never_expires, secret_hash=secret_hash)
    _show_made(client.post("robots", {**wanted, **terms}), client.target.url, output)


@robot_commands.command("import")
def import_robot(  # noqa: PLR0913 - one for each option
    project: ProjectArgument,
    name: NameArgument,
    *,
    alias: Annotated[str, typer.Option("--alias", help="The name that it logs in with, such as 'robot$team+ci'.")],
    salt: Annotated[str, typer.Option("--salt", help="The column salt of Harbor's table robot.")],
    hashed: Annotated[str, typer.Option("--hash", help="The column secret of Harbor's table robot.")],
    role: RoleOption = None,
    grants: GrantOption = None,
    allowed: AllowOption = None,
    days: DaysOption = None,
    never_expires: EverOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Take a robot over from Harbor: pipelines go on with the name and the secret that they have.

    The hash counts until the robot logs in for the first time; then another one of ours takes its place. Takes an
    administrator of the registry.

    Example: entrepot robot import team ci --alias 'robot$team+ci' --salt "$SALT" --hash "$HASH" --role write
    """
    client = connect(server)
    wanted = {**_robot(project, name, role, grants), "allowed_addresses": allowed or [], "alias": alias}
    terms = _terms(days, never_expires=never_expires, secret_hash="")
    foreign = {"foreign_hash": {"scheme": "harbor", "salt": salt, "hash": hashed}}
    made = client.post("robots", {**wanted, **terms, **foreign})
    _show_made(made, client.target.url, output)


@robot_commands.command("change")
def change_robot(
    robot: RobotArgument,
    *,
    allowed: AllowOption = None,
    allow_everywhere: Annotated[bool, typer.Option("--allow-everywhere", help="Let it be anywhere.")] = False,
    alias: Annotated[
        str | None, typer.Option("--alias", help="Another name that it logs in with; '' takes it away.")
    ] = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Change from where a robot may log in, or its other name. What it may do is changed with 'entrepot grant'.

    Example: entrepot robot change team.ci --allow 10.0.0.0/8 --allow 2001:db8::/32
    """
    if allowed and allow_everywhere:
        raise typer.BadParameter("give either --allow or --allow-everywhere")
    addresses = {"allowed_addresses": allowed or []} if allowed or allow_everywhere else {}
    names = {} if alias is None else {"alias": alias or None}
    if not (addresses or names):
        raise typer.BadParameter("say what to change: --allow, --allow-everywhere or --alias")
    show_item(connect(server).patch(path_to("robots", robot), {**addresses, **names}), output)


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


@robot_commands.command("rotate")
def rotate_robot(  # noqa: PLR0913 - one for each option
    robot: RobotArgument,
    *,
    overlap_minutes: Annotated[
        int, typer.Option("--overlap-minutes", help="For how long the secret it had goes on being good.", min=0)
    ] = 0,
    days: DaysOption = None,
    never_expires: EverOption = False,
    secret_hash: HashOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a robot a new secret, shown this once, and let the one it had end.

    What is being pushed with the old one goes on, as far as its blobs; give an overlap that is longer than a push
    takes, and none fails.

    Example: entrepot robot rotate team.ci --overlap-minutes 60
    """
    client = connect(server)
    terms = _terms(days, never_expires=never_expires, secret_hash=secret_hash)
    wanted = {"overlap_minutes": overlap_minutes, **terms}
    _show_made(client.post(f"{path_to('robots', robot)}:rotate", wanted), client.target.url, output)


@robot_commands.command("secrets")
def list_secrets(
    robot: RobotArgument, limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """List the secrets of a robot, newest first: when they end, and when and where they were last used.

    Example: entrepot robot secrets team.ci
    """
    items = connect(server).items(path_to("robots", robot, "secrets"), limit)
    columns = ("id", "state", "ends_at", "expires_soon", "last_used_at", "last_used_from", "created_at", "created_by")
    show_items(items, columns, output)


@robot_commands.command("add-secret")
def add_secret(
    robot: RobotArgument,
    *,
    days: DaysOption = None,
    never_expires: EverOption = False,
    secret_hash: HashOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a robot a second secret, shown this once. The one it has stays good until you revoke it.

    Example: entrepot robot add-secret team.ci --days 30
    """
    client = connect(server)
    terms = _terms(days, never_expires=never_expires, secret_hash=secret_hash)
    _show_made(client.post(path_to("robots", robot, "secrets"), terms), client.target.url, output)


@robot_commands.command("revoke-secret")
def revoke_secret(
    robot: RobotArgument,
    secret: Annotated[str, typer.Argument(metavar="ID", help="Which, as 'robot secrets' lists it.")],
    *,
    is_sure: SureOption = False,
    server: ServerOption = "",
) -> None:
    """Revoke a secret of a robot; what is logged in with it ends within two seconds, uploads too.

    Example: entrepot robot revoke-secret team.ci 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --yes
    """
    client = connect(server)
    require_sure(f"Revoke the secret {secret} of {robot} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("robots", robot, "secrets", secret))
    tell(f"The secret {secret} is revoked.")


@robot_commands.command("make-secret")
def print_secret(output: OutputOption = Output.TABLE) -> None:
    """Make a secret and its hash on this machine, without a server.

    Keep the secret where your programs find it, and the hash wherever you like: it lets nobody in. With it,
    'robot create' and 'robot rotate' let a robot log in with the secret.

    Example: entrepot robot make-secret --output json
    """
    made = make_secret()
    show_item({"secret": made.secret, "secret_hash": made.secret_hash}, output)


def _robot(project: str, name: str, role: Role | None, grants: list[str] | None) -> Item:
    if role is not None and grants:
        raise typer.BadParameter("give either --role or --grant")
    belonging = {} if project == REGISTRY else {"project": project}
    if grants:
        return {"name": name, **belonging, "grants": [_grant(text) for text in grants]}
    if project == REGISTRY:
        raise typer.BadParameter("say what a robot of the registry may do: --grant PATTERN=ROLE")
    return {"name": name, **belonging, "role": role or Role.READ}


def _grant(text: str) -> Item:
    pattern, equals, role = text.rpartition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not PATTERN=ROLE, such as 'team/**=write'")
    path, _, tags = pattern.partition(":")
    return {"path_pattern": path, "tag_pattern": tags, "role": role}


def _warn(items: list[Item]) -> None:
    """Name the robots whose secret expires soon, beside what is printed for programs."""
    for item in items:
        secret = item.get("secret") or {}
        if secret.get("expires_soon"):
            told = f"Warning: the secret of {item['name']} expires at {secret['expires_at']}"
            sys.stderr.write(f"{printable(told)}: entrepot robot rotate {printable(str(item['name']))}\n")


def _terms(days: int | None, *, never_expires: bool, secret_hash: str) -> Item:
    """Return what is asked of a new secret, as the API takes it."""
    if never_expires and days is not None:
        raise typer.BadParameter("give either --days or --never-expires")
    given = {} if days is None else {"expires_in_days": days}
    hashed = {"secret_hash": secret_hash} if secret_hash else {}
    return {**given, **hashed, "never_expires": never_expires}


def _show_made(made: Item, url: str, output: Output) -> None:
    """Show a secret that was just made, or which one was taken where it was made elsewhere."""
    if made["secret"] is None:
        show_item({key: value for key, value in made.items() if output is Output.JSON or value is not None}, output)
    else:
        show_secret(made, "secret", output, hint=login_hint(url, str(made["name"])))
