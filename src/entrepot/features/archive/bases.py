# SPDX-License-Identifier: Apache-2.0
"""Writing bases: all that is archived, so that a rebuild need not begin at the beginning, and what is older may go.

A base is read in pages while others write. Which segments it needs besides is known once it was read: with those it is
a state that was.
"""

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Sequence

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.archive.kept import KEPT
from entrepot.features.archive.models import BASES
from entrepot.features.archive.models import COMPLETE
from entrepot.features.archive.models import GZIP_WINDOW
from entrepot.features.archive.models import MANIFESTS
from entrepot.features.archive.models import SEGMENTS
from entrepot.features.archive.models import Groundwork
from entrepot.features.archive.models import Header
from entrepot.features.archive.models import Part
from entrepot.features.archive.models import file_digest
from entrepot.features.archive.models import manifest_name
from entrepot.features.archive.models import named_manifest
from entrepot.features.archive.models import named_segment
from entrepot.features.archive.models import part_name
from entrepot.features.archive.store import chain
from entrepot.features.archive.store import manifests
from entrepot.features.archive.store import rows
from entrepot.features.archive.store.chain import Chain
from entrepot.features.archive.writing import Archiver
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.storage.documents import Documents
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest

EVERY_MS = DAY_MS
SEGMENT_BYTES = 256 * 1024 * 1024
"""How much may be in segments before a base is written that is not due by its age."""

PAGE_ROWS = 2_000
MANIFESTS_AT_ONCE = 500
PART_BYTES = 32 * 1024 * 1024
"""How much goes to one part, before it is compressed."""

BASES_KEPT = 2
"""The newest may be damaged."""

Guard = Callable[[Connection], None]

log = structlog.get_logger(__name__)


class Bases:
    """Writes bases, one at a time, and removes what none of the newest needs."""

    def __init__(self, database: Database, documents: Documents, archiver: Archiver, clock: Clock) -> None:
        self._database = database
        self._documents = documents
        self._archiver = archiver
        self._clock = clock

    async def write_if_due(self, guard: Guard) -> Groundwork | None:
        """Write one if there is none, or much has changed since the newest. `guard` raises if another run took over."""
        found = await self._database.read(chain.find)
        if found is None or not is_due(found, self._clock()):
            return None
        return await self.write(guard)

    async def write(self, guard: Guard) -> Groundwork:
        """Write a base, and remove older ones. Raises what `Archiver.step` raises, and `guard`."""
        begun = await self._archiver.catch_up()
        identity, begun_at = new_ulid(), self._clock()
        await self._agree_on_manifests(guard)
        revision = await self._database.read(schema.revision_in) or ""
        parts = [part async for part in self._parts(identity, begun, revision)]
        ended = await self._archiver.catch_up()
        base = Groundwork(
            line=begun.line,
            id=identity,
            begun_at=begun_at,
            ended_at=self._clock(),
            schema=revision,
            after=begun.sequence,
            previous=begun.digest,
            until=ended.sequence,
            parts=parts,
        )
        await self._documents.write(f"{BASES}{identity}/{COMPLETE}", msgspec.json.encode(base))
        await self._database.write(_set_base, guard, base)
        await self._remove_old()
        log.info("archive.base", base=identity, parts=len(parts), rows=sum(part.rows for part in parts))
        return base

    async def _parts(self, base: Ulid, begun: Chain, revision: str) -> AsyncIterator[Part]:
        """Write the parts of a base, and yield what each is."""
        number = 0
        part = _Part(base, self._header(begun, number, revision))
        for name in KEPT:
            place = None
            while True:
                page = await self._database.survey(rows.page, name, place, PAGE_ROWS)
                if page.rows:
                    await asyncio.to_thread(part.add, msgspec.json.encode(page), len(page.rows))
                    place = rows.place_of(page)
                if part.size >= PART_BYTES:
                    yield await part.write(self._documents)
                    number += 1
                    part = _Part(base, self._header(begun, number, revision))
                if len(page.rows) < PAGE_ROWS:
                    break
        yield await part.write(self._documents)

    def _header(self, begun: Chain, number: int, revision: str) -> Header:
        return Header(kind="base", line=begun.line, sequence=number, written_at=self._clock(), schema=revision)

    async def _agree_on_manifests(self, guard: Guard) -> None:
        """Write the documents of manifests that lack one, and delete those of manifests that are gone.

        Both are walked through in the order of their digests, which is that of the names too.
        """
        kept, stored = self._manifests(), self._stored_manifests()
        wanted, there = await anext(kept, None), await anext(stored, None)
        lacking: list[tuple[str, Digest]] = []
        surplus: list[Digest] = []
        while wanted is not None or there is not None:
            if there is None or (wanted is not None and wanted[0] < there):
                lacking += [(wanted[1], wanted[0])] if wanted else []
                wanted = await anext(kept, None)
            elif wanted is None or there < wanted[0]:
                surplus.append(there)
                there = await anext(stored, None)
            else:
                wanted, there = await anext(kept, None), await anext(stored, None)
            if len(lacking) + len(surplus) >= MANIFESTS_AT_ONCE or (wanted is None and there is None):
                await self._archiver.write_manifests(lacking)
                await self._delete_manifests(surplus, guard)
                lacking, surplus = [], []

    async def _manifests(self) -> AsyncIterator[tuple[Digest, str]]:
        """Yield every manifest, deleted ones too, with a repository that has it, in the order of their digests."""
        deleted = deque(await self._database.survey(manifests.in_bin))
        place = ""
        while page := await self._database.survey(manifests.behind, place, PAGE_ROWS):
            for each in page:
                while deleted and deleted[0][0] <= each[0]:
                    first = deleted.popleft()
                    if first[0] < each[0]:
                        yield first
                yield each
            place = page[-1][0]
        for each in deleted:
            yield each

    async def _stored_manifests(self) -> AsyncIterator[Digest]:
        async for name in self._documents.names(MANIFESTS):
            digest = named_manifest(name)
            if digest is not None and manifest_name(digest) == name:
                yield digest

    async def _delete_manifests(self, surplus: Sequence[Digest], guard: Guard) -> None:
        """Delete documents of no manifest; one that is pushed meanwhile has it again, whoever wrote it first."""
        if not surplus:
            return
        held = await self._database.write_locked(_held, guard, surplus)
        gone = [digest for digest in surplus if digest not in held]
        for digest in gone:
            await self._documents.delete(manifest_name(digest))
        back = await self._database.survey(manifests.among, gone)
        await self._archiver.write_manifests([(name, digest) for digest, name in back.items()])

    async def _remove_old(self) -> None:
        """Remove what the newest two bases do not need: other bases, unfinished ones, and segments before them."""
        names = [name async for name in self._documents.names(BASES)]
        complete = sorted(name for name in names if name.endswith(f"/{COMPLETE}"))
        kept = complete[-BASES_KEPT:]
        folders = tuple(name.removesuffix(COMPLETE) for name in kept)
        gone = sorted((name for name in names if not name.startswith(folders)), key=_complete_first)
        for name in gone:
            await self._documents.delete(name)
        if len(kept) == BASES_KEPT:
            oldest = msgspec.json.decode(await self._documents.read(kept[0]), type=Groundwork)
            async for name in self._documents.names(SEGMENTS):
                segment = named_segment(name)
                if segment is not None and segment[0] <= oldest.after:
                    await self._documents.delete(name)


class _Part:
    """A file of a base in the making."""

    def __init__(self, base: Ulid, header: Header) -> None:
        self._name = part_name(base, header.sequence)
        self._pressing = zlib.compressobj(wbits=GZIP_WINDOW)
        self._pieces = [self._pressing.compress(msgspec.json.encode(header) + b"\n")]
        self._rows = 0
        self.size = 0

    def add(self, record: bytes, rows: int) -> None:
        self._pieces.append(self._pressing.compress(record + b"\n"))
        self._rows += rows
        self.size += len(record)

    async def write(self, documents: Documents) -> Part:
        data = b"".join([*self._pieces, self._pressing.flush()])
        await documents.write(self._name, data)
        return Part(self._name, file_digest(data), self._rows)


def is_due(found: Chain, now: Milliseconds) -> bool:
    """Tell whether it is time for a new base."""
    if found.base_at is None or found.segment_bytes >= SEGMENT_BYTES:
        return True
    return found.segment_bytes > 0 and not found.base_at <= now < found.base_at + EVERY_MS


def _set_base(connection: Connection, guard: Guard, base: Groundwork) -> None:
    guard(connection)
    chain.set_base(connection, base.id, base.ended_at)


def _held(connection: Connection, guard: Guard, digests: Sequence[Digest]) -> dict[Digest, str]:
    guard(connection)
    return manifests.among(connection, digests)


def _complete_first(name: str) -> tuple[bool, str]:
    """Order the names so that a base is no longer complete before parts of it go."""
    return not name.endswith(COMPLETE), name
