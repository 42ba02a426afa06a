# SPDX-License-Identifier: Apache-2.0
"""Who asks, what they want, and the two protocols that answer whether they may."""

import re
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
    """What may be done to a repository, or to what is said about it."""

    READ = "read"
    """See names, tags, sizes and what artifacts say of themselves; not their content."""
    PULL = "pull"
    """Fetch manifests and blobs."""
    PUSH = "push"
    """Store blobs and manifests, where the repository exists."""
    CREATE = "create"
    """Make a repository, or a project, by pushing into it."""
    TAG = "tag"
    """Set and move tags."""
    SIGN = "sign"
    """Attach signatures to artifacts."""
    DELETE = "delete"
    """Delete tags, manifests and blobs, and free their bytes."""
    SCAN = "scan"
    """Have artifacts scanned."""
    MANAGE_MEMBERS = "manage-members"
    """Give and take grants, of nothing that one may not do oneself."""
    MANAGE_POLICY = "manage-policy"
    """Change what rules apply: modes, retention, immutability, policies."""
    OVERRIDE = "override"
    """Let a tag be moved or deleted for a while although a rule keeps it."""
    HOLD = "hold"
    """Place and release legal holds: what is under one, nobody deletes."""
    REPORT_USE = "report-use"
    """Say which artifacts run somewhere, so that no rule deletes them."""
    ADMIN = "admin"
    """Everything else about a project: its robots, its visibility, its end."""


TAG_ACTIONS = frozenset({Action.TAG, Action.DELETE})
"""What a grant can allow for some tags only."""

OPEN_ACTIONS = frozenset({Action.READ, Action.PULL})
"""What is allowed without a grant where a project is open."""


class SystemAction(StrEnum):
    """What may be done to the registry as a whole."""

    READ_SYSTEM = "read-system"
    """See how the registry runs: nodes, jobs, collection, modes, storage."""
    READ_ACCOUNTS = "read-accounts"
    """See every user, group, robot, role and grant."""
    READ_AUDIT = "read-audit"
    """Read and verify the audit log."""
    WITNESS = "witness"
    """Leave checkpoints of another registry's audit log here, and read them back."""
    OPERATE = "operate"
    """Run the registry: start and stop jobs and collection, set modes."""
    ADMINISTER = "administer"
    """Everything, in every repository too."""


_SCOPE_ACTION = {
    Action.READ: Action.PULL,
    Action.CREATE: Action.PUSH,
    Action.TAG: Action.PUSH,
    Action.SIGN: Action.PUSH,
}
"""The action that a token's scope has to name, where it is another one: clients know `pull`, `push` and `delete`."""


def scope_action(action: Action) -> Action:
    """Return what a token's scope has to name so that it covers `action`."""
    return _SCOPE_ACTION.get(action, action)


@dataclass(frozen=True, slots=True)
class TagReach:
    """For which tags of a repository something is allowed."""

    is_every: bool
    """Whether for all, and for what has no tag."""
    globs: tuple[re.Pattern[str], ...] = ()
    """Otherwise for those that one of these matches in full."""

    def covers(self, tag: str) -> bool:
        """Tell whether it is allowed for this tag."""
        return self.is_every or any(glob.fullmatch(tag) for glob in self.globs)

    def __bool__(self) -> bool:
        """Tell whether it is allowed for any tag."""
        return self.is_every or bool(self.globs)


EVERY_TAG = TagReach(is_every=True)


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
        named = scope_action(action)
        return any(scope.repository in (repository, "*") and named in scope.actions for scope in self.scopes)


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "anonymous")


def internal(name: str) -> Principal:
    """Make the principal that a part of Entrepot itself acts as, such as `internal("scanner")`."""
    return Principal(PrincipalKind.INTERNAL, name)


def principal_of(identity: str, credential: str = "") -> Principal:
    """Return the actor that rows and events name by an identity such as `user:alice`, to tell of later."""
    kind, _, name = identity.partition(":")
    return Principal(PrincipalKind(kind), name, credential=credential)


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
    """Where in the order of names the repositories lie that a principal may read; others lie there too."""

    spans: Sequence[Span]
    """In order; no two overlap."""
    last: str | None = None
    """The name up to which this is told, and with it; None when it is told to the end."""


class Authorizer(Protocol):
    """Decides what a principal may do, from its rights of this moment (scopes are the caller's to check)."""

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Tell whether `principal` may do `action` on `repository` (a full name, `project/path`), whatever the tag."""

    async def tags(self, principal: Principal, action: Action, repository: str) -> TagReach:
        """Tell for which tags of `repository` `principal` may do `action`, one of `TAG_ACTIONS`."""

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return those of `repositories` that `principal` may read, or pull from."""

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Tell where to look, behind the name `after`, for repositories that `principal` may read."""

    async def may_system(self, principal: Principal, action: SystemAction) -> bool:
        """Tell whether `principal` may do that to the registry as a whole."""
