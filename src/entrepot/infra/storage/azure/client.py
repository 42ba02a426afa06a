# SPDX-License-Identifier: Apache-2.0
"""Requests that write to a container of Azure: block blobs, whole or of blocks.

A part is a block. Its name has a number and something random, so what is listed in the end are exactly the bytes that
were sent: neither those of another node, nor what the same number held before. Nothing is asked to begin an upload or
to give it up, and nothing lists what is open: Azure forgets blocks a week after the last one came.
"""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.storage.s3.answers import OpenUpload
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.infra.storage.s3.requests import Body
from entrepot.infra.storage.s3.requests import BucketClient
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.requests import KeyTaken
from entrepot.infra.storage.s3.requests import NoSuchPart
from entrepot.infra.storage.s3.sending import Sender
from entrepot.infra.storage.s3.sending import code_of
from entrepot.infra.telemetry.metrics import Measurement

_TAKEN = ("BlobAlreadyExists", "ConditionNotMet")
_OTHER_BLOCKS = ("InvalidBlockList", "InvalidBlobOrBlock", "BlobNotFound")
_ONLY_NEW = {"If-None-Match": "*"}
_WRITER = "x-ms-meta-writer"
"""What tells, of an object that is there, whether it was this very request that stored it."""


@dataclass(slots=True)
class AzureClient(BucketClient):
    """Sends requests to one container."""

    sender: Sender[Any]
    has_checksums: bool
    tier: str

    async def put(self, key: str, body: Body, *, only_new: bool = False) -> None:
        """See `BucketClient`."""
        headers = {"x-ms-blob-type": "BlockBlob", **self._stored_as()}
        if only_new:
            headers |= {**_ONLY_NEW, _WRITER: secrets.token_hex(16)}
        answer = await self._send(key, (), headers, body)
        if only_new and _is_taken(answer):
            if not await self._is_stored_by(key, headers[_WRITER]):
                raise KeyTaken
            return
        self.sender.require_success(answer, "storing an object")

    async def delete(self, key: str) -> None:
        """See `BucketClient`."""
        answer = await self.sender.ask("DELETE", key, (), {})
        if answer.status != 404:
            self.sender.require_success(answer, "deleting an object")

    async def begin(self, key: str) -> str:
        """See `BucketClient`. Azure need not be told."""
        return secrets.token_hex(16)

    async def put_part(self, key: str, upload_id: str, number: int, body: Body) -> StoredPart:
        """See `BucketClient`."""
        block = base64.b64encode(f"{number:05}-{secrets.token_hex(8)}".encode()).decode()
        answer = await self._send(key, (("comp", "block"), ("blockid", block)), {}, body)
        self.sender.require_success(answer, "storing a block")
        return StoredPart(block)

    async def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """See `BucketClient`. Who is first makes the object; the blocks that it was made of are told with it."""
        listed = "".join(f"<Uncommitted>{part.etag}</Uncommitted>" for part in parts).encode()
        writer = hashlib.sha256(listed).hexdigest()
        headers = {**_ONLY_NEW, **self._stored_as(), _WRITER: writer}
        answer = await self._send(
            key, (("comp", "blocklist"),), headers, InMemory(b"<BlockList>%b</BlockList>" % listed)
        )
        if _is_taken(answer) or code_of(answer) in _OTHER_BLOCKS:
            if not await self._is_stored_by(key, writer):
                raise NoSuchPart
            return
        self.sender.require_success(answer, "making an object of blocks")

    async def abort(self, key: str, upload_id: str) -> None:
        """See `BucketClient`. Blocks that are in no list vanish by themselves."""

    async def has_parts(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> bool:
        """See `BucketClient`. Nobody else has a block of the name of any of them."""
        answer = await self.sender.ask("GET", key, (("blocklisttype", "uncommitted"), ("comp", "blocklist")), {})
        if answer.status == 404:
            return False
        self.sender.require_success(answer, "listing blocks")
        return bool(parts) and f"<Name>{parts[0].etag}</Name>".encode() in answer.body

    async def open_uploads(self, below: str = "") -> AsyncIterator[OpenUpload]:
        """See `BucketClient`. There is nothing that anybody would have to remove."""
        nothing: tuple[OpenUpload, ...] = ()
        for each in nothing:
            yield each

    def measure(self) -> Iterator[Measurement]:
        """See `BucketClient`."""
        return self.sender.tally.measure()

    async def close(self) -> None:
        """See `BucketClient`."""
        await self.sender.peer.close()

    async def _send(self, key: str, query: Query, headers: Mapping[str, str], body: Body) -> Answer:
        """Send a body; its size and type are signed with it."""
        told = {"Content-Type": "application/octet-stream", "Content-Length": str(body.size), **headers}
        if self.has_checksums:
            told["Content-MD5"] = body.md5
        return await self.sender.ask("PUT", key, query, told, body)

    async def _is_stored_by(self, key: str, writer: str) -> bool:
        """Tell whether an object is there that this very request stored, whose first answer was lost."""
        found = await self.sender.ask("HEAD", key, (), {})
        return found.is_success and found.headers.get(_WRITER) == writer

    def _stored_as(self) -> dict[str, str]:
        return {"x-ms-access-tier": self.tier} if self.tier else {}


def _is_taken(answer: Answer) -> bool:
    return answer.status in (409, 412) and code_of(answer) in _TAKEN
