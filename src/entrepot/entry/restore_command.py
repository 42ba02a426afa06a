# SPDX-License-Identifier: Apache-2.0
"""`entrepot restore`: a backup into an empty database."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry import restoring
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import DEFAULT_STORE
from entrepot.entry.opening import open_bytes
from entrepot.entry.opening import open_database
from entrepot.entry.opening import store_keys
from entrepot.entry.restoring import Place
from entrepot.entry.restoring import Restored
from entrepot.entry.restoring import Verified
from entrepot.entry.showing import showing
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file of a backup.")],
    data: Annotated[Path | None, typer.Option(help="The data folder, with the instance key; default ./data.")] = None,
    *,
    verifies: Annotated[
        bool, typer.Option("--verify", help="Then read all blobs again; exit status 1 when any is lost.")
    ] = False,
) -> None:
    """Restore a backup into the configured database, which has to be empty: SQLite or PostgreSQL.

    Blobs that the storage lacks come back from the folder blobs beside the backup. A backup of an older version is
    upgraded. Whatever goes wrong, the database is as empty as it was, and it can be run again.

    Example: entrepot restore /backup/2026-01-31T120000Z.backup --data ./data --verify
    """
    override(data_dir=data)
    settings = load()
    restoring.require_key(settings.data_dir, settings.keys)
    place = place_of(settings)
    with closing(open_database(settings)) as database:
        with showing() as say:
            restored = restoring.restore(file, database, place, system_clock, say)
        _tell(restored, database.address)
        if not verifies:
            sys.stdout.write("Whether every blob is there is not known yet: entrepot verify --deep tells.\n")
            return
        with showing() as say:
            verified = restoring.verify(database, place.storage, say, keys=place.store_keys)
    _report(verified)
    if verified.outcome.lost_count:
        raise typer.Exit(1)


def place_of(settings: Settings) -> Place:
    """Return where the configuration says that things are."""
    store_url = settings.storage.url or DEFAULT_STORE
    return Place(settings.data_dir, open_bytes(settings), store_url, settings.keys, store_keys(settings))


def _tell(restored: Restored, address: str) -> None:
    said, blobs = restored.description, restored.blobs
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Restored to {address}: {said.rows:,} rows, {said.manifests:,} manifests and {said.tags:,} tags "
        f"as of {rfc3339(said.taken_at)}. What happened after that is lost.",
        markup=False,
    )
    if blobs is not None:
        console.print(
            f"{blobs.copied:,} blobs came back, {blobs.objects - blobs.copied - blobs.lost_count:,} were there, "
            f"{blobs.lost_count:,} are in neither place.",
            markup=False,
        )
    console.print(
        "Tokens, passwords and sessions are those of that time: what was revoked since then is valid again, "
        "so revoke it again before you let anybody in.",
        markup=False,
    )


def _report(verified: Verified) -> None:
    outcome = verified.outcome
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{outcome.objects:,} blobs looked at, {outcome.read_bytes:,} bytes read, {outcome.lost_count:,} lost.",
        markup=False,
    )
    for tag in verified.tags:
        console.print(f"cannot be pulled: {tag.repository}:{tag.name} ({tag.digest})", markup=False)
    if outcome.lost_count:
        console.print("A push of what is lost heals it.", markup=False)
