# SPDX-License-Identifier: Apache-2.0
"""`entrepot naming`: what new repositories and tags are called on a server, and what is pushed where."""

from collections.abc import Mapping
from typing import Annotated
from typing import Any

import typer

from entrepot.features.artifacts import ArtifactType
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

naming_commands = command_group("naming", "Naming: what is new is called so, and what is pushed where.")

ProjectOption = Annotated[str, typer.Option("--project", help="Of this project; default: of the whole registry.")]

_COLUMNS = ("number", "repositories", "names", "tags", "artifact_types", "description")


@naming_commands.command("list")
def list_rules(project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the rules of a project, or of the registry; all that are about a repository count.

    Example: entrepot naming list --project team
    """
    _show(connect(server).get(_path(project)), output)


@naming_commands.command("add")
def add_rule(  # noqa: PLR0913 - one for each flag
    repositories: Annotated[
        str, typer.Argument(metavar="REPOSITORIES", help="The repositories: 'team/app', 'team/*', or 'team/**'.")
    ],
    *,
    names: Annotated[
        list[str] | None,
        typer.Option("--repository", help="What new repositories are called, as 'team/*-svc'; repeatable."),
    ] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="What new tags are called, as 'v*'; repeatable.")
    ] = None,
    types: Annotated[list[ArtifactType] | None, typer.Option("--type", help="What may be pushed; repeatable.")] = None,
    description: Annotated[str, typer.Option("--description", help="What it is for, in one line.")] = "",
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Add a rule. What is there already stays as it is called.

    Example: entrepot naming add 'team/charts/**' --type chart --tag 'v*' --project team
    """
    client = connect(server)
    listed = client.get(_path(project))
    rule = {
        "repositories": repositories,
        "names": names or [],
        "tags": tags or [],
        "artifact_types": [each.value for each in types or []],
        "description": description,
    }
    wanted = {"rules": [*listed["rules"], rule], "revision": listed["revision"]}
    _show(client.put(_path(project), wanted), output)


@naming_commands.command("remove")
def remove_rule(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Which rule, as 'list' shows it.", min=1)],
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Remove a rule.

    Example: entrepot naming remove 2 --project team
    """
    client = connect(server)
    listed = client.get(_path(project))
    rules = list(listed["rules"])
    if number > len(rules):
        raise typer.BadParameter(f"there are {len(rules)} rules, and no rule {number}")
    del rules[number - 1]
    _show(client.put(_path(project), {"rules": rules, "revision": listed["revision"]}), output)


def _path(project: str) -> str:
    return path_to("projects", project, "naming") if project else "naming"


def _show(listed: Mapping[str, Any], output: Output) -> None:
    if output is Output.JSON:
        show_item(listed, output)
        return
    if not listed["rules"]:
        tell("There are no rules: anything is pushed, under any name.")
        return
    show_items([{"number": number, **rule} for number, rule in enumerate(listed["rules"], 1)], _COLUMNS, output)
