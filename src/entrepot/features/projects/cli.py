# SPDX-License-Identifier: Apache-2.0
"""`entrepot project`: projects and their members, on a server."""

from typing import Annotated

import typer

from entrepot.features.projects.models import Redirects
from entrepot.features.projects.models import Visibility
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

project_commands = command_group("project", "Projects: what belongs together, and who may see it.")

ProjectArgument = Annotated[str, typer.Argument(metavar="PROJECT", help="Its name.")]
MemberArgument = Annotated[str, typer.Argument(metavar="PRINCIPAL", help="A user, or robot:NAME.")]


@project_commands.command("list")
def list_projects(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the projects that you may see.

    Example: entrepot project list
    """
    items = connect(server).items("projects", limit)
    show_items(items, ("name", "visibility", "redirect", "created_at", "created_by", "cause"), output)


@project_commands.command("show")
def show_project(project: ProjectArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a project.

    Example: entrepot project show team
    """
    show_item(connect(server).get(path_to("projects", project)), output)


@project_commands.command("create")
def create_project(
    project: ProjectArgument,
    *,
    is_public: Annotated[
        bool | None, typer.Option("--public/--private", help="Let everybody pull, or those with a grant.")
    ] = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a project, as an administrator of the registry.

    It is as visible as a template for its name says, and private if none does, unless you say otherwise.

    Example: entrepot project create team --public
    """
    wanted = {"name": project}
    if is_public is not None:
        wanted["visibility"] = Visibility.PUBLIC if is_public else Visibility.PRIVATE
    show_item(connect(server).post("projects", wanted), output)


@project_commands.command("set-visibility")
def set_visibility(
    project: ProjectArgument,
    visibility: Annotated[Visibility, typer.Argument(help="Who may pull: everybody, or those with a grant.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Open a project to everybody, or close it.

    Example: entrepot project set-visibility team private
    """
    show_item(connect(server).patch(path_to("projects", project), {"visibility": visibility}), output)


@project_commands.command("set-redirect")
def set_redirect(
    project: ProjectArgument,
    redirect: Annotated[Redirects, typer.Argument(help="Where the configuration says so, or never.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Let clients be sent to the storage for large blobs of a project, or have every byte pass through the registry.

    Example: entrepot project set-redirect team never
    """
    show_item(connect(server).patch(path_to("projects", project), {"redirect": redirect}), output)


@project_commands.command("set-undelete-days")
def set_undelete_days(
    project: ProjectArgument,
    days: Annotated[
        int,
        typer.Argument(
            metavar="DAYS", help="1 to 90; 0 for as many as the server's configuration says.", min=0, max=90
        ),
    ],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Say for how many days what is deleted in a project can be restored, of what is deleted from now on.

    Example: entrepot project set-undelete-days team 30
    """
    show_item(connect(server).patch(path_to("projects", project), {"undelete_days": days or None}), output)


@project_commands.command("delete")
def delete_project(project: ProjectArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a project that holds no artifacts any more, and its members.

    Example: entrepot project delete team --yes
    """
    client = connect(server)
    require_sure(f"Delete the project {project} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("projects", project))
    tell(f"The project {project} is deleted.")


@project_commands.command("members")
def list_members(
    project: ProjectArgument,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List who has a role on all of a project.

    Example: entrepot project members team
    """
    items = connect(server).items(path_to("projects", project, "members"), limit)
    show_items(items, ("principal", "role", "created_at", "created_by"), output)


@project_commands.command("set-member")
def set_member(
    project: ProjectArgument,
    principal: MemberArgument,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="read, write or admin.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give somebody a role on all of a project, in place of the one they have.

    Example: entrepot project set-member team alice write
    """
    path = path_to("projects", project, "members", principal)
    show_item(connect(server).put(path, {"role": role}), output)


@project_commands.command("remove-member")
def remove_member(
    project: ProjectArgument, principal: MemberArgument, *, is_sure: SureOption = False, server: ServerOption = ""
) -> None:
    """Take somebody's role on all of a project away.

    Example: entrepot project remove-member team alice --yes
    """
    client = connect(server)
    require_sure(f"Remove {principal} from {project} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("projects", project, "members", principal))
    tell(f"{principal} is no longer a member of {project}.")
