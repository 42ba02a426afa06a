# SPDX-License-Identifier: Apache-2.0
"""`entrepot template`: what new projects and repositories start with, on a server."""

from collections.abc import Mapping
from typing import Annotated
from typing import Any

import typer

from entrepot.features.projects import Visibility
from entrepot.features.templates.models import Purpose
from entrepot.infra.remote.address import path_to
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

template_commands = command_group("template", "Templates: what new projects and repositories start with.")

NameArgument = Annotated[str, typer.Argument(metavar="TEMPLATE", help="Its name: a-z, 0-9 and '-'.")]
ProjectOption = Annotated[
    str, typer.Option("--project", metavar="PROJECT", help="Of a project; default: those of the registry.")
]
GrantsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--grant",
        metavar="PRINCIPAL=ROLE[@PATH]",
        help="Who gets which role: creator=admin, group:dev=write; in a project also where, as group:qa=read@'app-*'; "
        "repeatable.",
    ),
]


@template_commands.command("list")
def list_templates(
    project: ProjectOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the templates of the registry, or of a project.

    Example: entrepot template list
    """
    items = connect(server).items(_path(project), limit)
    if output is Output.TABLE:
        items = [{**item, "grants": _spelled(item)} for item in items]
    columns = ("name", "purpose", "pattern", "visibility", "grants", "changed_at", "changed_by")
    show_items(items, columns, output)


@template_commands.command("show")
def show_template(
    name: NameArgument, project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Show a template.

    Example: entrepot template show teams
    """
    _show(connect(server).get(_path(project, name)), output)


@template_commands.command("set")
def set_template(  # noqa: PLR0913 - one for each flag
    name: NameArgument,
    purpose: Annotated[Purpose, typer.Argument(metavar="PURPOSE", help="What it is for: project or repository.")],
    pattern: Annotated[
        str, typer.Argument(metavar="PATTERN", help="Names of projects as 'team-*'; of repositories as 'team/app-*'.")
    ],
    *,
    visibility: Annotated[
        Visibility | None, typer.Option("--visibility", help="Of projects, when the one who makes it does not say.")
    ] = None,
    grants: GrantsOption = None,
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Set a template, in place of the one of its name. What is there already stays as it is.

    Example: entrepot template set teams project 'team-*' --visibility internal --grant creator=admin
    """
    wanted = {
        "purpose": purpose.value,
        "pattern": pattern,
        "visibility": None if visibility is None else visibility.value,
        "grants": [_grant(text) for text in grants or []],
    }
    _show(connect(server).put(_path(project, name), wanted), output)


@template_commands.command("delete")
def delete_template(
    name: NameArgument, project: ProjectOption = "", *, is_sure: SureOption = False, server: ServerOption = ""
) -> None:
    """Delete a template. What it gave stays.

    Example: entrepot template delete teams --yes
    """
    client = connect(server)
    require_sure(f"Delete the template {name} at {client.target.url}?", is_sure=is_sure)
    client.delete(_path(project, name))
    tell(f"The template {name} is deleted.")


@template_commands.command("match")
def match_templates(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A project, or a repository.")],
    project: ProjectOption = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show which templates would count for a new repository of a name, and its project if that were new.

    Example: entrepot template match team-a/app
    """
    found = connect(server).get(f"{_path(project)}:match", name=name)
    if output is Output.JSON:
        show_item(found, output)
        return
    for what in ("project", "repository"):
        _tell_start(what, found[what])


def _tell_start(what: str, start: Mapping[str, Any] | None) -> None:
    if start is None:
        tell(f"{what}: no template")
        return
    whose = f" of {start['of_project']}" if start["of_project"] else ""
    tell(f"{what}: template {start['template']}{whose} ({start['pattern']})")
    if start["visibility"]:
        tell(f"  visibility {start['visibility']}{_unless(start['visibility_obstacle'])}")
    for grant in start["grants"]:
        given = f"{grant['role']} on {grant['path_pattern']} for {grant['principal']}"
        tell(f"  {given}{_unless(grant['obstacle'])}")


def _unless(obstacle: str) -> str:
    return f" - left out: {obstacle}" if obstacle else ""


def _show(template: Mapping[str, Any], output: Output) -> None:
    shown = template if output is Output.JSON else {**template, "grants": _spelled(template)}
    show_item(dict(shown), output)


def _spelled(template: Mapping[str, Any]) -> str:
    grants = (
        f"{each['principal']}={each['role']}" + (f"@{each['path']}" if each["path"] else "")
        for each in template["grants"]
    )
    return ", ".join(grants)


def _grant(text: str) -> dict[str, str]:
    principal, _, rest = text.partition("=")
    role, _, path = rest.partition("@")
    return {"principal": principal, "role": role, "path": path}


def _path(project: str, *names: str) -> str:
    return path_to("projects", project, "templates", *names) if project else path_to("templates", *names)
