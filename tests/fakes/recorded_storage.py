# SPDX-License-Identifier: Apache-2.0
"""An encrypted storage beside which the keys of objects are recorded, as the registry does it in its database."""

from collections.abc import Sequence

from entrepot.infra.keys.key_file import Key
from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.encrypted_writer import EncryptedWriter
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.store_keys import StoreKeys

KEY = Key(b"k" * 32, "a test")
OTHER_KEY = Key(b"o" * 32, "another test")


class KeysOfWriters:
    """The keys of what has been committed."""

    def __init__(self) -> None:
        self.writers: list[Writer] = []
        self.asked = 0

    async def find(self, key: ObjectKey) -> SealedKey | None:
        """See `SealedKeys`."""
        self.asked += 1
        committed = (each for each in self.writers if isinstance(each, EncryptedWriter) and each.is_committed)
        return next((each.sealed_key for each in committed if each.key == key), None)


class RecordedStorage(EncryptedStorage):
    """Takes note of its writers."""

    def __init__(self, inner: Storage, keys: StoreKeys | None = None, recorded: KeysOfWriters | None = None) -> None:
        self.recorded = recorded or KeysOfWriters()
        super().__init__(inner, keys or StoreKeys(KEY), self.recorded)

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`."""
        return self._noted(await super().create(key, hashers))

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """See `Storage`."""
        return self._noted(await super().resume(key, offset, state, hashers, expected))

    def _noted(self, writer: Writer) -> Writer:
        self.recorded.writers.append(writer)
        return writer
