# SPDX-License-Identifier: Apache-2.0
"""Requests that read from a bucket, done by obstore: objects, ranges of them, sizes, lists, and signed addresses."""

import builtins
from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.exceptions import NotFoundError
from obstore.exceptions import PermissionDeniedError
from obstore.exceptions import UnauthenticatedError
from obstore.store import AzureStore
from obstore.store import GCSStore
from obstore.store import S3Store

from entrepot.infra.storage.interface import CHUNK_BYTES
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectArchived
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.kernel.clock import Milliseconds

if TYPE_CHECKING:
    from obstore import ObjectMeta

ARCHIVED = ("InvalidObjectState", "BlobArchived")
"""By what S3 and Azure refuse to read an object that has to be restored first."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object as the bucket describes it. `key` is without the prefix."""

    key: str
    size: int
    modified_ms: Milliseconds
    etag: str


@dataclass(frozen=True, slots=True)
class S3Reader:
    """Reads from one bucket; `prefix` begins every key there."""

    store: S3Store | AzureStore | GCSStore
    prefix: str

    async def chunks(self, key: str, range: ByteRange | None = None, size: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes of an object, exactly those of `range`, in chunks of any size.

        An object that has not `size` bytes, if that is given, counts as missing.

        Raises `ObjectMissing`, `ObjectArchived` and `StorageUnavailable`, before or in the middle.
        """
        if range is not None and range.length == 0:
            return
        wanted = None if range is None else {"range": (range.start, range.stop)}
        left = -1 if range is None else range.length
        with _normalised():
            found = await obstore.get_async(self.store, self.prefix + key, options=wanted)  # type: ignore[arg-type]
            if size is not None and found.meta["size"] != size:
                raise _missing()
            if range is None:
                left = found.meta["size"]
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES // 4):
                left -= len(chunk)
                for start in builtins.range(0, len(chunk), CHUNK_BYTES):
                    yield bytes(chunk[start : start + CHUNK_BYTES])
        if left:
            raise (
                _missing() if left > 0 and range is not None else StorageError("the bucket sent other bytes than asked")
            )

    async def find(self, key: str) -> Found | None:
        """Describe an object, None when there is none."""
        with _normalised():
            try:
                meta = await obstore.head_async(self.store, self.prefix + key)
            except (NotFoundError, FileNotFoundError):
                return None
        return self._found(meta)

    async def list(self, folder: str) -> AsyncIterator[Found]:
        """Yield every object whose key begins with `folder`, which ends with a slash."""
        with _normalised():
            async for page in obstore.list(self.store, prefix=self.prefix + folder, chunk_size=1_000):
                for meta in page:
                    yield self._found(meta)

    async def signed_url(self, key: str, seconds: int) -> str:
        """Return an address at which anybody may read an object for so long."""
        with _normalised():
            return await obstore.sign_async(self.store, "GET", self.prefix + key, timedelta(seconds=seconds))

    def _found(self, meta: "ObjectMeta") -> Found:
        modified = Milliseconds(int(meta["last_modified"].timestamp() * 1000))
        return Found(meta["path"].removeprefix(self.prefix), meta["size"], modified, (meta["e_tag"] or "").strip('"'))


@contextmanager
def _normalised() -> Iterator[None]:
    """Turn what obstore raises into errors of the storage. Its messages may hold addresses, which are not repeated."""
    try:
        yield
        return
    except (BaseError, OSError) as error:
        told, cause = _told(error), error
    if "sig=" in str(cause):
        raise told  # nothing of an address that is signed is kept
    raise told from cause


def _told(error: Exception) -> StorageError | StorageUnavailable:
    text = str(error)
    if isinstance(error, (NotFoundError, FileNotFoundError)):
        return _missing()
    if any(code in text for code in ARCHIVED):
        return ObjectArchived()
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
        return StorageUnavailable("the bucket refuses to be read; check the keys and what they may do")
    if "status code: 416 " in text:  # the digits alone may stand in a key or an address
        return _missing()
    return StorageUnavailable("the bucket cannot be read at the moment")


def _missing() -> ObjectMissing:
    return ObjectMissing("the bucket has no complete object here; compare it with the database by `entrepot verify`")
