# SPDX-License-Identifier: Apache-2.0
"""`entrepot verify`: check every invariant, while the server runs or not, changing nothing."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress as ProgressBar
from rich.progress import SpinnerColumn
from rich.progress import TextColumn

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import open_storage
from entrepot.entry.opening import require_keys
from entrepot.entry.opening import run_with
from entrepot.entry.opening import store_urls
from entrepot.infra.database import schema
from entrepot.kernel.clock import system_clock
from entrepot.registry.store import repositories
from entrepot.registry.verify import Options
from entrepot.registry.verify import Progress
from entrepot.registry.verify import Report
from entrepot.registry.verify import verify_report


def verify(
    data: Annotated[Path | None, typer.Option(help="Folder that holds the database; default ./data.")] = None,
    is_deep: Annotated[bool, typer.Option("--deep", help="Read and hash the bytes of every object.")] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check that database and storage are whole and agree; exit status 1 when anything is violated.

    Reads only, and takes no lock: run it at any time, also while the server is busy.

    Example: entrepot verify --data ./data --deep
    """
    override(data_dir=data)
    report = _run(load(), is_deep=is_deep, is_quiet=is_json or not sys.stderr.isatty())
    if is_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _show(report)
    if not report.is_clean:
        raise typer.Exit(1)


def _run(settings: Settings, *, is_deep: bool, is_quiet: bool) -> Report:
    database = open_existing_database(settings)
    try:
        schema.require_current(database)
        require_keys(settings, database)
        store_id = database.snapshot_now(repositories.find_store, *store_urls(settings))
        storages = {} if store_id is None else {store_id: open_storage(settings, database)}
        with ProgressBar(
            SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), disable=is_quiet
        ) as bar:
            task = bar.add_task("verifying")

            def show(progress: Progress) -> None:
                read = f", {progress.hashed_bytes / 2**20:,.0f} MiB read" if is_deep else ""
                bar.update(task, description=f"{progress.done:,} {progress.what}{read}")

            return run_with(
                storages.values(),
                verify_report(
                    database,
                    storages,
                    system_clock,
                    Options(is_deep=is_deep, may_be_sparse=settings.registry.sparse_images),
                    show,
                ),
            )
    finally:
        database.close()


def _show(report: Report) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for finding in report.findings:
        console.print(f"{finding.severity}: {finding.rule}: {finding.message}", markup=False)
    looked_at = ", ".join(f"{count:,} {what}" for what, count in report.checked.items()) or "nothing"
    console.print(f"Looked at {looked_at}.", markup=False)
    console.print(f"{report.violations} violations, {report.warnings} warnings.", markup=False)
