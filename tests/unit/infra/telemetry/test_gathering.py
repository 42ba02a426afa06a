# SPDX-License-Identifier: Apache-2.0
"""Everything that measures is asked, in this process and in the others."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from entrepot.infra.telemetry.gathering import Gathering
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.infra.telemetry.sharing import SharedMeasurements

pytestmark = pytest.mark.anyio

OWN = Metric("entrepot_own", "Of each process.", Kind.COUNTER)
WHOLE = Metric("entrepot_whole", "Of all.", Kind.GAUGE)


class OneNumber:
    """Measures always the same; `asked` is set whenever it is asked."""

    def __init__(self, value: float) -> None:
        self._value = value
        self.times_asked = 0

    def measure(self) -> Iterator[Measurement]:
        """Yield it."""
        self.times_asked += 1
        yield Measurement(OWN, [self._value])


async def of_all() -> list[Measurement]:
    """Be the part that is asked once."""
    return [Measurement(WHOLE, [9])]


async def test_a_process_alone_measures_itself() -> None:
    """Without other processes nothing is written or read."""
    alone = Gathering([OneNumber(1), OneNumber(2)], of_all, None)
    await alone.share()

    assert await alone.gather() == [Measurement(OWN, [1]), Measurement(OWN, [2]), Measurement(WHOLE, [9])]


async def test_processes_find_each_other(tmp_path: Path) -> None:
    """Whichever process is asked tells the numbers of all, and what is common once."""
    one = Gathering([OneNumber(1)], of_all, SharedMeasurements(tmp_path))
    two = Gathering([OneNumber(2)], of_all, SharedMeasurements(tmp_path))
    sharing = asyncio.create_task(one.share())
    while len(found := await two.gather()) < 3:
        pass
    sharing.cancel()
    await asyncio.wait([sharing])

    assert found == [Measurement(OWN, [2]), Measurement(OWN, [1]), Measurement(WHOLE, [9])]


async def test_a_folder_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """Numbers are no reason to stop serving."""
    (tmp_path / "run").touch()
    number = OneNumber(1)
    gathering = Gathering([number], of_all, SharedMeasurements(tmp_path / "run"))
    with structlog.testing.capture_logs() as logs:
        sharing = asyncio.create_task(gathering.share())
        while not logs:
            await gathering.gather()
        sharing.cancel()
        await asyncio.wait([sharing])

    assert [(each["event"], each["error"]) for each in logs] == [("metrics.not_shared", "File exists")]
    assert await gathering.gather() == [Measurement(OWN, [1]), Measurement(WHOLE, [9])]
