# SPDX-License-Identifier: Apache-2.0
"""The keys that checkpoints are signed with (RFC 7515, RFC 8037). They are never forgotten.

They sign the reports of drills too, as another type: what is signed as one thing passes for no other.
"""

import json

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from entrepot.features.audit.errors import AuditKeyUnreadable
from entrepot.features.tokens import CannotUnseal
from entrepot.features.tokens import InstanceKey

ALGORITHM = "Ed25519"
TYPE = "entrepot-audit-checkpoint"
"""`typ` in the header: nothing that is signed for anything else passes for a checkpoint."""

SEALED_FOR = "audit keys"
_SIGNING = jws.JWSRegistry(algorithms=[ALGORITHM])


class AuditKey:
    """A private key that signs checkpoints."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self.kid = key.thumbprint()

    def sign(self, payload: bytes, kind: str = TYPE) -> str:
        """Return `payload` as a signed token in compact serialization, of the type `kind`."""
        return jws.serialize_compact(_header(self.kid, kind), payload, self._key, registry=_SIGNING)

    @property
    def public_jwk(self) -> str:
        """What verifies (RFC 7517)."""
        return json.dumps(self._key.as_dict(private=False), sort_keys=True)

    def seal(self, instance_key: InstanceKey) -> bytes:
        """Return the key as it is stored: encrypted."""
        return instance_key.seal(SEALED_FOR, json.dumps(self._key.as_dict(private=True)).encode("ascii"))


def generate_key() -> AuditKey:
    """Make a new key."""
    return AuditKey(OKPKey.generate_key("Ed25519"))


def unseal(sealed: bytes, instance_key: InstanceKey) -> AuditKey:
    """Return the key that `AuditKey.seal` returned. Raises `AuditKeyUnreadable`."""
    try:
        return AuditKey(OKPKey.import_key(json.loads(instance_key.unseal(SEALED_FOR, sealed))))
    except (CannotUnseal, JoseError, ValueError) as error:
        raise AuditKeyUnreadable from error


def kid_of(token: str, kind: str = TYPE) -> str | None:
    """Return which key a token says it is signed with, before that is verified; None if it is of another type."""
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, RecursionError):
        return None
    kid = header.get("kid")
    return kid if isinstance(kid, str) and header == _header(kid, kind) else None


def unverified_payload(token: str) -> bytes | None:
    """Return what a checkpoint says, whoever signed it; None for any other text."""
    try:
        return None if kid_of(token) is None else jws.extract_compact(token.encode("ascii")).payload
    except (JoseError, ValueError):
        return None


def verified_payload(token: str, public_jwk: str) -> bytes | None:
    """Return what a checkpoint says if this key signed it, None for any other text."""
    try:
        key = OKPKey.import_key(json.loads(public_jwk))
        return jws.deserialize_compact(token, key, registry=_SIGNING).payload
    except (JoseError, ValueError):
        return None


def thumbprint(public_jwk: str) -> str | None:
    """Return the `kid` of a public key (RFC 7638), None for what is none."""
    try:
        return OKPKey.import_key(json.loads(public_jwk)).thumbprint()
    except (JoseError, ValueError, TypeError):
        return None


def _header(kid: str, kind: str) -> dict[str, str]:
    return {"typ": kind, "alg": ALGORITHM, "kid": kid}
