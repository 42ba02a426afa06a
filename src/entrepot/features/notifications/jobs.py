# SPDX-License-Identifier: Apache-2.0
"""The background work of notifications: watching, sending mails, and forgetting what is old or too much."""

from typing import Any

from entrepot.features.notifications.mailing import MAX_ATTEMPTS
from entrepot.features.notifications.mailing import Mailing
from entrepot.features.notifications.noting import SEND
from entrepot.features.notifications.noting import MailWish
from entrepot.features.notifications.settings import NotificationSettings
from entrepot.features.notifications.store import inbox
from entrepot.features.notifications.store import mails
from entrepot.features.notifications.store import preferences
from entrepot.features.notifications.watching import Watching
from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.jobs.regular import regular_kind
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

WATCH, TIDY = "notifications.watch", "notifications.tidy"
EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_HOUR = "53 * * * *"
ROWS_AT_ONCE = 500
FIRST_PAUSE_MS = 30 * SECOND_MS


class Tidying:
    """Stopped anywhere and done again, it comes to the same."""

    def __init__(self, database: Database, settings: NotificationSettings) -> None:
        self._database = database
        self._settings = settings

    async def run(self, now: Milliseconds) -> None:
        """Forget what is due, a few rows in a transaction."""
        before = after(now, -self._settings.keep_days * DAY_MS)
        await self._database.write(preferences.forget_mutes, now)
        while await self._database.write(inbox.prune_old, before, ROWS_AT_ONCE):
            pass
        while await self._database.write(mails.prune, before, ROWS_AT_ONCE):
            pass
        for person in await self._database.read(inbox.crowded, self._settings.keep_each):
            while await self._database.write(inbox.prune_beyond, person, self._settings.keep_each, ROWS_AT_ONCE):
                pass


def notification_jobs(clock: Clock, watching: Watching, tidying: Tidying, mailing: Mailing) -> tuple[JobKind[Any], ...]:
    """Return the kinds."""
    send = JobKind(
        name=SEND,
        payload=MailWish,
        run=mailing.run,
        max_attempts=MAX_ATTEMPTS,
        max_running=2,
        backoff=Backoff(FIRST_PAUSE_MS, HOUR_MS),
    )
    return (
        regular_kind(clock, WATCH, EVERY_FIVE_MINUTES, watching.look),
        regular_kind(clock, TIDY, EVERY_HOUR, tidying.run),
        send,
    )
