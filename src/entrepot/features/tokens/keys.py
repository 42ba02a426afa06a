# SPDX-License-Identifier: Apache-2.0
"""Signing keys: making and sealing them, signing and verifying with them (RFC 7515, RFC 7516, RFC 7518)."""

import json
from collections.abc import Mapping
from collections.abc import Sequence

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import json_b64encode

from entrepot.features.tokens.instance_key import CannotUnseal
from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.models import StoredKey
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import AppError

ALGORITHM = "ES256"
"""Signing and verifying once cost 44 + 88 µs, with Ed25519 49 + 124 µs (joserfc 1.8, measured)."""

_CURVE = "P-256"
_PURPOSE = "token signing keys"
_SIGNING = jws.JWSRegistry(algorithms=[ALGORITHM])


class SigningKeyUnreadable(AppError):
    """A signing key in the database was encrypted by another instance key."""

    code = "signing_key_unreadable"
    default_hint = (
        "Give this process the instance key that the database was set up with: "
        "the file instance.key of that data directory, or the one that keys.instance_key_file names."
    )


class SigningKey:
    """A private key and the header of the tokens it signs."""

    __slots__ = ("_header", "_key", "header_segment", "kid")

    def __init__(self, key: ECKey) -> None:
        self._key = key
        self.kid = key.thumbprint()
        self._header = {"typ": "JWT", "alg": ALGORITHM, "kid": self.kid}
        self.header_segment = json_b64encode(self._header).decode("ascii")
        """How every token of this key begins, up to the first dot."""

    def sign(self, payload: bytes) -> str:
        """Return `payload` as a signed token in compact serialization."""
        return jws.serialize_compact(self._header, payload, self._key, registry=_SIGNING)

    def verified_payload(self, token: str) -> bytes | None:
        """Return the payload of a token that this key signed, None for any other text."""
        try:
            return jws.deserialize_compact(token, self._key, registry=_SIGNING).payload
        except (JoseError, ValueError):
            return None

    def seal(self, instance_key: InstanceKey, created_at: Milliseconds) -> StoredKey:
        """Return the key as it is stored, the private part encrypted."""
        sealed = instance_key.seal(_PURPOSE, json.dumps(self._key.as_dict(private=True)).encode("ascii"))
        public_jwk = json.dumps(self._key.as_dict(private=False))
        return StoredKey(self.kid, ALGORITHM, public_jwk, sealed, created_at)


def generate_key() -> SigningKey:
    """Make a new key."""
    return SigningKey(ECKey.generate_key(_CURVE))


def unseal(stored: StoredKey, instance_key: InstanceKey) -> SigningKey:
    """Return the key that `seal` stored. Raises `SigningKeyUnreadable`."""
    try:
        key = SigningKey(ECKey.import_key(json.loads(instance_key.unseal(_PURPOSE, stored.sealed))))
    except (CannotUnseal, JoseError, ValueError) as error:
        raise SigningKeyUnreadable(f"the signing key {stored.kid} cannot be decrypted") from error
    if key.kid != stored.kid:
        raise SigningKeyUnreadable(f"the signing key {stored.kid} holds another key")
    return key


class KeyRing:
    """Some keys: the first signs, each verifies its own tokens.

    A token's header must be, byte for byte, one that a key of the ring writes, so
    that nothing in it (algorithm, type, key) is a client's choice.
    """

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        """Take the keys, the one that signs first."""
        self.signer = keys[0] if keys else None
        self._by_header = {key.header_segment: key for key in keys}

    @property
    def by_name(self) -> Mapping[str, SigningKey]:
        """The keys by their `kid`."""
        return {key.kid: key for key in self._by_header.values()}

    def knows(self, token: str) -> bool:
        """Tell whether the header of a token is that of a key of this ring."""
        return token.partition(".")[0] in self._by_header

    def verified_payload(self, token: str) -> bytes | None:
        """Return the payload of a token that a key of this ring signed, None for any other text."""
        key = self._by_header.get(token.partition(".")[0])
        return None if key is None else key.verified_payload(token)
