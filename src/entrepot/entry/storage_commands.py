# SPDX-License-Identifier: Apache-2.0
"""`entrepot storage`: moving the bytes from one place to another while the server runs."""

import sys
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from time import monotonic
from typing import Annotated
from typing import Any
from typing import TypeVar

import msgspec
import typer
from rich.console import Console

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import documents_of
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import open_place
from entrepot.entry.opening import require_keys
from entrepot.entry.opening import run_with
from entrepot.entry.opening import store_keys
from entrepot.entry.opening import store_urls
from entrepot.entry.showing import showing
from entrepot.features.backup.taking import Say
from entrepot.features.garbage import grace_of
from entrepot.features.garbage.pace import Pace
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import NotFound
from entrepot.registry.move_objects import Manner
from entrepot.registry.move_objects import Move
from entrepot.registry.move_objects import Moved
from entrepot.registry.move_objects import Places
from entrepot.registry.second_place import Removed
from entrepot.registry.second_place import SecondPlace
from entrepot.registry.second_place import Standing
from entrepot.registry.store import moved_objects
from entrepot.registry.store import repositories
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.repositories import StoreId

MAX_WORKERS = 256
MIB = 1024 * 1024

T = TypeVar("T")

storage_commands = typer.Typer(
    help="Moving the bytes from one place to another while the server runs.", no_args_is_help=True
)

DataOption = Annotated[Path | None, typer.Option("--data", help="The data folder; default ./data.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class NoSecondPlace(AppError):
    """There is one place: nothing is to be moved."""

    code = "no_second_place"
    default_hint = "Name the place that the bytes are to leave in [storage.second]."


@storage_commands.command()
def move(
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=MAX_WORKERS, help="How many objects are copied at once.")
    ] = 8,
    rate: Annotated[
        int, typer.Option("--rate", min=0, help="How many MiB are copied in a second at most; 0: no limit.")
    ] = 0,
    data: DataOption = None,
    *,
    removes: Annotated[
        bool, typer.Option("--remove", help="Then remove from the second place what the first has.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Copy everything that is kept from the second place to the first, compared with its digests on the way.

    Servers may run. It can be stopped and run again, and then goes on where it was. Exit status 1 when something
    could not be moved. Nothing is removed but with --remove, and then not before downloads that began there can have
    ended.

    Example: entrepot storage move --workers 16
    """
    override(data_dir=data)
    settings = load()
    with _opened(settings) as (database, store, places):
        with showing() as say:
            moved = _run(places, _moved(settings, (database, store, places), (workers, rate), _Telling(say).tell))
        removed = _removed(settings, database, store, places) if removes else None
    if is_json:
        found = {"moved": _as_json(moved), "removed": None if removed is None else _as_json(removed)}
        _print(msgspec.json.encode(found).decode())
    else:
        _tell_moved(moved)
        if removed is not None:
            _tell_removed(removed, places)
    if not moved.is_complete:
        raise typer.Exit(1)


@storage_commands.command()
def status(data: DataOption = None, *, is_json: JsonOption = False) -> None:
    """Tell how much is where; exit status 1 while the second place may not be taken out of the configuration.

    Reads only, and lists both places.

    Example: entrepot storage status
    """
    override(data_dir=data)
    with _opened(load()) as (database, store, places):
        found = _run(places, SecondPlace(database, store, places, system_clock).standing())
    may_go = found.is_settled and found.url == places.first.url
    if is_json:
        told = {**_as_json(found), "places": places.urls, "second_may_go": may_go}
        _print(msgspec.json.encode(told).decode())
    else:
        _tell_standing(found, places, may_go=may_go)
    if not may_go:
        raise typer.Exit(1)


async def _moved(
    settings: Settings, what: tuple[Database, StoreId, Places], how: tuple[int, int], tell: Callable[[Moved], None]
) -> Moved:
    """Move, and record that all is there once it is."""
    database, store, places = what
    workers, rate = how
    manner = Manner(workers, tell, Pace(rate * MIB).spend)
    moved = await Move(database, store, places, store_keys(settings), manner).run()
    if moved.copied.objects or await database.read(moved_objects.ended_move, places.urls) is None:
        await database.write(moved_objects.end_move, places.urls, system_clock())
    if moved.is_complete:
        await SecondPlace(database, store, places, system_clock).settle()
    return moved


def _removed(settings: Settings, database: Database, store: StoreId, places: Places) -> Removed:
    grace = grace_of(settings.garbage, settings.storage.redirect_minutes)
    second = SecondPlace(database, store, places, system_clock)
    with showing() as say:
        return _run(places, second.remove(grace.ms, lambda done: say(f"removing: {_amount(done.objects)}")))


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Database, StoreId, Places]]:
    """Hold the database, and both places of the store in it."""
    first, second = settings.storage, settings.storage.second
    if not second.url:
        raise NoSecondPlace
    database = open_existing_database(settings)
    try:
        schema.require_current(database)
        require_keys(settings, database)
        store = database.snapshot_now(repositories.find_store, *store_urls(settings))
        if store is None:
            raise NotFound("nothing is recorded in either place", hint="See whether this is the right database.")
        yield (
            database,
            store,
            Places(
                open_place(settings, first),
                open_place(settings, second),
                documents_of(settings, first),
                documents_of(settings, second),
            ),
        )
    finally:
        database.close()


def _run(places: Places, work: Coroutine[Any, Any, T]) -> T:
    async def closing() -> T:
        """Do it, and let go of what lies beside the objects too."""
        try:
            return await work
        finally:
            await places.documents.close()
            await places.second_documents.close()

    return run_with((places.first, places.second), closing())


class _Telling:
    """Tells how far a move is, and how long it takes still if it goes on like this."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._began = monotonic()

    def tell(self, moved: Moved) -> None:
        """Tell it."""
        done = moved.present + moved.copied
        left = moved.total.bytes - done.bytes
        text = f"{done.objects:,} of {moved.total.objects:,} objects, {_size(done.bytes)} of {_size(moved.total.bytes)}"
        if moved.copied.bytes:
            rate = moved.copied.bytes / max(monotonic() - self._began, 0.001)
            text += f", {_size(rate)}/s, about {max(left, 0) / rate / 60:,.0f} min left"
        self._say(text)


def _tell_moved(moved: Moved) -> None:
    _print(
        f"Copied {_amount(moved.copied)} and {moved.documents:,} documents; {_amount(moved.present)} were there. "
        f"{moved.gone:,} were deleted meanwhile."
    )
    for each in moved.unmoved:
        held = ", ".join(each.repositories) or "no repository, but perhaps by a backup"
        _print(f"not moved: {each.key} ({each.digest or 'dead'}): {each.reason}; held by {held}")
    if moved.damaged:
        _print(f"{moved.damaged:,} are damaged: push them again, or restore them from a backup, and move again.")
    if moved.failed:
        _print(f"{moved.failed:,} could not be read or written: move again.")
    if moved.is_complete:
        _print("Whether the second place may go: entrepot storage status")


def _tell_removed(removed: Removed, places: Places) -> None:
    _print(f"Removed from {places.second.url}: {_amount(removed.objects)}, {removed.documents:,} documents.")
    if removed.stayed:
        _print(f"{removed.stayed:,} stayed there: the first place has nothing like them.")


def _tell_standing(found: Standing, places: Places, *, may_go: bool) -> None:
    _print(f"first   {places.first.url}: {_amount(found.first)}")
    _print(f"second  {places.second.url}: {_amount(found.only_second)} there alone, of {_amount(found.left)}")
    if found.documents:
        _print(f"        {found.documents:,} documents there alone")
    if found.uploads and found.uploads_until is not None:
        _print(f"        {found.uploads:,} uploads go on there, until {rfc3339(found.uploads_until)} at the latest")
    if found.missing:
        _print(f"neither: {found.missing:,} objects, which entrepot verify names")
    if may_go:
        _print("The second place may be taken out of the configuration.")
    elif found.is_settled:
        _print(f"The database names {found.url}: entrepot storage move once more changes that.")
    else:
        _print("The second place is needed. entrepot storage move brings what is there to the first.")


def _as_json(found: Moved | Removed | Standing) -> dict[str, object]:
    shown = {each.name: getattr(found, each.name) for each in fields(found)}
    return {
        name: {"objects": value.objects, "bytes": value.bytes} if isinstance(value, Amount) else value
        for name, value in shown.items()
    }


def _amount(amount: Amount) -> str:
    return f"{amount.objects:,} objects with {_size(amount.bytes)}"


def _size(size: float) -> str:
    return f"{size / MIB:,.1f} MiB"


def _print(text: str) -> None:
    Console(highlight=False, soft_wrap=True, file=sys.stdout).print(text, markup=False)
