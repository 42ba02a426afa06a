# SPDX-License-Identifier: Apache-2.0
"""`entrepot retention`: what is kept and what goes, on a server."""

import sys
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from typing import Any

import msgspec
import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.content import tag_path
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
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from entrepot.kernel.durations import parse_duration
from entrepot.oci.reference import parse_repository_name

PAUSE_SECONDS = 0.5

retention_commands = command_group("retention", "Retention: what is kept, and what is thrown away.")

ProjectOption = Annotated[str, typer.Option("--project", metavar="PROJECT", help="Of a project.")]
RepositoryOption = Annotated[
    str, typer.Option("--repository", metavar="NAME", help="Of a repository; default: of the registry.")
]
PlanArgument = Annotated[str, typer.Argument(metavar="PLAN", help="The id of a plan, as 'plans' shows it.")]
FileOption = Annotated[
    Path | None, typer.Option("--file", help="Rules as JSON, as 'show --output json' has them; '-' for the input.")
]

PresetOption = Annotated[str, typer.Option("--preset", metavar="NAME", help="One of 'presets', and no file.")]


class Form(StrEnum):
    """Whose policies are read."""

    ECR = "ecr"
    HARBOR = "harbor"


_STEPS = ("repository", "tag", "digest", "tags", "rules", "size", "outcome", "reason")
_TERMS = ("rules", "cron", "brake_percent", "expires_by_labels")
_PLANS = ("id", "state", "deletions", "freed_bytes", "done", "made_at", "made_by", "reason")


@retention_commands.command("show")
def show_policy(
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show a policy.

    Example: entrepot retention show --project team
    """
    _show_policy(connect(server).get(_path(project, repository)), output)


@retention_commands.command("set")
def set_policy(
    file: FileOption = None,
    preset: PresetOption = "",
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Put the policy of a file, or a preset, in the place of the one that is set. Deletes nothing by itself.

    Example: entrepot retention set --project team --file policy.json
    """
    client = connect(server)
    document = _wanted(client, file, preset)
    wanted: dict[str, Any] = {name: document[name] for name in _TERMS if name in document}
    _show_policy(client.put(_path(project, repository), wanted), output)


@retention_commands.command("remove")
def remove_policy(
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    *,
    is_sure: SureOption = False,
    server: ServerOption = "",
) -> None:
    """Remove a policy.

    Example: entrepot retention remove --project team --yes
    """
    client = connect(server)
    require_sure(f"Remove the policy at {client.target.url}?", is_sure=is_sure)
    client.delete(_path(project, repository))
    tell("The policy is removed.")


@retention_commands.command("plan")
def make_plan(
    file: FileOption = None,
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Find out what would go, by the policies that are set or by rules of a file, and wait for it. Deletes nothing.

    Example: entrepot retention plan --project team
    """
    client, plans = connect(server), f"{_path(project, repository)}/plans"
    plan = client.post(plans, {} if file is None else {"rules": _document_of(file)["rules"]})
    while plan["state"] == "planning":
        time.sleep(PAUSE_SECONDS)
        plan = client.get(f"{plans}/{plan['id']}")
    show_item({name: plan[name] for name in (*_PLANS, "units")}, output)


@retention_commands.command("plans")
def list_plans(
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List plans, the newest first.

    Example: entrepot retention plans --project team
    """
    show_items(connect(server).items(f"{_path(project, repository)}/plans", limit), _PLANS, output)


@retention_commands.command("steps")
def list_steps(
    plan: PlanArgument,
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List what a plan deletes, and what became of it.

    Example: entrepot retention steps 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --project team
    """
    items = connect(server).items(f"{_path(project, repository)}/plans/{plan}/steps", limit)
    show_items(items, _STEPS, output)


@retention_commands.command("run")
def run_plan(
    plan: PlanArgument,
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    *,
    is_sure: SureOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Carry a plan out, and wait for it: what it names and is still due goes, and nothing else.

    Example: entrepot retention run 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --project team --yes
    """
    client, path = connect(server), f"{_path(project, repository)}/plans/{plan}"
    found = client.get(path)
    require_sure(f"Delete {found['deletions']:,} tags and artifacts at {client.target.url}?", is_sure=is_sure)
    found = client.post(f"{path}:run", {"deletions": found["deletions"]})
    while found["state"] == "running":
        time.sleep(PAUSE_SECONDS)
        found = client.get(path)
    show_item({name: found[name] for name in _PLANS}, output)


@retention_commands.command("explain")
def explain_retention(
    reference: Annotated[str, typer.Argument(metavar="NAME", help="Such as team/app, or team/app:1.0 for one tag.")],
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Tell what would become of each tag now, and why.

    Example: entrepot retention explain team/app:pr-7
    """
    repository, _, tag = reference.partition(":")
    asked = {"tag": tag} if tag else {}
    items = connect(server).items(f"{_path('', repository)}:explain", limit, **asked)
    show_items(items, ("tag", "digest", "fate", "reason", "rules"), output)


@retention_commands.command("presets")
def list_presets(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List policies to begin with. 'preview --preset NAME' shows what one would delete, 'set --preset NAME' sets it.

    Example: entrepot retention presets
    """
    show_items(connect(server).get("retention/presets")["items"], ("name", "title", "description"), output)


@retention_commands.command("preview")
def preview_rules(  # noqa: PLR0913 - the options of the command
    file: FileOption = None,
    preset: PresetOption = "",
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    limit: Annotated[int, typer.Option("--limit", help="Show so much, at most.", min=1, max=1_000)] = 100,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Tell what rules would delete, at once and without a plan. Changes nothing.

    Example: entrepot retention preview --project team --preset pull-requests
    """
    client = connect(server)
    asked = {"rules": _wanted(client, file, preset)["rules"], "limit": limit}
    found = client.post(f"{_path(project, repository)}:preview", asked)
    if output is Output.JSON:
        show_item(found, output)
        return
    show_items(found["items"], ("repository", "tag", "digest", "reason", "rules"), output)
    tell(f"{found['deletions']:,} of {found['units']:,} tags and untagged artifacts would go.")
    if not found["is_whole"]:
        tell("There is more: 'plan' judges all of it.")


@retention_commands.command("import")
def import_policy(
    form: Annotated[Form, typer.Argument(metavar="ecr|harbor", help="Whose policy it is.")],
    file: FileOption,
    project: ProjectOption = "",
    repository: RepositoryOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Read a policy of Amazon ECR or Harbor; tell what it comes to, and each tag that would be treated differently.

    Sets nothing: with '--output json' the rules are written as 'set --file' takes them.
    Example: entrepot retention import ecr --file lifecycle.json --repository team/app
    """
    asked = {"format": form.value, "document": _document_of(file)}
    found = connect(server).post(f"{_path(project, repository)}:import", asked)
    if output is Output.JSON:
        show_item(found, output)
        return
    show_items(found["rules"], ("name", "effect", "selection", "description"), output)
    for note in found["notes"]:
        tell(note)
    tell(f"{len(found['differences']):,} of {found['units']:,} tags and untagged artifacts are treated differently:")
    show_items(found["differences"], ("repository", "tag", "digest", "goes_here", "reason", "rules"), output)


@retention_commands.command("expire")
def expire_tag(  # noqa: PLR0913 - the options of the command
    reference: Annotated[str, typer.Argument(metavar="NAME:TAG", help="Such as team/app:pr-7.")],
    within: Annotated[str, typer.Option("--in", metavar="7d", help="After so long: 12h, 7d, 2w.")] = "",
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="At a time such as 2026-01-31T12:00:00Z.")] = "",
    *,
    is_never: Annotated[bool, typer.Option("--never", help="Never, whatever its artifact says.")] = False,
    is_forgotten: Annotated[bool, typer.Option("--forget", help="Forget what was said of it.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Tell when a tag goes; or say when it is to go. It counts until the tag points elsewhere.

    Example: entrepot retention expire team/app:pr-7 --in 7d
    """
    if sum((bool(within), bool(at), is_never, is_forgotten)) > 1:
        raise typer.BadParameter("choose one of --in, --at, --never and --forget")
    client, path = connect(server), f"{tag_path(parse_content_reference(reference).require_tag())}/expiry"
    if is_forgotten:
        client.delete(path)
    elif within or at or is_never:
        moment = rfc3339(after(system_clock(), parse_duration(within))) if within else at
        client.put(path, {"expires_at": moment or None})
    show_item(client.get(path), output)


def _show_policy(policy: Mapping[str, Any], output: Output) -> None:
    if output is Output.JSON:
        show_item(dict(policy), output)
        return
    show_items(policy["rules"], ("name", "effect", "selection", "is_enabled", "description"), output)
    tell(f"Carried out: {policy['cron'] or 'only when somebody asks for it'}. Brake: {policy['brake_percent']} %.")


def _wanted(client: Client, file: Path | None, preset: str) -> dict[str, Any]:
    """Return the policy of a file, or a preset."""
    if not preset:
        return _document_of(file)
    found = {each["name"]: each for each in client.get("retention/presets")["items"]}
    if preset not in found:
        raise typer.BadParameter(f"there is {', '.join(found)}", param_hint="--preset")
    return {"rules": found[preset]["rules"]}


def _document_of(file: Path | None) -> dict[str, Any]:
    if file is None:
        raise typer.BadParameter("name a file, or '-' for the input", param_hint="--file")
    text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        document = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise typer.BadParameter(f"{file} is no JSON object: {error}", param_hint="--file") from error
    return document


def _path(project: str, repository: str) -> str:
    if repository:
        return f"repositories/{parse_repository_name(repository)}/-/retention"
    return path_to("projects", project, "retention") if project else path_to("retention")
