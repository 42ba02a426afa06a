# SPDX-License-Identifier: Apache-2.0
"""`entrepot guardrail`: what must not happen, whatever was granted, on a server."""

from collections.abc import Mapping
from typing import Annotated
from typing import Any

import typer

from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.infra.remote.address import path_to
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

guardrail_commands = command_group("guardrail", "Guardrails: what must not happen, whatever was granted.")

NameArgument = Annotated[str, typer.Argument(metavar="GUARDRAIL", help="Its name: a-z, 0-9 and '-'.")]
KindArgument = Annotated[GuardrailKind, typer.Argument(metavar="KIND", help="What it is about.")]
PatternArgument = Annotated[
    str, typer.Argument(metavar="PATTERN", help="Where: 'team/**', 'team-*/**' or '**' for everything.")
]
InternalOption = Annotated[
    bool, typer.Option("--also-internal", help="With no-public: nothing internal or granted to everyone either.")
]
RepositoriesOption = Annotated[
    list[str] | None,
    typer.Option("--repository", help="With naming: what new repositories are called, as 'team/*-svc'; repeatable."),
]
TagsOption = Annotated[
    list[str] | None, typer.Option("--tag", help="With naming: what new tags are called, as 'v*'; repeatable.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in one line; whoever is refused is told.")]


@guardrail_commands.command("list")
def list_guardrails(
    project: Annotated[
        str, typer.Option("--project", help="Only those about something in a project, for its administrators too.")
    ] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List every guardrail, or those of a project.

    Example: entrepot guardrail list --project team
    """
    items = connect(server).items(path_to("projects", project, "guardrails") if project else "guardrails", limit)
    show_items(items, ("name", "kind", "path_pattern", "mode", "reason", "changed_at", "changed_by"), output)


@guardrail_commands.command("show")
def show_guardrail(name: NameArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a guardrail.

    Example: entrepot guardrail show no-public-images
    """
    show_item(connect(server).get(path_to("guardrails", name)), output)


@guardrail_commands.command("create")
def create_guardrail(  # noqa: PLR0913 - one for each flag
    name: NameArgument,
    kind: KindArgument,
    pattern: PatternArgument,
    mode: Annotated[
        GuardrailMode, typer.Option("--mode", help="simulate counts what would be refused; enforce refuses it.")
    ] = GuardrailMode.SIMULATE,
    *,
    includes_internal: InternalOption = False,
    repositories: RepositoriesOption = None,
    tags: TagsOption = None,
    reason: ReasonOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Set a guardrail, and show what violates it already. It simulates unless you say otherwise.

    Example: entrepot guardrail create only-ci push-by-machines 'prod-*/**' --reason 'Releases come from pipelines'
    """
    wanted = _terms(kind, pattern, repositories, tags, includes_internal=includes_internal)
    done = connect(server).post("guardrails", {"name": name, "mode": mode.value, "reason": reason, **wanted})
    _show_done(done, output)


@guardrail_commands.command("preview")
def preview_guardrail(  # noqa: PLR0913 - one for each flag
    kind: KindArgument,
    pattern: PatternArgument,
    *,
    includes_internal: InternalOption = False,
    repositories: RepositoriesOption = None,
    tags: TagsOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show what would violate such a guardrail now. Changes nothing.

    Example: entrepot guardrail preview no-public '**'
    """
    wanted = _terms(kind, pattern, repositories, tags, includes_internal=includes_internal)
    _show_violations(connect(server).post("guardrails:preview", wanted), output)


@guardrail_commands.command("enforce")
def enforce_guardrail(name: NameArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let a guardrail refuse from now on, and show what violates it already.

    Example: entrepot guardrail enforce only-ci
    """
    done = connect(server).patch(path_to("guardrails", name), {"mode": GuardrailMode.ENFORCE.value})
    _show_done(done, output)


@guardrail_commands.command("simulate")
def simulate_guardrail(name: NameArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let a guardrail refuse nothing from now on, and count what it would have refused.

    Example: entrepot guardrail simulate only-ci
    """
    done = connect(server).patch(path_to("guardrails", name), {"mode": GuardrailMode.SIMULATE.value})
    _show_done(done, output)


@guardrail_commands.command("delete")
def delete_guardrail(name: NameArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a guardrail with its exceptions.

    Example: entrepot guardrail delete only-ci --yes
    """
    client = connect(server)
    require_sure(f"Delete the guardrail {name} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("guardrails", name))
    tell(f"The guardrail {name} is deleted.")


@guardrail_commands.command("violations")
def list_violations(name: NameArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List what is there and violates a guardrail, but for its exceptions.

    Example: entrepot guardrail violations no-public-images
    """
    _show_violations(connect(server).get(path_to("guardrails", name, "violations")), output)


@guardrail_commands.command("simulated")
def list_simulated(name: NameArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List what a guardrail would have refused: who, what, where, how often and when last.

    Example: entrepot guardrail simulated only-ci
    """
    found = connect(server).get(path_to("guardrails", name, "simulated"), limit="1000")
    if output is Output.JSON:
        show_item(found, output)
        return
    show_items(found["items"], ("principal", "action", "place", "count", "first_at", "last_at"), output)
    if found["others"]:
        tell(f"More would have been refused {found['others']} times.")


@guardrail_commands.command("exceptions")
def list_exceptions(
    name: NameArgument, limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """List the exceptions from a guardrail, those that ended in the last 30 days too.

    Example: entrepot guardrail exceptions only-ci
    """
    items = connect(server).items(path_to("guardrails", name, "exceptions"), limit)
    show_items(items, ("id", "path_pattern", "principal", "reason", "expires_at", "created_by"), output)


@guardrail_commands.command("exempt")
def give_exception(  # noqa: PLR0913 - one for each flag
    name: NameArgument,
    reason: Annotated[str, typer.Option("--reason", help="What it is for, in one line.")],
    until: Annotated[str, typer.Option("--until", metavar="WHEN", help="When it ends, within 90 days: 12h or 30d.")],
    *,
    pattern: Annotated[str, typer.Option("--path", help="Only there, such as 'team/legacy/**'.")] = "",
    principal: Annotated[str, typer.Option("--principal", help="Only for somebody, such as user:alice.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give an exception from a guardrail, which ends by itself.

    Example: entrepot guardrail exempt only-ci --principal user:alice --reason 'The pipeline is down' --until 12h
    """
    wanted = {"path_pattern": pattern, "principal": principal, "reason": reason}
    path = path_to("guardrails", name, "exceptions")
    show_item(connect(server).post(path, {**wanted, "expires_at": parse_until(until, system_clock())}), output)


@guardrail_commands.command("end-exception")
def take_exception(
    name: NameArgument,
    exception: Annotated[str, typer.Argument(metavar="ID", help="Its id, as 'guardrail exceptions' shows it.")],
    server: ServerOption = "",
) -> None:
    """Take an exception back before it ends.

    Example: entrepot guardrail end-exception only-ci 01JD2F7ZK3Q8V5T6X9Y0B1C2D4
    """
    connect(server).delete(path_to("guardrails", name, "exceptions", exception))
    tell(f"The exception from {name} has ended.")


def _terms(
    kind: GuardrailKind,
    pattern: str,
    repositories: list[str] | None,
    tags: list[str] | None,
    *,
    includes_internal: bool,
) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "path_pattern": pattern,
        "includes_internal": includes_internal,
        "repositories": repositories or [],
        "tags": tags or [],
    }


def _show_done(done: Mapping[str, Any], output: Output) -> None:
    if output is Output.JSON:
        show_item(done, output)
        return
    show_item(done["guardrail"], output)
    _show_violations(done["violations"], output)


def _show_violations(found: Mapping[str, Any], output: Output) -> None:
    if output is Output.JSON:
        show_item(found, output)
        return
    if not found["items"]:
        tell("Nothing violates it.")
        return
    tell("What is there and violates it, and stays as it is:")
    show_items(found["items"], ("object", "what"), output)
    if not found["is_complete"]:
        tell("There may be more.")
