# SPDX-License-Identifier: Apache-2.0
"""Makes the wall clock of a Python process wrong by CLOCK_IS_WRONG_BY seconds, from its first line on.

libfaketime does so for any program, but what it makes of the timed waits in which threads of Python hand over the
interpreter lock leaves those threads waiting: a server with two of them stands still.
"""

import os
import time

_BY_SECONDS = int(os.environ.get("CLOCK_IS_WRONG_BY", "0"))
_seconds, _nanoseconds = time.time, time.time_ns

time.time = lambda: _seconds() + _BY_SECONDS
time.time_ns = lambda: _nanoseconds() + _BY_SECONDS * 1_000_000_000
