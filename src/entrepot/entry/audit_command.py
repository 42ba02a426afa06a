# SPDX-License-Identifier: Apache-2.0
"""`entrepot audit verify`: find out on the server itself whether anybody changed the audit log."""

import re
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import open_existing_database
from entrepot.features.audit import Report
from entrepot.features.audit import verify_chain
from entrepot.infra.database import schema
from entrepot.kernel.clock import rfc3339

MAX_ANCHORS = 1_000_000
_MAX_LINE_CHARACTERS = 65_536
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}")


def verify_audit(
    data: Annotated[Path | None, typer.Option(help="Folder that holds the database; default ./data.")] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            help="File of checkpoints that were kept elsewhere, a token on each line, as `entrepot audit checkpoints` "
            "writes them. Other text around a token, such as that of syslog, does not matter.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Read the whole audit log and tell what was altered, removed or inserted; exit status 1 when anything was.

    Only with anchors does it show that somebody who holds the database and the key wrote the log anew.
    Reads only, and takes no lock: run it at any time.

    Example: entrepot audit verify --data ./data --anchors anchors.txt
    """
    override(data_dir=data)
    tokens = read_anchors(anchors) if anchors else []
    report = _run(tokens, is_quiet=is_json or not sys.stderr.isatty())
    if is_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _show(report, is_anchored=anchors is not None)
    if not report.is_whole:
        raise typer.Exit(1)


def read_anchors(path: Path) -> list[str]:
    """Return the tokens in a file, whatever else is in its lines. Raises `typer.BadParameter`."""
    found: list[str] = []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found += _TOKEN.findall(line[:_MAX_LINE_CHARACTERS])
            if len(found) > MAX_ANCHORS:
                raise typer.BadParameter(f"{path} has more than {MAX_ANCHORS:,} checkpoints: give some of them")
    if not found:
        raise typer.BadParameter(f"{path} has no checkpoint in it")
    return found


def _run(anchors: list[str], *, is_quiet: bool) -> Report:
    database = open_existing_database(load())
    try:
        schema.require_current(database)
        with Progress(console=Console(stderr=True), disable=is_quiet) as bar:
            task = bar.add_task("verifying", total=None)
            return verify_chain(
                database, anchors, lambda done, total: bar.update(task, completed=done, total=max(total, 1))
            )
    finally:
        database.close()


def _show(report: Report, *, is_anchored: bool) -> None:
    span = f", {report.first_seq} to {report.last_seq}" if report.records else ""
    lines = [f"{report.records:,} records{span}, {report.checkpoints:,} checkpoints, {report.anchors:,} anchors"]
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
