# SPDX-License-Identifier: Apache-2.0
"""Bringing a blob to a registry, and going on where that was broken off (distribution-spec, "Pushing blobs")."""

import asyncio
import re
from collections.abc import AsyncGenerator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import quote

from entrepot.infra.distribution.answers import refusal
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.errors import Interrupted
from entrepot.infra.distribution.feed import Feed
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.notes import Note
from entrepot.infra.distribution.notes import UploadNotes
from entrepot.infra.distribution.notes import noted
from entrepot.infra.distribution.persistence import PASSING
from entrepot.infra.distribution.persistence import is_passing
from entrepot.infra.distribution.repository import Repository
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.url import Url
from entrepot.infra.storage.hashing import restore_hasher
from entrepot.kernel.errors import AppError
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import algorithm_of

WHOLE_BYTES = 4 * 1024 * 1024
"""Blobs of up to this size are sent in one request, unless that broke: there is little to go on with."""

PIECE_BYTES = 64 * 1024 * 1024
SMALLEST_PIECE_BYTES = 5 * 1024 * 1024
MAX_BEGINNINGS = 20

_TURNS = 100
_RANGE = re.compile(r"(?:bytes[= ])?0-([0-9]{1,19})", re.ASCII)
_NO_CHUNKS = frozenset({404, 405, 411, 501})


@dataclass(slots=True)
class Habits:
    """What was learned of a registry: whether it takes blobs in pieces, and how large."""

    piece_bytes: int = PIECE_BYTES
    takes_pieces: bool = True


@dataclass(slots=True)
class _Standing:
    """An upload at the registry: its address, and how much of the blob is there."""

    url: Url
    offset: int = 0


@dataclass(slots=True)
class Upload:
    """One blob on its way to a registry."""

    repository: Repository
    descriptor: Descriptor
    source: Source
    flow: Flow
    notes: UploadNotes
    habits: Habits = field(default_factory=Habits)
    _feed: Feed | None = None
    _beginnings: int = 0
    _furthest: int = 0
    _has_broken: bool = False

    async def run(self) -> Outcome:
        """Upload it, unless it can be mounted. Raises what does not pass by itself."""
        attempts = self.flow.attempts()
        counted = 0
        while True:
            try:
                return await self._attempt()
            except AppError as error:
                if not is_passing(error):
                    raise
                if self._furthest > counted:
                    attempts.progressed()
                counted = self._furthest
                self._has_broken = True
                await attempts.again(error)

    async def _attempt(self) -> Outcome:
        if self._feed is not None and await self.repository.blob_size(self.descriptor.digest) is not None:
            # The answer to the last request got lost on its way.
            return await self._done()
        standing = await self._taken_up()
        if standing is None:
            standing = await self._begun()
        if standing is None:
            return Outcome.MOUNTED
        feed = self._feed or Feed(self.source, self.descriptor, self.flow)
        self._feed = feed
        size = self.descriptor.size
        is_small = size <= WHOLE_BYTES and not self._has_broken
        if standing.offset == 0 and size and (is_small or not self.habits.takes_pieces):
            await self._close(standing, feed, feed.piece(0, size), size)
            return await self._done()
        while standing.offset < size:
            if not await self._sent_piece(standing, feed):
                return await self._attempt()
        await feed.finish()
        await self._close(standing, feed, None, 0)
        return await self._done()

    async def _taken_up(self) -> _Standing | None:
        """Return where an upload stands that was begun, by this run or an earlier one; None if there is none."""
        note = await asyncio.to_thread(self.notes.find, self._key)
        if note is None:
            return None
        url = self.repository.session.url(note.url)
        answer = await self.repository.session.ask("GET", url, self.repository.scopes)
        found = _RANGE.fullmatch(answer.headers.get("range", ""))
        offset = int(found[1]) + 1 if found else 0
        if answer.status not in (202, 204) or offset > self.descriptor.size:
            await self._forget()
            return None
        # Registries say 0-0 of an upload that has nothing, as of one that has a single byte.
        offset = 0 if offset == 1 else offset
        self._furthest = max(self._furthest, offset)
        self._take_up_hash(note)
        self.flow.tally.reached(self.descriptor.digest, offset)
        return _Standing(self._location(answer, url), offset)

    def _take_up_hash(self, note: Note) -> None:
        hasher = restore_hasher(note.hash_state) if self._feed is None and note.hashed else None
        if hasher is not None and hasher.algorithm == algorithm_of(self.descriptor.digest):
            self._feed = Feed(self.source, self.descriptor, self.flow, hasher, note.hashed)

    async def _begun(self) -> _Standing | None:
        """Begin an upload; None where the blob was mounted instead."""
        self._count_beginning()
        mounting = await self._asked_to_mount()
        if mounting is not None and mounting.status == 201:
            return None
        algorithm = algorithm_of(self.descriptor.digest)
        url = self.repository.url(f"blobs/uploads/{'' if algorithm == 'sha256' else f'?digest-algorithm={algorithm}'}")
        answer = mounting
        if answer is None or answer.status != 202:
            answer = await self.repository.session.ask("POST", url, self.repository.scopes)
        self.repository.require(answer, 202, about=f"the upload of {self.descriptor.digest}")
        least = answer.headers.get("oci-chunk-min-length", "")
        if least.isascii() and least.isdigit() and len(least) < 12:
            self.habits.piece_bytes = max(self.habits.piece_bytes, int(least))
        standing = _Standing(self._location(answer, url))
        await self._note(standing.url)
        return standing

    def _count_beginning(self) -> None:
        self._beginnings += 1
        if self._beginnings > MAX_BEGINNINGS:
            raise CopyingFailed(f"{self._origin} loses the upload of {self.descriptor.digest} again and again")

    async def _asked_to_mount(self) -> Answer | None:
        """Ask for the blob of another repository of this registry, if that is where it comes from."""
        found = self.source.mountable
        if found is None or found[0] != self._origin or found[1] == self.repository.name:
            return None
        url = self.repository.url(f"blobs/uploads/?mount={self.descriptor.digest}&from={quote(found[1], safe='/')}")
        return await self.repository.session.ask("POST", url, (*self.repository.scopes, f"repository:{found[1]}:pull"))

    async def _sent_piece(self, standing: _Standing, feed: Feed) -> bool:
        """Send the next piece; False where everything has to begin anew."""
        start = standing.offset
        end = min(self.descriptor.size, start + self.habits.piece_bytes) if feed.is_ranged else self.descriptor.size
        headers = {"Content-Range": f"{start}-{end - 1}"}
        answer = await self._send("PATCH", standing.url, feed.piece(start, end), end - start, headers)
        if answer.status in (202, 204):
            found = _RANGE.fullmatch(answer.headers.get("range", ""))
            standing.url = self._location(answer, standing.url)
            standing.offset = min(int(found[1]) + 1, end) if found else end
            self._furthest = max(self._furthest, standing.offset)
            self.flow.tally.reached(self.descriptor.digest, standing.offset)
            await self._note(standing.url)
            return True
        self._count_beginning()
        if answer.status == 413 and self.habits.piece_bytes > SMALLEST_PIECE_BYTES:
            self.habits.piece_bytes = max(SMALLEST_PIECE_BYTES, min(self.habits.piece_bytes, end - start) // 2)
            return False
        if start == 0 and _takes_no_chunks(answer):
            self.habits.takes_pieces = False
        elif answer.status not in (401, 404, 416):
            self.repository.require(answer, 202, about=f"the upload of {self.descriptor.digest}")
        if answer.status != 401:
            await self._forget()
        return False

    async def _close(
        self, standing: _Standing, feed: Feed, body: AsyncGenerator[bytes, None] | None, length: int
    ) -> None:
        url = standing.url
        query = f"{url.query}{'&' if url.query else ''}digest={quote(self.descriptor.digest, safe=':')}"
        closing = Url(url.scheme, url.host, url.port, url.path, query)
        if body is None:
            answer = await self.repository.session.ask("PUT", closing, self.repository.scopes, headers=_OCTETS)
        else:
            answer = await self._send("PUT", closing, body, length, {})
        if answer.status in (401, 404, 416):
            if answer.status != 401:
                await self._forget()
            raise Interrupted(f"{self._origin} has no such upload any more")
        if answer.status != 201:
            await self._forget()
        self.repository.require(answer, 201, about=f"the upload of {self.descriptor.digest}")
        stated = answer.headers.get("docker-content-digest", self.descriptor.digest)
        if stated != self.descriptor.digest:
            raise ContentWrong(f"{self._origin} stored {stated[:80]} in place of {self.descriptor.digest}")
        self.flow.tally.reached(self.descriptor.digest, self.descriptor.size)

    async def _send(
        self, method: str, url: Url, body: AsyncGenerator[bytes, None], length: int, headers: Mapping[str, str]
    ) -> Answer:
        """Send bytes once. What went wrong about reading them comes before what that did to the request."""
        feed = self._feed
        assert feed is not None, "it was made"  # noqa: S101 - a mistake of ours
        own = {**_OCTETS, **headers, "Content-Length": str(length)}
        try:
            answer = await self.repository.session.send(method, url, self.repository.scopes, body, own)
        except AppError:
            if feed.failure is not None:
                raise feed.failure from None
            raise
        finally:
            await _closed(body)
        if answer.status in PASSING:
            raise refusal(self._origin, answer, f"the upload of {self.descriptor.digest}")
        return answer

    async def _note(self, url: Url) -> None:
        feed = self._feed
        address = f"{url.origin}{url.path}{'?' if url.query else ''}{url.query}"
        note = noted(address, feed.hashed, feed.state) if feed and feed.state else noted(address, 0, b"")
        await asyncio.to_thread(self.notes.keep, self._key, note)

    async def _forget(self) -> None:
        await asyncio.to_thread(self.notes.forget, self._key)

    async def _done(self) -> Outcome:
        self.flow.tally.reached(self.descriptor.digest, self.descriptor.size)
        await self._forget()
        return Outcome.COPIED

    def _location(self, answer: Answer, url: Url) -> Url:
        location = answer.headers.get("location", "")
        return self.repository.session.url(location) if location else url

    @property
    def _origin(self) -> str:
        return self.repository.session.origin.origin

    @property
    def _key(self) -> str:
        return f"{self._origin}/{self.repository.name}@{self.descriptor.digest}"


_OCTETS: Mapping[str, str] = {"Content-Type": "application/octet-stream"}


async def _closed(body: AsyncGenerator[bytes, None]) -> None:
    """Close what was to be sent, once whoever sent it has let go of it."""
    for _ in range(_TURNS):
        try:
            await body.aclose()
        except RuntimeError:
            # The task that sent it was cancelled, and has not noticed yet.
            await asyncio.sleep(0)
        else:
            return


def _takes_no_chunks(answer: Answer) -> bool:
    """Tell whether it is the chunk that is refused, and not the upload that is gone."""
    told = answer.body[:4_096].upper()
    if answer.status == 400:
        return b"UNSUPPORTED" in told
    return answer.status in _NO_CHUNKS and b"BLOB_UPLOAD_UNKNOWN" not in told
