# SPDX-License-Identifier: Apache-2.0
"""Tells whether this Python can make the virtual environment, and if not what to install.

Run by the machine's own Python, so it keeps to what old versions understand.
"""

from __future__ import annotations

import importlib.util
import sys

OLDEST = (3, 11)
TOO_OLD = "Entrepot needs Python 3.11 or newer, and this is {}.{}. Name another: make setup PYTHON=python3.11"
NO_VENV = """This Python cannot make virtual environments. Install what is missing, then try again:

    apt-get install -y python3-venv
"""


def obstacle(version: tuple[int, int], modules: set[str]) -> str:
    """Return what stops a Python of this version that has these modules, empty when nothing does."""
    if version < OLDEST:
        return TOO_OLD.format(*version)
    return "" if {"venv", "ensurepip"} <= modules else NO_VENV


if __name__ == "__main__":
    found = {name for name in ("venv", "ensurepip") if importlib.util.find_spec(name)}
    sys.exit(obstacle(sys.version_info[:2], found) or None)
