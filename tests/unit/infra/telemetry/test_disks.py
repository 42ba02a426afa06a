# SPDX-License-Identifier: Apache-2.0
"""Room on disks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.telemetry.disks import FREE
from entrepot.infra.telemetry.disks import DiskLow
from entrepot.infra.telemetry.disks import Disks

pytestmark = pytest.mark.anyio


class NearlyFull(Disks):
    """Disks on which a few mebibytes are left."""

    def free(self) -> Iterator[tuple[str, int]]:
        """Say so."""
        for name, _ in super().free():
            yield name, 12 * 2**20


def test_room_is_measured_by_folder(tmp_path: Path) -> None:
    """A folder that is gone is left out, and the others are still told."""
    measured = list(Disks({"data": tmp_path, "storage": tmp_path / "missing"}).measure())

    assert [(each.metric, each.labels) for each in measured] == [(FREE, ("data",))]
    assert measured[0].values[0] > 0


async def test_a_disk_that_is_nearly_full_is_told(tmp_path: Path) -> None:
    """Every such folder is named, with what is left."""
    with pytest.raises(DiskLow) as told:
        await NearlyFull({"data": tmp_path, "storage": tmp_path}).check()

    assert told.value.message == (
        "the disk of the data folder has 12 MiB left and the disk of the storage folder has 12 MiB left"
    )
