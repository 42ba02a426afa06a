# SPDX-License-Identifier: Apache-2.0
"""`entrepot backup`: backups of the database and the bytes it names, taken while the server runs."""

import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.drill_commands import check_report
from entrepot.entry.drill_commands import drill_backup
from entrepot.entry.opening import open_bytes
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import run_with
from entrepot.entry.opening import store_keys
from entrepot.entry.opening import store_urls
from entrepot.entry.showing import showing
from entrepot.features.backup.blobs import Stored
from entrepot.features.backup.blobs import copy_blobs
from entrepot.features.backup.blobs import pages_of
from entrepot.features.backup.description import BLOBS
from entrepot.features.backup.description import read_description
from entrepot.features.backup.description import require_whole
from entrepot.features.backup.ending import end
from entrepot.features.backup.errors import BackupUnknown
from entrepot.features.backup.pruning import prune_blobs
from entrepot.features.backup.settings import MAX_KEEP_DAYS
from entrepot.features.backup.taking import Say
from entrepot.features.backup.taking import Taken
from entrepot.features.backup.taking import Wanted
from entrepot.features.backup.taking import free_name
from entrepot.features.backup.taking import take
from entrepot.infra.database import schema
from entrepot.infra.database.backup_file import reading
from entrepot.infra.database.backup_file import sha256_of
from entrepot.infra.database.engine import Database
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from entrepot.registry.backup_blobs import Outcome
from entrepot.registry.backup_blobs import check_objects
from entrepot.registry.store import backup_contents
from entrepot.registry.store import backups
from entrepot.registry.store import repositories
from entrepot.registry.store.backups import Backup

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

backup_commands = typer.Typer(
    help="Backups of the database and the bytes it names, taken while the server runs. These commands work on the "
    "database and on files of this machine; a server's own backups are in its console and its management API.",
    no_args_is_help=True,
)
backup_commands.command("drill")(drill_backup)
backup_commands.command("report")(check_report)

DataOption = Annotated[Path | None, typer.Option("--data", help="The data folder; default ./data.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="From the list of backups.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file of a backup.")]


@backup_commands.command("create")
def create(
    to: Annotated[Path, typer.Option("--to", help="The folder that it goes to; made if it is not there.")],
    name: Annotated[str, typer.Option("--name", help="Its name; default: the time.")] = "",
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=1, max=MAX_KEEP_DAYS, help="So long no bytes go that it names.")
    ] = 30,
    data: DataOption = None,
    *,
    with_blobs: Annotated[
        bool, typer.Option("--with-blobs", help="Copy the bytes too, to the folder blobs beside it: what is new.")
    ] = False,
) -> None:
    """Take a backup while everybody pushes, pulls and deletes.

    It is one file, TO/NAME.backup, with the whole database as of one moment. Until it expires the collector deletes no
    bytes that it names. It does not hold the instance key: whoever has both can log in as anybody.

    Example: entrepot backup create --to /backup --with-blobs
    """
    override(data_dir=data)
    settings, now = load(), system_clock()
    if name and not _NAME.fullmatch(name):
        raise typer.BadParameter("letters, digits, `.`, `_` and `-`, at most 64", param_hint="--name")
    with _database(settings) as database:
        name = name or free_name(database, to, now)
        with showing() as say:
            taken = take(database, system_clock, Wanted(name, to, keep_days * DAY_MS), say)
        _tell(taken)
        lost = _copied(database, settings, taken) if with_blobs else 0
    _remind(settings, with_blobs=with_blobs)
    if lost:
        raise typer.Exit(1)


@backup_commands.command("list")
def list_backups(data: DataOption = None, output: OutputOption = Output.TABLE) -> None:
    """List the backups that are known, newest first; those that have ended hold nothing back.

    Example: entrepot backup list
    """
    override(data_dir=data)
    with _database(load()) as database:
        found = database.snapshot_now(backups.newest_first)
    show_items(
        [_as_item(each) for each in found],
        ("name", "state", "taken_at", "expires_at", "tags", "objects", "place"),
        output,
    )


@backup_commands.command("show")
def show(name: NameArgument, data: DataOption = None, output: OutputOption = Output.TABLE) -> None:
    """Show one backup.

    Example: entrepot backup show 2026-01-31T120000Z
    """
    override(data_dir=data)
    with _database(load()) as database:
        show_item(_as_item(_found(database, name)), output)


@backup_commands.command("inventory")
def inventory(file: FileArgument) -> None:
    """Print every object that a backup names, one JSON object a line: key, digest, size, store.

    Example: entrepot backup inventory /backup/2026-01-31T120000Z.backup
    """
    read_description(file)
    with reading(file) as connection:
        pages, place = pages_of(connection), ""
        while page := pages(place):
            for each in page:
                sys.stdout.write(msgspec.json.encode(each._asdict()).decode() + "\n")
            place = page[-1].object_key


@backup_commands.command("remove")
def remove(
    name: NameArgument,
    data: DataOption = None,
    *,
    keeps_file: Annotated[bool, typer.Option("--keep-file", help="Leave its file where it is.")] = False,
) -> None:
    """End a backup before its time: what it held back goes, and its file is removed.

    The bytes that were copied for it stay until entrepot backup prune.

    Example: entrepot backup remove 2026-01-31T120000Z
    """
    override(data_dir=data)
    with _database(load()) as database:
        found = _found(database, name)
        database.write_now(end, found, system_clock())
    path = Path(found.place)
    is_its_own = not keeps_file and path.is_file() and read_description(path).name == name
    if is_its_own:
        path.unlink()
    told = f"and {path} removed" if is_its_own else f"{path} was left as it is"
    Console(highlight=False, soft_wrap=True).print(f"The backup {name} is ended, {told}.", markup=False)


@backup_commands.command("verify")
def verify(
    file: FileArgument,
    *,
    is_deep: Annotated[bool, typer.Option("--deep", help="Read and hash the blobs beside it.")] = False,
) -> None:
    """Read all of a backup, and look whether the blobs beside it are all there; exit status 1 when anything is wrong.

    Needs no server, no configuration and no key.

    Example: entrepot backup verify /backup/2026-01-31T120000Z.backup --deep
    """
    console = Console(highlight=False, soft_wrap=True)
    description = read_description(file)
    with showing() as say:
        require_whole(file, description, lambda table, _: say(f"checking {table}"))
        checked = _checked(file, say, is_deep=is_deep)
    console.print(f"{description.rows:,} rows are whole; taken at {rfc3339(description.taken_at)}.", markup=False)
    console.print(f"sha256 {sha256_of(file)}", markup=False)
    if checked is None:
        console.print(f"There are no blobs beside it, in {BLOBS}: it needs those of the storage.", markup=False)
        return
    console.print(f"{checked.objects:,} blobs looked at, {checked.lost_count:,} missing or damaged.", markup=False)
    if checked.lost_count:
        raise typer.Exit(1)


@backup_commands.command("prune")
def prune(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with backups and their blobs.")],
    *,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
) -> None:
    """Delete the blobs of a folder that none of the backups in it names.

    Deletes nothing when any of them cannot be read.

    Example: entrepot backup prune /backup
    """
    with showing() as say:
        pruned = asyncio.run(prune_blobs(folder, say, is_dry=is_dry))
    what = "would be deleted" if is_dry else "deleted"
    Console(highlight=False, soft_wrap=True).print(
        f"{pruned.objects:,} blobs with {pruned.bytes:,} bytes {what}; {pruned.kept:,} are named by {pruned.backups} "
        "backups.",
        markup=False,
    )


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    with closing(open_existing_database(settings)) as database:
        schema.require_current(database)
        yield database


def _found(database: Database, name: str) -> Backup:
    found = database.snapshot_now(backups.find, name)
    if found is None:
        raise BackupUnknown(f"there is no backup {name}")
    return found


def _copied(database: Database, settings: Settings, taken: Taken) -> int:
    store_id = database.snapshot_now(repositories.find_store, *store_urls(settings))
    storages = {} if store_id is None else {store_id: open_bytes(settings)}
    with showing() as say:
        outcome = run_with(storages.values(), copy_blobs(database, taken, Stored(storages, store_keys(settings)), say))
    Console(highlight=False, soft_wrap=True).print(
        f"{outcome.objects:,} blobs are in {taken.path.parent / BLOBS}, {outcome.copied:,} of them new, with "
        f"{outcome.copied_bytes:,} bytes. {outcome.lost_count:,} are missing or damaged in the storage.",
        markup=False,
    )
    return outcome.lost_count


def _checked(file: Path, say: Say, *, is_deep: bool) -> Outcome | None:

    folder = file.parent / BLOBS
    if not folder.is_dir():
        return None
    storage = FilesystemStorage.open(folder)
    with reading(file) as connection:
        storages = dict.fromkeys(backup_contents.used_stores(connection), storage)
        checking = check_objects(
            pages_of(connection),
            storages,
            lambda done: say(f"looking at blobs: {done.objects:,}"),
            is_deep=is_deep,
            are_copies=True,
        )
        return asyncio.run(checking)


def _tell(taken: Taken) -> None:
    said = taken.description
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{taken.path}: {taken.file_bytes:,} bytes, sha256 {taken.sha256}", markup=False)
    console.print(
        f"Holds {said.rows:,} rows, {said.manifests:,} manifests and {said.tags:,} tags "
        f"as of {rfc3339(said.taken_at)}, and names {said.objects:,} objects with {said.object_bytes:,} bytes, "
        f"none of which goes before {rfc3339(said.expires_at)}.",
        markup=False,
    )


def _remind(settings: Settings, *, with_blobs: bool) -> None:
    kept = [str(settings.data_dir / "instance.key"), "the configuration"]
    if not with_blobs:
        kept.append("the bytes in the storage, which are not in this backup")
    Console(highlight=False, soft_wrap=True).print(
        f"Keep elsewhere too, and apart from this: {', '.join(kept)}.", markup=False
    )


def _as_item(backup: Backup) -> dict[str, object]:
    shown = {name: getattr(backup, name) for name in ("name", "state", "place", "taken_by")}
    for name in ("began_at", "taken_at", "expires_at", "ended_at"):
        moment = getattr(backup, name)
        shown[name] = None if moment is None else rfc3339(moment)
    return {**shown, **msgspec.to_builtins(backup.facts)}
