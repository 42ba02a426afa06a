# SPDX-License-Identifier: Apache-2.0
"""The keys of a store: one encrypts the keys of new objects, the others those of older ones."""

import secrets
from collections.abc import Sequence
from typing import Protocol

from entrepot.infra.keys.key_file import Key
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.sealing import DATA_KEY_BYTES
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.sealing import Sealer

_PURPOSE = "keys of objects"
_ABOUT = b"key of an object"


class StoreKeyMissing(StorageUnavailable):
    """An object is encrypted under a key that this process was not given."""

    code = "store_key_missing"


class SealedKeys(Protocol):
    """Where the keys of objects are looked up."""

    async def find(self, key: ObjectKey) -> SealedKey | None:
        """Return the sealed key of a recorded object or upload; None when it is not encrypted, or not recorded."""


class StoreKeys:
    """The keys that a process was given for one store."""

    def __init__(self, active: Key | None, others: Sequence[Key] = ()) -> None:
        """`active` encrypts; without one, new objects are stored as they are."""
        self.active = active
        self.by_id = {key.id: key for key in (*others, *([active] if active else ()))}
        self._sealers = {name: Sealer(key.derive(_PURPOSE)) for name, key in self.by_id.items()}

    def make(self) -> SealedKey | None:
        """Make the key of a new object; None when new objects are not encrypted."""
        return None if self.active is None else self._wrap(secrets.token_bytes(DATA_KEY_BYTES), self.active.id)

    def sealer(self, sealed: SealedKey) -> Sealer:
        """Return what seals and opens the object. Raises `StoreKeyMissing` and `SealBroken`."""
        return Sealer(self._unwrap(sealed))

    def rewrap(self, sealed: SealedKey) -> SealedKey:
        """Return the same key under the active one. Raises `StoreKeyMissing` and `SealBroken`."""
        if self.active is None or sealed.key_id == self.active.id:
            return sealed
        return self._wrap(self._unwrap(sealed), self.active.id)

    def _wrap(self, key: bytes, key_id: str) -> SealedKey:
        return SealedKey(key_id, self._sealers[key_id].seal(key, _ABOUT))

    def _unwrap(self, sealed: SealedKey) -> bytes:
        sealer = self._sealers.get(sealed.key_id)
        if sealer is None:
            raise StoreKeyMissing(f"this process was not given the key {sealed.key_id} of the store")
        try:
            return sealer.open(sealed.wrapped, _ABOUT)
        except SealBroken as error:
            raise SealBroken(f"the key of an object does not open with the key {sealed.key_id} of the store") from error
