# SPDX-License-Identifier: Apache-2.0
"""Requests that write to a bucket in the protocol of S3.

What reads is done by obstore; it has no calls for parts (see docs/adr/0025-s3.md).
"""

import base64
import secrets
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.sigv4 import UNSIGNED
from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import signed
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.answers import OpenUpload
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.infra.storage.s3.answers import completion
from entrepot.infra.storage.s3.answers import parse_open_uploads
from entrepot.infra.storage.s3.answers import restoration
from entrepot.infra.storage.s3.answers import texts
from entrepot.infra.storage.s3.requests import Body
from entrepot.infra.storage.s3.requests import BucketClient
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.requests import KeyTaken
from entrepot.infra.storage.s3.requests import NoSuchPart
from entrepot.infra.storage.s3.sending import Sender
from entrepot.infra.storage.s3.sending import Signed
from entrepot.infra.storage.s3.sending import code_of
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.kernel.clock import Milliseconds

ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
"""Storage classes whose objects cannot be read before they are restored."""

_CHECKSUM = "x-amz-checksum-sha256"


def signed_by_key(request: Signable, keys: Credentials, at: Milliseconds) -> Signed:
    """Sign a request as S3 wants it."""
    return Signed(signed(request, keys, at))


@dataclass(slots=True)
class S3Client(BucketClient):
    """Sends requests to one bucket. Where other services call headers otherwise, they override what says how."""

    sender: Sender[Any]
    has_checksums: bool
    storage_class: str
    headers: str = "x-amz-"
    """What the headers of the service begin with."""

    async def put(self, key: str, body: Body, *, only_new: bool = False) -> None:
        """See `BucketClient`."""
        writer = f"{self.headers}meta-writer"
        headers = {**self._stored_as(), **self._checksum(body)}
        if only_new:
            headers |= {**self._if_new(), writer: secrets.token_hex(16)}
        answer = await self._ask("PUT", key, (), headers, body)
        if answer.status in (409, 412) and only_new:
            # Perhaps it was this very request, whose first answer was lost.
            found = await self._ask("HEAD", key, ())
            if found.headers.get(writer) != headers[writer]:
                raise KeyTaken
            return
        self._require_success(answer, "storing an object")

    async def delete(self, key: str) -> None:
        """See `BucketClient`."""
        answer = await self._ask("DELETE", key, ())
        if answer.status != 404:
            self._require_success(answer, "deleting an object")

    async def is_archived(self, key: str) -> bool:
        """Tell whether an object is in an archive and cannot be read now; False for one that is not there."""
        headers = (await self._ask("HEAD", key, ())).headers
        is_back = headers.get("x-amz-restore", "").startswith('ongoing-request="false"')
        return headers.get("x-amz-storage-class", "") in ARCHIVES and not is_back

    async def restore(self, key: str, days: int, tier: str) -> None:
        """Ask for an archived object to be readable for so many days; what is under way already stays so."""
        body = InMemory(restoration(days, tier))
        answer = await self._ask("POST", key, (("restore", ""),), {"Content-Type": "application/xml"}, body)
        if code_of(answer) != "RestoreAlreadyInProgress":
            self._require_success(answer, "asking for an archived object")

    async def begin(self, key: str) -> str:
        """See `BucketClient`."""
        answer = await self._ask("POST", key, (("uploads", ""),), {**self._stored_as(), **self._in_parts()})
        self._require_success(answer, "beginning an upload in parts")
        try:
            upload_id = texts(answer.body, "UploadId").get("UploadId", "")
        except ParseError:
            upload_id = ""
        if not upload_id:
            raise StorageUnavailable(f"{self.sender.peer.origin} begins an upload in parts without saying which")
        return upload_id

    async def put_part(self, key: str, upload_id: str, number: int, body: Body) -> StoredPart:
        """See `BucketClient`."""
        query = (("partNumber", str(number)), ("uploadId", upload_id))
        checksum = self._checksum(body)
        answer = await self._ask("PUT", key, query, checksum, body)
        self._require_upload(answer, "storing a part")
        etag = answer.headers.get("etag", "")
        if not etag:
            raise StorageUnavailable(f"{self.sender.peer.origin} stores a part without an entity tag")
        return StoredPart(etag, checksum.get(_CHECKSUM, ""))

    async def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """See `BucketClient`."""
        body = InMemory(completion(parts))
        answer = await self._ask("POST", key, (("uploadId", upload_id),), {"Content-Type": "application/xml"}, body)
        self._require_upload(answer, "completing an upload in parts")

    async def abort(self, key: str, upload_id: str) -> None:
        """See `BucketClient`."""
        answer = await self._ask("DELETE", key, (("uploadId", upload_id),))
        if answer.status != 404:
            self._require_success(answer, "giving up an upload in parts")

    async def has_parts(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> bool:
        """See `BucketClient`."""
        async for upload in self.open_uploads(key):
            if upload.upload_id == upload_id:
                return True
        return False

    async def open_uploads(self, below: str = "") -> AsyncIterator[OpenUpload]:
        """See `BucketClient`."""
        place: tuple[str, str] | None = ("", "")
        prefix = self.sender.address.prefix
        while place is not None:
            query = [("uploads", ""), ("prefix", f"{prefix}{below}")]
            query += [(n, v) for n, v in zip(("key-marker", "upload-id-marker"), place, strict=True) if v]
            answer = await self._ask("GET", None, query)
            self._require_success(answer, "listing uploads in parts")
            try:
                found, following = parse_open_uploads(answer.body)
            except (ParseError, ValueError) as error:
                raise StorageUnavailable(f"{self.sender.peer.origin} lists uploads in parts in another way") from error
            for each in found:
                if each.key.startswith(prefix):
                    yield OpenUpload(each.key.removeprefix(prefix), each.upload_id, each.initiated_ms)
            place = following if following != place else None

    def measure(self) -> Iterator[Measurement]:
        """See `BucketClient`."""
        return self.sender.tally.measure()

    async def close(self) -> None:
        """See `BucketClient`."""
        await self.sender.peer.close()

    async def _ask(
        self,
        method: str,
        key: str | None,
        query: Query,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> Answer:
        return await self.sender.ask(method, key, query, headers or {}, body, self._hash(body))

    def _hash(self, body: Body | None) -> str:
        """Return what is signed for a body, empty where that is worked out from the request."""
        if body is None:
            return ""
        return body.sha256 if self.has_checksums else UNSIGNED

    def _checksum(self, body: Body) -> dict[str, str]:
        """Return the header that the service compares the body with, whether or not it looks at signed digests."""
        return {_CHECKSUM: base64.b64encode(bytes.fromhex(body.sha256)).decode()} if self.has_checksums else {}

    def _if_new(self) -> dict[str, str]:
        """Return the header by which nothing is replaced."""
        return {"If-None-Match": "*"}

    def _in_parts(self) -> dict[str, str]:
        """Return what is said about the parts before they come."""
        return {"x-amz-checksum-algorithm": "SHA256"} if self.has_checksums else {}

    def _stored_as(self) -> dict[str, str]:
        return {f"{self.headers}storage-class": self.storage_class} if self.storage_class else {}

    def _require_upload(self, answer: Answer, doing: str) -> None:
        code = code_of(answer)
        if (answer.status == 404 and code in ("NoSuchUpload", "")) or code in ("InvalidPart", "InvalidPartOrder"):
            raise NoSuchPart
        self._require_success(answer, doing)

    def _require_success(self, answer: Answer, doing: str) -> None:
        self.sender.require_success(answer, doing)
