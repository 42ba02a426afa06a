# SPDX-License-Identifier: Apache-2.0
"""What the system says about this process."""

from entrepot.infra.telemetry.process import CPU
from entrepot.infra.telemetry.process import MEMORY
from entrepot.infra.telemetry.process import OPEN_FILES
from entrepot.infra.telemetry.process import PROCESSES
from entrepot.infra.telemetry.process import ProcessUsage


def test_a_process_measures_itself() -> None:
    """One process, some CPU time, more than a mebibyte of memory, and its standard streams at least."""
    measured = {each.metric: each.values[0] for each in ProcessUsage().measure()}

    assert measured[PROCESSES] == 1
    assert measured[CPU] > 0
    assert measured[MEMORY] > 2**20
    assert measured[OPEN_FILES] >= 3
