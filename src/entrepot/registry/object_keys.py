# SPDX-License-Identifier: Apache-2.0
"""The keys of encrypted objects: looking them up to read, and encrypting them anew when the store's key is replaced."""

from collections.abc import Iterator

from entrepot.infra.database.engine import Database
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.store_keys import StoreKeys
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


def rewrap(database: Database, keys: StoreKeys) -> Iterator[int]:
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
            yield database.write_now(object_keys.replace, key_id, rewrapped)
            after = page[-1].object_key
