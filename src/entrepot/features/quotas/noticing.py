# SPDX-License-Identifier: Apache-2.0
"""Noticing that a threshold was reached, once, until what is used falls below it again."""

from collections.abc import Collection

from sqlalchemy import Connection

from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.store import counted
from entrepot.features.quotas.store import limits
from entrepot.features.quotas.telling import reached_by
from entrepot.features.quotas.telling import told_of_threshold
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import announce


def notice(connection: Connection, changed: Collection[Subject], now: Milliseconds) -> None:
    """Note what subjects use by today, and tell of the thresholds that they reached, in the caller's transaction."""
    counted.note_day(connection, counted.standings(connection, changed).values(), now // DAY_MS)
    tell(connection, changed, now)


def tell(connection: Connection, subjects: Collection[Subject], now: Milliseconds) -> None:
    """Tell of the thresholds that subjects reached and that were not told of, and forget those they fell below."""
    for subject in sorted(subjects):
        standing, quota = counted.standing(connection, subject), limits.in_force(connection, subject)
        reached, told = set(reached_by(quota, standing.used)), limits.reached(connection, subject)
        limits.note_reached(connection, subject, reached - told, told - reached)
        if quota is None:
            continue
        for resource, percent in sorted(reached - told):
            announce(connection, Change.QUOTA_REACHED, now, told_of_threshold(standing, quota, resource, percent))
