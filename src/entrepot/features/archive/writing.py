# SPDX-License-Identifier: Apache-2.0
"""Writing segments: what happened since the last one, as the rows that it left.

Events and rows are read on one state of the database, so that a segment that holds every event up to then makes, with
those before it, a state that was. A segment is written first, under a name that nobody else's has, and counts once
the cursor moved in the same transaction as the end of the chain: of two processes that write one at once, or one that
died in between, a file is left that nothing follows.
"""

import asyncio
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.archive.errors import ArchiveOfAnother
from entrepot.features.archive.kept import WHOLE
from entrepot.features.archive.models import BASES
from entrepot.features.archive.models import SEGMENTS
from entrepot.features.archive.models import Header
from entrepot.features.archive.models import file_digest
from entrepot.features.archive.models import manifest_name
from entrepot.features.archive.models import packed
from entrepot.features.archive.models import segment_name
from entrepot.features.archive.store import chain
from entrepot.features.archive.store import rows
from entrepot.features.archive.store.chain import Chain
from entrepot.features.archive.store.touched import ABOUT_RIGHTS
from entrepot.features.archive.store.touched import EVENT_TYPES
from entrepot.features.archive.store.touched import arrived
from entrepot.features.archive.store.touched import touched
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.storage.documents import Documents
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.events import Event
from entrepot.registry.events import decode
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories

CONSUMER = "archive"
"""Names its cursor, and it in the metrics of the outbox."""

EVENTS_AT_ONCE = 250
"""About a megabyte of rows: so many images of ten layers each."""

LATEST_MS = 8 * SECOND_MS
"""How old the oldest event may be that is in no segment, but for the time of looking and writing: 10 s in all."""

LOOK_SECONDS = 1.5
DOCUMENTS_AT_ONCE = 8

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the next segment is to hold."""

    chain: Chain
    begin: Cursor
    end: Cursor
    header: Header
    has_more: bool
    records: list[bytes] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    """The digests of the whole tables among them."""
    manifests: set[tuple[str, Digest]] = field(default_factory=set)


class Archiver:
    """Writes segments. Any number of processes may do so at once."""

    def __init__(self, database: Database, documents: Documents, clock: Clock) -> None:
        self._database = database
        self._documents = documents
        self._clock = clock
        self._backoff = Backoff()

    async def run(self) -> None:
        """Write what happens, some seconds later, until cancelled. A failure is recorded beside the cursor."""
        try:
            await self._go_on()
        finally:
            await self._documents.close()

    async def _go_on(self) -> None:
        failures = 0
        while True:
            try:
                has_more = await self.step()
                failures = 0
                pause = 0.0 if has_more else LOOK_SECONDS * random.uniform(0.7, 1.3)  # noqa: S311 - keeps no secret
            except Exception as error:  # noqa: BLE001 (the outermost edge of a consumer)
                failures += 1
                await self._record(error)
                pause = self._backoff.delay_ms(failures) / 1000
            await asyncio.sleep(pause)

    async def step(self, *, is_due: bool = False) -> bool:
        """Write one segment if it is time, or if it `is_due` whatever the time; tell whether more events wait.

        Raises `ArchiveOfAnother`, `StorageUnavailable`, `DatabaseUnavailable`.
        """
        await self._begin()
        draft = await self._database.survey(self._look, is_due=is_due)
        if draft is None:
            return False
        if not draft.records:
            return not await self._database.write_locked(self._pass, draft) or draft.has_more
        await self.write_manifests(sorted(draft.manifests))
        data = await asyncio.to_thread(packed, draft.header, draft.records)
        digest = file_digest(data)
        await self._documents.write(segment_name(draft.header, digest), data)
        newest = replace(draft.chain, sequence=draft.header.sequence, digest=digest)
        return not await self._database.write_locked(self._commit, draft, newest, len(data)) or draft.has_more

    async def catch_up(self) -> Chain:
        """Write all that has happened up to now, and return where the chain ends then. Raises as `step`."""
        while await self.step(is_due=True):
            pass
        found = await self._database.read(chain.find)
        if found is None:
            raise ArchiveOfAnother("the archive was begun anew meanwhile")
        return found

    async def write_manifests(self, wanted: Sequence[tuple[str, Digest]]) -> None:
        """Write the bytes of manifests that are in the database still. Raises as `step`, the first of what failed."""
        for start in range(0, len(wanted), DOCUMENTS_AT_ONCE):
            try:
                async with asyncio.TaskGroup() as group:
                    for repository, digest in wanted[start : start + DOCUMENTS_AT_ONCE]:
                        group.create_task(self._write_manifest(repository, digest))
            except ExceptionGroup as failed:
                raise failed.exceptions[0] from failed

    async def _write_manifest(self, repository: str, digest: Digest) -> None:
        payload = await self._database.snapshot(_payload, RepositoryName(repository), digest)
        if payload is not None:
            await self._documents.write(manifest_name(digest), payload)

    async def _begin(self) -> None:
        """Begin the archive unless there is one; that of a database that was lost is not continued by another."""
        if await self._database.read(chain.find) is None:
            for folder in (BASES, SEGMENTS):
                async for name in self._documents.names(folder):
                    raise ArchiveOfAnother(f"the storage holds the archive of another database: {name}")
            await self._database.write_locked(_begin, self._clock())
        elif await self._database.read(outbox.cursor_of, CONSUMER) is None:
            await self._database.write_locked(_begin, self._clock())

    def _look(self, connection: Connection, *, is_due: bool) -> Draft | None:
        found, begin = chain.find(connection), outbox.cursor_of(connection, CONSUMER)
        if found is None or begin is None:
            return None
        waiting, final = outbox.visible_after(connection, begin, EVENTS_AT_ONCE)
        now = self._clock()
        is_many = len(waiting) == EVENTS_AT_ONCE
        if not final or not (is_due or is_many or now - waiting[0].occurred_at >= LATEST_MS):
            return None
        events = [decode(row) for row in waiting if row.type in EVENT_TYPES]
        header = Header(
            kind="segment",
            line=found.line,
            sequence=found.sequence + 1,
            previous=found.digest,
            written_at=now,
            schema=schema.revision_in(connection) or "",
            events=final,
            newest_event_at=max(row.occurred_at for row in waiting[:final]),
            is_whole=not is_many,
            audit=chain.newest_checkpoint(connection),
        )
        draft = Draft(found, begin, waiting[final - 1].cursor, header, is_many, manifests=arrived(events))
        if events:
            draft.records.extend(map(msgspec.json.encode, touched(connection, events)))
            _add_whole(connection, events, draft)
        return draft

    def _pass(self, connection: Connection, draft: Draft) -> bool:
        return outbox.advance(connection, CONSUMER, draft.begin, draft.end, self._clock())

    def _commit(self, connection: Connection, draft: Draft, newest: Chain, size: int) -> bool:
        """Let the segment count, unless another one was written in its place."""
        if not outbox.advance(connection, CONSUMER, draft.begin, draft.end, self._clock()):
            return False
        if not chain.move(connection, draft.chain.sequence, newest, size):
            raise ArchiveOfAnother("the archive was continued elsewhere")
        chain.note(connection, draft.tables)
        return True

    async def _record(self, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        log.warning("archive.failed", error=text)
        try:
            await self._database.write_locked(outbox.record_failure, CONSUMER, text, self._clock())
        except DatabaseUnavailable:
            log.warning("archive.failure_not_recorded")


def _add_whole(connection: Connection, events: Sequence[Event], draft: Draft) -> None:
    """Add those tables about rights that are not as they were last archived; stores, which nobody announces, always."""
    about = WHOLE if any(event.type in ABOUT_RIGHTS for event in events) else WHOLE[:1]
    archived = chain.digests(connection)
    for name in about:
        encoded = [msgspec.json.encode(record) for record in rows.whole(connection, name)]
        digest = _digest(encoded)
        if archived.get(name) != digest:
            draft.records.extend(encoded)
            draft.tables[name] = digest


def _digest(encoded: Sequence[bytes]) -> str:
    hasher = hashlib.sha256()
    for each in encoded:
        hasher.update(each)
    return f"sha256:{hasher.hexdigest()}"


def _begin(connection: Connection, now: Milliseconds) -> None:
    """Begin at the end of the outbox; the chain shows that nothing is known of what came between."""
    found = chain.find(connection)
    if found is None:
        chain.begin(connection, Chain(new_ulid(), 0, ""))
    elif outbox.cursor_of(connection, CONSUMER) is None:
        chain.move(connection, found.sequence, replace(found, sequence=found.sequence + 1, digest=""), 0)
        chain.set_base(connection, None, None)
    outbox.register(connection, CONSUMER, now)


def _payload(connection: Connection, name: RepositoryName, digest: Digest) -> bytes | None:
    repository = repositories.find(connection, name)
    return None if repository is None else manifests.payload(connection, repository.id, digest)


def stop(connection: Connection) -> None:
    """Write no more: no event waits for the archive, and if it is gone on with, everything is written anew first."""
    outbox.unregister(connection, CONSUMER)
    chain.set_base(connection, None, None)
    chain.forget_digests(connection)
