# SPDX-License-Identifier: Apache-2.0
"""What this process costs: CPU, memory and open files, from the system's own books (proc(5)). Linux only."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric

PROCESSES = Metric("entrepot_processes", "Server processes that run.", Kind.GAUGE)
CPU = Metric("process_cpu_seconds", "CPU time used, in user and system mode, by all server processes.", Kind.COUNTER)
MEMORY = Metric(
    "process_resident_memory_bytes", "Memory of all server processes; shared pages count in each.", Kind.GAUGE
)
OPEN_FILES = Metric("process_open_fds", "Open files of all server processes.", Kind.GAUGE)

_SELF = Path("/proc/self")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class ProcessUsage:
    """This process."""

    def measure(self) -> Iterator[Measurement]:
        """Yield what it has used, and uses."""
        yield Measurement(PROCESSES, [1])
        yield Measurement(CPU, [time.process_time()])
        yield Measurement(MEMORY, [int((_SELF / "statm").read_text().split()[1]) * _PAGE_BYTES])
        yield Measurement(OPEN_FILES, [sum(1 for _ in (_SELF / "fd").iterdir())])
