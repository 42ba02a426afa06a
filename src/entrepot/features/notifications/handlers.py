# SPDX-License-Identifier: Apache-2.0
"""Noting what people hear of, in the transaction that moves the cursor: each event once."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.identity import network_of
from entrepot.features.notifications.mapping import ENTRIES
from entrepot.features.notifications.mapping import notices
from entrepot.features.notifications.noting import Noting
from entrepot.features.notifications.readings import ACCOUNT
from entrepot.features.notifications.readings import ADDRESS
from entrepot.features.notifications.rules import MAX_LOGIN_WINDOW_MINUTES
from entrepot.features.notifications.store import failures
from entrepot.features.notifications.watching import look_at_logins
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.events import Event

CONSUMER = "notifications"
_USER = f"{PrincipalKind.USER}:"


class ToldPeople:
    """A listener: tells people of what `mapping` has, and counts failed logins."""

    name = CONSUMER
    event_types = frozenset({Change.LOGIN_FAILED.value, *(entry.event.value for entry in ENTRIES)})

    def __init__(self, noting: Noting, clock: Clock) -> None:
        self._noting = noting
        self._clock = clock

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Tell people of a batch."""
        now = self._clock()
        self._noting.note(connection, notices(events), now)
        failed = _failed_logins(events, now)
        if failed:
            failures.count(connection, failed)
            look_at_logins(connection, self._noting, now)


def _failed_logins(events: Sequence[Event], now: Milliseconds) -> Counter[tuple[str, int]]:
    """Count logins that failed of late, by account and by address, and the minute."""
    found: Counter[tuple[str, int]] = Counter()
    since = now // MINUTE_MS - MAX_LOGIN_WINDOW_MINUTES
    for event in events:
        minute = event.occurred_at // MINUTE_MS
        if event.type != Change.LOGIN_FAILED or minute < since:
            continue
        if event.principal.startswith(_USER):
            found[f"{ACCOUNT}{event.principal}", minute] += event.count
        if event.address:
            found[f"{ADDRESS}{network_of(event.address)}", minute] += event.count
    return found
