# SPDX-License-Identifier: Apache-2.0
"""`entrepot adopt`: take over what another registry has left in the configured folder or bucket, where it lies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress as ProgressBar
from rich.progress import SpinnerColumn
from rich.progress import TextColumn
from rich.progress import TimeRemainingColumn

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.everything import Everything
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import open_storage
from entrepot.entry.opening import open_tree
from entrepot.entry.opening import require_keys
from entrepot.entry.opening import run_with
from entrepot.entry.opening import store_urls
from entrepot.entry.wiring import build_core
from entrepot.features.access import parse_pattern
from entrepot.features.adoption import Progress
from entrepot.features.adoption import Report
from entrepot.features.adoption import Tell
from entrepot.features.adoption import Wanted
from entrepot.features.adoption import adopt as adopt_tree
from entrepot.features.adoption import quiet
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.remote.output import printable
from entrepot.infra.storage.interface import Storage
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.adoption import Adoption


class Check(StrEnum):
    """How much of blobs is looked at before they are adopted."""

    SIZES = "sizes"
    DIGESTS = "digests"


def adopt(  # noqa: PLR0913 - one for each flag
    data: Annotated[Path | None, typer.Option(help="Folder that holds the database; default ./data.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Repositories of the tree, such as team/app, team/* or team/**; may be given several times."),
    ] = None,
    into: Annotated[str, typer.Option(help="Name that theirs are put below, such as legacy.")] = "",
    check: Annotated[
        Check, typer.Option(help="Of blobs: their sizes, or their digests too, for which every byte is read.")
    ] = Check.SIZES,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be adopted, and what not.")] = False,
    is_last: Annotated[
        bool,
        typer.Option("--finish", help="The other registry is gone for good: from now on collection deletes there too."),
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Take over what another registry has left in the folder or bucket; exit status 1 when something cannot be.

    That registry may go on meanwhile, and so may this one. Nothing of it is changed, and nothing is copied. Run it
    again for what has come since.

    Example: entrepot adopt --data ./data --dry-run
    """
    override(data_dir=data)
    settings = load()
    if is_last:
        _finish(settings)
        return
    if into:
        parse_repository_name(into)
    patterns = [parse_pattern(text) for text in only or ["**"]]
    wanted = Wanted(lambda name: any(each.matches(name) for each in patterns), into, check is Check.DIGESTS, is_dry)
    report = _run(settings, wanted, is_quiet=is_json or not sys.stderr.isatty())
    if is_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _show(report, is_dry=is_dry)
    if not report.is_complete:
        raise typer.Exit(1)


def _run(settings: Settings, wanted: Wanted, *, is_quiet: bool) -> Report:
    tree, sparse = open_tree(settings), settings.registry.sparse_images
    with _opened(settings) as (adoption, storage), _shown(is_quiet=is_quiet) as tell:
        return run_with([storage], adopt_tree(adoption, tree, wanted, tell, may_be_sparse=sparse))


def _finish(settings: Settings) -> None:
    with _opened(settings) as (adoption, storage):
        is_new = run_with([storage], adoption.finish())
    text = "The tree is Entrepot's alone. What nothing needs any more is deleted there from now on."
    Console(highlight=False, soft_wrap=True).print(text if is_new else "It was so already.", markup=False)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Adoption, Storage]]:
    database: Database = open_existing_database(settings)
    try:
        schema.require_current(database)
        require_keys(settings, database)
        storage, urls = open_storage(settings, database), store_urls(settings)
        core = build_core(database, storage, Everything(), settings=settings.registry, store_urls=urls)
        yield Adoption(core), storage
    finally:
        database.close()


@contextmanager
def _shown(*, is_quiet: bool) -> Iterator[Tell]:
    if is_quiet:
        yield quiet
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with ProgressBar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("listing the tree", total=None)

        def show(progress: Progress) -> None:
            """Show how far it is."""
            what = f"{progress.done:,} of {progress.total:,} manifests and tags, {progress.repositories:,} repositories"
            bar.update(task, description=what, completed=progress.done, total=progress.total)

        yield show


def _show(report: Report, *, is_dry: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)

    def tell(text: str) -> None:
        """Print a line."""
        console.print(printable(text), markup=False)

    for problem in report.listed:
        tell(f"not taken over: {problem.repository}: {problem.what}: {problem.why}")
    if report.problems > len(report.listed):
        tell(f"and {report.problems - len(report.listed):,} more")
    tell(
        f"{'Would be adopted' if is_dry else 'Adopted'}: {report.manifests:,} manifests, {report.tags:,} tags and "
        f"{report.blobs:,} blobs of {report.bytes / 2**20:,.1f} MiB, in {report.repositories:,} repositories."
    )
    tell(f"Known already: {report.known_manifests:,} manifests, {report.known_tags:,} tags.")
    if report.left_tags:
        tell(f"{report.left_tags:,} tags were changed here, and stay as they are.")
    tell(f"{report.problems:,} problems.")
