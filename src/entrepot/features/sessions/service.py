# SPDX-License-Identifier: Apache-2.0
"""The life of sessions: beginning, being recognised, getting new cookies, and ending."""

import hmac
from dataclasses import replace

import structlog

from entrepot.features.identity import User
from entrepot.features.identity import Users
from entrepot.features.second_factors import SecondFactors
from entrepot.features.sessions import steps
from entrepot.features.sessions import store
from entrepot.features.sessions.errors import EnrolmentNeeded
from entrepot.features.sessions.errors import SecondFactorNeeded
from entrepot.features.sessions.errors import SessionEnded
from entrepot.features.sessions.errors import WrongCsrfToken
from entrepot.features.sessions.models import FORMER_MS
from entrepot.features.sessions.models import NOTED_EVERY_MS
from entrepot.features.sessions.models import RENEWED_AFTER_MS
from entrepot.features.sessions.models import Limits
from entrepot.features.sessions.models import OpenSession
from entrepot.features.sessions.models import PresentedCookie
from entrepot.features.sessions.models import RenewedSession
from entrepot.features.sessions.models import Session
from entrepot.features.sessions.models import SessionPage
from entrepot.features.sessions.models import SessionState
from entrepot.features.sessions.models import Visitor
from entrepot.features.sessions.models import login_mark
from entrepot.features.sessions.models import new_session
from entrepot.features.sessions.models import read_cookie
from entrepot.infra.database.engine import Database
from entrepot.infra.http.session_cookie import ForeignPage
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SessionCookie
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after
from entrepot.kernel.errors import NotFound
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.identifiers import Ulid

log = structlog.get_logger(__name__)


class Sessions:
    """Browser sessions, read from the database at every use: one that is ended is over everywhere at once."""

    def __init__(self, database: Database, users: Users, factors: SecondFactors, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._database = database
        self._users = users
        self._factors = factors
        self._clock = clock

    async def open(self, cookie: SessionCookie) -> OpenSession:
        """Return the session of a cookie, however far its login has come.

        Raises `SessionEnded`; and where the method changes something, `ForeignPage` and `WrongCsrfToken`.
        """
        presented = read_cookie(cookie.secret)
        session = None if presented is None else await self._database.read(store.find, presented.id)
        if presented is None or session is None:
            raise SessionEnded
        if not hmac.compare_digest(session.secret_sha256, presented.secret_sha256):
            raise SessionEnded
        is_former = await self._is_former(session, presented)
        user = await self._user_of(session)
        if user is None or not self._clock() < self.limits.idle_until(session):
            raise SessionEnded
        if not cookie.is_safe:
            _require_own_page(cookie, session)
        session = await self._note_use(session, presented, is_former=is_former)
        return OpenSession(session, user, await self._state(session, user), presented, is_former)

    async def identify(self, cookie: SessionCookie, *, allows_enrolment: bool) -> Principal:
        """Return the user of a session whose login is complete, or may be so by setting up a second factor.

        Raises as `open`, `SecondFactorNeeded` and `EnrolmentNeeded`.
        """
        found = await self.open(cookie)
        if found.state is SessionState.SECOND_FACTOR:
            raise SecondFactorNeeded
        if found.state is SessionState.ENROLMENT and not allows_enrolment:
            raise EnrolmentNeeded
        is_recent = not found.is_former and self._clock() < self.limits.recent_until(found.session)
        return replace(found.principal, is_recent_login=is_recent)

    async def is_live(self, session_id: Ulid) -> bool:
        """Tell whether a session goes on, for what it began: that is no use of it, so an idle one ends all the same."""
        session = await self._database.read(store.find, session_id)
        user = None if session is None else await self._user_of(session)
        if session is None or user is None or not self._clock() < self.limits.idle_until(session):
            return False
        return await self._state(session, user) is SessionState.COMPLETE

    async def begin(self, user: User, visitor: Visitor) -> RenewedSession:
        """Begin a session for somebody whose password was right."""
        awaits_more = user.second_factor_at is not None
        state = SessionState.SECOND_FACTOR if awaits_more else SessionState.COMPLETE
        session, cookie = new_session(user, state, visitor, self._clock())
        await self._database.write(steps.begin, session)
        found = OpenSession(session, user, await self._state(session, user), cookie.presented)
        return RenewedSession(found, cookie.text)

    async def refresh(self, found: OpenSession) -> RenewedSession:
        """Give a session a new cookie if the one it has is some minutes old and the database can be written."""
        if self._clock() - found.session.turned_at < RENEWED_AFTER_MS:
            return RenewedSession(found)
        try:
            return RenewedSession(found, await self._database.write(steps.turn, found.presented, self._clock()))
        except Unavailable as error:
            log.warning("session.not_renewed", reason=error.message)
            return RenewedSession(found)

    async def keep(self, user: str, cookie: SessionCookie | None) -> str | None:
        """End all sessions of a user but that of a cookie, which goes on with what the user logs in with now.

        For the request that changed it: that the cookie was right, and is the user's, was checked before.
        Returns its new cookie, which alone is good from now on; None when no session goes on.
        """
        presented = None if cookie is None else read_cookie(cookie.secret)
        if presented is None:
            await self.end_all(user)
            return None
        mark = login_mark(await self._users.find(user))
        return await self._database.write(steps.keep, user, presented.id, mark, self._clock())

    async def page(self, user: str, before: str, limit: int) -> SessionPage:
        """Return the sessions of a user that are logged in and older than the one with the id `before`.

        Raises `NotFound` when there is no such user.
        """
        found = await self._users.find(user)
        sessions = await self._database.read(store.page, found, before, limit + 1, self.limits, self._clock())
        return SessionPage(sessions[:limit], len(sessions) > limit)

    async def end(self, user: str, session_id: Ulid) -> bool:
        """End a session of a user; tell whether the user had it."""
        return await self._database.write(steps.end, user, session_id, self._clock())

    async def end_all(self, user: str) -> None:
        """End every session of a user."""
        await self._database.write(steps.end_all, user, self._clock())

    async def _is_former(self, session: Session, presented: PresentedCookie) -> bool:
        """Tell whether a cookie is the former one, still good. Raises `SessionEnded` when it is an older one."""
        if hmac.compare_digest(session.turn_sha256, presented.turn_sha256):
            return False
        is_former = hmac.compare_digest(session.former_sha256 or b"", presented.turn_sha256)
        if is_former and (session.former_until is None or self._clock() < session.former_until):
            return True
        log.warning("session.replaced_cookie_used", session=session.id, user=session.user, address=session.address)
        try:
            await self._database.write(store.remove, session.id)
        except Unavailable as error:
            log.warning("session.not_ended", session=session.id, reason=error.message)
        raise SessionEnded

    async def _user_of(self, session: Session) -> User | None:
        """Return the user of a session if it is logged in with what the user logs in with now."""
        try:
            user = await self._users.find(session.user)
        except NotFound:
            return None
        is_over = user.is_disabled or login_mark(user) != session.login_mark or self._users.local.is_shut_out(user)
        return None if is_over else user

    async def _state(self, session: Session, user: User) -> SessionState:
        if user.second_factor_at is None and await self._factors.is_required(user):
            return SessionState.ENROLMENT
        return session.state

    async def _note_use(self, session: Session, presented: PresentedCookie, *, is_former: bool) -> Session:
        """Store that it is in use, once a minute, and that a new cookie arrived. While nothing can be stored, go on."""
        now = self._clock()
        is_first = not is_former and session.former_sha256 is not None and session.former_until is None
        is_noted = 0 <= now - session.used_at < NOTED_EVERY_MS
        try:
            if is_first:
                former_until = after(now, FORMER_MS)
                await self._database.write_locked(store.note_turn, session.id, presented.turn_sha256, former_until)
            if not is_noted:
                await self._database.write_locked(store.note_use, session.id, now)
        except Unavailable as error:
            log.warning("session.use_not_noted", reason=error.message)
        return replace(session, used_at=now)


def _require_own_page(cookie: SessionCookie, session: Session) -> None:
    if cookie.is_foreign:
        raise ForeignPage
    if not hmac.compare_digest(cookie.csrf_token.encode(), session.csrf_token.encode()):
        raise WrongCsrfToken
