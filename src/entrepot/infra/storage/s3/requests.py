# SPDX-License-Identifier: Apache-2.0
"""What every kind of bucket is asked to write: whole objects, and uploads in parts that any node may go on with."""

import base64
import hashlib
from abc import ABC
from abc import abstractmethod
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Protocol

from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.s3.answers import OpenUpload
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.infra.telemetry.metrics import Measurement


class KeyTaken(StorageError):
    """There is an object under this key already."""

    code = "key_taken"


class NoSuchPart(StorageError):
    """An upload in parts is not there any more, or has other parts."""

    code = "upload_lost"


class Body(Protocol):
    """What is sent, as often as it takes."""

    size: int

    @property
    def sha256(self) -> str:
        """Its digest in hex."""

    @property
    def md5(self) -> str:
        """Its MD5 in base64, as `Content-MD5` holds it."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield it from the beginning."""


class BucketClient(ABC):
    """Writes to one bucket. Keys are without its prefix. Belongs to one event loop.

    Whatever it does is harmless when it is done twice. Everything raises `StorageUnavailable`.
    """

    @abstractmethod
    async def put(self, key: str, body: Body, *, only_new: bool = False) -> None:
        """Store an object. Raises `KeyTaken` for one that is there already, when it has to be `only_new`."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Delete an object, if it is there."""

    @abstractmethod
    async def begin(self, key: str) -> str:
        """Begin an upload in parts; return its id."""

    @abstractmethod
    async def put_part(self, key: str, upload_id: str, number: int, body: Body) -> StoredPart:
        """Store a part, instead of one of this number that is there. Raises `NoSuchPart`."""

    @abstractmethod
    async def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """Make the parts an object. Raises `NoSuchPart` when they are not those, or the upload has ended."""

    @abstractmethod
    async def abort(self, key: str, upload_id: str) -> None:
        """Throw the parts away, if they are there."""

    @abstractmethod
    def open_uploads(self, below: str = "") -> AsyncIterator[OpenUpload]:
        """Yield the uploads in parts that have not ended and whose keys begin with `below`."""

    @abstractmethod
    async def has_parts(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> bool:
        """Tell whether the upload in parts is there and has not ended. `parts` are those it has."""

    @abstractmethod
    def measure(self) -> Iterator[Measurement]:
        """Yield how requests were answered."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections."""


class InMemory:
    """A small body."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._data = data

    @property
    def sha256(self) -> str:
        """See `Body`."""
        return hashlib.sha256(self._data).hexdigest()

    @property
    def md5(self) -> str:
        """See `Body`."""
        return base64.b64encode(hashlib.md5(self._data, usedforsecurity=False).digest()).decode()

    async def chunks(self) -> AsyncIterator[bytes]:
        """See `Body`."""
        yield self._data
