# SPDX-License-Identifier: Apache-2.0
"""The generic cell rate algorithm: one number for each key says all that there is to know.

That number is the moment at which the burst is whole again, if nothing more comes. Each request that is admitted
moves it on by the interval of the limit; one that would move it further ahead than the window is refused, and
costs nothing. Within any span of time no more than the burst, and one for each interval that went by, are admitted.
"""

from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.models import Outcome


def spend(limit: Limit, whole_at: int, now: int) -> Outcome:
    """Decide about one request at `now` for a key whose burst is whole at `whole_at` (nanoseconds since any epoch).

    A clock that was set back leaves a moment too far ahead: it counts as a burst that is used up,
    so that nobody is locked out for as long as the clock was set back.
    """
    after, window = limit.interval_ns, limit.window_ns
    if whole_at > now:
        spent = whole_at - now
        after += spent if spent < window else window  # noqa: FURB136 - `min` takes as long as the rest of this
    return after if after <= window else window - after


def whole_after(limit: Limit, outcome: Outcome, now: int) -> int:
    """Return when the burst of a key is whole again after a request that ended like this at `now`."""
    return now + (outcome if outcome > 0 else limit.window_ns - limit.interval_ns - outcome)
