# SPDX-License-Identifier: Apache-2.0
"""The first process of the container: starts Entrepot, passes signals on to it, and ends with its status.

The kernel keeps from a first process every signal that it has no handler for, so a stop in the seconds in which
Entrepot starts would be lost; and whatever lost its parent is left to the first process to collect.
"""

import os
import signal
import subprocess
import sys

PROGRAM = "/opt/entrepot/bin/entrepot"
PASSED_ON = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT}


def main() -> int:
    """Run Entrepot with the container's arguments and return its exit status."""
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, _: object) -> None:
        if children:
            children[0].send_signal(number)
        else:
            early.append(number)

    # On a terminal, Ctrl-C reaches Entrepot by itself, and a second one would end it at once.
    for each in PASSED_ON - ({signal.SIGINT} if sys.stdin.isatty() else set()):
        signal.signal(each, pass_on)
    children.append(subprocess.Popen([PROGRAM, *sys.argv[1:]]))
    for number in early:
        children[0].send_signal(number)
    while True:
        process, status = os.wait()
        if process == children[0].pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
