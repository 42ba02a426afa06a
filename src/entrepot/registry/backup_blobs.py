# SPDX-License-Identifier: Apache-2.0
"""The bytes that a backup names: copying them from one storage to another, and finding out whether they are there."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.storage.adopted import own_key
from entrepot.infra.storage.encrypted import EncryptedStorage
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.registry.store.backup_contents import Listed
from entrepot.registry.store.repositories import StoreId

PAGE = 200
AT_ONCE = 8
MAX_LOST = 10_000
"""How many lost objects are named; all are counted."""

Pages = Callable[[str], list[Listed]]
"""Returns the objects of the inventory behind a key."""
Tell = Callable[["Outcome"], None]
NO_KEYS = StoreKeys(None)


@dataclass(slots=True)
class Outcome:
    """What was done so far with so many objects. `lost` have no bytes, or other ones than their digest says."""

    objects: int = 0
    copied: int = 0
    copied_bytes: int = 0
    read_bytes: int = 0
    lost_count: int = 0
    lost: list[Listed] = field(default_factory=list)
    renamed: list[tuple[ObjectKey, ObjectKey]] = field(default_factory=list)
    """Keys of the inventory, and what the storage has chosen in their place."""

    def lose(self, each: Listed) -> None:
        """Count an object whose bytes are not to be had."""
        self.lost_count += 1
        if len(self.lost) < MAX_LOST:
            self.lost.append(each)

    @property
    def lost_digests(self) -> list[Digest]:
        """The blobs that cannot be pulled."""
        return sorted({each.digest for each in self.lost})


async def copy_objects(
    pages: Pages,
    sources: Mapping[StoreId, Storage],
    targets: Mapping[StoreId, Storage],
    tell: Tell,
    keys: StoreKeys = NO_KEYS,
) -> Outcome:
    """Copy to `targets` what is not there yet; each is verified while it is copied, and is there whole or not at all.

    An encrypted one is copied as it is, and opened once it is there; where `keys` lack its key the size is compared.
    What was copied stays when this is interrupted. Raises `StorageUnavailable` and other errors of storages.
    """
    outcome = Outcome()

    async def copy(each: Listed) -> None:
        """Copy one of them, unless it is there."""
        target = targets[each.store_id]
        own = own_key(each.object_key)
        sizes = {key: await target.size(key) for key in dict.fromkeys((each.object_key, own))}
        key = next((key for key, size in sizes.items() if size == each.stored_size), None)
        if key is None:
            if sizes[own] is not None:
                await target.delete(own)
            source = sources.get(each.store_id)
            key = None if source is None else await _copied(each, source, target)
            if key is not None and _opens(each, keys) and not await _reads_well(each, key, target, keys):
                await target.delete(key)
                key = None
            if key is None:
                outcome.lose(each)
                return
            outcome.copied += 1
            outcome.copied_bytes += each.stored_size
        if key != each.object_key:
            outcome.renamed.append((each.object_key, key))

    await _for_each(pages, copy, outcome, tell)
    return outcome


async def check_objects(
    pages: Pages,
    storages: Mapping[StoreId, Storage],
    tell: Tell,
    *,
    is_deep: bool,
    are_copies: bool = False,
    keys: StoreKeys = NO_KEYS,
) -> Outcome:
    """Find out whether the bytes of every object are there, and read and hash them too if `is_deep`.

    `are_copies`: the storage is a folder that `copy_objects` filled. Of encrypted objects only the size is compared
    where `keys` lack theirs. Raises `StorageUnavailable` and other errors of storages.
    """
    outcome = Outcome()

    async def check(each: Listed) -> None:
        """Look at one of them."""
        storage = storages.get(each.store_id)
        key = own_key(each.object_key) if are_copies else each.object_key
        if storage is None or await storage.size(key) != each.stored_size:
            outcome.lose(each)
        elif is_deep and (not each.is_encrypted or _opens(each, keys)):
            if not await _reads_well(each, key, storage, keys):
                outcome.lose(each)
            outcome.read_bytes += each.stored_size

    await _for_each(pages, check, outcome, tell)
    return outcome


async def _for_each(pages: Pages, work: Callable[[Listed], Awaitable[None]], outcome: Outcome, tell: Tell) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def do(each: Listed) -> None:
        async with slots:
            await work(each)
        outcome.objects += 1

    place = ""
    while page := await asyncio.to_thread(pages, place):
        async with asyncio.TaskGroup() as group:
            for each in page:
                group.create_task(do(each))
        place = page[-1].object_key
        tell(outcome)


async def _place(each: Listed, storage: Storage) -> ObjectKey:
    """Return where a storage has an object, if it has it: of an adopted one that may be a copy."""
    own = own_key(each.object_key)
    if own == each.object_key or await storage.size(own) != each.stored_size:
        return each.object_key
    return own


async def _copied(each: Listed, source: Storage, target: Storage) -> ObjectKey | None:
    """Copy an object and return where it is now; None if its bytes are not those that were recorded."""
    key, place = own_key(each.object_key), await _place(each, source)
    await target.discard(key, b"")
    hashers = [] if each.is_encrypted else [_hasher_for(each.digest)]
    writer = await target.create(key, hashers)
    try:
        is_whole = await _written(each, source.read(place), writer, hashers)
    except BaseException:
        await asyncio.shield(writer.abort())
        raise
    if not is_whole:
        await writer.abort()
        return None
    await writer.commit()
    return writer.key


async def _written(each: Listed, chunks: AsyncIterator[bytes], writer: Writer, hashers: list[Hasher]) -> bool:
    try:
        async for chunk in chunks:
            await writer.write(chunk)
    except ObjectMissing:
        return False
    await writer.flush()
    is_right = all(f"{hasher.algorithm}:{hasher.hexdigest()}" == each.digest for hasher in hashers)
    return is_right and writer.offset == each.stored_size


async def _reads_well(each: Listed, key: ObjectKey, storage: Storage, keys: StoreKeys) -> bool:
    """Tell whether the content that is stored under a key is that of an object."""
    hasher = _hasher_for(each.digest)
    content = EncryptedStorage(storage, keys, _ItsKey(each)) if each.is_encrypted else storage
    try:
        async for chunk in content.read(key):
            await asyncio.to_thread(hasher.update, chunk)
    except (ObjectMissing, ObjectDamaged, SealBroken):
        return False
    return f"{hasher.algorithm}:{hasher.hexdigest()}" == each.digest


def _opens(each: Listed, keys: StoreKeys) -> bool:
    return each.is_encrypted and each.key_id in keys.by_id


@dataclass(frozen=True, slots=True)
class _ItsKey:
    """Knows the key of one object, from the inventory."""

    listed: Listed

    async def find(self, key: ObjectKey) -> SealedKey | None:
        """Return it."""
        key_id, wrapped = self.listed.key_id, self.listed.wrapped_key
        return None if key_id is None or wrapped is None else SealedKey(key_id, wrapped)


def _hasher_for(digest: Digest) -> Hasher:
    algorithm = algorithm_of(digest)
    return new_hasher(algorithm if algorithm in ALGORITHMS else "sha256")
