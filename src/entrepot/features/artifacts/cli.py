# SPDX-License-Identifier: Apache-2.0
"""`entrepot repo`, `entrepot artifact` and the lists of `entrepot tag`: what is on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.content import Reference
from entrepot.infra.remote.content import digest_of
from entrepot.infra.remote.content import manifest_url
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
from entrepot.oci.reference import parse_repository_name

repo_commands = command_group("repo", "Repositories: names that tags and artifacts are in.")
artifact_commands = command_group("artifact", "Artifacts: images, charts and all else, by digest.")
tag_commands = command_group("tag", "Tags: names for artifacts, and what they pointed at before.")

ReferenceArgument = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="team/app:1.0, or team/app@sha256:… for a digest.")
]
TagArgument = Annotated[str, typer.Argument(metavar="TAG", help="With its repository, such as team/app:1.0.")]


@repo_commands.command("list")
def list_repositories(
    limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """List the repositories that you may pull from.

    Example: entrepot repo list --limit 20
    """
    show_items(connect(server).items("repositories", limit), ("name", "project"), output)


@tag_commands.command("list")
def list_tags(
    repository: Annotated[str, typer.Argument(metavar="REPOSITORY", help="Such as team/app.")],
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the tags of a repository, with what they point at.

    Example: entrepot tag list team/app
    """
    path = f"repositories/{parse_repository_name(repository)}/-/tags"
    show_items(connect(server).items(path, limit), ("name", "type", "digest", "updated_at"), output)


@tag_commands.command("delete")
def delete_tag(tag: TagArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a tag. What it points at stays, and `tag restore` brings it back.

    Example: entrepot tag delete team/app:1.0 --yes
    """
    reference = parse_content_reference(tag).require_tag()
    _delete(reference, f"the tag {tag}", server, is_sure=is_sure)


@artifact_commands.command("show")
def show_artifact(reference: ReferenceArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show an artifact: its type, platforms, labels, layers and tags.

    Example: entrepot artifact show team/app:1.0
    """
    client = connect(server)
    named = parse_content_reference(reference)
    show_item(client.get(f"repositories/{named.repository}/-/artifacts/{digest_of(client, named)}"), output)


@artifact_commands.command("delete")
def delete_artifact(reference: ReferenceArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete an artifact, named by its digest, with every tag that points at it.

    Example: entrepot artifact delete team/app@sha256:… --yes
    """
    named = parse_content_reference(reference).require_digest()
    _delete(named, f"the artifact {reference}", server, is_sure=is_sure)


def _delete(reference: Reference, what: str, server: str, *, is_sure: bool) -> None:
    client = connect(server)
    require_sure(f"Delete {what} at {client.target.url}?", is_sure=is_sure)
    client.send("DELETE", manifest_url(client, reference))
    tell(f"{what[0].upper()}{what[1:]} is deleted.")
