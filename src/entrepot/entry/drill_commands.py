# SPDX-License-Identifier: Apache-2.0
"""`entrepot backup drill` and `report`: proving that a backup can be restored, and reading the proof."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from entrepot.entry import drilling
from entrepot.entry import restoring
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.drilling import Extent
from entrepot.entry.drilling import NotSigned
from entrepot.entry.opening import open_existing_database
from entrepot.entry.restore_command import place_of
from entrepot.entry.showing import showing
from entrepot.features.audit.keys import thumbprint
from entrepot.features.audit.store.checkpoints import keys as audit_keys
from entrepot.features.backup.taking import Wanted
from entrepot.features.backup.taking import take
from entrepot.infra.database import schema
from entrepot.infra.database.backup_file import not_written
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import system_clock
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.store import backups

MAX_REPORT_BYTES = 1024 * 1024


class Signed(msgspec.Struct, frozen=True):
    """A report as it is written: readable, signed (JWS, compact), and the public key that it was signed with (JWK)."""

    report: drilling.Report
    signed: str
    public_key: str


def drill_backup(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The file of a backup; default: the newest that is there.")
    ] = None,
    tags: Annotated[int, typer.Option("--tags", min=0, help="How many tags to pull, by chance; 0: all.")] = 100,
    report: Annotated[Path | None, typer.Option("--report", help="Where to write the signed report.")] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder; default ./data.")] = None,
    *,
    is_fresh: Annotated[bool, typer.Option("--fresh", help="Take a backup for it, which is removed again.")] = False,
    is_deep: Annotated[bool, typer.Option("--deep", help="Read and hash every blob, not only those pulled.")] = False,
) -> None:
    """Restore a backup beside everything, verify it, pull from it, and measure RPO and RTO; exit status 1 on failure.

    The registry goes on meanwhile, and is not changed. The report is signed with the key of the audit log.

    Example: entrepot backup drill --report drill.json
    """
    override(data_dir=data)
    settings = load()
    restoring.require_key(settings.data_dir, settings.keys)
    place = place_of(settings)
    with closing(open_existing_database(settings)) as database:
        schema.require_current(database)
        with showing() as say, _backup(database, file, is_fresh=is_fresh) as path:
            found = drilling.drill(path, place, system_clock, Extent(tags, is_deep), say)
        token = drilling.sign(found, database, place, settings.registry.region, system_clock)
        public = database.snapshot_now(audit_keys)[0].public_jwk
        database.write_now(drilling.note, found, system_clock())
    text = msgspec.json.format(msgspec.json.encode(Signed(found, token, public)), indent=2)
    if report is not None:
        with not_written():
            report.write_bytes(text + b"\n")
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    if not found.is_good:
        raise typer.Exit(1)


def check_report(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A report, as backup drill writes it.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="The public key of the instance (JWK); default: those of its database.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder; default ./data.")] = None,
) -> None:
    """Tell what a drill found, if a key of this instance has signed it; exit status 1 otherwise.

    With --key it needs nothing but the report and the key: the public_key of an earlier report that you trust.

    Example: entrepot backup report drill.json --key instance.jwk
    """
    try:
        text = file.read_bytes()[:MAX_REPORT_BYTES]
        token = msgspec.json.decode(text, type=Signed).signed
        known = [_key_in(key)] if key is not None else _keys_of(data)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotSigned(f"it cannot be read: {error}") from error
    found = drilling.read_report(token, known)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")


@contextmanager
def _backup(database: Database, file: Path | None, *, is_fresh: bool) -> Iterator[Path]:
    """Hold the file of the backup that is to be tried."""
    if not is_fresh:
        yield file or _newest(database)
        return
    with tempfile.TemporaryDirectory(prefix="entrepot-drill-") as folder:
        name = f"drill-{new_ulid()}"
        with showing() as say:
            taken = take(database, system_clock, Wanted(name, Path(folder), DAY_MS), say)
        try:
            yield taken.path
        finally:
            database.write_now(backups.end, name, system_clock())


def _newest(database: Database) -> Path:
    for backup in database.snapshot_now(backups.newest_first):
        if backup.state == "kept" and Path(backup.place).is_file():
            return Path(backup.place)
    raise restoring.CannotRestore(
        "no backup is here to try", hint="entrepot backup create takes one, --fresh takes one for this drill alone."
    )


def _key_in(file: Path) -> tuple[str, str]:
    text = file.read_text(encoding="utf-8")
    return thumbprint(text) or "", text


def _keys_of(data: Path | None) -> list[tuple[str, str]]:
    override(data_dir=data)
    with closing(open_existing_database(load())) as database:
        return [(each.kid, each.public_jwk) for each in database.snapshot_now(audit_keys)]
