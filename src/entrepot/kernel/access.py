# SPDX-License-Identifier: Apache-2.0
"""Who asks, what they want, and the two protocols that answer whether they may."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Protocol

from entrepot.kernel.errors import ReauthenticationNeeded
from entrepot.kernel.spans import Span


class PrincipalKind(StrEnum):
    """What sort of actor a principal is."""

    USER = "user"
    ROBOT = "robot"
    WORKLOAD = "workload"
    ANONYMOUS = "anonymous"
    INTERNAL = "internal"


class Action(StrEnum):
    """What may be done to a repository, or to the registry as a whole."""

    PULL = "pull"
    PUSH = "push"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Scope:
    """A narrowing of rights: these actions on this repository (`*` for every repository)."""

    repository: str
    actions: frozenset[Action]


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated actor, or the anonymous one.

    `scopes` is None when the credential narrows nothing (Basic, a session);
    otherwise the principal may do only what a scope names, and only where its
    rights, looked up at every request, allow it too.
    """

    kind: PrincipalKind
    name: str
    scopes: tuple[Scope, ...] | None = field(default=None)
    is_expired: bool = False
    """True for an expired token where `Credentials.allows_expired` let it pass: only the owner's upload may go on."""
    credential: str = field(default="", compare=False)
    """What it logged in with, and no secret: `password:<stamp>`, `token:<id>`, `session:<id>`, or `bearer:` and the one
    that a registry token was fetched with. Empty for the anonymous principal and the parts of Entrepot itself."""
    is_recent_login: bool = field(default=True, compare=False)
    """False for a browser session whose user has not proved of late who they are (`require_recent_login`)."""

    @property
    def identity(self) -> str:
        """One string for this actor in stored rows and logs, such as `user:alice`."""
        return f"{self.kind}:{self.name}"

    @property
    def is_client(self) -> bool:
        """Whether its reads count as pulls (the scanner's, the collector's and the console's do not)."""
        return self.kind is not PrincipalKind.INTERNAL

    def allows_scope(self, action: Action, repository: str) -> bool:
        """Tell whether the credential's scopes, if it has any, cover `action` on `repository`."""
        if self.scopes is None:
            return True
        return any(scope.repository in (repository, "*") and action in scope.actions for scope in self.scopes)


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "anonymous")


def internal(name: str) -> Principal:
    """Make the principal that a part of Entrepot itself acts as, such as `internal("scanner")`."""
    return Principal(PrincipalKind.INTERNAL, name)


def require_recent_login(principal: Principal) -> None:
    """Do nothing unless `principal` is a browser session that nobody proved their identity to of late.

    For acts that whoever finds a browser open must not be able to do. Raises `ReauthenticationNeeded`.
    """
    if not principal.is_recent_login:
        raise ReauthenticationNeeded


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """What a browser sent by itself, and what tells whether a page of ours made it do so."""

    secret: str = field(repr=False)
    csrf_token: str = field(repr=False)
    """The value of `X-CSRF-Token`, empty when there is none."""
    is_safe: bool
    """Whether the method changes nothing (RFC 9110 section 9.2.1): then no page has to prove itself."""
    is_foreign: bool
    """Whether the browser says that a page of another origin made the request."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request presented: the raw `Authorization` value, else a session's cookie, and where it came from."""

    authorization: str = field(repr=False)
    address: str
    allows_expired: bool = False
    """True on an upload URL: an expired token of the upload's owner is still good (semantics section 4)."""
    allows_enrolment: bool = False
    """True where a second factor is set up: the password of an account that has to have one first is good there."""
    cookie: SessionCookie | None = None
    """None beside an `Authorization` header, and everywhere but on `/api`."""


class Authenticator(Protocol):
    """Turns what a request presents into a principal."""

    async def authenticate(self, credentials: Credentials) -> Principal:
        """Return the principal, `ANONYMOUS` when nothing was presented.

        Raises `kernel.errors.Unauthenticated` for credentials that are not valid.
        """

    async def is_live(self, principal: Principal) -> bool:
        """Tell whether what `principal` once logged in with would let it in now, which is no use of it.

        A token may have expired since: its login is what counts.
        """


@dataclass(frozen=True, slots=True)
class Reach:
    """Where in the order of names the repositories lie that a principal may pull from; others lie there too."""

    spans: Sequence[Span]
    """In order; no two overlap."""
    last: str | None = None
    """The name up to which this is told, and with it; None when it is told to the end."""


class Authorizer(Protocol):
    """Decides what a principal may do, from its rights of this moment (scopes are the caller's to check)."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Tell whether `principal` may do `action` on `repository` (a full name, `project/path`)."""

    async def readable(self, principal: Principal, repositories: Iterable[str]) -> set[str]:
        """Return those of `repositories` that `principal` may pull from."""

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Tell where to look, behind the name `after`, for repositories that `principal` may pull from."""

    async def administers(self, principal: Principal) -> bool:
        """Tell whether `principal` is an administrator of the whole registry."""
