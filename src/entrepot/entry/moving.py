# SPDX-License-Identifier: Apache-2.0
"""`entrepot db move`: everything from the configured database to one on the other engine."""

import json
import signal
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress as ProgressBar
from rich.progress import SpinnerColumn
from rich.progress import TextColumn
from rich.progress import TimeRemainingColumn
from sqlalchemy import Connection

from entrepot.entry.configuration import Settings
from entrepot.entry.opening import open_database
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import require_keys
from entrepot.features.system.presence import HEARTBEAT_SECONDS
from entrepot.features.system.service import NEWEST
from entrepot.features.system.store import page
from entrepot.infra.database import schema
from entrepot.infra.database.copying import CannotMove
from entrepot.infra.database.copying import MovedTable
from entrepot.infra.database.copying import Phase
from entrepot.infra.database.copying import Progress
from entrepot.infra.database.copying import Rules
from entrepot.infra.database.copying import Tell
from entrepot.infra.database.copying import move as move_rows
from entrepot.infra.database.settings import DatabaseSettings
from entrepot.infra.events.renumbering import renumber
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.registry.tables import manifests

SQLITE = "sqlite"
SILENT_MS = int(3 * HEARTBEAT_SECONDS) * SECOND_MS
"""A server process that said nothing for so long is gone."""

LINE_SECONDS = 5.0
"""How often a line is printed where there is no terminal."""


class ServersRunning(AppError):
    """Somebody serves with the database that is to be moved."""

    code = "servers_running"
    default_hint = (
        f"Stop them, and move again. One that was killed is taken for running for {SILENT_MS // SECOND_MS} seconds."
    )


class Interrupted(AppError):
    """A person ended the move."""

    code = "interrupted"
    default_hint = "Nothing was moved: both databases are as they were."


def move(settings: Settings, to: str, password_file: Path | None) -> None:
    """Move, compare, and tell what to do next. Raises `AppError`: then nothing was moved."""
    wanted = _settings_of_target(to, password_file)
    if bool(wanted.url) == bool(settings.database.url):
        raise _on_one_engine(is_sqlite=not wanted.url)
    source = open_existing_database(settings)
    target = open_database(settings.model_copy(update={"database": wanted}))
    begun = monotonic()
    try:
        schema.require_current(source)
        require_keys(settings, source)
        with _until_interrupted() as require_patience, _shown() as show:

            def tell(progress: Progress) -> None:
                show(progress)
                require_patience()

            moved = move_rows(source, target, RULES, tell)
    finally:
        target.close()
        source.close()
    _report(moved, target.address, monotonic() - begun)
    _advise(settings, wanted, source.address)


def _settings_of_target(to: str, password_file: Path | None) -> DatabaseSettings:
    if to == SQLITE:
        return DatabaseSettings()
    try:
        wanted = DatabaseSettings.model_validate({"url": to, "password_file": password_file})
    except ValidationError:
        wanted = DatabaseSettings()
    if not wanted.url:
        raise typer.BadParameter(
            "give an address that begins with postgresql://, or the word sqlite", param_hint="--to"
        )
    return wanted


def _on_one_engine(*, is_sqlite: bool) -> CannotMove:
    if is_sqlite:
        return CannotMove("the database is on SQLite already", hint="To have it elsewhere, copy the data folder.")
    return CannotMove(
        "the database is on PostgreSQL already", hint="From one PostgreSQL to another, use pg_dump and pg_restore."
    )


def _require_no_server(connection: Connection) -> None:
    now = system_clock()
    running = [node for node in page(connection, NEWEST, limit=100) if node.seen_at > after(now, -SILENT_MS)]
    if running:
        named = ", ".join(f"process {node.pid} on {node.host}" for node in running)
        raise ServersRunning(f"servers run on this database: {named}")


def _is_whole(manifest: Mapping[str, Any]) -> bool:
    """Tell whether the bytes of a manifest have its digest."""
    digest = Digest(manifest["digest"])
    return digest_of(manifest["payload"], algorithm_of(digest)) == digest


RULES = Rules(_require_no_server, {manifests.name: _is_whole}, renumber)


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C end the move between two batches, where both databases can be let go of; a second one is as ever."""
    asked: list[int] = []

    def note(number: int, _frame: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, before)

    def require_patience() -> None:
        if asked:
            raise Interrupted("the move was interrupted")

    before = signal.signal(signal.SIGINT, note)
    try:
        yield require_patience
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _shown() -> Iterator[Tell]:
    """Show how far it is: a bar on a terminal, else a line now and then."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield _Lines(console).tell
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,} rows, {task.fields[rate]:,.0f} rows/s"),
        TimeRemainingColumn(),
    )
    with ProgressBar(*columns, console=console) as bar:
        yield _Bar(bar).tell


class _Pace:
    """How fast the phase is that is under way."""

    def __init__(self) -> None:
        self._phase: Phase | None = None
        self.begun = monotonic()

    def rate(self, progress: Progress) -> float:
        """Return the rows of each second."""
        if progress.phase is not self._phase:
            self._phase, self.begun = progress.phase, monotonic()
        return progress.done / max(monotonic() - self.begun, 1.0)


class _Bar:
    """Tells a terminal."""

    def __init__(self, bar: ProgressBar) -> None:
        self._bar = bar
        self._pace = _Pace()

    def tell(self, progress: Progress) -> None:
        """Show a bar for each phase."""
        if len(self._bar.tasks) <= list(Phase).index(progress.phase):
            self._bar.add_task(progress.phase, total=progress.total, rate=0.0)
        self._bar.update(
            self._bar.task_ids[-1],
            completed=progress.done,
            description=f"{progress.phase} {progress.table}",
            rate=self._pace.rate(progress),
        )


class _Lines:
    """Tells a log."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pace = _Pace()
        self._told = monotonic()

    def tell(self, progress: Progress) -> None:
        """Print a line when a phase ends, and every few seconds."""
        is_end = progress.done == progress.total
        rate = self._pace.rate(progress)
        if not is_end and monotonic() < max(self._told, self._pace.begun) + LINE_SECONDS:
            return
        self._told = monotonic()
        left = "" if is_end else f", about {(progress.total - progress.done) / max(rate, 1.0):,.0f} s left"
        self._console.print(
            f"{progress.phase} {progress.table}: {progress.done:,} of {progress.total:,} rows, "
            f"{rate:,.0f} rows/s{left}",
            markup=False,
        )


def _report(moved: Sequence[MovedTable], address: str, seconds: float) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for table in filter(lambda each: each.rows, moved):
        console.print(f"{table.rows:>12,}  {table.name:<22} sha256:{table.sha256}", markup=False)
    rows = sum(table.rows for table in moved)
    console.print(f"Moved to {address}, and found equal: {rows:,} rows, in {seconds:,.0f} s.", markup=False)


def _advise(settings: Settings, wanted: DatabaseSettings, address: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print("\nBefore a server starts, this has to be in the configuration:\n\n[database]", markup=False)
    if wanted.url:
        console.print(f"url = {json.dumps(_without_password(wanted.url.get_secret_value()))}", markup=False)
        if wanted.password_file is None:
            console.print("# the password: password_file, password_command, or in the address", markup=False)
        else:
            console.print(f"password_file = {json.dumps(str(wanted.password_file.resolve()))}", markup=False)
    else:
        console.print("# no url, and no variable ENTREPOT_DATABASE__URL", markup=False)
    console.print(
        f"\nThe data folder {settings.data_dir} stays in use. {address} was left as it is: "
        "keep it until you are sure, and start no server on it.",
        markup=False,
    )


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}").geturl()
