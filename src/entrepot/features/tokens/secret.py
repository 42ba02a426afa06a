# SPDX-License-Identifier: Apache-2.0
"""How a secret that Entrepot made looks: a prefix that tells what it is, its id, 256 random bits and a checksum.

`ent_01JD2F7ZK3Q8V5T6X9Y0B1C2D4_…`: letters, digits and underscores only, so that no
shell, YAML file or address changes it and a double click selects all of it. The
checksum tells a mistyped secret from a wrong one without a look at the database,
and lets scanners of source code report few false finds.
"""

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from dataclasses import field

from entrepot.kernel.identifiers import Ulid

CREDENTIAL_PREFIX = "ent"
"""Begins personal tokens and the secrets of robots."""

REFRESH_PREFIX = "entr"
"""Begins refresh tokens, which are good at the token service only."""

SESSION_PREFIX = "ents"
"""Begins what the cookie of a browser session holds, which is good on `/api` only."""

_ALPHABET = string.ascii_letters + string.digits
_RANDOM_CHARACTERS = 43
"""62^43 is just above 2^256."""

_FORM = re.compile(rf"(ent[rs]?)_([0-7][0-9A-HJKMNP-TV-Z]{{25}})_[A-Za-z0-9]{{{_RANDOM_CHARACTERS}}}([0-9a-f]{{8}})")


@dataclass(frozen=True, slots=True)
class PresentedSecret:
    """A well-formed secret that somebody presented; whether it is right, its stored digest tells."""

    prefix: str
    id: Ulid
    sha256: bytes = field(repr=False)


def new_secret(prefix: str, secret_id: Ulid) -> str:
    """Make a secret that nobody can guess."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    text = f"{prefix}_{secret_id}_{random}"
    return text + _checksum(text)


def read_secret(text: str) -> PresentedSecret | None:
    """Return what `text` presents, None when it is not the text of a secret, as a password is not."""
    match = _FORM.fullmatch(text)
    if match is None or _checksum(text[: match.start(3)]) != match[3]:
        return None
    return PresentedSecret(match[1], Ulid(match[2]), digest_of_secret(text))


def digest_of_secret(text: str) -> bytes:
    """Return what is stored of a secret: the SHA-256 of its text."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"
