# SPDX-License-Identifier: Apache-2.0
"""Recognising sessions: statements, concurrent renewals, and what happens between two of them."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from entrepot.features.identity.store import find_user
from entrepot.features.sessions import Sessions
from entrepot.features.sessions import store
from entrepot.features.sessions.errors import SessionEnded
from entrepot.features.sessions.models import LOST_MS
from entrepot.features.sessions.models import RENEWED_AFTER_MS
from entrepot.features.sessions.models import RenewedSession
from entrepot.features.sessions.models import Visitor
from entrepot.features.sessions.steps import complete
from entrepot.features.sessions.steps import prove
from entrepot.kernel.access import SessionCookie
from tests.builders.instance import Instance

VISITOR = Visitor("192.0.2.1", "Firefox")

pytestmark = pytest.mark.anyio


async def begun(instance: Instance, sessions: Sessions) -> RenewedSession:
    """Begin a session of alice."""
    alice = await instance.database.read(find_user, "alice")
    assert alice is not None
    return await sessions.begin(alice, VISITOR)


def cookie(session: RenewedSession) -> SessionCookie:
    """Return the cookie as a GET brings it."""
    assert session.cookie is not None
    return SessionCookie(session.cookie, "", is_safe=True, is_foreign=False)


def plan(connection: Connection, statement: str) -> str:
    """Return how SQLite goes about a statement."""
    return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())


async def test_recognising_a_session_takes_two_statements(instance: Instance, sessions: Sessions) -> None:
    """One about the session, one about its user; and writes nothing."""
    session = await begun(instance, sessions)

    with instance.traced_reads() as statements:
        principal = await sessions.identify(cookie(session), allows_enrolment=False)

    assert (principal.identity, principal.is_recent_login, len(statements)) == ("user:alice", True, 2)


@pytest.mark.sqlite
async def test_recognising_a_session_searches_indexes(instance: Instance, sessions: Sessions) -> None:
    """Session and user are found by their keys."""
    session = await begun(instance, sessions)

    with instance.traced_reads() as statements:
        await sessions.identify(cookie(session), allows_enrolment=False)

    plans = [await instance.database.read(plan, each) for each in statements]
    assert all("SEARCH" in each and "INDEX" in each and "SCAN" not in each for each in plans)


@pytest.mark.sqlite
async def test_listing_sessions_searches_an_index(instance: Instance, sessions: Sessions) -> None:
    """Those of nobody else are looked at."""
    await begun(instance, sessions)

    with instance.traced_reads() as statements:
        await sessions.page("alice", "8", 10)

    found = await instance.database.read(plan, statements[-1])
    assert "SEARCH sessions USING INDEX ix_sessions_user_name_id" in found


async def test_of_renewals_at_once_one_counts(instance: Instance, sessions: Sessions) -> None:
    """However many windows look at once, there is one new cookie, and it and the former are good."""
    session = await begun(instance, sessions)
    instance.clock.advance(RENEWED_AFTER_MS)
    found = [await sessions.open(cookie(session)) for _ in range(5)]

    renewed = await asyncio.gather(*(sessions.refresh(each) for each in found))

    (new,) = [each for each in renewed if each.cookie is not None]
    assert (await sessions.open(cookie(session))).is_former
    assert not (await sessions.open(cookie(new))).is_former


async def test_a_cookie_on_its_way_is_not_replaced(instance: Instance, sessions: Sessions) -> None:
    """Another window that proves something before it arrives gets none; after a minute it counts as lost."""
    session = await begun(instance, sessions)
    instance.clock.advance(RENEWED_AFTER_MS)
    on_its_way = await sessions.refresh(await sessions.open(cookie(session)))
    proved = await instance.database.write(prove, await sessions.open(cookie(session)), instance.clock())
    instance.clock.advance(LOST_MS)

    again = await instance.database.write(prove, await sessions.open(cookie(session)), instance.clock())

    assert (bool(on_its_way.cookie), proved.cookie, bool(again.cookie)) == (True, None, True)
    assert not (await sessions.open(cookie(again))).is_former


async def test_a_former_cookie_in_its_last_minute_gets_no_successor(instance: Instance, sessions: Sessions) -> None:
    """The one that is in use stays the only one; a proof that came with the former counts for it."""
    session = await begun(instance, sessions)
    instance.clock.advance(RENEWED_AFTER_MS)
    new = await sessions.refresh(await sessions.open(cookie(session)))
    await sessions.open(cookie(new))
    former = await sessions.open(cookie(session))

    proved = await instance.database.write(prove, former, instance.clock())

    assert (former.is_former, proved.cookie) == (True, None)
    assert not (await sessions.identify(cookie(session), allows_enrolment=False)).is_recent_login
    assert (await sessions.identify(cookie(new), allows_enrolment=False)).is_recent_login


async def test_a_login_is_completed_once(instance: Instance, sessions: Sessions) -> None:
    """Of two right answers at once, the second finds no session that waits."""
    pending = (await begun(instance, sessions)).found

    whole = await instance.database.write(complete, pending, instance.clock())

    assert whole.found.session.id != pending.session.id
    with pytest.raises(SessionEnded):
        await instance.database.write(complete, pending, instance.clock())


async def test_requests_under_way_do_nothing_to_a_session_that_was_kept(instance: Instance, sessions: Sessions) -> None:
    """What another window began with the cookie from before gets no new one, and ends nothing."""
    session = await begun(instance, sessions)
    instance.clock.advance(RENEWED_AFTER_MS)
    under_way = await sessions.open(cookie(session))
    kept = await sessions.keep("alice", cookie(session))
    assert kept is not None

    refreshed = await sessions.refresh(under_way)
    proved = await instance.database.write(prove, under_way, instance.clock())

    assert (refreshed.cookie, proved.cookie) == (None, None)
    with pytest.raises(SessionEnded):
        await sessions.open(cookie(session))
    assert not (await sessions.open(replace(cookie(session), secret=kept))).is_former


async def test_a_session_that_is_over_is_not_kept(instance: Instance, sessions: Sessions) -> None:
    """When it was ended while its user changed the password, it gets no new cookie."""
    session = await begun(instance, sessions)
    await sessions.end("alice", session.found.session.id)

    assert await sessions.keep("alice", cookie(session)) is None
    assert (await sessions.page("alice", "8", 10)).sessions == []


async def test_a_session_of_somebody_else_is_not_ended(instance: Instance, sessions: Sessions) -> None:
    """User and id have to fit."""
    session = (await begun(instance, sessions)).found.session

    assert not await sessions.end("carol", session.id)
    assert await instance.database.read(store.find, session.id) == session
    assert await sessions.end("alice", session.id)


async def test_asking_whether_a_session_is_live_is_no_use_of_it(instance: Instance, sessions: Sessions) -> None:
    """Whatever it began may go on beside new cookies, and an idle session ends all the same."""
    began = await begun(instance, sessions)
    session = began.found.session
    instance.clock.advance(RENEWED_AFTER_MS)
    await sessions.refresh(await sessions.open(cookie(began)))
    instance.clock.advance(sessions.limits.idle_ms - 1)
    before = await sessions.is_live(session.id)
    instance.clock.advance(1)

    assert (before, await sessions.is_live(session.id)) == (True, False)


async def test_a_session_is_live_until_it_or_its_login_ends(instance: Instance, sessions: Sessions) -> None:
    """When it is revoked, its user disabled, or the password changed."""
    ended, disabled = await begun(instance, sessions), await begun(instance, sessions)
    await instance.database.write(store.remove, ended.found.session.id)
    before = await sessions.is_live(disabled.found.session.id)
    await asyncio.to_thread(instance.change_user, "alice", disabled_at=1)

    assert before
    assert not await sessions.is_live(ended.found.session.id)
    assert not await sessions.is_live(disabled.found.session.id)
