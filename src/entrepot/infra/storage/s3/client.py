# SPDX-License-Identifier: Apache-2.0
"""Requests that write to a bucket: whole objects, and uploads in parts that any node may go on with.

What reads is done by obstore; it has no calls for parts (see docs/adr/0025-s3.md). Each request is sent again, after
a random pause that grows, when the service or the way to it fails; what each does is harmless when done twice.
"""

import asyncio
import base64
import hashlib
import random
import secrets
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import Protocol
from xml.etree.ElementTree import ParseError

from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.peer import Peer
from entrepot.infra.http.outbound.retrying import retry_after_seconds
from entrepot.infra.http.outbound.sigv4 import UNSIGNED
from entrepot.infra.http.outbound.sigv4 import Credentials
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.http.outbound.sigv4 import signed
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.answers import MAX_XML_BYTES
from entrepot.infra.storage.s3.answers import OpenUpload
from entrepot.infra.storage.s3.answers import StoredPart
from entrepot.infra.storage.s3.answers import completion
from entrepot.infra.storage.s3.answers import error_code
from entrepot.infra.storage.s3.answers import parse_open_uploads
from entrepot.infra.storage.s3.answers import restoration
from entrepot.infra.storage.s3.answers import texts
from entrepot.infra.storage.s3.credentials import Wallet
from entrepot.infra.storage.s3.tally import Tally
from entrepot.infra.storage.s3.tally import name_of
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
"""Storage classes whose objects cannot be read before they are restored."""

_KEY_TROUBLES = ("ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId", "SignatureDoesNotMatch")
_CHECKSUM = "x-amz-checksum-sha256"
_WRITER = "x-amz-meta-writer"
_PASSING = (408, 429, 500, 502, 503, 504)


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

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield it from the beginning."""


@dataclass(frozen=True, slots=True)
class Address:
    """A bucket and how it is addressed: `host` and the `base` that every path begins with; `prefix` begins keys."""

    origin: str
    host: str
    base: str
    prefix: str

    def path(self, key: str) -> str:
        """Return the path of an object, not encoded."""
        return f"{self.base}/{self.prefix}{key}"


@dataclass(slots=True)
class S3Client:
    """Sends requests to one bucket. Belongs to one event loop."""

    peer: Peer
    address: Address
    wallet: Wallet
    clock: Clock
    attempts: int
    has_checksums: bool
    storage_class: str
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    tally: Tally = field(default_factory=Tally)
    _ahead_ms: int = 0
    """How far the clock of the service is ahead of ours, once it complained of that."""

    async def put(self, key: str, body: Body, *, only_new: bool = False) -> None:
        """Store an object. Raises `KeyTaken` for one that is there already, when it has to be `only_new`."""
        headers = {**self._stored_as(), **self._checksum(body)}
        if only_new:
            headers |= {"If-None-Match": "*", _WRITER: secrets.token_hex(16)}
        answer = await self._ask("PUT", key, (), headers, body)
        if answer.status in (409, 412) and only_new:
            # Perhaps it was this very request, whose first answer was lost.
            found = await self._ask("HEAD", key, ())
            if found.headers.get(_WRITER) != headers[_WRITER]:
                raise KeyTaken
            return
        self._require_success(answer, "storing an object")

    async def delete(self, key: str) -> None:
        """Delete an object, if it is there."""
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
        if error_code(answer.body) != "RestoreAlreadyInProgress":
            self._require_success(answer, "asking for an archived object")

    async def begin(self, key: str) -> str:
        """Begin an upload in parts; return its id."""
        kind = {"x-amz-checksum-algorithm": "SHA256"} if self.has_checksums else {}
        answer = await self._ask("POST", key, (("uploads", ""),), {**self._stored_as(), **kind})
        self._require_success(answer, "beginning an upload in parts")
        try:
            upload_id = texts(answer.body, "UploadId").get("UploadId", "")
        except ParseError:
            upload_id = ""
        if not upload_id:
            raise StorageUnavailable(f"{self.peer.origin} begins an upload in parts without saying which")
        return upload_id

    async def put_part(self, key: str, upload_id: str, number: int, body: Body) -> StoredPart:
        """Store a part, instead of one of this number that is there. Raises `NoSuchPart`."""
        query = (("partNumber", str(number)), ("uploadId", upload_id))
        checksum = self._checksum(body)
        answer = await self._ask("PUT", key, query, checksum, body)
        self._require_upload(answer, "storing a part")
        etag = answer.headers.get("etag", "")
        if not etag:
            raise StorageUnavailable(f"{self.peer.origin} stores a part without an entity tag")
        return StoredPart(etag, checksum.get(_CHECKSUM, ""))

    async def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """Make the parts an object. Raises `NoSuchPart` when they are not those, or the upload has ended."""
        body = InMemory(completion(parts))
        answer = await self._ask("POST", key, (("uploadId", upload_id),), {"Content-Type": "application/xml"}, body)
        self._require_upload(answer, "completing an upload in parts")

    async def abort(self, key: str, upload_id: str) -> None:
        """Throw the parts away, if they are there."""
        answer = await self._ask("DELETE", key, (("uploadId", upload_id),))
        if answer.status != 404:
            self._require_success(answer, "giving up an upload in parts")

    async def open_uploads(self) -> AsyncIterator[OpenUpload]:
        """Yield the uploads in parts below the prefix that have not ended; keys are without the prefix."""
        place: tuple[str, str] | None = ("", "")
        prefix = self.address.prefix
        while place is not None:
            query = [("uploads", ""), ("prefix", prefix)]
            query += [(n, v) for n, v in zip(("key-marker", "upload-id-marker"), place, strict=True) if v]
            answer = await self._ask("GET", None, query)
            self._require_success(answer, "listing uploads in parts")
            try:
                found, following = parse_open_uploads(answer.body)
            except (ParseError, ValueError) as error:
                raise StorageUnavailable(f"{self.peer.origin} lists uploads in parts in another way") from error
            for each in found:
                if each.key.startswith(prefix):
                    yield OpenUpload(each.key.removeprefix(prefix), each.upload_id, each.initiated_ms)
            place = following if following != place else None

    async def _ask(
        self,
        method: str,
        key: str | None,
        query: Query,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> Answer:
        """Send a request until it is answered for good, and count it. Raises `StorageUnavailable` when it never is."""
        begin, status = perf_counter(), 0
        try:
            answer = await self._send(method, key, query, headers, body)
            status = answer.status
        finally:
            self.tally.ended(name_of(method, query[0][0] if query else ""), status, perf_counter() - begin)
        return answer

    async def _send(
        self, method: str, key: str | None, query: Query, headers: Mapping[str, str] | None, body: Body | None
    ) -> Answer:
        path = self.address.path(key) if key is not None else self.address.base or "/"
        target = f"{encoded_path(path)}{f'?{encoded_query(query)}' if query else ''}"
        unsigned = Signable(
            method, path, query, {"Host": self.address.host, **(headers or {})}, body_hash=self._hash(body)
        )
        await self.peer.open()
        for attempt in range(1, self.attempts + 1):
            is_last, pause, status = attempt == self.attempts, None, 0
            credentials = await self.wallet.current()
            sent = {**(headers or {}), **signed(unsigned, credentials, self._now())}
            if method in ("PUT", "POST"):
                sent["Content-Length"] = str(body.size if body is not None else 0)
            try:
                answer = await self.peer.ask(
                    method, target, body.chunks() if body is not None and body.size else b"", sent, MAX_XML_BYTES
                )
            except OutgoingFailed as error:
                if is_last:
                    raise StorageUnavailable(f"the bucket cannot be reached: {error.message}") from error
            else:
                if is_last or not await self._may_do_better(answer, credentials):
                    return answer
                pause = retry_after_seconds(answer.headers, self.clock(), int(LONGEST_PAUSE_SECONDS))
                status = answer.status
            self.tally.repeated(status)
            await self._wait(attempt, pause)
        raise AssertionError("the last attempt returns or raises")

    def _hash(self, body: Body | None) -> str:
        if body is None:
            return ""
        return body.sha256 if self.has_checksums else UNSIGNED

    def _checksum(self, body: Body) -> dict[str, str]:
        """Return the header that the service compares the body with, whether or not it looks at signed digests."""
        return {_CHECKSUM: base64.b64encode(bytes.fromhex(body.sha256)).decode()} if self.has_checksums else {}

    def _now(self) -> Milliseconds:
        """Return the time as the service has it, as far as it complained."""
        return after(self.clock(), self._ahead_ms)

    async def _may_do_better(self, answer: Answer, credentials: Credentials) -> bool:
        """Tell whether the same request may do better soon. An error may come with status 200."""
        code = error_code(answer.body) if answer.body else ""
        if code in _KEY_TROUBLES:
            self.wallet.refused(credentials)
            return await self.wallet.current() != credentials
        if code == "RequestTimeTooSkewed":
            return self._look_at_clock(answer)
        return answer.status in _PASSING or (answer.is_success and bool(code))

    def _look_at_clock(self, answer: Answer) -> bool:
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp() * 1000
        except (ValueError, OverflowError):
            return False
        self._ahead_ms = int(theirs) - self.clock()
        return True

    async def _wait(self, attempt: int, told_seconds: int | None = None) -> None:
        """Wait a random time, up to twice as long each time ("full jitter"), or as long as the service says."""
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
        await self.pause(max(told_seconds or 0, random.uniform(0, longest)))  # noqa: S311 - no secret

    def _stored_as(self) -> dict[str, str]:
        return {"x-amz-storage-class": self.storage_class} if self.storage_class else {}

    def _require_upload(self, answer: Answer, doing: str) -> None:
        code = error_code(answer.body)
        if (answer.status == 404 and code in ("NoSuchUpload", "")) or code in ("InvalidPart", "InvalidPartOrder"):
            raise NoSuchPart
        self._require_success(answer, doing)

    def _require_success(self, answer: Answer, doing: str) -> None:
        code = error_code(answer.body) if answer.body else ""
        if not answer.is_success or code:
            raise StorageUnavailable(f"{doing}: {self.address.host} answers {answer.status} {code}".rstrip())


class InMemory:
    """A small body."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._data = data
        self._sha256 = hashlib.sha256(data).hexdigest()

    @property
    def sha256(self) -> str:
        """See `Body`."""
        return self._sha256

    async def chunks(self) -> AsyncIterator[bytes]:
        """See `Body`."""
        yield self._data
