# SPDX-License-Identifier: Apache-2.0
"""`entrepot push`, `entrepot pull` and `entrepot copy`: content between registries, layouts and archives."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from typing import Any

import typer

from entrepot.entry.copy_progress import shown
from entrepot.entry.copy_running import Wanted
from entrepot.entry.copy_running import copied
from entrepot.features.quotas.sizes import shown_size
from entrepot.infra.distribution.errors import AGAIN
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.files import TarFiles
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.layout import INDEX_FILE
from entrepot.infra.distribution.layout import LAYOUT_FILE
from entrepot.infra.distribution.pace import Pace
from entrepot.infra.distribution.pace import parse_rate
from entrepot.infra.distribution.place_name import FilePlace
from entrepot.infra.distribution.place_name import Place
from entrepot.infra.distribution.place_name import RegistryPlace
from entrepot.infra.distribution.place_name import Transport
from entrepot.infra.distribution.place_name import parse_place
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item

INTERRUPTED = 130
"""The status that shells know for Ctrl-C."""

AllOption = Annotated[bool, typer.Option("--all", help="Every tag of the repository, or every image of the file.")]
PlatformOption = Annotated[
    str, typer.Option("--platform", help="Of an index, its image for one platform alone, such as linux/arm64.")
]
ReferrersOption = Annotated[
    bool,
    typer.Option("--referrers/--no-referrers", help="Signatures, SBOMs and whatever else refers to it, too."),
]
RateOption = Annotated[str, typer.Option("--limit-rate", help="At most so many bytes in a second, such as 10M.")]
ParallelOption = Annotated[int, typer.Option("--parallel", help="So many blobs at once.", min=1, max=64)]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Tell what would be copied, and change nothing.")]
PlainOption = Annotated[
    bool, typer.Option("--plain-http", help="Ask the registries over plain HTTP, on other machines too.")
]


def push(  # noqa: PLR0913 - one for each flag
    source: Annotated[str, typer.Argument(metavar="LAYOUT|ARCHIVE", help="Folder or tar: PATH, or oci:PATH:TAG.")],
    destination: Annotated[str, typer.Argument(metavar="REF", help="Where to, such as registry.example/team/app:1.0.")],
    platform: PlatformOption = "",
    limit_rate: RateOption = "",
    parallel: ParallelOption = 4,
    output: OutputOption = Output.TABLE,
    *,
    takes_all: AllOption = False,
    with_referrers: ReferrersOption = True,
    is_dry: DryOption = False,
    allows_plain_http: PlainOption = False,
) -> None:
    """Push an image from an OCI layout, or from what docker save wrote, to a registry.

    When it breaks off, the same command goes on where it was.

    Example: entrepot push docker-archive:app.tar registry.example/team/app:1.0
    """
    wanted = Wanted(
        _local(source), _registry(destination), takes_all, platform, with_referrers, parallel, is_dry, allows_plain_http
    )
    _run(wanted, limit_rate, output)


def pull(  # noqa: PLR0913 - one for each flag
    source: Annotated[str, typer.Argument(metavar="REF", help="What to pull, such as registry.example/team/app:1.0.")],
    destination: Annotated[
        str,
        typer.Argument(
            metavar="[LAYOUT|ARCHIVE]", help="Where to: a folder, or docker-archive:FILE; default: one of its name."
        ),
    ] = "",
    platform: PlatformOption = "",
    limit_rate: RateOption = "",
    parallel: ParallelOption = 4,
    output: OutputOption = Output.TABLE,
    *,
    takes_all: AllOption = False,
    with_referrers: ReferrersOption = True,
    is_dry: DryOption = False,
    allows_plain_http: PlainOption = False,
) -> None:
    """Pull an image from a registry into an OCI layout, or into what docker load takes.

    When it breaks off, the same command goes on where it was.

    Example: entrepot pull registry.example/team/app:1.0 oci:app
    """
    from_ = _registry(source)
    to = _local(destination or f"{Transport.LAYOUT}:{from_.repository.rpartition('/')[2]}")
    wanted = Wanted(from_, to, takes_all, platform, with_referrers, parallel, is_dry, allows_plain_http)
    _run(wanted, limit_rate, output)


def copy(  # noqa: PLR0913 - one for each flag
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A reference, or oci:, oci-archive: and so on.")],
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="The same; without a tag, the source's.")],
    platform: PlatformOption = "",
    limit_rate: RateOption = "",
    parallel: ParallelOption = 4,
    output: OutputOption = Output.TABLE,
    *,
    takes_all: AllOption = False,
    with_referrers: ReferrersOption = True,
    is_dry: DryOption = False,
    allows_plain_http: PlainOption = False,
) -> None:
    """Copy an image between registries, OCI layouts and archives, with everything that belongs to it.

    When it breaks off, the same command goes on where it was.

    Example: entrepot copy docker.io/library/alpine:3.22 registry.example/mirror/alpine --limit-rate 10M
    """
    wanted = Wanted(
        parse_place(source),
        parse_place(destination),
        takes_all,
        platform,
        with_referrers,
        parallel,
        is_dry,
        allows_plain_http,
    )
    _run(wanted, limit_rate, output)


def _run(wanted: Wanted, limit_rate: str, output: Output) -> None:
    """Copy, and say what came of it; or that it was stopped, and how to go on."""
    flow = Flow(Pace(parse_rate(limit_rate) if limit_rate else None))

    async def run() -> Mapping[str, Any]:
        async with shown(flow.tally, output):
            return await copied(wanted, flow)

    try:
        told = asyncio.run(run())
    except KeyboardInterrupt:
        sys.stderr.write(f"Stopped. {AGAIN}\n")
        raise typer.Exit(INTERRUPTED) from None
    show_item(told if output is Output.JSON else _for_people(told), output)


def _for_people(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what is nothing, and write sizes as people do."""
    blobs = {name: count for name, count in told["blobs"].items() if count or name == "in_all"}
    sizes = {name: shown_size(size) for name, size in told["bytes"].items()}
    return {**told, "blobs": blobs, "bytes": sizes, "seconds": f"{told['seconds']:.1f}"}


def _registry(text: str) -> RegistryPlace:
    place = parse_place(text)
    if not isinstance(place, RegistryPlace):
        hint = "Write it like registry.example/team/app:1.0; entrepot copy copies between any two places."
        raise PlaceInvalid(f"{text[:200]!r} is not in a registry", hint=hint)
    return place


def _local(text: str) -> FilePlace:
    """Read what names a folder or a file, with its prefix or without."""
    prefix = text.partition(":")[0]
    known = prefix in (Transport.LAYOUT, Transport.LAYOUT_ARCHIVE, Transport.DOCKER_ARCHIVE)
    place: Place = parse_place(text if known else f"{_kind(Path(prefix))}:{text}")
    if not isinstance(place, FilePlace):
        raise PlaceInvalid(f"{text[:200]!r} is no folder and no file")
    return place


def _kind(path: Path) -> Transport:
    """Return what kind of place a path is: by what is in it, else by how it ends."""
    if path.is_file():
        files = TarFiles(path)
        is_layout = files.size(LAYOUT_FILE) is not None and files.size(INDEX_FILE) is not None
        return Transport.LAYOUT_ARCHIVE if is_layout else Transport.DOCKER_ARCHIVE
    return Transport.LAYOUT_ARCHIVE if path.suffix == ".tar" else Transport.LAYOUT
