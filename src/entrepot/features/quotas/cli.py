# SPDX-License-Identifier: Apache-2.0
"""`entrepot quota`: how much projects, users and robots may use, and do."""

from collections.abc import Mapping
from typing import Annotated
from typing import Any

import typer

from entrepot.features.quotas.models import Resource
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.sizes import parse_size
from entrepot.features.quotas.sizes import shown_size
from entrepot.features.quotas.store.listing import Order
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

quota_commands = command_group("quota", "Quotas: how much may be stored, by whom, and how much is.")

UNLIMITED = "unlimited"
"""Says that there is no limit, where one could be given."""

_WHO = "A project such as team; with --user or --robot somebody who pushes; default: projects without their own."
WhoArgument = Annotated[str, typer.Argument(metavar="[NAME]", help=_WHO)]
IsUser = Annotated[bool, typer.Option("--user", help="NAME is a user: all that they pushed, in any project.")]
IsRobot = Annotated[bool, typer.Option("--robot", help="NAME is a robot: all that it pushed, in any project.")]
CountOption = Annotated[str, typer.Option(metavar="NUMBER", help="At most so many, or 'unlimited'.")]

_COLUMNS = ("name", "used", "limit", "percent", "artifacts", "repositories", "tags", "quota")


@quota_commands.command("list")
def list_quotas(
    kind: Annotated[SubjectKind, typer.Option("--kind", help="Whose quotas.")] = SubjectKind.PROJECT,
    sort: Annotated[Order, typer.Option("--sort", help="The most first; by name, the first.")] = Order.PERCENT,
    at_least: Annotated[
        int | None, typer.Option("--at-least", metavar="PERCENT", help="Only who uses so much of a limit.", min=0)
    ] = None,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List who uses how much of their quota.

    Example: entrepot quota list --at-least 80
    """
    given = {} if at_least is None else {"at_least": str(at_least)}
    items = connect(server).items("quotas", limit, kind=kind.value, sort=sort.value, **given)
    if output is Output.JSON:
        show_items(items, (), output)
        return
    show_items([_row(each) for each in items], _COLUMNS, output)


@quota_commands.command("show")
def show_quota(
    name: WhoArgument = "",
    *,
    is_user: IsUser = False,
    is_robot: IsRobot = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show a quota, what is used of it, what is stored beside that, and when it will be full.

    Example: entrepot quota show team
    """
    _show(connect(server).get(_path(name, is_user=is_user, is_robot=is_robot)), output)


@quota_commands.command("set")
def set_quota(  # noqa: PLR0913 - one for each flag
    name: WhoArgument = "",
    *,
    size: Annotated[
        str, typer.Option("--size", metavar="SIZE", help="At most so many bytes: 50GB, 50GiB, 1.5TB, or 'unlimited'.")
    ] = "",
    artifacts: CountOption = "",
    repositories: CountOption = "",
    tags: CountOption = "",
    warn_at: Annotated[
        list[int] | None,
        typer.Option(
            "--warn-at", metavar="PERCENT", help="Warn from so much of a limit on; repeatable.", min=1, max=100
        ),
    ] = None,
    contact: Annotated[str | None, typer.Option("--contact", help="Whom to ask for more, as refusals say it.")] = None,
    is_user: IsUser = False,
    is_robot: IsRobot = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Set a quota; what you do not name stays as it is. What is there stays too, also where it is more.

    50GB are 50,000,000,000 bytes, and 50GiB are 53,687,091,200. Without a NAME it is the quota of every project that
    has none of its own. A project of its own with nothing but 'unlimited' has no limit, whatever that default is.

    Example: entrepot quota set team --size 50GB --tags 500 --warn-at 80 --warn-at 95 --contact platform@example.com
    """
    client, path = connect(server), _path(name, is_user=is_user, is_robot=is_robot)
    found = client.get(path)
    own = found.get("quota") if found.get("is_own", True) else None
    before = own or {}
    wanted = {
        "limits": {
            **(before.get("limits") or {}),
            **_limit(Resource.BYTES, size),
            **_limit(Resource.ARTIFACTS, artifacts),
            **_limit(Resource.REPOSITORIES, repositories),
            **_limit(Resource.TAGS, tags),
        },
        **({"thresholds": sorted(set(warn_at))} if warn_at else _kept(before, "thresholds")),
        **({"contact": contact} if contact is not None else _kept(before, "contact")),
        "revision": found["revision"],
    }
    _show(client.put(path, wanted), output)


@quota_commands.command("remove")
def remove_quota(
    name: WhoArgument = "",
    *,
    is_user: IsUser = False,
    is_robot: IsRobot = False,
    server: ServerOption = "",
) -> None:
    """Take a quota away: a project has the default one then, if there is one, and others have no limit.

    Example: entrepot quota remove team
    """
    connect(server).delete(_path(name, is_user=is_user, is_robot=is_robot))
    tell("The quota is taken away.")


@quota_commands.command("check")
def check_quotas(
    *,
    is_now: Annotated[bool, typer.Option("--now", help="Have everything counted anew now.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show what came of the last time that everything was counted anew, which happens every night.

    Example: entrepot quota check --now
    """
    client = connect(server)
    if is_now:
        tell(f"The job {client.post('quotas/check', {})['job']} counts everything anew.", output)
    show_item(client.get("quotas/check"), output)


def _path(name: str, *, is_user: bool, is_robot: bool) -> str:
    if is_user and is_robot:
        raise typer.BadParameter("it is either a user or a robot")
    if (is_user or is_robot) and not name:
        raise typer.BadParameter("name the user or the robot")
    if is_user or is_robot:
        return path_to("quotas", "users" if is_user else "robots", name)
    return path_to("projects", name, "quota") if name else "quotas/default"


def _limit(resource: Resource, text: str) -> dict[str, int | None]:
    """Read a limit, of which nothing is said if it is empty."""
    if not text:
        return {}
    if text == UNLIMITED:
        return {resource.value: None}
    if resource is Resource.BYTES:
        return {resource.value: parse_size(text)}
    if not text.isascii() or not text.isdecimal():
        raise typer.BadParameter(f"{text} is no number of {resource}; {UNLIMITED} is for no limit")
    return {resource.value: int(text)}


def _kept(before: Mapping[str, Any], member: str) -> dict[str, Any]:
    return {member: before[member]} if member in before else {}


def _row(item: Mapping[str, Any]) -> dict[str, object]:
    used, limits = item["used"], item["limits"]
    counts = {
        each.value: f"{used[each]} of {limits[each]}" if limits[each] is not None else str(used[each])
        for each in Resource
        if each is not Resource.BYTES
    }
    return {
        "name": item["name"],
        "used": shown_size(used["bytes"]),
        "limit": None if limits["bytes"] is None else shown_size(limits["bytes"]),
        "percent": item["percent"],
        **counts,
        "quota": "own" if item["is_own"] else "default",
    }


def _show(found: Mapping[str, Any], output: Output) -> None:
    if output is Output.JSON:
        show_item(found, output)
        return
    quota = found["quota"]
    if "used" not in found:
        if quota is None:
            tell("Projects without a quota of their own have no limit.")
        else:
            show_item(_terms(quota), output)
        return
    used, beside = found["used"], found["beside"] or {}
    lines: dict[str, object] = {
        found["kind"]: found["name"],
        "used": shown_size(used["bytes"]),
        **{each.value: used[each] for each in Resource if each is not Resource.BYTES},
        "percent": found["percent"],
        "quota": "own" if found["is_own"] else "default" if quota else "none",
        **(_terms(quota) if quota else {}),
        **{each: shown_size(beside[each]) for each in ("bin", "leased", "uploads", "shared") if each in beside},
        "full_at": found["forecast"]["full_at"],
    }
    show_item(lines, output)


def _terms(quota: Mapping[str, Any]) -> dict[str, object]:
    limits = quota["limits"]
    size = limits["bytes"]
    return {
        "most_bytes": UNLIMITED if size is None else shown_size(size),
        **{
            f"most_{each.value}": UNLIMITED if limits[each] is None else limits[each]
            for each in Resource
            if each is not Resource.BYTES
        },
        "warn_at": quota["thresholds"],
        "contact": quota["contact"],
    }
