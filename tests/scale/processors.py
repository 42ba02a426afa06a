# SPDX-License-Identifier: Apache-2.0
"""How much processor time each program took that this process has started, and this process itself."""

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

SELF = "clients"
_TICKS = os.sysconf("SC_CLK_TCK")
_NAME, _PARENT, _USER, _SYSTEM = 1, 3, 13, 14
"""Fields of /proc/…/stat; see proc(5), where they are counted from one."""


def processor_seconds() -> dict[str, float]:
    """Return the seconds by the names of programs; what a program has started counts as its own."""
    processes = dict(_processes())
    seconds: defaultdict[str, float] = defaultdict(float)
    for pid in processes:
        root = _below(processes, pid)
        if root is not None:
            name = SELF if root == os.getpid() else processes[root][_NAME]
            seconds[name] += (int(processes[pid][_USER]) + int(processes[pid][_SYSTEM])) / _TICKS
    return dict(seconds)


def seconds_of(pid: int) -> float:
    """Return the seconds of one process."""
    fields = dict(_processes())[pid]
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS


def _processes() -> "list[tuple[int, list[str]]]":
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            before, _, behind = path.read_text().rpartition(")")  # a name may hold anything
            found.append((int(path.parent.name), [*before.split(" (", 1), *behind.split()]))
    return found


def _below(processes: "dict[int, list[str]]", pid: int) -> int | None:
    """Return the process that this one has started and that led to `pid`, or this one; None where neither did."""
    child = pid
    while pid in processes and pid != os.getpid():
        child, pid = pid, int(processes[pid][_PARENT])
    if pid != os.getpid():
        return None
    return child
