# SPDX-License-Identifier: Apache-2.0
"""The unit for systemd: installed as its page says, checked by systemd, and what it forbids is not missed.

Its commands run as it has them, as somebody who is not root and has no capabilities, with writable memory that can
never be executed, and under strace, which tells whether they use a system call that the unit's filter forbids. systemd
itself does not run.
"""

import os
import re
import shlex
import signal
import sys
from pathlib import Path

from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.readme_blocks import SESSIONS
from tests.interop.readme_blocks import blocks_of
from tests.interop.readme_machine import Machine
from tests.interop.readme_terminal import Terminal
from tests.interop.report import Report
from tests.server import ROOT
from tests.server import STOP_SECONDS
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

PAGE = "docs/how-to/systemd.md"
UNIT = ROOT / "deploy" / "systemd" / "entrepot.service"
DATA = "/var/lib/entrepot"
INSTALL_SECONDS = 600.0
IMAGE = "docker://127.0.0.1:5000/demo/alpine:1"

_CONFINED = """
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit("this needs Linux 6.3")
os.execv(sys.argv[1], sys.argv[1:])
"""
"""What `MemoryDenyWriteExecute` does (PR_SET_MDWE of prctl(2)), before a program."""


def exercise_unit(machine: Machine, report: Report) -> None:
    """Follow the page, then do what systemd would."""
    unit = UNIT.read_text()
    with report.step(PAGE, "whole page"):
        for block in blocks_of((ROOT / PAGE).read_text(), SESSIONS):
            with report.step(PAGE, block.title):
                shell = ("bash", "-euxo", "pipefail", "-c", block.script)
                with Terminal(machine.command(*shell, is_connected=True)) as terminal:
                    terminal.finish(INSTALL_SECONDS)
        with report.step(PAGE, "what comes before the start"):
            machine(*shlex.split(setting_of(unit, "ExecStartPre")))
        with report.step(PAGE, "the start, a push and a pull, with nothing that the unit forbids"):
            used = _serve(machine, unit)
            forbidden = used - _allowed(settings_of(unit, "SystemCallFilter"))
            expect(len(used) > 50 and not forbidden, f"of {len(used)} system calls, these are forbidden: {forbidden}")


def settings_of(unit: str, name: str) -> list[str]:
    """Return every value that a unit gives a setting."""
    return re.findall(rf"^{name}=(.+)$", unit, re.MULTILINE)


def setting_of(unit: str, name: str) -> str:
    """Return the value of a setting that a unit has once; raise `StepError` when it has not."""
    values = settings_of(unit, name)
    expect(len(values) == 1, f"the unit has {name} {len(values)} times")
    return values[0]


def _serve(machine: Machine, unit: str) -> set[str]:
    """Run the unit's command confined, push and pull through it, and return the system calls that it used."""
    calls, log = machine.home / "calls", machine.home / "unit.log"
    machine("install", "--directory", "--mode=0700", DATA)
    traced = ["strace", "--follow-forks", "--summary-only", "--summary-columns=name", f"--output={calls}"]
    somebody = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "setpriv", "--no-new-privs"]
    command = [sys.executable, "-c", _CONFINED, *shlex.split(setting_of(unit, "ExecStart"))]
    confined = [*settings_of(unit, "Environment"), *somebody, *traced, *command]
    process = launch(machine.command(*confined), log)
    with stopping(process, log):
        wait_until(lambda: "docker push" in log.read_text(), "the greeting", process, log)
        _push_and_pull(machine)
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS)
    return set(re.findall(r"^(\w+)$", calls.read_text(), re.MULTILINE)) - {"syscall", "total"}


def _push_and_pull(machine: Machine) -> None:
    user = f"admin:{machine('cat', f'{DATA}/initial-admin-password').strip()}"
    machine("skopeo", "copy", "--dest-tls-verify=false", f"--dest-creds={user}", "docker://alpine:latest", IMAGE)
    pulled = Path(machine.home / "pulled")
    machine("skopeo", "copy", "--src-tls-verify=false", f"--src-creds={user}", IMAGE, f"dir:{pulled}")


def _allowed(filters: list[str]) -> set[str]:
    """Return what is left of the system calls that filters allow, when what begins with ~ is taken away."""
    allowed: set[str] = set()
    for line in filters:
        named = {call for word in line.lstrip("~").split() for call in _calls(word)}
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


def _calls(word: str) -> set[str]:
    """Return the system calls of a set such as `@network-io`, those of the sets within it too."""
    if not word.startswith("@"):
        return {word}
    lines = run(["systemd-analyze", "syscall-filter", word]).splitlines()[1:]
    return {call for line in map(str.strip, lines) if line and not line.startswith("#") for call in _calls(line)}
