# SPDX-License-Identifier: Apache-2.0
"""`entrepot promote` and `entrepot promotions`: releases on their way from one project to the next."""

import time
from typing import Annotated

import typer

from entrepot.features.copies import FOLLOWED_HOURS
from entrepot.features.copies import MAX_FOLLOWED_HOURS
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.paths import MAX_APPROVALS
from entrepot.features.promotions.paths import MAX_WAIT_HOURS
from entrepot.features.promotions.paths import WAIT_HOURS
from entrepot.features.promotions.paths import parse_path_address
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.content import parse_content_reference
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
from entrepot.kernel.errors import AppError
from entrepot.oci.reference import parse_repository_name

promotion_commands = command_group("promotions", "Promotions: releases on their way from one project to the next.")
path_commands = typer.Typer(name="paths", help="From where to where, and who approves.", no_args_is_help=True)
promotion_commands.add_typer(path_commands)

IdArgument = Annotated[str, typer.Argument(metavar="PROMOTION", help="Its id, as 'promotions list' shows it.")]
PathArgument = Annotated[str, typer.Argument(metavar="PATH", help="A path, such as prod/release.")]
NoteOption = Annotated[str, typer.Option("--note", help="What there is to say, in one line.")]
_COLUMNS = ("id", "path", "source", "tag", "digest", "state", "requested_by", "expires_at", "reason")
_PATH_COLUMNS = ("path", "source", "repositories", "tags", "approvals", "approvers")
_PREVIEWED = ("target", "digest", "tags", "approvals", "manifest_count", "new_manifests", "new_bytes", "refusals")
_OPEN = (PromotionState.WAITING, PromotionState.RUNNING)
LOOK_EVERY_SECONDS = 0.5


class NotPromoted(AppError):
    """The promotion did not come to its end."""

    code = "not_promoted"


def promote(  # noqa: PLR0913 - one for each flag
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="team/app:1.0 or team/app@sha256:….")],
    path: Annotated[str, typer.Option("--path", help="Along which path, such as prod/release.")],
    *,
    note: NoteOption = "",
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only tell what would come, and what refuses it.")] = False,
    is_waiting: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Ask for an artifact to be promoted along a path; it is carried out once all have approved that it takes.

    Example: entrepot promote dev/app:1.0 --path prod/release --note 'Tested by the night run' --wait
    """
    named = parse_content_reference(reference)
    wanted = {"path": "/".join(parse_path_address(path)), "note": note}
    wanted |= {"digest": named.digest} if named.digest else {"tag": str(named.tag)}
    client, address = connect(server), f"repositories/{named.repository}/-/promotions"
    if is_dry:
        told = client.post(f"{address}:preview", wanted)
        show_item(told if output is not Output.TABLE else {name: told[name] for name in _PREVIEWED}, output)
        return
    asked = client.post(address, wanted)
    show_item(_ended(client, asked) if is_waiting else asked, output)


@promotion_commands.command("list")
def list_promotions(
    repository: Annotated[str, typer.Argument(metavar="[REPOSITORY]", help="From or into team/app.")] = "",
    *,
    are_mine: Annotated[bool, typer.Option("--waiting-for-me", help="Those that you may decide about.")] = False,
    state: Annotated[PromotionState | None, typer.Option("--state", help="Those that stand so.")] = None,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List promotions of the last year, the newest first.

    Example: entrepot promotions list --waiting-for-me
    """
    client = connect(server)
    if repository:
        found = client.items(f"repositories/{parse_repository_name(repository)}/-/promotions", limit)
    else:
        asked = {"waiting_for": "me" if are_mine else "", "state": state.value if state else ""}
        found = client.items("promotions", limit, **{name: value for name, value in asked.items() if value})
    if output is Output.TABLE and not found:
        tell("There are no promotions.")
        return
    show_items(found, _COLUMNS, output)


@promotion_commands.command("show")
def show_promotion(promotion: IdArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a promotion.

    Example: entrepot promotions show 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    show_item(connect(server).get(path_to("promotions", promotion)), output)


@promotion_commands.command("approve")
def approve_promotion(
    promotion: IdArgument, note: NoteOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Approve a promotion. Once enough have, it is carried out with the rights of whoever did last.

    Example: entrepot promotions approve 01KDZK3V8E8K5Z4Q6T6R9W2B7C --note 'Agreed in the review'
    """
    show_item(connect(server).post(f"{path_to('promotions', promotion)}:approve", {"note": note}), output)


@promotion_commands.command("refuse")
def refuse_promotion(
    promotion: IdArgument, note: NoteOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Refuse a promotion, which ends it.

    Example: entrepot promotions refuse 01KDZK3V8E8K5Z4Q6T6R9W2B7C --note 'The SBOM is missing'
    """
    show_item(connect(server).post(f"{path_to('promotions', promotion)}:refuse", {"note": note}), output)


@promotion_commands.command("withdraw")
def withdraw_promotion(promotion: IdArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Give up what you asked for.

    Example: entrepot promotions withdraw 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    show_item(connect(server).post(f"{path_to('promotions', promotion)}:withdraw", {}), output)


@path_commands.command("list")
def list_paths(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the paths between projects of which you may see both.

    Example: entrepot promotions paths list
    """
    show_items(connect(server).items("promotion-paths", limit), _PATH_COLUMNS, output)


@path_commands.command("show")
def show_path(path: PathArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a path.

    Example: entrepot promotions paths show prod/release
    """
    show_item(connect(server).get(_address(path)), output)


@path_commands.command("set")
def set_path(  # noqa: PLR0913 - one for each flag
    path: PathArgument,
    source: Annotated[str, typer.Option("--from", help="The project that it leads from.")],
    *,
    repositories: Annotated[str, typer.Option("--repositories", help="Only these, such as dev/web/**.")] = "",
    prefix: Annotated[str, typer.Option("--prefix", help="Below which name the target has what comes.")] = "",
    tags: Annotated[str, typer.Option("--tags", help="Only such tags, as v*.")] = "",
    tag_suffix: Annotated[str, typer.Option("--tag-suffix", help="What is added to the tag in the target.")] = "",
    approvals: Annotated[int, typer.Option("--approvals", min=0, max=MAX_APPROVALS, help="How many approve.")] = 0,
    approvers: Annotated[
        list[str] | None, typer.Option("--approver", help="A user, or group:release; may be repeated.")
    ] = None,
    is_own: Annotated[
        bool, typer.Option("--own-request-counts", help="Who asks may be one of those who approve.")
    ] = False,
    wait_hours: Annotated[
        int, typer.Option("--wait-hours", min=1, max=MAX_WAIT_HOURS, help="How long approvals may come.")
    ] = WAIT_HOURS,
    follow_hours: Annotated[
        int, typer.Option("--follow-hours", min=0, max=MAX_FOLLOWED_HOURS, help="How long what comes late follows.")
    ] = FOLLOWED_HOURS,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a path into a project, or put what it says in the place of what it said.

    Example: entrepot promotions paths set prod/release --from dev --approvals 2 --approver ada --approver group:release
    """
    wanted = {
        "source": source,
        "repositories": repositories,
        "prefix": prefix,
        "tags": tags,
        "tag_suffix": tag_suffix,
        "approvals": approvals,
        "approvers": approvers or [],
        "own_request_counts": is_own,
        "wait_hours": wait_hours,
        "follow_hours": follow_hours,
    }
    show_item(connect(server).put(_address(path), wanted), output)


@path_commands.command("delete")
def delete_path(path: PathArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a path. What waits on it fails.

    Example: entrepot promotions paths delete prod/release --yes
    """
    address = _address(path)
    require_sure(f"Delete the path {path}, and fail what waits on it?", is_sure=is_sure)
    connect(server).delete(address)
    tell(f"The path {path} is deleted.")


def _address(path: str) -> str:
    project, name = parse_path_address(path)
    return path_to("projects", project, "promotion-paths", name)


def _ended(client: Client, promotion: Item) -> Item:
    """Wait until it has ended. Raises `NotPromoted`."""
    while promotion["state"] in _OPEN:
        time.sleep(LOOK_EVERY_SECONDS)
        promotion = client.get(path_to("promotions", promotion["id"]))
    if promotion["state"] != PromotionState.DONE:
        raise NotPromoted(f"the promotion is {promotion['state']}: {promotion['reason']}")
    return promotion
