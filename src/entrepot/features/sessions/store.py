# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about sessions."""

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.identity import User
from entrepot.features.sessions.models import LOST_MS
from entrepot.features.sessions.models import MAX_PER_USER
from entrepot.features.sessions.models import Limits
from entrepot.features.sessions.models import PresentedCookie
from entrepot.features.sessions.models import Session
from entrepot.features.sessions.models import SessionState
from entrepot.features.sessions.models import login_mark
from entrepot.features.sessions.tables import sessions
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.prepared import Row
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import Ulid

_COLUMNS = tuple(column for column in sessions.columns if column.name not in ("challenge", "challenged_at"))
_BY_ID = sessions.c.id == bindparam("of")
_OF_USER = sessions.c.user_name == bindparam("of")
_IS_COMPLETE = sessions.c.state == SessionState.COMPLETE.value

_FIND = Prepared(select(*_COLUMNS).where(_BY_ID), "of")
_PAGE = (
    select(*_COLUMNS)
    .where(
        _OF_USER,
        sessions.c.id < bindparam("before"),
        _IS_COMPLETE,
        sessions.c.login_mark == bindparam("login_mark"),
        sessions.c.used_at > bindparam("used_after"),
        sessions.c.created_at > bindparam("created_after"),
    )
    .order_by(sessions.c.id.desc())
    .limit(bindparam("limit"))
)
_ADD = insert(sessions)
_BEYOND = (
    select(sessions.c.id)
    .where(_OF_USER, sessions.c.state == bindparam("state"))
    .order_by(sessions.c.id.desc())
    .offset(bindparam("keep"))
)
_REMOVE_BEYOND = delete(sessions).where(sessions.c.id.in_(_BEYOND))
_NOTE_USE = update(sessions).where(_BY_ID).values(used_at=bindparam("now"))
_NOTE_TURN = (
    update(sessions)
    .where(_BY_ID, sessions.c.turn_sha256 == bindparam("presented"), sessions.c.former_until.is_(None))
    .values(former_until=bindparam("until"))
)
_SUCCESSOR_WAS_LOST = and_(
    sessions.c.former_sha256 == bindparam("presented"),
    sessions.c.former_until.is_(None),
    sessions.c.turned_at <= bindparam("lost_before"),
)
_TURN = (
    update(sessions)
    .where(_BY_ID, or_(sessions.c.turn_sha256 == bindparam("presented"), _SUCCESSOR_WAS_LOST))
    .values(
        turn_sha256=bindparam("turn"),
        turned_at=bindparam("now"),
        former_sha256=bindparam("presented"),
        former_until=None,
    )
)
_PROVE = update(sessions).where(_BY_ID).values(proved_at=bindparam("now"))
_REISSUE = (
    update(sessions)
    .where(_BY_ID)
    .values(
        id=bindparam("new"),
        secret_sha256=bindparam("secret"),
        turn_sha256=bindparam("turn"),
        turned_at=bindparam("now"),
        former_sha256=None,
        former_until=None,
        login_mark=bindparam("mark"),
        challenge=None,
        challenged_at=None,
    )
)
_CHALLENGE = update(sessions).where(_BY_ID).values(challenge=bindparam("asked"), challenged_at=bindparam("now"))
_CHALLENGED = select(sessions.c.challenge).where(_BY_ID, sessions.c.challenged_at > bindparam("since"))
_REMOVE = delete(sessions).where(_BY_ID)
_REMOVE_OF_USER = delete(sessions).where(_BY_ID, sessions.c.user_name == bindparam("user"))
_REMOVE_ALL = delete(sessions).where(_OF_USER)
_REMOVE_OTHERS = delete(sessions).where(_OF_USER, sessions.c.id != bindparam("but"))
_IDLE = select(sessions.c.id).where(sessions.c.used_at <= bindparam("before")).limit(bindparam("limit"))
_OLD = select(sessions.c.id).where(sessions.c.created_at <= bindparam("before")).limit(bindparam("limit"))
_PRUNE_IDLE = delete(sessions).where(sessions.c.id.in_(_IDLE))
_PRUNE_OLD = delete(sessions).where(sessions.c.id.in_(_OLD))


def find(connection: Connection, session_id: Ulid) -> Session | None:
    """Return a session, whether it is good or not."""
    row = _FIND.first(connection, session_id)
    return None if row is None else _session(row)


def page(
    connection: Connection, user: User, before: str, limit: int, limits: Limits, now: Milliseconds
) -> list[Session]:
    """Return up to `limit` sessions of a user that are good, older than the id `before`, newest first."""
    values = {
        "of": user.name,
        "login_mark": login_mark(user),
        "before": before,
        "limit": limit,
        "used_after": after(now, -limits.idle_ms),
        "created_after": after(now, -limits.absolute_ms),
    }
    return [_session(tuple(row)) for row in connection.execute(_PAGE, values)]


def add(connection: Connection, session: Session) -> None:
    """Store a session; the oldest of its user that came as far make room, so that no password alone ends a login."""
    values = {"of": session.user, "state": session.state.value, "keep": MAX_PER_USER - 1}
    connection.execute(_REMOVE_BEYOND, values)
    row = {
        "id": session.id,
        "user_name": session.user,
        "state": session.state.value,
        "secret_sha256": session.secret_sha256,
        "turn_sha256": session.turn_sha256,
        "turned_at": session.turned_at,
        "csrf_token": session.csrf_token,
        "login_mark": session.login_mark,
        "created_at": session.created_at,
        "used_at": session.used_at,
        "proved_at": session.proved_at,
        "address": session.address,
        "agent": session.agent,
    }
    connection.execute(_ADD, row)


def replace(connection: Connection, former: Ulid, session: Session) -> bool:
    """Store a session in the place of another one; tell False, and store nothing, when that is gone."""
    if not remove(connection, former):
        return False
    add(connection, session)
    return True


def note_use(connection: Connection, session_id: Ulid, now: Milliseconds) -> None:
    """Note that a session is in use."""
    connection.execute(_NOTE_USE, {"of": session_id, "now": now})


def note_turn(connection: Connection, session_id: Ulid, presented: bytes, former_until: Milliseconds) -> None:
    """Note that a cookie was used for the first time: the one before it is good until a moment."""
    connection.execute(_NOTE_TURN, {"of": session_id, "presented": presented, "until": former_until})


def turn(connection: Connection, session_id: Ulid, presented: bytes, new: bytes, now: Milliseconds) -> bool:
    """Let a new cookie follow the presented one; tell whether it does.

    It does not when another one follows already, unless that was not used for so long that its answer was lost.
    """
    values = {"of": session_id, "presented": presented, "turn": new, "now": now, "lost_before": after(now, -LOST_MS)}
    return connection.execute(_TURN, values).rowcount == 1


def prove(connection: Connection, session_id: Ulid, now: Milliseconds) -> None:
    """Note that the user proved who they are."""
    connection.execute(_PROVE, {"of": session_id, "now": now})


def reissue(connection: Connection, former: Ulid, new: PresentedCookie, mark: str, now: Milliseconds) -> bool:
    """Let a session go on under the id of a new cookie, after what it was logged in with changed; tell whether it does.

    Its token against foreign pages stays, so that other windows go on too.
    """
    values = {
        "of": former,
        "new": new.id,
        "secret": new.secret_sha256,
        "turn": new.turn_sha256,
        "now": now,
        "mark": mark,
    }
    return connection.execute(_REISSUE, values).rowcount == 1


def put_challenge(connection: Connection, session_id: Ulid, state: bytes, now: Milliseconds) -> None:
    """Keep what a browser was asked to sign, in the place of what it was asked before."""
    connection.execute(_CHALLENGE, {"of": session_id, "asked": state, "now": now})


def take_challenge(connection: Connection, session_id: Ulid, since: Milliseconds) -> bytes | None:
    """Return what a browser was asked to sign after a moment, None for nothing; it is not there any more then."""
    state: bytes | None = connection.execute(_CHALLENGED, {"of": session_id, "since": since}).scalar()
    connection.execute(_CHALLENGE, {"of": session_id, "asked": None, "now": None})
    return state


def remove(connection: Connection, session_id: Ulid) -> bool:
    """End a session; tell whether it was there."""
    return connection.execute(_REMOVE, {"of": session_id}).rowcount == 1


def remove_of(connection: Connection, user: str, session_id: Ulid) -> bool:
    """End a session of a user; tell whether the user had it."""
    return connection.execute(_REMOVE_OF_USER, {"of": session_id, "user": user}).rowcount == 1


def remove_all(connection: Connection, user: str, but: Ulid | None = None) -> int:
    """End every session of a user, but for one that may be named; return how many there were."""
    if but is None:
        return connection.execute(_REMOVE_ALL, {"of": user}).rowcount
    return connection.execute(_REMOVE_OTHERS, {"of": user, "but": but}).rowcount


def prune(connection: Connection, limits: Limits, now: Milliseconds, limit: int) -> int:
    """Remove up to twice `limit` sessions that have run out; return how many."""
    idle = connection.execute(_PRUNE_IDLE, {"before": after(now, -limits.idle_ms), "limit": limit}).rowcount
    old = connection.execute(_PRUNE_OLD, {"before": after(now, -limits.absolute_ms), "limit": limit}).rowcount
    return idle + old


def _session(row: Row) -> Session:
    session_id, user, state, *others = row
    return Session(session_id, user, SessionState(state), *others)
