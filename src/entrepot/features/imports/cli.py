# SPDX-License-Identifier: Apache-2.0
"""`entrepot imports`: what another registry has, brought to a server by that server itself."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from entrepot.features.imports.models import PARALLEL
from entrepot.features.imports.models import ImportState
from entrepot.infra.distribution.pace import parse_rate
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest

import_commands = command_group("imports", "Imports: what another registry has, brought here by the server itself.")

PASSWORD_VARIABLE = "ENTREPOT_SOURCE_PASSWORD"  # noqa: S105 - the name of a variable
LOOK_EVERY_SECONDS = 1.0
_COLUMNS = ("id", "url", "project", "work", "state", "requested_by", "repository_count", "reason")
_ARTIFACTS = ("repository", "name", "state", "digest", "size", "created_at", "created_from", "reason")

ImportArgument = Annotated[str, typer.Argument(metavar="IMPORT", help="Its id, as 'list' shows it.")]
NamesArgument = Annotated[
    list[str], typer.Argument(metavar="REPOSITORY…", help="Names at the source, or patterns such as 'library/**'.")
]
FromOption = Annotated[str, typer.Option("--from", help="The registry, such as https://harbor.example.org.")]
IntoOption = Annotated[str, typer.Option("--into", help="The project, or project/prefix.")]
StripOption = Annotated[int, typer.Option("--strip", min=0, help="Leave out so many segments of each name.")]
ExcludeOption = Annotated[list[str] | None, typer.Option("--exclude", help="A pattern of repositories to leave out.")]
TagsOption = Annotated[list[str] | None, typer.Option("--tags", help="A pattern of tags; may be repeated.")]
ExcludeTagsOption = Annotated[list[str] | None, typer.Option("--exclude-tags", help="A pattern of tags to leave out.")]
NewerOption = Annotated[str, typer.Option("--newer-than", help="Such as 2026-01-31T00:00:00Z.")]
NewestOption = Annotated[int | None, typer.Option("--newest", min=1, help="So many tags of each repository.")]
BareOption = Annotated[bool, typer.Option("--without-referrers", help="Leave out what refers to artifacts.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Move tags that point at something else here.")]
RateOption = Annotated[str, typer.Option("--limit-rate", help="Such as 10M: bytes in a second.")]
ParallelOption = Annotated[int, typer.Option("--parallel", min=1, help="How many artifacts come at once.")]
UserOption = Annotated[str, typer.Option("--username", help="Who asks the source; empty for a token.")]
SecretOption = Annotated[
    Path | None,
    typer.Option("--password-file", help=f"Holds the password or token for the source; or {PASSWORD_VARIABLE} does."),
]
WaitOption = Annotated[bool, typer.Option("--no-wait", help="Do not wait for its end.")]


class ImportFailed(AppError):
    """The import did not come to its end."""

    code = "import_failed"


@import_commands.command("start")
def start_import(  # noqa: PLR0913 - one for each flag
    names: NamesArgument,
    *,
    origin: FromOption,
    into: IntoOption,
    strip: StripOption = 0,
    exclude: ExcludeOption = None,
    tags: TagsOption = None,
    exclude_tags: ExcludeTagsOption = None,
    newer_than: NewerOption = "",
    newest: NewestOption = None,
    is_bare: BareOption = False,
    overwrites: OverwriteOption = False,
    rate: RateOption = "",
    parallel: ParallelOption = PARALLEL,
    username: UserOption = "",
    password_file: SecretOption = None,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only find out what would come.")] = False,
    is_left: WaitOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Have a server import repositories of another registry.

    Example: entrepot imports start 'library/**' --from https://harbor.example.org --into team --dry-run
    """
    project, _, prefix = into.strip("/").partition("/")
    wanted: dict[str, object] = {
        "url": origin,
        "project": project,
        "prefix": prefix,
        "strip": strip,
        "repositories": [name for name in names if "*" not in name],
        "patterns": [name for name in names if "*" in name],
        "exclude_repositories": exclude or [],
        "tags": tags or [],
        "exclude_tags": exclude_tags or [],
        "newer_than": newer_than or None,
        "newest": newest,
        "with_referrers": not is_bare,
        "overwrite": overwrites,
        "rate": parse_rate(rate) if rate else None,
        "parallel": parallel,
        "dry_run": is_dry,
        "login": _login(username, password_file),
    }
    client = connect(server)
    made = client.post("imports", wanted)
    show_item(made if is_left else _ended(client, made), output)


@import_commands.command("list")
def list_imports(
    is_everybody: Annotated[bool, typer.Option("--all", help="Those of everybody.")] = False,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List imports of the last 90 days.

    Example: entrepot imports list
    """
    found = connect(server).items("imports", limit, **({"everybody": "true"} if is_everybody else {}))
    if output is Output.TABLE and not found:
        tell("There are no imports.")
        return
    show_items(found, _COLUMNS, output)


@import_commands.command("show")
def show_import(
    import_id: ImportArgument,
    is_watched: Annotated[bool, typer.Option("--watch", help="Tell how far it is, until it ends.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show an import.

    Example: entrepot imports show 01KDZK3V8E8K5Z4Q6T6R9W2B7C --watch
    """
    client = connect(server)
    found = client.get(path_to("imports", import_id))
    show_item(_ended(client, found) if is_watched else found, output)


@import_commands.command("artifacts")
def list_import_artifacts(
    import_id: ImportArgument,
    state: Annotated[str, typer.Option("--state", help="Such as failed, kept or excluded.")] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List what became of each tag.

    Example: entrepot imports artifacts 01KDZK3V8E8K5Z4Q6T6R9W2B7C --state failed
    """
    path = f"{path_to('imports', import_id)}/artifacts"
    found = connect(server).items(path, limit, **({"state": state} if state else {}))
    show_items(found, _ARTIFACTS, output)


@import_commands.command("pause")
def pause_import(import_id: ImportArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let an import rest until it is resumed.

    Example: entrepot imports pause 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    _do(server, import_id, "pause", {}, output)


@import_commands.command("cancel")
def cancel_import(import_id: ImportArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Stop an import. What has come stays.

    Example: entrepot imports cancel 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    _do(server, import_id, "cancel", {}, output)


@import_commands.command("resume")
def resume_import(
    import_id: ImportArgument,
    username: UserOption = "",
    password_file: SecretOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Go on with an import that rests or has ended: what failed is tried again.

    Example: entrepot imports resume 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    _do(server, import_id, "resume", {"login": _login(username, password_file)}, output)


@import_commands.command("run")
def run_import(
    import_id: ImportArgument,
    username: UserOption = "",
    password_file: SecretOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Bring what a dry run has found.

    Example: entrepot imports run 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    _do(server, import_id, "run", {"login": _login(username, password_file)}, output)


@import_commands.command("check")
def check_import(
    import_id: ImportArgument,
    username: UserOption = "",
    password_file: SecretOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Compare what is here with what the source has now; 'report' says what came of it.

    Example: entrepot imports check 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    _do(server, import_id, "check", {"login": _login(username, password_file)}, output)


@import_commands.command("report")
def report_import(
    import_id: ImportArgument,
    format_: Annotated[str, typer.Option("--format", help="ndjson, json or csv.")] = "ndjson",
    server: ServerOption = "",
) -> None:
    """Write what each name is at the source and here to standard output.

    Example: entrepot imports report 01KDZK3V8E8K5Z4Q6T6R9W2B7C --format csv > report.csv
    """
    client = connect(server)
    url = client.address(f"{path_to('imports', import_id)}/report", {"format": format_})
    for line in client.lines(url, {}):
        sys.stdout.write(f"{line}\n")


def _do(server: str, import_id: str, verb: str, wanted: dict[str, object], output: Output) -> None:
    show_item(connect(server).post(f"{path_to('imports', import_id)}:{verb}", wanted), output)


def _login(username: str, password_file: Path | None) -> dict[str, str] | None:
    """Return the login for the source. A secret is no argument: others on this machine could read it."""
    secret = os.environ.get(PASSWORD_VARIABLE, "")
    if password_file is not None:
        try:
            secret = password_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"{password_file} cannot be read", hint="Give a file with the password.") from error
    secret = secret.strip("\r\n")
    if not secret and username:
        raise InvalidRequest("there is no password for the source", hint=f"Set {PASSWORD_VARIABLE}.")
    return {"username": username, "password": secret} if secret else None


def _ended(client: Client, found: Item) -> Item:
    """Wait until it has ended, and tell how far it is on a terminal. Raises `ImportFailed`."""
    began, at_first = time.monotonic(), _finished(found)
    while found["state"] == ImportState.RUNNING:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{_progress(found, time.monotonic() - began, at_first)}")
            sys.stderr.flush()
        time.sleep(LOOK_EVERY_SECONDS)
        found = client.get(path_to("imports", found["id"]))
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if found["state"] != ImportState.DONE:
        raise ImportFailed(f"the import is {found['state']}: {found['reason']}")
    return found


def _finished(found: Item) -> int:
    counts = found["counts"]
    return sum(int(counts[name]) for name in ("looked", "brought", "same", "kept", "failed"))


def _progress(found: Item, seconds: float, at_first: int) -> str:
    done, waiting = _finished(found), int(found["counts"]["waiting"])
    rate = (done - at_first) / seconds if seconds else 0.0
    left = f", about {int(waiting / rate)} s for those that are known" if rate and waiting else ""
    return f"{done} of {done + waiting} tags, {found['counts']['new_bytes']} bytes fetched{left}"
