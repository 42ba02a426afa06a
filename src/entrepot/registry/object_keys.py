# SPDX-License-Identifier: Apache-2.0
"""The keys of encrypted objects: looking them up to read, and encrypting them anew when the store's key is replaced."""

from collections.abc import Iterator
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.store import object_keys
from entrepot.registry.store.object_keys import SealedObject

PAGE = 500


class RecordedKeys:
    """The keys in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: ObjectKey) -> SealedKey | None:
        """See `SealedKeys`."""
        return await self._database.read(object_keys.find, key)


def rewrap(database: Database, keys: StoreKeys, clock: Clock) -> Iterator[int]:
    """Encrypt the keys of objects anew under the active key, in batches; yield how many each batch changed.

    Content is not touched, and readers and writers go on. Stopped in the middle, it
    is taken up again by calling it again; several at once do no harm. For commands.
    Raises `SealBroken` for a key that does not open, and `StoreKeyMissing`.
    """
    active = keys.active
    if active is None:
        return
    for key_id in database.snapshot_now(object_keys.needed):
        after = ""
        while key_id != active.id and (page := database.snapshot_now(object_keys.sealed_under, key_id, after, PAGE)):
            rewrapped = [SealedObject(each.object_key, keys.rewrap(each.sealed_key)) for each in page]
            yield database.write_now(_replace, key_id, rewrapped, clock())
            after = page[-1].object_key


def _replace(connection: Connection, known: str, rewrapped: Sequence[SealedObject], now: Milliseconds) -> int:
    changed = object_keys.replace(connection, known, rewrapped)
    if changed:
        key_id = rewrapped[0].sealed_key.key_id
        told = Told(object=f"store-key:{key_id}", before={"key": known}, after={"key": key_id}, count=changed)
        announce(connection, Change.KEY_ROTATED, now, told)
    return changed
