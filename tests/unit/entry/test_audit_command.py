# SPDX-License-Identifier: Apache-2.0
"""Verifying the audit log from the command line."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrepot.entry.cli import application
from entrepot.entry.configuration import DATABASE_FILE
from entrepot.features.audit import anchors_in
from entrepot.features.audit.errors import NotReadable
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from tests.unit.features.audit.chains import alter
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import sign
from tests.unit.features.audit.chains import tokens

pytestmark = pytest.mark.sqlite


@pytest.fixture
def anchors() -> Path:
    """Fill the log of the folder `data`; return a file of its checkpoints, as a syslog server keeps them."""
    Path("data").mkdir()
    with closing(SqliteDatabase(Path("data") / DATABASE_FILE)) as database:
        schema.upgrade(database)
        fill(database, 12)
        sign(database)
        [token] = tokens(database)
    path = Path("anchors.log")
    path.write_text(
        f'Nov  6 21:20:00 vm entrepot: {{"type":"audit.checkpoint","seq":12,"token":"{token}"}}\nother text\n'
    )
    return path


def test_a_whole_log_is_told(anchors: Path) -> None:
    """With what was looked at, and what it does not prove without anchors."""
    plain = CliRunner().invoke(application, ["audit", "verify"])
    assert (plain.exit_code, plain.stdout.splitlines()[0]) == (
        0,
        "12 records, 1 to 12, 1 checkpoints, 0 anchors",
    )
    assert "give --anchors to see" in plain.stdout

    anchored = CliRunner().invoke(application, ["audit", "verify", "--anchors", str(anchors)])
    assert (anchored.exit_code, anchored.stdout.splitlines()[-1]) == (0, "The log is whole.")
    assert "1 anchors" in anchored.stdout


def test_anchors_are_read_back_from_a_destination(anchors: Path) -> None:
    """By its name in the configuration, beside a file; from one that gives nothing back they are not."""
    lines = [f"[audit.deliver.worm]\nurl = 'file://{anchors.resolve()}'"]
    lines += ["[audit.deliver.siem]\nurl = 'syslog+tcp://127.0.0.1:601'"]
    Path("entrepot.toml").write_text("\n".join(lines))
    both = CliRunner().invoke(application, ["audit", "verify", "--anchors", "worm", "--anchors", str(anchors)])
    assert (both.exit_code, "2 anchors" in both.stdout) == (0, True)

    for place in ("siem", "missing"):
        refused = CliRunner().invoke(application, ["audit", "verify", "--anchors", place])
        assert isinstance(refused.exception, NotReadable), place


def test_what_was_altered_is_told(anchors: Path) -> None:
    """By its record, with status 1, for programs too."""
    assert anchors.exists()
    with closing(SqliteDatabase(Path("data") / DATABASE_FILE)) as database:
        alter(database, "type", "'group.deleted'")

    told = CliRunner().invoke(application, ["audit", "verify"])
    assert (told.exit_code, "record 7: the record of 2026-11-06" in told.stdout) == (1, True)
    as_json = CliRunner().invoke(application, ["audit", "verify", "--json"])
    assert [finding["seq"] for finding in json.loads(as_json.stdout)["findings"]] == [7]


def test_a_file_without_anchors_is_refused(anchors: Path) -> None:
    """It would prove nothing, and look as if it did."""
    anchors.write_text("nothing that is a checkpoint: 1.2\n")

    with pytest.raises(NotReadable, match="no checkpoint in it"):
        anchors_in(anchors)
