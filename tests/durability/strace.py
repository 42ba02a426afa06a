# SPDX-License-Identifier: Apache-2.0
"""Running a program under strace, which is installed when it is missing."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.durability.operations import TRACED
from tests.interop.tools import install_packages

ROOT = Path(__file__).resolve().parents[2]
STRACE = Path("/usr/bin/strace")
LONGEST_STRING_BYTES = 16 * 1024 * 1024


def require_strace() -> None:
    """Install Debian's strace where there is none."""
    if shutil.which("strace") is None:
        install_packages({"strace": STRACE})


def strace_command(command: Sequence[str], trace: Path, inject: str = "") -> list[str]:
    """Return the command that runs `command` and all its children under strace, tracing to a file.

    `inject` makes system calls fail, as strace's `-e inject=` describes, such as
    `fsync:error=EIO:when=3`.
    """
    options = ["-f", "-y", "-xx", "-s", str(LONGEST_STRING_BYTES), "-e", f"trace={TRACED}", "-o", str(trace)]
    if inject:
        options += ["-e", f"inject={inject}"]
    return ["strace", *options, "--", *command]


def run_workload(data: Path, trace: Path, count: int, seed: int, inject: str = "") -> list[str]:
    """Run the workload on `data` under strace and return what it said."""
    program = [sys.executable, "-m", "tests.durability.workload", str(data), str(count), str(seed)]
    command = strace_command(program, trace, inject)
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()
