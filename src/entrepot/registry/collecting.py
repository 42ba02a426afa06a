# SPDX-License-Identifier: Apache-2.0
"""Everything that gives space back, put together once for a process."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from entrepot.registry.core import Core
from entrepot.registry.delete import Delete
from entrepot.registry.dry_run import DryRun
from entrepot.registry.even_clock import EvenClock
from entrepot.registry.housekeeping import Housekeeping
from entrepot.registry.promise import Promises
from entrepot.registry.reclaim import Reclaim
from entrepot.registry.sweeps import Sweeps


@dataclass(frozen=True, slots=True)
class Collecting:
    """The steps of collection, their rehearsals, and the sweeps that make up for what the steps cannot know of."""

    steps: Reclaim
    dry_run: DryRun
    promises: Promises
    sweeps: Sweeps
    housekeeping: Housekeeping
    even_clock: EvenClock

    @classmethod
    def of(
        cls, core: Core, grace_ms: Callable[[], int], monotonic: Callable[[], float] = time.monotonic
    ) -> "Collecting":
        """Put it together; `grace_ms` is how long bytes stay after the last row that told of them has gone."""
        steps = Reclaim(core, grace_ms)
        promises = Promises(core, Delete(core), steps, grace_ms)
        even_clock = EvenClock(core.database, core.clock, monotonic)
        return cls(steps, DryRun(core, steps, grace_ms), promises, Sweeps(core), Housekeeping(core), even_clock)
