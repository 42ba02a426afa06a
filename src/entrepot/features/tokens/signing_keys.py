# SPDX-License-Identifier: Apache-2.0
"""The signing keys of an instance as they change: read from the database, and replaced when they are old.

Any number of processes use the same keys. Each reads them again after a minute,
and as soon as it meets a token whose key it does not know. A key that was
replaced goes on verifying for as long as its tokens may be presented.
"""

import structlog
from sqlalchemy import Connection

from entrepot.features.tokens.instance_key import InstanceKey
from entrepot.features.tokens.keys import KeyRing
from entrepot.features.tokens.keys import SigningKey
from entrepot.features.tokens.keys import generate_key
from entrepot.features.tokens.keys import unseal
from entrepot.features.tokens.models import LONGEST_USE_MS
from entrepot.features.tokens.models import KeyRecord
from entrepot.features.tokens.models import StoredKey
from entrepot.features.tokens.store import signing_keys as store
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Unavailable
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce

REPLACE_AFTER_MS = 90 * DAY_MS
REREAD_MS = MINUTE_MS
"""How long a process may sign with a key that another has replaced."""

USED_UNREAD_MS = HOUR_MS
"""How long a process goes on with the keys that it knows while the database is away."""

LOOK_FOR_UNKNOWN_MS = SECOND_MS
"""How often at most tokens of unknown keys, which anybody can make up, lead to a look at the database."""

OVERLAP_MS = LONGEST_USE_MS + REREAD_MS
"""How long a key goes on verifying after it was replaced."""

log = structlog.get_logger(__name__)


class SigningKeys:
    """Signs with the newest key, and verifies with every key that is not past its time."""

    def __init__(self, database: Database, instance_key: InstanceKey, clock: Clock, stored: list[StoredKey]) -> None:
        """Begin with the keys `stored`, the one that signs first. Raises `SigningKeyUnreadable`."""
        self._database = database
        self._instance_key = instance_key
        self._clock = clock
        self.ring = KeyRing([])
        """The keys as this process knows them."""
        self._take(stored)

    async def sign(self, payload: bytes) -> str:
        """Return `payload` as a signed token, of a new key if the newest is older than 90 days.

        Raises `SigningKeyUnreadable` and `DatabaseUnavailable`.
        """
        if self._was_read_before(REREAD_MS):
            await self._follow()
        signer = self.ring.signer
        if signer is None or self._clock() - self._signing_since >= REPLACE_AFTER_MS:
            signer = await self._replace(signer)
        return signer.sign(payload)

    async def verified_payload(self, token: str) -> bytes | None:
        """Return the payload of a token that a key of this instance signed, None for any other text.

        Raises `SigningKeyUnreadable` and `DatabaseUnavailable`.
        """
        if self.ring.knows(token) and self._was_read_before(REREAD_MS):
            await self._follow()
        elif not self.ring.knows(token) and self._was_read_before(LOOK_FOR_UNKNOWN_MS):
            await self._reread()
        return self.ring.verified_payload(token)

    async def records(self) -> list[KeyRecord]:
        """Return what is known of the keys whose tokens are accepted, the one that signs first."""
        return await self._database.read(store.records, self._clock())

    async def rotate(self) -> None:
        """Let a new key sign from now on; other processes follow within a minute.

        Raises `SigningKeyUnreadable` and `DatabaseUnavailable`.
        """
        await self._reread()
        kid = "" if self.ring.signer is None else self.ring.signer.kid
        self._take(await self._database.write(_replace, kid, self._instance_key, self._clock()))

    async def _follow(self) -> None:
        """Take note of other keys; while the database is away, those that are known are used a little longer."""
        try:
            await self._reread()
        except DatabaseUnavailable:
            if self._was_read_before(USED_UNREAD_MS):
                raise

    async def _reread(self) -> None:
        self._take(await self._database.read(store.usable_keys, self._clock()))

    async def _replace(self, signer: SigningKey | None) -> SigningKey:
        """Return a new key, or that of another process that was first; the old one while nothing can be stored."""
        kid = "" if signer is None else signer.kid
        try:
            stored = await self._database.write(_replace, kid, self._instance_key, self._clock())
        except Unavailable as error:
            if signer is None:
                raise
            log.warning("signing_key.not_replaced", reason=error.message)
            return signer
        self._take(stored)
        return self.ring.by_name[stored[0].kid]

    def _take(self, stored: list[StoredKey]) -> None:
        """Use these keys from now on; those that are known need no unsealing."""
        known = self.ring.by_name
        self.ring = KeyRing([known.get(key.kid) or unseal(key, self._instance_key) for key in stored])
        self._signing_since = stored[0].created_at if stored else 0
        self._read_at = self._clock()

    def _was_read_before(self, span_ms: int) -> bool:
        return not 0 <= self._clock() - self._read_at < span_ms


def load_signing_keys(database: Database, instance_key: InstanceKey, clock: Clock) -> SigningKeys:
    """Load the signing keys, after making the first one if there is none.

    Any number of processes may call this at once and all get the same keys. For
    start-up, outside the event loop. Raises `SigningKeyUnreadable`.
    """
    now = clock()
    stored = database.snapshot_now(store.usable_keys, now)
    if not stored:
        stored = database.write_now(store.ensure_key, generate_key().seal(instance_key, now))
    return SigningKeys(database, instance_key, clock, stored)


def rotate_signing_key(database: Database, instance_key: InstanceKey, clock: Clock) -> str:
    """Let a new key sign from now on, and return its name; running servers follow within a minute.

    For commands, outside the event loop. Raises `SigningKeyUnreadable`.
    """
    signer = load_signing_keys(database, instance_key, clock).ring.signer
    kid = "" if signer is None else signer.kid
    return database.write_now(_replace, kid, instance_key, clock())[0].kid


def _replace(connection: Connection, signer: str, instance_key: InstanceKey, now: Milliseconds) -> list[StoredKey]:
    store.prune(connection, now)
    made = generate_key().seal(instance_key, now)
    stored = store.replace_key(connection, signer, made, after(now, OVERLAP_MS))
    if stored[0].kid == made.kid:
        told = Told(object=f"key:{made.kid}", before={"kid": signer}, after={"kid": made.kid})
        announce(connection, Change.KEY_ROTATED, now, told)
    return stored
