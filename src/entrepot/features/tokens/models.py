# SPDX-License-Identifier: Apache-2.0
"""The words of tokens: what is stored, what is claimed, and what is answered."""

from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

import msgspec

from entrepot.features.tokens.addresses import AllowedAddresses
from entrepot.features.tokens.addresses import stored_allowed
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

ISSUER = "entrepot"
LIFETIME_SECONDS = 300
CATALOG = "registry:catalog"
"""In a principal's scopes, the name under which a token allows listing the repositories (as a pull)."""

SKEW_MS = MINUTE_MS
"""How far the clock of the node that issued a token may be ahead."""

UPLOAD_GRACE_MS = DAY_MS
"""How long an expired token is still good for the upload it began."""

LONGEST_USE_MS = LIFETIME_SECONDS * SECOND_MS + SKEW_MS + UPLOAD_GRACE_MS
"""How long after its issue a token may still have to be verified."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A signing key as the database holds it; `sealed` is the private key, encrypted by the instance key."""

    kid: str
    algorithm: str
    public_jwk: str
    sealed: bytes = field(repr=False)
    created_at: Milliseconds


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a signing key besides the key; `not_after` is None for the one that signs."""

    kid: str
    algorithm: str
    created_at: Milliseconds
    not_after: Milliseconds | None


class CredentialState(StrEnum):
    """What a credential is good for at a moment."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Credential:
    """A personal token or a secret of a robot, without the secret itself.

    `principal` is the identity it logs in as, such as `user:alice`. It ends at
    `expires_at` or `revoked_at`, whichever comes first; None is never.
    Its fields are the columns of the table.
    """

    id: Ulid
    principal: str
    name: str
    secret_sha256: bytes = field(repr=False)
    created_at: Milliseconds
    created_by: str
    expires_at: Milliseconds | None
    revoked_at: Milliseconds | None = None
    allowed_addresses: str = ""
    """From where it is good, as stored; see `allowed`."""
    imported_hash: str | None = field(default=None, repr=False)
    """Of a secret of another form: the salted hash from where it comes, after its first use one as of a password."""
    used_at: Milliseconds | None = None
    """When it was last used, to some minutes."""
    used_from: str | None = None
    """From which address that was."""
    replaced_at: Milliseconds | None = None
    """When another one took its place, which `revoked_at` may let it outlive for a while. Revoking it ends that."""

    def state(self, now: Milliseconds) -> CredentialState:
        """Tell what it is good for, and if for nothing, what came first."""
        if self.ends_at is None or self.ends_at > now:
            return CredentialState.LIVE
        return CredentialState.EXPIRED if self.ends_at == self.expires_at else CredentialState.REVOKED

    @property
    def ends_at(self) -> Milliseconds | None:
        """When it stops being good, None for never."""
        ends = [end for end in (self.expires_at, self.revoked_at) if end is not None]
        return min(ends, default=None)

    @property
    def allowed(self) -> AllowedAddresses:
        """From where it is good."""
        return stored_allowed(self.allowed_addresses)

    @property
    def mark(self) -> str:
        """How a principal that logged in with it is marked (`Principal.credential`)."""
        return f"{TOKEN_MARK}{self.id}"


TOKEN_MARK = "token:"  # noqa: S105 - the beginning of a mark, and no secret
BEARER_MARK = "bearer:"
"""Before the mark of the credential that a registry token was fetched with."""


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A credential that was just made, and its secret, which is shown this once."""

    credential: Credential
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A login that renews itself, without its secret. `credential` is the mark of what it came from."""

    id: Ulid
    secret_sha256: bytes = field(repr=False)
    principal: str
    credential: str
    created_at: Milliseconds
    used_at: Milliseconds


class Access(msgspec.Struct, frozen=True):
    """Actions on one resource, as claimed in a token (distribution token specification, "access")."""

    type: str
    name: str
    actions: tuple[str, ...]

    def __str__(self) -> str:
        """Render in the grammar of scopes."""
        return f"{self.type}:{self.name}:{','.join(self.actions)}"


class Claims(msgspec.Struct, frozen=True):
    """The payload of a token (RFC 7519 section 4.1; moments in seconds since the epoch).

    `sub` is the principal's identity such as `user:alice`, empty for anonymous.
    `cred` is the mark of the credential that the token was fetched with.
    """

    iss: str
    sub: str
    aud: str
    exp: int
    nbf: int
    iat: int
    jti: str
    access: tuple[Access, ...]
    cred: str = ""


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A token that was issued, and what it allows."""

    token: str = field(repr=False)
    expires_in_seconds: int
    issued_at: Milliseconds
    access: tuple[Access, ...]
