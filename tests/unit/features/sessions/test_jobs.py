# SPDX-License-Identifier: Apache-2.0
"""Forgetting sessions that have run out."""

import pytest
from sqlalchemy import Connection

from entrepot.features.identity import User
from entrepot.features.sessions import SessionSettings
from entrepot.features.sessions import store
from entrepot.features.sessions.jobs import BATCH
from entrepot.features.sessions.jobs import forget_ended
from entrepot.features.sessions.models import Session
from entrepot.features.sessions.models import SessionState
from entrepot.features.sessions.models import Visitor
from entrepot.features.sessions.models import new_session
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from tests.builders.instance import Instance

LIMITS = SessionSettings().limits

pytestmark = pytest.mark.anyio


def a_session(number: int, created_at: Milliseconds) -> Session:
    """Make a session of a user of its own."""
    user = User(number, f"user{number}", "", Milliseconds(0), None, Milliseconds(0), None, None)
    return new_session(user, SessionState.COMPLETE, Visitor("192.0.2.1", ""), created_at)[0]


def add_all(connection: Connection, sessions: list[Session]) -> None:
    """Store sessions."""
    for session in sessions:
        store.add(connection, session)


async def test_sessions_that_ran_out_are_forgotten(instance: Instance) -> None:
    """Those that were not used for too long and those that are too old, also when they are more than one batch."""
    now = instance.clock()
    idle = [a_session(number, after(now, -12 * HOUR_MS)) for number in range(BATCH + 1)]
    old, used, young = (a_session(-1 - days, after(now, -days * DAY_MS)) for days in (7, 6, 0))
    await instance.database.write(add_all, [*idle, old, used, young])
    for session in (old, used):
        await instance.database.write(store.note_use, session.id, now)

    await forget_ended(instance.database, LIMITS, now)

    left = [each for each in (*idle, old, used, young) if await instance.database.read(store.find, each.id)]
    assert [session.user for session in left] == [used.user, young.user]
