# SPDX-License-Identifier: Apache-2.0
"""The program that is installed."""

import subprocess
import sys

SCRIPT = """
import atexit, gc, sys
from entrepot.entry.program import main
atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 100_000, file=sys.stderr))
sys.argv = ["entrepot", "--version"]
main()
"""


def test_garbage_is_looked_for_again_once_everything_is_imported() -> None:
    """And what was imported is not looked at."""
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    assert ran.stdout.startswith("entrepot ")
    assert ran.stderr == "True True\n"
