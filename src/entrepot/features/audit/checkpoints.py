# SPDX-License-Identifier: Apache-2.0
"""Signing the chain as it stands, and reading what was signed."""

import re

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.audit.keys import AuditKey
from entrepot.features.audit.keys import generate_key
from entrepot.features.audit.keys import kid_of
from entrepot.features.audit.keys import unseal
from entrepot.features.audit.keys import unverified_payload
from entrepot.features.audit.keys import verified_payload
from entrepot.features.audit.models import Checkpoint
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import checkpoints as store
from entrepot.features.audit.store.checkpoints import StoredKey
from entrepot.features.tokens import InstanceKey
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

REPLACE_KEY_AFTER_MS = 365 * DAY_MS
MAX_SEQ = 2**53

_HASH = re.compile(r"[0-9a-f]{64}")

log = structlog.get_logger(__name__)


class Signed(msgspec.Struct, frozen=True):
    """What a checkpoint says: that the record `seq` has this `hash` (hexadecimal), so that none before it can change.

    `previous` is the record of the checkpoint before it, 0 for the first; `iat` the moment, in seconds since 1970.
    """

    iss: str
    iat: int
    seq: int
    hash: str
    previous: int


class Checkpoints:
    """Signs the end of the chain, once for each end."""

    def __init__(self, database: Database, instance_key: InstanceKey, region: str, clock: Clock) -> None:
        self._database = database
        self._instance_key = instance_key
        self._issuer = f"entrepot/{region}"
        self._clock = clock

    async def sign(self) -> Checkpoint | None:
        """Sign the chain as it stands; return the checkpoint, None if nothing was recorded since the last.

        Raises `AuditKeyUnreadable` and `DatabaseUnavailable`.
        """
        made = await self._database.write_locked(self.sign_within, self._clock())
        if made is not None:
            log.info("audit.checkpoint", seq=made.seq)
        return made

    def sign_within(self, connection: Connection, now: Milliseconds) -> Checkpoint | None:
        """Do the same as a part of a transaction. Raises `AuditKeyUnreadable`."""
        head, last = chain.head(connection), store.newest(connection)
        if head is None or (last is not None and last.seq >= head.last_seq):
            return None
        said = Signed(
            self._issuer, now // SECOND_MS, head.last_seq, head.last_hash.hex(), 0 if last is None else last.seq
        )
        signer = self.signer(connection, now)
        made = Checkpoint(head.last_seq, now, signer.sign(msgspec.json.encode(said)))
        return made if store.add(connection, made) else None

    def signer(self, connection: Connection, now: Milliseconds) -> AuditKey:
        """Return the key that signs now, made if there is none or it is old. Raises `AuditKeyUnreadable`."""
        stored = store.keys(connection)
        if not stored or now - stored[0].created_at >= REPLACE_KEY_AFTER_MS:
            key = generate_key()
            generation = 1 + (stored[0].generation if stored else 0)
            new = StoredKey(key.kid, generation, key.public_jwk, key.seal(self._instance_key), now)
            stored = store.add_key(connection, new)
        return unseal(stored[0].private_key_encrypted, self._instance_key)


def read_checkpoint(token: str, public_jwks: dict[str, str]) -> Signed | None:
    """Return what a checkpoint says if one of these keys, by their `kid`, signed it; None for any other text."""
    kid = kid_of(token)
    public_jwk = public_jwks.get(kid) if kid else None
    payload = verified_payload(token, public_jwk) if public_jwk else None
    if payload is None:
        return None
    return _signed(payload)


def claimed(token: str) -> Signed | None:
    """Return what a checkpoint says, whoever signed it; None for any other text."""
    payload = unverified_payload(token)
    said = None if payload is None else _signed(payload)
    return (
        said if said is not None and 0 <= said.previous < said.seq <= MAX_SEQ and _HASH.fullmatch(said.hash) else None
    )


def _signed(payload: bytes) -> Signed | None:
    try:
        return msgspec.json.decode(payload, type=Signed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
