# SPDX-License-Identifier: Apache-2.0
"""Making a new database from the archive.

It is made in a SQLite file of its own, which nobody serves with: whoever asked for it moves the file to where it
belongs once this has ended, and throws it away if it has not. So an interrupted rebuild has done nothing.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from entrepot.features.archive import reading
from entrepot.features.archive.errors import ArchiveUnusable
from entrepot.features.archive.errors import DamagedFile
from entrepot.features.archive.kept import KEPT
from entrepot.features.archive.loading import Loader
from entrepot.features.archive.models import is_manifest
from entrepot.features.archive.models import manifest_name
from entrepot.features.archive.reading import Course
from entrepot.features.archive.report import Lack
from entrepot.features.archive.report import Progress
from entrepot.features.archive.report import Report
from entrepot.features.archive.report import Tell
from entrepot.features.archive.store import chain
from entrepot.features.archive.store import rebuilt
from entrepot.features.archive.store.chain import Chain
from entrepot.features.archive.store.rebuilt import EmptyManifest
from entrepot.features.archive.store.rebuilt import Lost
from entrepot.features.archive.waiting import in_portions
from entrepot.infra.database import schema
from entrepot.infra.database.building import building
from entrepot.infra.database.building import settle
from entrepot.infra.storage.adopted import TREE
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.oci.digest import Digest
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import parse_manifest

DOCUMENTS_AT_ONCE = 32
LISTED_AT_ONCE = 1_000
KEPT_FOR_MS = 7 * DAY_MS
"""So long the bytes of objects stay that no row names: whoever rebuilt from the wrong archive has time to notice."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a database is rebuilt from, and how the store that this is will be called in it."""

    storage: Storage
    documents: Documents
    store_url: str

    @contextmanager
    def runner(self) -> Iterator[asyncio.Runner]:
        """Run an event loop, at whose end both let go of their connections."""
        with asyncio.Runner() as runner:
            try:
                yield runner
            finally:
                runner.run(self.close())

    async def close(self) -> None:
        """Let go of connections."""
        await self.storage.close()
        await self.documents.close()


@dataclass(frozen=True, slots=True)
class Work:
    """What a rebuild has at hand."""

    sources: Sources
    runner: asyncio.Runner
    now: Milliseconds
    tell: Tell
    report: Report


def rebuild_from_archive(sources: Sources, path: Path, now: Milliseconds, tell: Tell) -> Report:
    """Make the file `path`. Blocks. Raises `ArchiveUnusable`, `StorageUnavailable`; then it is not to be used."""
    with sources.runner() as runner:
        course = runner.run(reading.plot(sources.documents, lambda done: tell(Progress("segments read", done))))
        if not schema.is_known(course.base.schema):
            raise ArchiveUnusable(
                f"the archive is of the schema {course.base.schema}, and this program knows up to "
                f"{schema.needed_revision()}",
                hint="Run the version that wrote it, or a newer one.",
            )
        work = Work(sources, runner, now, tell, Report("archive"))
        work.report.set_aside, work.report.findings = course.set_aside, course.findings
        with building(path, course.base.schema) as connection:
            _rebuild(connection, work, course)
        return work.report


def _rebuild(connection: Connection, work: Work, course: Course) -> None:
    report = work.report
    _load(connection, work, course)
    schema.upgrading()(connection)
    if not rebuilt.name_store(connection, work.sources.store_url):
        report.findings.append("there were several stores: only the objects of the configured one were looked for")
    _fill(connection, work)
    note(report, "manifests whose bytes are lost", rebuilt.drop_empty_manifests(connection))
    compare(connection, work)
    finish(connection, report)
    report.segment, report.segment_digest = course.tip
    chain.begin(connection, Chain(course.base.line, *course.tip))


def compare(connection: Connection, work: Work) -> None:
    """Compare with what the storage has: mark what is missing, and look for it under other keys."""
    storage, done = work.sources.storage, 0
    rebuilt.prepare_listing(connection)
    for found in in_portions(work.runner, storage.list_objects(), LISTED_AT_ONCE):
        rebuilt.note_listed(connection, found)
        done += len(found)
        work.tell(Progress("objects listed", done))
    store_id = rebuilt.store_of(connection, work.sources.store_url)
    if store_id is None:
        return
    for key in rebuilt.adopted(connection, TREE):
        size = work.runner.run(storage.size(key))
        rebuilt.note_listed(connection, [] if size is None else [StoredObject(key, size, work.now)])
    rebuilt.mark_missing(connection, store_id)
    for count, (key, _) in enumerate(rebuilt.candidates(connection), start=1):
        digests = work.runner.run(hashed(storage, key))
        work.report.adopted += any(rebuilt.adopt(connection, key, digest, store_id, work.now) for digest in digests)
        work.tell(Progress("unknown objects read", count))
    others = rebuilt.unknown_objects(connection)
    work.report.others = Lack(others.count, others.named)
    rebuilt.bury_unknown(connection, store_id, after(work.now, KEPT_FOR_MS))


def finish(connection: Connection, report: Report) -> None:
    """Link what is here, remove what refers to what is not, and count."""
    rebuilt.settle_content(connection)
    back, gone = rebuilt.settle_tags(connection)
    note(report, "tags set back to an earlier manifest", back)
    note(report, "tags removed, as their manifest is lost", gone)
    report.removed = settle(connection)
    note(report, "blobs whose bytes are missing", rebuilt.missing_blobs(connection))
    rebuilt.count_usage(connection)
    report.counts = {name: rebuilt.count_rows(connection, name) for name in KEPT}


def note(report: Report, what: str, lost: Lost) -> None:
    """Add to the report what did not come back, if anything."""
    if lost.count:
        report.lacks[what] = Lack(lost.count, lost.named)


async def hashed(storage: Storage, key: ObjectKey) -> list[Digest]:
    """Read an object and return its digests, none if it is gone."""
    hashers = [hashlib.sha256(), hashlib.sha512()]
    try:
        async for chunk in storage.read(key):
            for hasher in hashers:
                await asyncio.to_thread(hasher.update, chunk)
    except ObjectMissing:
        return []
    return [Digest(f"{hasher.name}:{hasher.hexdigest()}") for hasher in hashers]


def _load(connection: Connection, work: Work, course: Course) -> None:
    loader, report, documents, done = Loader(connection), work.report, work.sources.documents, 0
    for part in course.base.parts:
        for record in work.runner.run(reading.records(documents, part.name, part.digest)):
            loader.take(record)
            done += len(record.rows)
        work.tell(Progress("rows of the base", done))
    report.newest_event_at = course.base.begun_at
    for count, segment in enumerate(course.segments, start=1):
        with _noted(report, segment.name):
            for record in work.runner.run(reading.records(documents, segment.name, segment.digest)):
                loader.take(record)
        report.newest_event_at = segment.header.newest_event_at or report.newest_event_at
        report.audit = segment.header.audit or report.audit
        work.tell(Progress("segments", count))
    if course.segments and not course.segments[-1].header.is_whole:
        report.findings.append("the newest segment was not the last of what had happened by then")
    report.findings += [f"{count} values of the {what} were left out" for what, count in sorted(loader.ignored.items())]


@contextmanager
def _noted(report: Report, name: str) -> Iterator[None]:
    try:
        yield
    except (DamagedFile, DocumentMissing) as error:
        report.findings.append(f"{name}: {error}")


def _fill(connection: Connection, work: Work) -> None:
    """Give every manifest its bytes, where they are."""
    done = 0
    for page in rebuilt.empty_manifests(connection):
        for start in range(0, len(page), DOCUMENTS_AT_ONCE):
            some = page[start : start + DOCUMENTS_AT_ONCE]
            payloads = work.runner.run(_payloads(work.sources.documents, [row.digest for row in some]))
            for row, payload in zip(some, payloads, strict=True):
                if payload is not None:
                    _give(connection, row, payload)
            done += len(some)
            work.tell(Progress("manifests", done))


def _give(connection: Connection, row: EmptyManifest, payload: bytes) -> None:
    try:
        manifest = parse_manifest(payload, row.media_type)
    except OciError:
        return
    rebuilt.fill(connection, row, payload, manifest)


async def _payloads(documents: Documents, digests: Sequence[Digest]) -> list[bytes | None]:
    return await asyncio.gather(*(payload_of(documents, digest) for digest in digests))


async def payload_of(documents: Documents, digest: Digest) -> bytes | None:
    """Return the bytes of a manifest, None if they are not there or are not its."""
    try:
        payload = await documents.read(manifest_name(digest))
    except DocumentMissing:
        return None
    return payload if is_manifest(payload, digest) else None
