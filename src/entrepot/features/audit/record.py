# SPDX-License-Identifier: Apache-2.0
"""What is hashed of a record, and how records are chained.

    hash(n) = SHA-256("entrepot audit record 1\\n" || hash(n - 1) || the record as a JSON array)

The first record of all stands on 32 zero bytes. The array has the members of `Sealed` in their order, in UTF-8 and
without white space (RFC 8259). What can be erased is in it as a pseudonym, or as the SHA-256 of a random salt and text.
"""

import base64
import hashlib
import secrets

import msgspec

from entrepot.features.audit.models import Pseudonym

GENESIS = bytes(32)
"""What the first record of all stands on."""

_DOMAIN = b"entrepot audit record 1\n"
_SALT_BYTES = 16
_MADE_OF_NAME = "n"
"""What pseudonyms begin with, and hexadecimal numbers do not."""

_PSEUDONYM_CHARACTERS = 31
_encoder = msgspec.json.Encoder()


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """A record as it is hashed. Whoever verifies needs nothing else than this and the hash before it."""

    seq: int
    at: int
    event: str
    type: str
    actor: str
    """A pseudonym, or the name of what is no person: a part of Entrepot, or nobody in particular."""
    kind: str
    credential: str
    provider: str
    on_behalf_of: str
    address: Pseudonym
    agent: str
    project: str
    repository: str
    tag: str
    digest: str
    object: str
    outcome: str
    request_id: str
    times: int
    details_sha256: str

    def hash(self, previous: bytes) -> bytes:
        """Return the hash of this record behind the one of hash `previous`."""
        return hashlib.sha256(_DOMAIN + previous + _encoder.encode(self)).digest()


def pseudonym_of(kind: str, name: str, salt: bytes) -> Pseudonym:
    """Return what stands for a name: it says nothing to whoever has not the salt, and is of no other name."""
    digest = hashlib.sha256(salt + f"{kind}:{name}".encode()).digest()
    return Pseudonym(_MADE_OF_NAME + base64.urlsafe_b64encode(digest).decode()[:_PSEUDONYM_CHARACTERS])


def is_of(pseudonym: Pseudonym, kind: str, name: str, salt: bytes | None) -> bool:
    """Tell whether a pseudonym is of this name. Of those that were random once, nobody can tell."""
    return not pseudonym.startswith(_MADE_OF_NAME) or pseudonym == pseudonym_of(kind, name, salt or b"")


def new_salt() -> bytes:
    """Make what keeps anybody from finding out names and short details by trying."""
    return secrets.token_bytes(_SALT_BYTES)


def details_sha256(salt: bytes, details: str) -> str:
    """Return what a record says of its details."""
    return hashlib.sha256(salt + details.encode()).hexdigest()


def object_text(kind: str, pseudonym: Pseudonym) -> str:
    """Return how a record names somebody to whom something was done."""
    return f"{kind}:{pseudonym}"
