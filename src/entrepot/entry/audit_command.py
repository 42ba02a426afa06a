# SPDX-License-Identifier: Apache-2.0
"""`entrepot audit verify`: find out on the server itself whether anybody changed the audit log."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import open_existing_database
from entrepot.features.audit import Destinations
from entrepot.features.audit import NotReadable
from entrepot.features.audit import Report
from entrepot.features.audit import anchors_at
from entrepot.features.audit import anchors_in
from entrepot.features.audit import verify_chain
from entrepot.infra.database import schema
from entrepot.infra.http.outbound.client import Outbound
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock


def verify_audit(
    data: Annotated[Path | None, typer.Option(help="Folder that holds the database; default ./data.")] = None,
    anchors: Annotated[
        list[str] | None,
        typer.Option(
            help="Where checkpoints were kept: a file, as `entrepot audit checkpoints` or a syslog server writes it, "
            "or the name of a destination in `[audit.deliver]` that is a file, a bucket or a witness. Repeatable.",
        ),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Read the whole audit log and tell what was altered, removed or inserted; exit status 1 when anything was.

    Only with anchors does it show that somebody who holds the database and the key wrote the log anew.
    Reads only, and takes no lock: run it at any time.

    Example: entrepot audit verify --data ./data --anchors anchors.txt --anchors witness
    """
    override(data_dir=data)
    settings = load()
    tokens = [token for place in anchors or () for token in read_anchors(place, settings)]
    report = _run(settings, tokens, is_quiet=is_json or not sys.stderr.isatty())
    if is_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _show(report, is_anchored=anchors is not None)
    if not report.is_whole:
        raise typer.Exit(1)


def read_anchors(place: str, settings: Settings) -> list[str]:
    """Return the checkpoints in a file, or at a destination of this name. Raises `AppError`."""
    destination = settings.audit.deliver.get(place)
    if destination is None or Path(place).is_file():
        return anchors_in(Path(place))
    return asyncio.run(anchors_at(destination, Destinations(Outbound(settings.outgoing), system_clock)))


def _run(settings: Settings, anchors: list[str], *, is_quiet: bool) -> Report:
    database = open_existing_database(settings)
    try:
        schema.require_current(database)
        with Progress(console=Console(stderr=True), disable=is_quiet) as bar:
            task = bar.add_task("verifying", total=None)
            return verify_chain(
                database,
                anchors,
                lambda done, total: bar.update(task, completed=done, total=max(total, 1)),
                _authorities(settings),
            )
    finally:
        database.close()


def _authorities(settings: Settings) -> bytes:
    """Return who vouches for time stamps, as far as any are configured. Raises `NotReadable`."""
    files = {each.stamp_ca_file for each in settings.audit.deliver.values() if each.stamp_ca_file}
    try:
        return b"\n".join(Path(file).read_bytes() for file in sorted(files))
    except OSError as error:
        raise NotReadable(f"a stamp_ca_file cannot be read: {error.strerror}") from error


def _show(report: Report, *, is_anchored: bool) -> None:
    span = f", {report.first_seq} to {report.last_seq}" if report.records else ""
    lines = [f"{report.records:,} records{span}, {report.checkpoints:,} checkpoints, {report.anchors:,} anchors"]
    if report.first_stamp_at is not None:
        lines.append(f"{report.stamps:,} time stamps, the first of {rfc3339(report.first_stamp_at)}")
    if report.newest_checkpoint_at is not None:
        lines.append(f"the newest checkpoint is of {rfc3339(report.newest_checkpoint_at)}")
    lines += [f"record {finding.seq}: {finding.what}" for finding in report.findings]
    if report.is_cut:
        lines.append("and more")
    if report.is_whole:
        lines.append("The log is whole.")
        if not is_anchored:
            lines.append("Whoever holds the database and its key could have written it anew: give --anchors to see.")
    sys.stdout.write("\n".join(lines) + "\n")
