# SPDX-License-Identifier: Apache-2.0
"""Several processes measure as one."""

import json
import os
import zlib
from pathlib import Path

import pytest

from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.infra.telemetry.sharing import SharedMeasurements

COUNT = Metric("entrepot_count", "Counted.", Kind.COUNTER, ("endpoint",))
OPEN = Metric("entrepot_open", "Open.", Kind.GAUGE)
SECONDS = Metric("entrepot_seconds", "Seconds.", Kind.HISTOGRAM, bounds=(0.5, 1.0))
MEASURED = [
    Measurement(COUNT, [2], ("blob",)),
    Measurement(OPEN, [1]),
    Measurement(SECONDS, [1, 0, 2, 9.5]),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where processes meet."""
    return tmp_path / "run"


def test_each_process_sees_what_the_others_measured(folder: Path) -> None:
    """What a process wrote last is read whole by the others, and not by itself."""
    one, two = SharedMeasurements(folder), SharedMeasurements(folder)
    one.write([*MEASURED, Measurement(COUNT, [7], ("manifest",))])
    one.write(MEASURED)
    two.write([Measurement(OPEN, [5])])

    assert two.others() == MEASURED
    assert one.others() == [Measurement(OPEN, [5])]


def test_a_process_that_is_gone_has_counted_but_holds_nothing_open(folder: Path) -> None:
    """No counter goes back when a process ends; its gauges are no longer true."""
    SharedMeasurements(folder).write(MEASURED)
    (path,) = folder.iterdir()
    rewrite(path, path.read_bytes()[8:], age_seconds=60)

    assert [each.metric for each in SharedMeasurements(folder).others()] == [COUNT, SECONDS]


def rewrite(path: Path, content: bytes, age_seconds: float) -> None:
    """Let a file have been written some time ago."""
    snapshot = json.loads(content)
    snapshot["written_at"] -= age_seconds
    content = json.dumps(snapshot).encode()
    path.write_bytes(b"%08x%b" % (zlib.crc32(content), content))


@pytest.mark.parametrize("damage", [b"", b"0000", b"00000000{}", b"zzzzzzzz{}", b"%08x[]" % zlib.crc32(b"[]")])
def test_a_file_that_is_not_whole_is_passed_over(folder: Path, damage: bytes) -> None:
    """A scrape does not fail because a process died while it wrote."""
    SharedMeasurements(folder).write(MEASURED)
    (path,) = folder.iterdir()
    path.write_bytes(damage)

    assert SharedMeasurements(folder).others() == []


def test_an_earlier_start_is_forgotten(folder: Path) -> None:
    """Only files of measurements go; without the folder there is nothing to do."""
    shared = SharedMeasurements(folder)
    shared.drop()
    shared.write(MEASURED)
    (folder / "other.lock").touch()
    SharedMeasurements(folder).drop()

    assert [path.name for path in folder.iterdir()] == ["other.lock"]


def test_only_the_owner_may_look(folder: Path) -> None:
    """Folder and files are as private as the rest of the data."""
    SharedMeasurements(folder).write(MEASURED)
    (path,) = folder.iterdir()

    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert path.name.startswith(f"{os.getpid()}-")
