# SPDX-License-Identifier: Apache-2.0
"""When a delivery is tried again: after 5 seconds, then ever more, up to an hour, for a day."""

from entrepot.features.webhooks.models import TRIED_MS
from entrepot.infra.events.pacing import Backoff
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

FIRST_PAUSE_MS = 5 * SECOND_MS
LONGEST_PAUSE_MS = HOUR_MS

_BACKOFF = Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS)


def next_attempt(
    failures: int, began_at: Milliseconds, now: Milliseconds, asked_seconds: int | None = None
) -> Milliseconds | None:
    """Return when to try again after so many failures since `began_at`, None for never.

    A receiver that asks for a longer pause gets it (`Retry-After`). The last attempt is made at the end of the day.
    """
    end = after(began_at, TRIED_MS)
    if now >= end:
        return None
    pause = max(_BACKOFF.delay_ms(max(1, failures)), (asked_seconds or 0) * SECOND_MS)
    return min(after(now, pause), end)
