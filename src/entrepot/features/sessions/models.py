# SPDX-License-Identifier: Apache-2.0
"""The words of sessions: what is stored of one, what its cookie holds, and what may be done with it."""

import secrets
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from entrepot.features.identity import User
from entrepot.features.tokens import SESSION_PREFIX
from entrepot.features.tokens import digest_of_secret
from entrepot.features.tokens import new_secret
from entrepot.features.tokens import read_secret
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid

MAX_PER_USER = 100
RENEWED_AFTER_MS = 15 * MINUTE_MS
FORMER_MS = MINUTE_MS
"""How long a cookie is still good once the one that replaced it was used: for requests that were under way."""

LOST_MS = MINUTE_MS
"""A new cookie that was not used for so long did not arrive; a younger one may be on its way to another window."""

NOTED_EVERY_MS = MINUTE_MS
"""How exactly the last use is known."""

PENDING_MS = 15 * MINUTE_MS
"""How long somebody may take from the password to the second factor."""

CHALLENGE_MS = 5 * MINUTE_MS

PASSWORD_MARK = "password:"  # noqa: S105 - the beginning of a mark, and no secret
SESSION_MARK = "session:"


class SessionState(StrEnum):
    """How far the login has come."""

    SECOND_FACTOR = "second_factor"
    """The password was right; a second factor has to follow."""
    ENROLMENT = "enrolment"
    """The password was right; a second factor has to be set up before anything else. Never stored: it follows from
    what is required of the user now."""
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the database holds it: of what its cookie holds, there are digests only.

    The cookie has two parts. The first stays the same for as long as the session lives, so that a cookie that was
    replaced is told from one that was made up; the second is replaced every few minutes.
    """

    id: Ulid
    user: str
    state: SessionState
    secret_sha256: bytes = field(repr=False)
    turn_sha256: bytes = field(repr=False)
    turned_at: Milliseconds
    csrf_token: str = field(repr=False)
    login_mark: str
    """What the user logged in with, as `login_mark` tells it: the session ends when that changes."""
    created_at: Milliseconds
    used_at: Milliseconds
    """Exact to a minute."""
    proved_at: Milliseconds
    """When the user last proved who they are."""
    address: str
    agent: str
    former_sha256: bytes | None = field(default=None, repr=False)
    former_until: Milliseconds | None = None
    """How long the former second part is good; None until the one that replaced it was used."""

    @property
    def credential(self) -> str:
        """How a principal that comes with it is marked (`Principal.credential`)."""
        return f"{SESSION_MARK}{self.id}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions last, in milliseconds."""

    idle_ms: int
    absolute_ms: int
    recent_ms: int

    def idle_until(self, session: Session) -> Milliseconds:
        """Return when a session ends if it is not used until then."""
        return Milliseconds(min(session.used_at + self.idle_ms, self.expires_at(session)))

    def expires_at(self, session: Session) -> Milliseconds:
        """Return when a session ends however much it is used."""
        is_complete = session.state is SessionState.COMPLETE
        return Milliseconds(session.created_at + (self.absolute_ms if is_complete else PENDING_MS))

    def recent_until(self, session: Session) -> Milliseconds:
        """Return until when dangerous acts need no new proof."""
        return Milliseconds(min(session.proved_at + self.recent_ms, self.expires_at(session)))


@dataclass(frozen=True, slots=True)
class PresentedCookie:
    """A well-formed cookie; whether it is right, the stored digests tell."""

    id: Ulid
    lasting: str = field(repr=False)
    secret_sha256: bytes = field(repr=False)
    turn_sha256: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuedCookie:
    """What a new cookie holds, and how it will be presented."""

    text: str = field(repr=False)
    presented: PresentedCookie


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that is good now, whose it is, and the cookie that came with the request."""

    session: Session
    user: User
    state: SessionState
    presented: PresentedCookie
    is_former: bool = False
    """Whether the cookie was replaced already: it is good for requests under way, and counts for no recent login."""

    @property
    def principal(self) -> Principal:
        """Its user, to whom nobody has proved anything of late."""
        credential = self.session.credential
        return Principal(PrincipalKind.USER, self.user.name, credential=credential, is_recent_login=False)


@dataclass(frozen=True, slots=True)
class RenewedSession:
    """A session after something happened to it, and its new cookie if it got one."""

    found: OpenSession
    cookie: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One page of sessions, newest first; `is_more` says whether an older one follows."""

    sessions: list[Session]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request came from, and what the browser calls itself."""

    address: str
    agent: str


def login_mark(user: User) -> str:
    """Name what a user logs in with now, without telling anything about it: no two of its values are alike."""
    return f"{user.id}:{user.password_changed_at}:{user.second_factor_at or 0}"


def new_session(user: User, state: SessionState, visitor: Visitor, now: Milliseconds) -> tuple[Session, IssuedCookie]:
    """Make a session of its own for somebody who just proved who they are, and its first cookie."""
    cookie = new_cookie()
    session = Session(
        id=cookie.presented.id,
        user=user.name,
        state=state,
        secret_sha256=cookie.presented.secret_sha256,
        turn_sha256=cookie.presented.turn_sha256,
        turned_at=now,
        csrf_token=secrets.token_urlsafe(32),
        login_mark=login_mark(user),
        created_at=now,
        used_at=now,
        proved_at=now,
        address=visitor.address,
        agent=visitor.agent,
    )
    return session, cookie


def new_cookie() -> IssuedCookie:
    """Make the first cookie of a session, with the id and the secret that it is to have."""
    session_id = new_ulid()
    return _issue(session_id, new_secret(SESSION_PREFIX, session_id))


def renew_cookie(presented: PresentedCookie) -> IssuedCookie:
    """Make the cookie that follows one."""
    return _issue(presented.id, presented.lasting)


def read_cookie(text: str) -> PresentedCookie | None:
    """Return what a cookie presents, None when it was not made here."""
    lasting, _, turn = text.rpartition("_")
    presented = read_secret(lasting)
    if presented is None or presented.prefix != SESSION_PREFIX:
        return None
    return PresentedCookie(presented.id, lasting, presented.sha256, digest_of_secret(turn))


def session_id_of(credential: str) -> Ulid | None:
    """Return the session that `Principal.credential` names, None when it names something else."""
    return Ulid(credential.removeprefix(SESSION_MARK)) if credential.startswith(SESSION_MARK) else None


def _issue(session_id: Ulid, lasting: str) -> IssuedCookie:
    turn = secrets.token_hex(32)
    presented = PresentedCookie(session_id, lasting, digest_of_secret(lasting), digest_of_secret(turn))
    return IssuedCookie(f"{lasting}_{turn}", presented)
