# SPDX-License-Identifier: Apache-2.0
"""`entrepot in-use`: what runs in clusters, said to a server."""

import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

from entrepot.features.in_use.models import DEFAULT_HOURS
from entrepot.features.in_use.models import MAX_HOURS
from entrepot.features.in_use.models import parse_cluster
from entrepot.features.in_use.models import parse_image
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

in_use_commands = command_group("in-use", "What runs in clusters, which no rule deletes.")

ClusterArgument = Annotated[str, typer.Argument(metavar="CLUSTER", help="Its name.")]
ClusterOption = Annotated[str, typer.Option("--cluster", metavar="NAME", help="Whose images these are.")]


@in_use_commands.command("report")
def report_in_use(
    cluster: ClusterOption,
    *,
    hosts: Annotated[
        list[str] | None,
        typer.Option("--registry", metavar="HOST", help="What the cluster calls this registry; default: as you do."),
    ] = None,
    hours: Annotated[
        int, typer.Option("--valid-hours", help="For how long it counts.", min=1, max=MAX_HOURS)
    ] = DEFAULT_HOURS,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Say what a cluster runs, in the place of what it ran before: images on standard input, apart by blanks or lines.

    Those of other registries, and those without a digest, are left out. What kubectl prints will do:

    kubectl get pods --all-namespaces -o jsonpath='{.items[*].status.containerStatuses[*].imageID}'
    | entrepot in-use report --cluster production

    Let a job do so more often than what it says ends to count. It takes the right to report-use.

    Example: entrepot in-use report --cluster production --valid-hours 48 < images.txt
    """
    client = connect(server)
    ours = set(hosts or [urlsplit(client.target.url).netloc]) | {""}
    words = sys.stdin.read().split()
    images = [image for image in map(parse_image, words) if image is not None and image.host in ours]
    running = sorted({f"{image.repository}@{image.digest}" for image in images})
    if words and not running:
        raise typer.BadParameter(
            f"none of the {len(words)} images is in {', '.join(sorted(ours - {''}))}: "
            "name what the cluster calls this registry with --registry"
        )
    report = client.put(path_to("in-use", parse_cluster(cluster)), {"running": running, "valid_hours": hours})
    if output is Output.JSON:
        show_item(report, output)
        return
    tell(
        f"{report['running']} images count for {cluster} until {report['until']}; "
        f"{len(words) - len(images)} on the input are of other registries or have no digest."
    )
    for kind, why in (("unknown", "is not in this registry"), ("refused", "is not yours to report")):
        for each in report[kind]:
            tell(f"{each['repository']}@{each['digest']} {why}")


@in_use_commands.command("list")
def list_clusters(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the clusters that say what they run.

    Example: entrepot in-use list
    """
    found = connect(server).items("in-use", limit)
    show_items(found, ("cluster", "running", "reported_at", "reported_by", "until"), output)


@in_use_commands.command("show")
def show_cluster(
    cluster: ClusterArgument, limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """List what a cluster runs, and what of that is not here.

    Example: entrepot in-use show production
    """
    found = connect(server).items(path_to("in-use", parse_cluster(cluster)), limit)
    show_items(found, ("repository", "digest", "presence"), output)


@in_use_commands.command("forget")
def forget_cluster(cluster: ClusterArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Forget a cluster: what it runs is kept for it no longer.

    Example: entrepot in-use forget staging --yes
    """
    client = connect(server)
    require_sure(f"Forget what {cluster} runs at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("in-use", parse_cluster(cluster)))
    tell(f"{cluster} is forgotten.")
