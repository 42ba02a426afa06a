# SPDX-License-Identifier: Apache-2.0
"""`entrepot audit`: who did what, on a server."""

import sys
from base64 import b64decode
from collections import Counter
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from typing import Any

import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.moments import parse_since
from entrepot.infra.remote.moments import parse_until
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

audit_commands = command_group("audit", "Audit: who did what, where and when, in a record that nobody can alter.")
hold_commands = command_group("hold", "Holds: spans of time of which nothing is dropped or erased.")
filter_commands = command_group("filter", "Saved searches of the audit log.")
audit_commands.add_typer(hold_commands)
audit_commands.add_typer(filter_commands)

COLUMNS = ("at", "type", "principal", "outcome", "what", "address")
_SHOWN = 100

TypeOption = Annotated[str, typer.Option("--type", help="A type such as grant.given, or grant for all of these.")]
PrincipalOption = Annotated[str, typer.Option("--principal", help="Who did it, such as user:alice or robot:team-ci.")]
AddressOption = Annotated[str, typer.Option("--address", help="The address it came from.")]
ProjectOption = Annotated[str, typer.Option("--project", help="Only about this project.")]
RepositoryOption = Annotated[str, typer.Option("--repository", help="Only about this repository.")]
TagOption = Annotated[str, typer.Option("--tag", help="Only about this tag.")]
DigestOption = Annotated[str, typer.Option("--digest", help="Only about this digest.")]
ObjectOption = Annotated[str, typer.Option("--object", help="What was changed, such as role:deployer or user:bob.")]
OutcomeOption = Annotated[str, typer.Option("--outcome", help="done, refused or failed.")]
RequestOption = Annotated[str, typer.Option("--request", help="Only of the request of this id.")]
SinceOption = Annotated[str, typer.Option("--since", help="From then on: 24h, 30d, or 2026-01-31T12:00:00Z.")]
UntilOption = Annotated[str, typer.Option("--until", help="Before then, written likewise.")]


@dataclass(frozen=True, slots=True)
class _Search:
    """What to look for, by the names of the API."""

    type: str = ""
    principal: str = ""
    address: str = ""
    project: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""
    object: str = ""
    outcome: str = ""
    request_id: str = ""
    since: str = ""
    until: str = ""

    def query(self) -> dict[str, str]:
        """Return what was given, moments as the API wants them."""
        now = system_clock()
        given = asdict(self)
        for name in ("since", "until"):
            if given[name]:
                given[name] = parse_since(given[name], now)
        return {name: value for name, value in given.items() if value}


@audit_commands.command("list")
def list_records(  # noqa: PLR0913 - one for each flag
    type_: TypeOption = "",
    principal: PrincipalOption = "",
    address: AddressOption = "",
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    tag: TagOption = "",
    digest: DigestOption = "",
    object_: ObjectOption = "",
    outcome: OutcomeOption = "",
    request: RequestOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    saved: Annotated[str, typer.Option("--saved", help="As a saved search of yours, or one that others share.")] = "",
    save: Annotated[str, typer.Option("--save", help="Keep this search under a name, without its moments.")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many records.", min=1)] = _SHOWN,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
    *,
    is_shared: Annotated[
        bool, typer.Option("--shared", help="With --save: for everybody who may read the log.")
    ] = False,
) -> None:
    """Search the audit log, newest first. Takes an auditor or administrator, or who administers --project.

    Example: entrepot audit list --type grant --since 24h
    """
    search = _Search(
        type_, principal, address, project, repository, tag, digest, object_, outcome, request, since, until
    )
    client = connect(server)
    query = {**(_saved(client, saved) if saved else {}), **search.query()}
    if save:
        lasting = {name: value for name, value in query.items() if name not in ("since", "until")}
        client.put(path_to("audit/filters", save), {"filter": lasting, "is_shared": is_shared})
        tell(f"The search is saved as {save}.", output)
    items = client.items("audit/records", limit, **query)
    show_items([{**item, "what": _what(item)} for item in items] if output is Output.TABLE else items, COLUMNS, output)


@audit_commands.command("export")
def export(  # noqa: PLR0913 - one for each flag
    type_: TypeOption = "",
    principal: PrincipalOption = "",
    address: AddressOption = "",
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    object_: ObjectOption = "",
    outcome: OutcomeOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    *,
    format_: Annotated[str, typer.Option("--format", help="jsonl, an object on each line, or csv.")] = "jsonl",
    server: ServerOption = "",
) -> None:
    """Write all records that a search finds to standard output, newest first. That somebody did is recorded.

    Example: entrepot audit export --since 30d > audit.jsonl
    """
    search = _Search(
        type_, principal, address, project, repository, object=object_, outcome=outcome, since=since, until=until
    )
    client = connect(server)
    url = client.address("audit/records:export", {**search.query(), "format": format_})
    for line in client.lines(url, {}):
        sys.stdout.write(f"{line}\n")


@audit_commands.command("status")
def status(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show how the log stands: what is recorded of pulls, its months, and the newest checkpoint.

    Example: entrepot audit status
    """
    show_item(connect(server).get("audit"), output)


@audit_commands.command("checkpoints")
def checkpoints(
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many; default: all.", min=1)] = None,
    server: ServerOption = "",
) -> None:
    """Write every checkpoint to standard output, a token on each line, to be kept where no administrator can change it.

    Example: entrepot audit checkpoints > anchors.txt
    """
    for item in connect(server).items("audit/checkpoints", limit):
        sys.stdout.write(f"{item['token']}\n")


@audit_commands.command("timestamps")
def timestamps(
    folder: Annotated[Path, typer.Argument(help="Where to write them; it is made if it is not there.")],
    server: ServerOption = "",
) -> None:
    """Write every time stamp to a file beside its checkpoint: `12-1.tst` is of `12-1.checkpoint`.

    Example: entrepot audit timestamps ./stamps
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: Counter[int] = Counter()
    for item in connect(server).items("audit/timestamps"):
        written[item["seq"]] += 1
        name = f"{int(item['seq'])}-{written[item['seq']]}"
        (folder / f"{name}.tst").write_bytes(b64decode(item["token"]))
        (folder / f"{name}.checkpoint").write_text(item["checkpoint"] or "", encoding="ascii")
    tell(f"{written.total()} time stamps are in {folder}.")


@audit_commands.command("witnessed")
def witnessed(
    origin: Annotated[
        str, typer.Option("--origin", help="Who left them here, such as robot:_.berlin; default: you.")
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many; default: all.", min=1)] = None,
    server: ServerOption = "",
) -> None:
    """Write the checkpoints that another registry left here to standard output, a token on each line.

    Example: entrepot audit witnessed --origin robot:_.berlin > anchors.txt
    """
    for item in connect(server).items("audit/witnessed", limit, **({"origin": origin} if origin else {})):
        sys.stdout.write(f"{item['token']}\n")


@audit_commands.command("erase")
def erase(
    subject: Annotated[str, typer.Argument(metavar="WHOM", help="Such as user:alice or address:203.0.113.7.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, without the name: it is recorded.")],
    *,
    is_sure: SureOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Forget for good who somebody is, or an address. The records stay, and the log can still be verified.

    Example: entrepot audit erase user:alice --reason 'request 17' --yes
    """
    client = connect(server)
    require_sure(f"Erase {subject} from the audit log at {client.target.url} for good?", is_sure=is_sure)
    show_item(client.post("audit/erasures", {"subject": subject, "reason": reason}), output)


@hold_commands.command("list")
def list_holds(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List holds, those that were released too.

    Example: entrepot audit hold list
    """
    columns = ("id", "begins_at", "ends_at", "reason", "placed_by", "released_at")
    show_items(connect(server).items("audit/holds"), columns, output)


@hold_commands.command("place")
def place_hold(
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    since: Annotated[str, typer.Option("--since", help="From when on: 90d for so long ago, or a moment.")],
    until: Annotated[
        str, typer.Option("--until", help="Until when: 90d from now on, or a moment; default: open.")
    ] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Keep the records of a span of time from being dropped, and anything from being erased.

    Example: entrepot audit hold place --reason 'case 12' --since 90d
    """
    now = system_clock()
    wanted: dict[str, Any] = {"reason": reason, "begins_at": parse_since(since, now)}
    if until:
        wanted["ends_at"] = parse_until(until, now)
    show_item(connect(server).post("audit/holds", wanted), output)


@hold_commands.command("release")
def release_hold(
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="Its id.")],
    *,
    is_sure: SureOption = False,
    server: ServerOption = "",
) -> None:
    """End a hold.

    Example: entrepot audit hold release 01JD… --yes
    """
    client = connect(server)
    require_sure(f"Release the hold {hold} at {client.target.url}?", is_sure=is_sure)
    client.post(f"{path_to('audit/holds', hold)}:release", {})
    tell(f"The hold {hold} is released.")


@filter_commands.command("list")
def list_filters(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List your saved searches, and those that others share.

    Example: entrepot audit filter list
    """
    show_items(connect(server).items("audit/filters"), ("name", "owner", "is_shared", "filter"), output)


@filter_commands.command("delete")
def delete_filter(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")], server: ServerOption = ""
) -> None:
    """Forget one of your saved searches.

    Example: entrepot audit filter delete 'failed logins'
    """
    connect(server).delete(path_to("audit/filters", name))
    tell(f"The saved search {name} is deleted.")


def _saved(client: Client, name: str) -> dict[str, str]:
    """Return what a saved search asks for, one's own before those of others."""
    found = [item for item in client.items("audit/filters") if item["name"] == name]
    if not found:
        raise typer.BadParameter(f"there is no saved search {name}: entrepot audit filter list shows them")
    return dict(max(found, key=lambda item: bool(item["is_own"]))["filter"])


def _what(item: Item) -> str:
    """Say in a few words what a record is about."""
    if item["object"]:
        return str(item["object"])
    place = item["repository"] or item["project"]
    return f"{place}{':' + item['tag'] if item['tag'] else ''}{'@' + item['digest'][:19] if item['digest'] else ''}"
