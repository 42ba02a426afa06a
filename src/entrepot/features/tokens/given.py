# SPDX-License-Identifier: Apache-2.0
"""Secrets that somebody else made: known here by their hash only.

A secret that was made as Entrepot makes them is given as `sha256:<its id>:<SHA-256 of its text>`,
so that what a repository holds lets nobody in, and applying it again changes nothing.
One that comes from another registry is given by the salted hash that is kept there.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from dataclasses import field

from entrepot.features.tokens.errors import InvalidSecretHash
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid

HARBOR_ROUNDS = 4096
HARBOR_BYTES = 16
"""PBKDF2 with HMAC-SHA-256 over the text of the salt, as Harbor stores secrets since version 1.9."""

_GIVEN = re.compile(r"sha256:([0-7][0-9A-HJKMNP-TV-Z]{25}):([0-9a-f]{64})")
_HARBOR_HASH = re.compile(rf"[0-9a-f]{{{2 * HARBOR_BYTES}}}")
_HARBOR_SALT = re.compile(r"[A-Za-z0-9]{8,64}")
_STORED = re.compile(rf"harbor:({_HARBOR_SALT.pattern}):({_HARBOR_HASH.pattern})")


@dataclass(frozen=True, slots=True)
class SecretHash:
    """A secret in the form of our own, of which only the id and the SHA-256 are known."""

    id: Ulid
    sha256: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeSecret:
    """A secret that was made without a server, and what to give to the server."""

    secret: str = field(repr=False)
    secret_hash: str


@dataclass(frozen=True, slots=True)
class HarborHash:
    """The hash of a secret as Harbor stores it: 16 bytes in hexadecimal, and the text of the salt."""

    salt: str = field(repr=False)
    hash: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what Harbor does not make. Raises `InvalidSecretHash`."""
        if _HARBOR_SALT.fullmatch(self.salt) is None:
            raise InvalidSecretHash("the salt is not one of Harbor's", hint="Use the column salt of its table robot.")
        if _HARBOR_HASH.fullmatch(self.hash) is None:
            raise InvalidSecretHash("the hash is not one of Harbor's", hint="Use the column secret of its table robot.")

    def matches(self, secret: str) -> bool:
        """Tell whether this is the hash of `secret`. Takes a millisecond or two: not for the event loop."""
        found = hashlib.pbkdf2_hmac("sha256", secret.encode(), self.salt.encode(), HARBOR_ROUNDS, HARBOR_BYTES)
        return hmac.compare_digest(found, bytes.fromhex(self.hash))

    def __str__(self) -> str:
        """Render as stored."""
        return f"harbor:{self.salt}:{self.hash}"


Given = SecretHash | HarborHash


def parse_secret_hash(text: str) -> SecretHash:
    """Read `sha256:<id>:<64 hexadecimal digits>`. Raises `InvalidSecretHash`."""
    match = _GIVEN.fullmatch(text)
    if match is None:
        raise InvalidSecretHash
    return SecretHash(Ulid(match[1]), bytes.fromhex(match[2]))


def stored_harbor_hash(text: str) -> HarborHash | None:
    """Read what `HarborHash` renders; None for anything else."""
    match = _STORED.fullmatch(text)
    return None if match is None else HarborHash(match[1], match[2])


def hash_of_secret(secret: str) -> str:
    """Return what stands for a secret of our own form. Raises `InvalidSecretHash` for any other text."""
    presented = read_secret(secret)
    if presented is None or presented.prefix != CREDENTIAL_PREFIX:
        raise InvalidSecretHash("this is not the text of a secret")
    return f"sha256:{presented.id}:{digest_of_secret(secret).hex()}"


def make_secret() -> MadeSecret:
    """Make a secret that nobody can guess, and its hash, without a server."""
    secret = new_secret(CREDENTIAL_PREFIX, new_ulid())
    return MadeSecret(secret, hash_of_secret(secret))
