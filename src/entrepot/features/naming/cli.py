# SPDX-License-Identifier: Apache-2.0
"""`entrepot naming`: what new repositories and tags are called on a server, and what is pushed where."""

from typing import Annotated

import typer

from entrepot.features.artifacts import ArtifactType
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
from entrepot.infra.remote.rule_books import FileOption
from entrepot.infra.remote.rule_books import NumberArgument
from entrepot.infra.remote.rule_books import PlaceArgument
from entrepot.infra.remote.rule_books import ProjectOption
from entrepot.infra.remote.rule_books import RemoteRules
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag

naming_commands = command_group("naming", "Naming: what is new is called so, and what is pushed where.")

NamesOption = Annotated[
    list[str] | None,
    typer.Option("--repository", help="What new repositories are called, as 'team/*-svc'; repeatable."),
]
TagsOption = Annotated[list[str] | None, typer.Option("--tag", help="What new tags are called, as 'v*'; repeatable.")]
TypesOption = Annotated[list[ArtifactType] | None, typer.Option("--type", help="What may be pushed; repeatable.")]

_RULES = RemoteRules(
    "naming",
    ("repositories", "names", "tags", "artifact_types", "description"),
    "There are no rules: anything is pushed, under any name.",
)


@naming_commands.command("list")
def list_rules(project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the rules of a project, or of the registry; all that are about a repository count.

    Example: entrepot naming list --project team
    """
    _RULES.show(connect(server).get(_RULES.path(project)), output)


@naming_commands.command("set")
def set_rules(
    file: FileOption, project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Put the rules of a file in the place of those that there are.

    Example: entrepot naming set --project team --file rules.json
    """
    _RULES.show(_RULES.replace(connect(server), project, file), output)


@naming_commands.command("add")
def add_rule(  # noqa: PLR0913 - one for each flag
    repositories: PlaceArgument,
    *,
    names: NamesOption = None,
    tags: TagsOption = None,
    types: TypesOption = None,
    description: Annotated[str, typer.Option("--description", help="What it is for, in one line.")] = "",
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Add a rule. What is there already stays as it is called.

    Example: entrepot naming add 'team/charts/**' --type chart --tag 'v*' --project team
    """
    rule = {**_rule(repositories, names, tags, types), "description": description}
    _RULES.show(_RULES.insert(connect(server), project, rule), output)


@naming_commands.command("remove")
def remove_rule(
    number: NumberArgument, project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Remove a rule.

    Example: entrepot naming remove 2 --project team
    """
    _RULES.show(_RULES.remove(connect(server), project, number), output)


@naming_commands.command("preview")
def preview_rule(  # noqa: PLR0913 - one for each flag
    repositories: PlaceArgument,
    *,
    names: NamesOption = None,
    tags: TagsOption = None,
    types: TypesOption = None,
    project: ProjectOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List what is there that a rule would refuse if it were new. Changes nothing; what is there stays.

    Example: entrepot naming preview 'team/**' --tag 'v*' --project team
    """
    rule = _rule(repositories, names, tags, types)
    found = connect(server).items_about(f"{_RULES.path(project)}:preview", rule, limit)
    if output is Output.TABLE and not found:
        tell("All that is there is as the rule wants it.")
        return
    show_items(found, ("repository", "tag", "fault", "type"), output)


@naming_commands.command("explain")
def explain_name(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A repository, or a tag such as team/app:1.0.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Tell what rules say to the name of a repository, and of a tag in it. Neither need be there.

    Example: entrepot naming explain team/app:nightly
    """
    repository, colon, tag = name.partition(":")
    asked = {"tag": parse_tag(tag)} if colon else {}
    show_item(connect(server).get(f"repositories/{parse_repository_name(repository)}/-/naming", **asked), output)


def _rule(repositories: str, names: list[str] | None, tags: list[str] | None, types: list[ArtifactType] | None) -> Item:
    return {
        "repositories": repositories,
        "names": names or [],
        "tags": tags or [],
        "artifact_types": [each.value for each in types or []],
    }
