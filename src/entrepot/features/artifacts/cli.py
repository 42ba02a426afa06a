# SPDX-License-Identifier: Apache-2.0
"""`entrepot repo`, `entrepot artifact` and the lists of `entrepot tag`: what is on a server."""

from typing import Annotated

import typer

from entrepot.features.artifacts.models import ArtifactType
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.content import Reference
from entrepot.infra.remote.content import digest_of
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
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.store.listed_tags import TagOrder

repo_commands = command_group("repo", "Repositories: names that tags and artifacts are in.")
artifact_commands = command_group("artifact", "Artifacts: images, charts and all else, by digest.")
tag_commands = command_group("tag", "Tags: names for artifacts, and what they pointed at before.")

ReferenceArgument = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="team/app:1.0, or team/app@sha256:… for a digest.")
]
RepositoryArgument = Annotated[str, typer.Argument(metavar="REPOSITORY", help="Such as team/app.")]
FilterOption = Annotated[str, typer.Option("--filter", help="Only names that contain this.")]
TagArgument = Annotated[str, typer.Argument(metavar="TAG", help="With its repository, such as team/app:1.0.")]


@repo_commands.command("list")
def list_repositories(
    project: Annotated[str, typer.Option("--project", help="Only those of this project.")] = "",
    text: FilterOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the repositories that you may pull from.

    Example: entrepot repo list --project team --filter app
    """
    items = connect(server).items("repositories", limit, project=project, filter=text)
    show_items(items, ("name", "latest_tag", "updated_at"), output)


@tag_commands.command("list")
def list_tags(
    repository: RepositoryArgument,
    sort: Annotated[TagOrder, typer.Option("--sort", help="A minus sign turns the order round.")] = TagOrder.NAME,
    text: FilterOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the tags of a repository, with what they point at.

    Example: entrepot tag list team/app --sort -version --limit 10
    """
    path = f"repositories/{parse_repository_name(repository)}/-/tags"
    items = connect(server).items(path, limit, sort=sort.value, filter=text)
    show_items(items, ("name", "type", "digest", "updated_at", "last_pulled_at"), output)


@tag_commands.command("delete")
def delete_tag(tag: TagArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a tag. What it points at stays, and `tag restore` brings it back.

    Example: entrepot tag delete team/app:1.0 --yes
    """
    reference = parse_content_reference(tag).require_tag()
    client = connect(server)
    require_sure(f"Delete the tag {tag} at {client.target.url}?", is_sure=is_sure)
    client.delete(tag_path(reference))
    tell(
        f"The tag {tag} is deleted. entrepot tag history shows what it pointed at, entrepot tag restore sets it again."
    )


@artifact_commands.command("list")
def list_artifacts(  # noqa: PLR0913 - one for each flag
    repository: RepositoryArgument,
    artifact_type: Annotated[ArtifactType | None, typer.Option("--type", help="Only those of this type.")] = None,
    is_tagged: Annotated[
        bool | None, typer.Option("--tagged/--untagged", help="Only those with a tag, or only the others.")
    ] = None,
    label: Annotated[
        str, typer.Option("--label", help="Only those with these labels: 'stage=test', 'stage,team=shop'.")
    ] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the artifacts of a repository, tagged or not, the last pushed first.

    Example: entrepot artifact list team/app --untagged
    """
    wanted = {} if artifact_type is None else {"type": artifact_type.value}
    wanted |= {} if is_tagged is None else {"tagged": str(is_tagged).lower()}
    wanted |= {"label": label} if label else {}
    items = connect(server).items(f"repositories/{parse_repository_name(repository)}/-/artifacts", limit, **wanted)
    show_items(items, ("digest", "type", "tags", "size", "pushed_at", "last_pulled_at"), output)


@artifact_commands.command("show")
def show_artifact(reference: ReferenceArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show an artifact: its type, platforms, labels, layers and tags.

    Example: entrepot artifact show team/app:1.0
    """
    client = connect(server)
    show_item(client.get(_artifact_path(client, parse_content_reference(reference))), output)


@artifact_commands.command("delete")
def delete_artifact(
    reference: ReferenceArgument,
    *,
    is_preview: Annotated[
        bool, typer.Option("--preview", help="Only tell what it would free, when, and what holds the rest.")
    ] = False,
    is_now: Annotated[
        bool, typer.Option("--free-now", help="Delete it for good and its bytes at once, as an administrator.")
    ] = False,
    is_sure: SureOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Delete an artifact, named by its digest, with every tag that points at it.

    It can be restored for a while, and its bytes go after that. With --free-now it cannot, and they are gone when
    the command returns; blobs that other artifacts or repositories need stay.

    Example: entrepot artifact delete team/app@sha256:… --yes
    """
    named = parse_content_reference(reference).require_digest()
    client = connect(server)
    path = _artifact_path(client, named)
    if is_preview:
        show_item(client.post(f"{path}:preview", {}), output)
        return
    for_good = " FOR GOOD, so that nothing brings it back," if is_now else ""
    require_sure(f"Delete the artifact {reference}{for_good} at {client.target.url}?", is_sure=is_sure)
    answer = client.post(f"{path}:free-now", {}) if is_now else client.delete_and_tell(path)
    if output is Output.JSON:
        show_item(answer, output)
    elif is_now:
        tell(f"The artifact {reference} is gone, {answer['freed']['freed_bytes']} bytes with it.")
        tell(f"What a restored backup lacks: {answer['restore_loses']}")
    else:
        tell(f"The artifact {reference} is deleted. entrepot artifact restore brings it back.{_freed(answer)}")
        for warning in answer["warnings"]:
            tell(f"Warning: {warning}")


@artifact_commands.command("restore")
def restore_artifact(
    reference: ReferenceArgument, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Bring back a deleted artifact, named by its digest, with its tags and referrers.

    Example: entrepot artifact restore team/app@sha256:…
    """
    named = parse_content_reference(reference).require_digest()
    client = connect(server)
    show_item(client.post(f"{_artifact_path(client, named)}:restore", {}), output)


@artifact_commands.command("bin")
def list_bin(
    repository: RepositoryArgument,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the deleted artifacts of a repository that can still be restored.

    Example: entrepot artifact bin team/app
    """
    items = connect(server).items(f"repositories/{parse_repository_name(repository)}/-/bin", limit)
    show_items(items, ("digest", "type", "tags", "deleted_by", "restorable_until", "hold.kind"), output)


@artifact_commands.command("referrers")
def list_referrers(
    reference: ReferenceArgument,
    artifact_type: Annotated[str, typer.Option("--type", help="Such as application/spdx+json.")] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List what refers to an artifact: signatures, bills of materials, attestations.

    Example: entrepot artifact referrers team/app:1.0
    """
    client = connect(server)
    path = f"{_artifact_path(client, parse_content_reference(reference))}/referrers"
    items = client.items(path, limit, artifact_type=artifact_type)
    show_items(items, ("digest", "type", "artifact_type", "pushed_at"), output)


def _freed(answer: Item) -> str:
    """Say what a deletion frees, if the server told."""
    promise = answer.get("promise")
    if not promise:
        return ""
    kept = f"; {len(promise['kept'])} parts of it are needed elsewhere and stay" if promise["kept"] else ""
    held = "".join(
        f" {each['bytes']} bytes more stay for the backup {each['backup']}, until {each['until']}."
        for each in promise.get("held_back", ())
    )
    return f" After {promise['bytes_gone_after']}, {promise['freed_bytes']} bytes are freed{kept}.{held}"


def _artifact_path(client: Client, named: Reference) -> str:
    return f"repositories/{named.repository}/-/artifacts/{digest_of(client, named)}"
