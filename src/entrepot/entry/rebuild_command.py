# SPDX-License-Identifier: Apache-2.0
"""`entrepot rebuild`: make a new database of what lies beside the bytes, or of the bytes alone."""

import asyncio
import fcntl
import os
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress as ProgressBar
from rich.progress import SpinnerColumn
from rich.progress import TaskID
from rich.progress import TextColumn
from sqlalchemy import Connection

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.moving import RULES
from entrepot.entry.opening import DEFAULT_STORE
from entrepot.entry.opening import open_bytes
from entrepot.entry.opening import open_database
from entrepot.entry.opening import open_documents
from entrepot.features.archive.errors import NotEmpty
from entrepot.features.archive.reading import is_there
from entrepot.features.archive.rebuilding import Sources
from entrepot.features.archive.rebuilding import rebuild_from_archive
from entrepot.features.archive.recovering import REPOSITORY
from entrepot.features.archive.recovering import rebuild_from_bytes
from entrepot.features.archive.report import Progress
from entrepot.features.archive.report import Report
from entrepot.features.archive.report import Tell
from entrepot.features.garbage.models import Pause
from entrepot.features.garbage.run import PAUSED
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity import readmission
from entrepot.features.identity import readmit
from entrepot.features.identity import write_secret
from entrepot.infra.database.building import discard
from entrepot.infra.database.copying import CannotMove
from entrepot.infra.database.copying import move
from entrepot.infra.database.copying import require_empty
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.disk import sync_folder
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import Conflict
from entrepot.registry.announcing import ENTREPOT
from entrepot.registry.store import collection_marks

FILE = "rebuilding.db"
LOCK = "rebuilding.lock"
SHOWN = 10


class RebuildRunning(Conflict):
    """Another rebuild is running in this data folder."""

    code = "rebuild_running"
    default_hint = "Wait for it to end."


def rebuild(
    data: Annotated[Path | None, typer.Option(help="Folder for the new database; default ./data.")] = None,
    is_from_archive: Annotated[
        bool, typer.Option("--from-archive", help="Only from the archive; fail where there is none.")
    ] = False,
    is_from_bytes: Annotated[
        bool, typer.Option("--from-bytes", help="Only from the bytes: without names, rights and deletions.")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Make a new database where the old one was lost, of what the storage holds; exit status 3 when something lacks.

    The configured database has to be empty, and stays so until everything is done: an interrupted rebuild has done
    nothing. Collection is paused afterwards.

    Example: entrepot rebuild --data ./data
    """
    if is_from_archive and is_from_bytes:
        raise typer.BadParameter("give one of --from-archive and --from-bytes, or none")
    override(data_dir=data)
    settings = load()
    chosen = is_from_bytes if is_from_archive or is_from_bytes else None
    report = _run(settings, chosen, is_quiet=is_json or not sys.stderr.isatty())
    if is_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show(report, settings)
    if not report.is_complete:
        raise typer.Exit(3)


def _run(settings: Settings, is_from_bytes: bool | None, *, is_quiet: bool) -> Report:
    """Rebuild from the bytes or from the archive; where it is None, from the archive if there is one."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(settings.data_dir / LOCK):
        _require_empty(settings)
        file = settings.data_dir / FILE
        sources = Sources(open_bytes(settings), open_documents(settings), settings.storage.url or DEFAULT_STORE)
        try:
            with _shown(is_quiet=is_quiet) as tell:
                if is_from_bytes is None:
                    is_from_bytes = not asyncio.run(_has_archive(sources))
                make = rebuild_from_bytes if is_from_bytes else rebuild_from_archive
                report = make(sources, file, system_clock(), tell)
            _prepare(settings, file, report)
            _put_in_place(settings, file)
        finally:
            discard(file)
    return report


async def _has_archive(sources: Sources) -> bool:
    try:
        return await is_there(sources.documents)
    finally:
        await sources.close()


def _prepare(settings: Settings, file: Path, report: Report) -> None:
    """Pause collection, and let an administrator in."""
    database = SqliteDatabase(file)
    try:
        database.write_now(_pause, system_clock())
        chosen = settings.bootstrap_admin_password.get_secret_value()
        administrator = database.write_now(readmission, chosen, settings.data_dir)
        if administrator is None:
            return
        passwords = PasswordChecks(system_clock)
        try:
            password_hash = passwords.hasher.hash(administrator.password)
        finally:
            passwords.close()
        database.write_now(readmit, administrator, password_hash)
        if administrator.password_file is not None:
            write_secret(administrator.password_file, administrator.password)
        report.administrator = administrator.name
    finally:
        database.close()


def _pause(connection: Connection, now: Milliseconds) -> None:
    collection_marks.set_place(connection, PAUSED, Pause(ENTREPOT.identity, now))


def _require_empty(settings: Settings) -> None:
    """Raise `NotEmpty` unless the database has nothing in it, and what `schema.state` raises."""
    if not settings.database.url and not settings.database_path.exists():
        return
    database = open_database(settings)
    try:
        database.snapshot_now(require_empty)
    except CannotMove as error:
        raise NotEmpty(f"{database.address} is not empty: {error.message}") from error
    finally:
        database.close()


def _put_in_place(settings: Settings, file: Path) -> None:
    """Let the file be the database, or move what it holds into the configured one, in one transaction."""
    if not settings.database.url:
        _require_empty(settings)
        discard(settings.database_path)
        try:
            os.link(file, settings.database_path)
        except FileExistsError:
            raise NotEmpty(f"{settings.database_path} appeared meanwhile: a server was started") from None
        sync_folder(settings.data_dir)
        return
    source, target = SqliteDatabase(file), open_database(settings)
    try:
        move(source, target, RULES, lambda _progress: None)
    finally:
        target.close()
        source.close()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RebuildRunning from None
        yield
        path.unlink(missing_ok=True)


@contextmanager
def _shown(*, is_quiet: bool) -> Iterator[Tell]:
    console = Console(stderr=True)
    with ProgressBar(SpinnerColumn(), TextColumn("{task.description}"), console=console, disable=is_quiet) as bar:
        yield partial(_tell, bar, bar.add_task("looking"))


def _tell(bar: ProgressBar, task: TaskID, progress: Progress) -> None:
    bar.update(task, description=f"{progress.done:,} {progress.what}")


def show(report: Report, settings: Settings) -> None:
    """Print what came back, what did not, and what is to be done."""
    console = Console(highlight=False, soft_wrap=True)

    def tell(text: str) -> None:
        console.print(text, markup=False)

    counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items() if count)
    tell(f"Rebuilt from the {report.source}: {counts or 'nothing'}.")
    if report.newest_event_at is not None:
        moment = datetime.fromtimestamp(report.newest_event_at / 1000, UTC)
        tell(f"The newest that came back happened at {moment:%Y-%m-%d %H:%M:%S} UTC; what happened later is lost.")
    for finding in report.findings:
        tell(f"lacking: {finding}")
    for what, lack in report.lacks.items():
        more = f", and {lack.count - SHOWN:,} more" if lack.count > SHOWN else ""
        tell(f"lacking: {lack.count:,} {what}: {', '.join(lack.named[:SHOWN])}{more}")
    for table, count in sorted(report.removed.items()):
        tell(f"lacking: {count:,} rows of {table} referred to what is not there, and were left out")
    if report.adopted:
        tell(f"{report.adopted:,} blobs were found under keys that the archive did not know.")
    if report.others.count:
        tell(f"{report.others.count:,} objects are used by nothing; collection removes them once it goes on.")
    _advise(report, settings, tell)


def _advise(report: Report, settings: Settings, say: Callable[[str], None]) -> None:
    if report.source == "bytes":
        say(f"Images are in {REPOSITORY}, by digest. Whoever has their names tags them anew.")
    if report.audit is not None:
        say(
            f"The audit log is not rebuilt. Its newest checkpoint is of record {report.audit.seq}: {report.audit.token}"
        )
    say("\nWhat has to be set anew: passwords, second factors, invitations, logins that are open.")
    if report.administrator:
        say(
            f"{report.administrator} has a new password"
            + ("." if settings.bootstrap_admin_password.get_secret_value() else f", in {settings.data_dir}.")
        )
    say("Collection is paused. Check with `entrepot verify`, serve, and then: entrepot garbage resume")
