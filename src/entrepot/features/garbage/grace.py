# SPDX-License-Identifier: Apache-2.0
"""How long bytes stay after nothing refers to them any more, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.garbage.settings import GarbageSettings
from entrepot.kernel.clock import MINUTE_MS

DOWNLOAD_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Grace:
    """A span, and what asks for it."""

    minutes: int
    reasons: Sequence[str]

    @property
    def ms(self) -> int:
        """The same in milliseconds."""
        return self.minutes * MINUTE_MS


def grace_of(settings: GarbageSettings, redirect_minutes: int = 0) -> Grace:
    """Tell the grace of an instance: the longest that anything asks for, unless the configuration says a number.

    A client that was sent to the bucket may read there for `redirect_minutes`.
    """
    if settings.grace_minutes is not None:
        return Grace(settings.grace_minutes, ["garbage.grace_minutes says so"])
    asked = [(DOWNLOAD_MINUTES, "a download that began before may still read the bytes")]
    if redirect_minutes:
        asked.append(
            (redirect_minutes, "a client that was sent to the bucket may still read there (storage.redirects)")
        )
    if settings.backup_hours:
        hours = settings.backup_hours
        why = f"a backup of the database that is up to {hours} hours old may be restored (garbage.backup_hours)"
        asked.append((hours * 60, why))
    longest = max(minutes for minutes, _ in asked)
    return Grace(longest, [reason for minutes, reason in asked if minutes == longest])
