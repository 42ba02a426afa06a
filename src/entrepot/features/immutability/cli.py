# SPDX-License-Identifier: Apache-2.0
"""`entrepot immutability`: which tags are neither moved nor deleted on a server."""

from typing import Annotated

import typer

from entrepot.features.immutability.models import Effect
from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.content import tag_path
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
from entrepot.infra.remote.rule_books import FileOption
from entrepot.infra.remote.rule_books import NumberArgument
from entrepot.infra.remote.rule_books import PlaceArgument
from entrepot.infra.remote.rule_books import ProjectOption
from entrepot.infra.remote.rule_books import RemoteRules
from entrepot.kernel.clock import system_clock

immutability_commands = command_group("immutability", "Immutability: tags that are neither moved nor deleted.")

TagsOption = Annotated[str, typer.Option("--tags", help="The tags: 'latest', 'v*', or '*' for all of them.")]
TagArgument = Annotated[str, typer.Argument(metavar="TAG", help="With its repository, such as team/app:1.0.")]

_RULES = RemoteRules(
    "immutability",
    ("repositories", "tags", "effect", "until", "is_binding", "description"),
    "There are no rules: tags are set, moved and deleted freely.",
)


@immutability_commands.command("list")
def list_rules(project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the rules of a project, or of the registry; the first that is about a tag decides.

    Example: entrepot immutability list --project team
    """
    _RULES.show(connect(server).get(_RULES.path(project)), output)


@immutability_commands.command("set")
def set_rules(
    file: FileOption,
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Put the rules of a file in the place of those that there are.

    Example: entrepot immutability set --project team --file rules.json
    """
    _RULES.show(_RULES.replace(connect(server), project, file), output)


@immutability_commands.command("add")
def add_rule(  # noqa: PLR0913 - one for each flag
    effect: Annotated[Effect, typer.Argument(metavar="EFFECT", help="mutable, immutable, append-only or forward.")],
    repositories: PlaceArgument,
    tags: TagsOption = "*",
    *,
    number: Annotated[
        int | None, typer.Option("--number", help="Where it stands, from 1; default: at the end.", min=1)
    ] = None,
    until: Annotated[str, typer.Option("--until", metavar="WHEN", help="When it ends: 90d, or a date.")] = "",
    description: Annotated[str, typer.Option("--description", help="What it is for, in one line.")] = "",
    is_binding: Annotated[
        bool, typer.Option("--binding", help="Of the registry: it comes before the rules of projects.")
    ] = False,
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Add a rule.

    Example: entrepot immutability add immutable 'team/**' --tags 'v*' --project team
    """
    rule = {
        "repositories": repositories,
        "tags": tags,
        "effect": effect.value,
        "until": parse_until(until, system_clock()) if until else None,
        "description": description,
        "is_binding": is_binding,
    }
    _RULES.show(_RULES.insert(connect(server), project, rule, number), output)


@immutability_commands.command("remove")
def remove_rule(
    number: NumberArgument,
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Remove a rule; what it kept is free at once, if no other rule keeps it.

    Example: entrepot immutability remove 2 --project team
    """
    _RULES.show(_RULES.remove(connect(server), project, number), output)


@immutability_commands.command("preview")
def preview_rule(
    repositories: PlaceArgument,
    tags: TagsOption = "*",
    project: ProjectOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the tags that a rule would be about, and which rule decides about each now. Changes nothing.

    Example: entrepot immutability preview 'team/**' --tags 'v*' --project team
    """
    path = f"{_RULES.path(project)}:preview"
    found = connect(server).items(path, limit, repositories=repositories, tags=tags)
    if output is Output.TABLE and not found:
        tell("No tag that is there matches.")
        return
    show_items(found, ("repository", "tag", "decides_now.rule.effect", "decides_now.number"), output)


@immutability_commands.command("explain")
def explain_tag(tag: TagArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Tell which rule decides about a tag, and what it lets happen. The tag need not be there.

    Example: entrepot immutability explain team/app:1.4.2
    """
    show_item(connect(server).get(_tag_path(tag)), output)


@immutability_commands.command("override")
def override_tag(
    tag: TagArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, in one line; it is recorded.")],
    until: Annotated[
        str, typer.Option("--until", metavar="WHEN", help="When it ends, within 24 hours: 30m, 2h.")
    ] = "1h",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Let a tag be moved and deleted for a while although a rule keeps it.

    Example: entrepot immutability override team/app:1.4.2 --reason 'It was built from the wrong branch' --until 30m
    """
    wanted = {"reason": reason, "expires_at": parse_until(until, system_clock())}
    show_item(connect(server).put(f"{_tag_path(tag)}/override", wanted), output)


@immutability_commands.command("end-override")
def end_override(tag: TagArgument, server: ServerOption = "") -> None:
    """Take an override back before it ends.

    Example: entrepot immutability end-override team/app:1.4.2
    """
    connect(server).delete(f"{_tag_path(tag)}/override")
    tell(f"The rules count for {tag} again.")


def _tag_path(tag: str) -> str:
    return f"{tag_path(parse_content_reference(tag).require_tag())}/immutability"
