# SPDX-License-Identifier: Apache-2.0
"""A folder for `PYTHONPATH`: what is in it sets the clock of a server wrong."""

import os
from pathlib import Path

THREE_DAYS = 3 * 86_400


def clock(wrong_by: int) -> dict[str, str]:
    """Return what makes a server see another time; what goes by is left alone."""
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"CLOCK_IS_WRONG_BY": str(wrong_by), "PYTHONPATH": os.pathsep.join(paths)}
