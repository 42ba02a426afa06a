# SPDX-License-Identifier: Apache-2.0
"""What the `entrepot` script runs.

Nothing that is imported becomes garbage: looking for it took almost a third of the time in which a command starts.
"""

import gc


def main() -> None:
    """Import the command line and run it."""
    gc.disable()
    from entrepot.entry.cli import main as run  # noqa: PLC0415 - this is what is timed

    gc.freeze()
    gc.enable()
    run()
