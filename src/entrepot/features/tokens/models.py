# SPDX-License-Identifier: Apache-2.0
"""The words of tokens: what is stored, what is claimed, and what is answered."""

from dataclasses import dataclass
from dataclasses import field

import msgspec

from entrepot.kernel.clock import Milliseconds

ISSUER = "entrepot"
LIFETIME_SECONDS = 300
CATALOG = "registry:catalog"
"""In a principal's scopes, the name under which a token allows listing the repositories (as a pull)."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A signing key as the database holds it; `sealed` is the private key, encrypted by the instance key."""

    kid: str
    algorithm: str
    public_jwk: str
    sealed: bytes = field(repr=False)


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
    """

    iss: str
    sub: str
    aud: str
    exp: int
    nbf: int
    iat: int
    jti: str
    access: tuple[Access, ...]


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A token that was issued, and what it allows."""

    token: str = field(repr=False)
    expires_in_seconds: int
    issued_at: Milliseconds
    access: tuple[Access, ...]
