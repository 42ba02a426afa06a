# SPDX-License-Identifier: Apache-2.0
"""`entrepot usage`: who pulls and pushes what, what goes in and out, and how a project grows."""

import re
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Annotated

import typer

from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.reports import By
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

usage_commands = command_group("usage", "Usage: pulls and pushes, traffic, growth.")

PlaceArgument = Annotated[
    str, typer.Argument(metavar="PLACE", help="A project such as team, or a repository such as team/app.")
]
IsRepository = Annotated[bool, typer.Option("--repository", help="It is a repository, though its name has no slash.")]
DaysOption = Annotated[int, typer.Option("--days", help="Of so many days, today among them.", min=1, max=KEPT_DAYS)]

_AGO = re.compile(r"([0-9]{1,4})([hd])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


@usage_commands.command("show")
def show_usage(  # noqa: PLR0913 - the options of the command
    place: PlaceArgument,
    by: Annotated[By, typer.Option("--by", help="What to break it down by.")] = By.DAY,
    since: Annotated[str, typer.Option("--since", help="Such as 12h, 7d or 2026-01-31T12:00:00Z.")] = "",
    until: Annotated[str, typer.Option("--until", help="The same; default: now.")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many names.", min=1, max=1_000)] = 20,
    *,
    is_repository: IsRepository = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show the pulls and pushes of a project or a repository.

    Example: entrepot usage show team/app --by client --since 7d
    """
    asked = {"by": by.value, "since": _moment(since), "until": _moment(until), "limit": str(limit)}
    answer = connect(server).get("usage", **_named(place, is_repository=is_repository), **_given(asked))
    if output is Output.JSON:
        show_item(answer, output)
        return
    first = "at" if by in (By.HOUR, By.DAY) else "name"
    show_items(answer["items"], (first, "pulls", "pushes"), output)
    if answer["others"]:
        tell(f"Others: {answer['others']['pulls']} pulls, {answer['others']['pushes']} pushes.")
    if not answer["is_complete"]:
        tell(f"There are more than {limit}: --limit shows more of them.")


@usage_commands.command("traffic")
def show_traffic(
    place: PlaceArgument,
    days: DaysOption = 30,
    *,
    is_repository: IsRepository = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show the bytes that went into a project or a repository, and out of it, by day.

    Example: entrepot usage traffic team --days 7
    """
    client: Client = connect(server)
    answer = client.get("usage/traffic", **_named(place, is_repository=is_repository), days=str(days))
    show_items(answer["items"], ("at", "pushed_bytes", "sent_bytes"), output)


@usage_commands.command("storage")
def show_storage(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Such as team.")],
    days: DaysOption = 30,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show what a project held at the end of each day, and how it grew.

    Example: entrepot usage storage team --days 90
    """
    answer = connect(server).get("usage/storage", project=project, days=str(days))
    show_items(answer["items"], ("at", "bytes", "grown_bytes"), output)


def _named(place: str, *, is_repository: bool) -> dict[str, str]:
    return {"repository" if is_repository or "/" in place else "project": place}


def _given(asked: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def _moment(text: str) -> str:
    """Return a moment as the API takes it; so many hours or days ago is one too."""
    ago = _AGO.fullmatch(text)
    if ago is None:
        return text
    moment = datetime.now(UTC) - int(ago[1]) * _UNITS[ago[2]]
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
