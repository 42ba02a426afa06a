# SPDX-License-Identifier: Apache-2.0
"""`entrepot hold`: what nobody deletes, on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.moments import parse_until
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell
from entrepot.kernel.clock import system_clock
from entrepot.oci.reference import parse_repository_name

hold_commands = command_group("hold", "Holds: artifacts and repositories that nobody deletes.")

ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in one line; it is shown and recorded.")]
RepositoryArgument = Annotated[str, typer.Argument(metavar="REPOSITORY", help="Such as team/app.")]
HoldArgument = Annotated[str, typer.Argument(metavar="HOLD", help="Its id, as 'list' shows it.")]

_COLUMNS = ("id", "repository", "digest", "tag", "kind", "is_in_force", "expires_at", "placed_by", "reason")
NEVER = "never"


@hold_commands.command("place")
def place_hold(
    artifact: Annotated[
        str, typer.Argument(metavar="ARTIFACT", help="team/app:1.0, team/app@sha256:…, or all of team/app.")
    ],
    reason: ReasonOption,
    *,
    until: Annotated[
        str, typer.Option("--until", metavar="WHEN", help="When it ends: 90d, a date, or 'never' for a legal one.")
    ] = "90d",
    is_legal: Annotated[
        bool, typer.Option("--legal", help="Evidence: only who has the right to hold ends it.")
    ] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Let nobody delete an artifact, with what belongs to it, or anything in a repository.

    Example: entrepot hold place team/app:1.0 --reason 'Case 4711' --legal --until never
    """
    wanted: dict[str, object] = {
        "kind": "legal" if is_legal else "user",
        "reason": reason,
        "expires_at": _moment(until),
    }
    repository = artifact
    if "@" in artifact or ":" in artifact:
        reference = parse_content_reference(artifact)
        repository = reference.repository
        wanted |= {"digest": reference.digest} if reference.digest else {"tag": reference.tag}
    show_item(connect(server).post(_path(repository), wanted), output)


@hold_commands.command("list")
def list_holds(
    where: Annotated[
        str, typer.Argument(metavar="[REPOSITORY]", help="Of team/app, or of a project with --project.")
    ] = "",
    project: Annotated[str, typer.Option("--project", help="Of all repositories of a project.")] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List holds, those too that ended within 30 days; without a place, all that you may see.

    Example: entrepot hold list team/app
    """
    path = _path(where) if where else path_to("projects", project, "holds") if project else "holds"
    found = connect(server).items(path, limit)
    if output is Output.TABLE and not found:
        tell("There are no holds.")
        return
    show_items(found, _COLUMNS, output)


@hold_commands.command("extend")
def extend_hold(
    repository: RepositoryArgument,
    hold: HoldArgument,
    until: Annotated[str, typer.Option("--until", metavar="WHEN", help="When it ends: 90d, a date, or 'never'.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Let a hold end later.

    Example: entrepot hold extend team/app 01KDZK3V8E8K5Z4Q6T6R9W2B7C --until 180d
    """
    wanted = {"expires_at": _moment(until)}
    show_item(connect(server).post(f"{_path(repository)}/{hold}:extend", wanted), output)


@hold_commands.command("release")
def release_hold(
    repository: RepositoryArgument,
    hold: HoldArgument,
    reason: ReasonOption,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """End a hold.

    Example: entrepot hold release team/app 01KDZK3V8E8K5Z4Q6T6R9W2B7C --reason 'The case is closed'
    """
    released: Item = connect(server).post(f"{_path(repository)}/{hold}:release", {"reason": reason})
    show_item(released, output)


def _path(repository: str) -> str:
    return f"repositories/{parse_repository_name(repository)}/-/holds"


def _moment(text: str) -> str | None:
    return None if text == NEVER else parse_until(text, system_clock())
