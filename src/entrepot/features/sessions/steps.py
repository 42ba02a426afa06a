# SPDX-License-Identifier: Apache-2.0
"""The steps of a session that go together with something else in one transaction: neither is done without the other.

Each takes a connection; run it with `Database.write`, or hand it to `SecondFactors.verify`.
"""

from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.sessions import store
from entrepot.features.sessions.errors import SessionEnded
from entrepot.features.sessions.models import SESSION_MARK
from entrepot.features.sessions.models import OpenSession
from entrepot.features.sessions.models import PresentedCookie
from entrepot.features.sessions.models import RenewedSession
from entrepot.features.sessions.models import Session
from entrepot.features.sessions.models import SessionState
from entrepot.features.sessions.models import Visitor
from entrepot.features.sessions.models import new_cookie
from entrepot.features.sessions.models import new_session
from entrepot.features.sessions.models import renew_cookie
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce


def begin(connection: Connection, session: Session) -> None:
    """Store a session that begins, and say so unless a second factor is to come."""
    store.add(connection, session)
    if session.state is SessionState.COMPLETE:
        _tell_of_login(connection, session)


def complete(connection: Connection, pending: OpenSession, now: Milliseconds) -> RenewedSession:
    """Replace a session by one of its own for somebody whose second factor was right. Raises `SessionEnded`."""
    visitor = Visitor(pending.session.address, pending.session.agent)
    session, cookie = new_session(pending.user, SessionState.COMPLETE, visitor, now)
    if not store.replace(connection, pending.session.id, session):
        raise SessionEnded
    _tell_of_login(connection, session)
    return RenewedSession(OpenSession(session, pending.user, session.state, cookie.presented), cookie.text)


def prove(connection: Connection, found: OpenSession, now: Milliseconds) -> RenewedSession:
    """Note that the user just proved again who they are, and give the session a new cookie."""
    store.prove(connection, found.session.id, now)
    proved = replace(found, session=replace(found.session, proved_at=now))
    return RenewedSession(proved, turn(connection, found.presented, now))


def turn(connection: Connection, presented: PresentedCookie, now: Milliseconds) -> str | None:
    """Let a new cookie follow the presented one; None when another request was first."""
    cookie = renew_cookie(presented)
    is_next = store.turn(connection, presented.id, presented.turn_sha256, cookie.presented.turn_sha256, now)
    return cookie.text if is_next else None


def keep(connection: Connection, user: str, kept: Ulid, mark: str, now: Milliseconds) -> str | None:
    """End all sessions of a user but one, which goes on under another id and with what the user logs in with now.

    Returns its new cookie, None when it is over as well. No cookie from before is good any more, and none counts as
    stolen: they name a session that is not there.
    """
    cookie = new_cookie()
    is_kept = store.reissue(connection, kept, cookie.presented, mark, now)
    store.remove_all(connection, user, cookie.presented.id)
    return cookie.text if is_kept else None


def end(connection: Connection, user: str, session_id: Ulid, now: Milliseconds) -> bool:
    """End a session of a user; tell whether the user had it."""
    had_it = store.remove_of(connection, user, session_id)
    if had_it:
        announce(connection, Change.LOGOUT, now, Told(object=f"user:{user}", before={"session": session_id}))
    return had_it


def end_all(connection: Connection, user: str, now: Milliseconds) -> None:
    """End every session of a user."""
    ended = store.remove_all(connection, user)
    if ended:
        announce(connection, Change.LOGOUT, now, Told(object=f"user:{user}", reason="all sessions", count=ended))


def _tell_of_login(connection: Connection, session: Session) -> None:
    principal = Principal(PrincipalKind.USER, session.user, credential=f"{SESSION_MARK}{session.id}")
    told = Told(object=f"user:{session.user}", after={"session": session.id}, principal=principal)
    announce(connection, Change.LOGIN_SUCCEEDED, session.proved_at, told)
