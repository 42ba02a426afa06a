# SPDX-License-Identifier: Apache-2.0
"""A drill: a backup is restored beside everything, verified and pulled from, and what was found is signed.

It costs room for the database, and reads from the storage what it pulls; nobody who pushes or pulls notices.
"""

import hashlib
import random
from collections.abc import AsyncIterator
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import msgspec
from sqlalchemy import Connection

from entrepot import __version__
from entrepot.entry.everything import Everything
from entrepot.entry.opening import readable
from entrepot.entry.opening import run_with
from entrepot.entry.restoring import Place
from entrepot.entry.restoring import prepared
from entrepot.entry.wiring import build_core
from entrepot.features.audit import Checkpoints
from entrepot.features.audit.keys import kid_of
from entrepot.features.audit.keys import verified_payload
from entrepot.features.backup.description import read_description
from entrepot.features.backup.description import require_whole
from entrepot.features.backup.taking import Say
from entrepot.features.tokens import load_instance_key
from entrepot.infra.database.backup_file import sha256_of
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import internal
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import TagName
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.backup_blobs import Outcome
from entrepot.registry.backup_blobs import check_objects
from entrepot.registry.core import Caller
from entrepot.registry.pull import Pull
from entrepot.registry.settings import RegistrySettings
from entrepot.registry.store import backup_contents
from entrepot.registry.store import backups
from entrepot.registry.store.backup_contents import TagPlace
from entrepot.registry.store.backups import Drilled

KIND = "entrepot-drill-report"
"""`typ` in the header of a signed report."""
TAGS_PER_PAGE = 500
MAX_FAILURES = 100
PULLER = Caller(internal("drill"))


class NotSigned(AppError):
    """The report was not signed by a key of this instance, or was changed."""

    code = "report_not_signed"


class Report(msgspec.Struct, frozen=True):
    """What a drill found.

    `recovery_point_seconds` (RPO) is how long ago the backup was taken: nothing that was there by then is lost.
    `recovery_time_seconds` (RTO) is how long it took until the first pull could be answered, verification aside.
    """

    backup: str
    sha256: str
    made_by: str
    began_at: str
    taken_at: str
    newest_change_at: str
    recovery_point_seconds: int
    recovery_time_seconds: float
    verify_seconds: float
    pull_seconds: float
    rows: int
    objects: int
    objects_lost: int
    is_deep: bool
    tags: int
    tags_pulled: int
    tags_failed: int
    pulled_bytes: int
    failures: list[str]

    @property
    def is_good(self) -> bool:
        """Whether everything that was tried worked."""
        return not self.objects_lost and not self.tags_failed


@dataclass(frozen=True, slots=True)
class Extent:
    """How much to try: so many tags (0 for all), and whether to read the bytes of every object as well."""

    tags: int
    is_deep: bool


def drill(path: Path, place: Place, clock: Clock, extent: Extent, say: Say) -> Report:
    """Restore a backup beside everything, verify it, and pull from it. Raises as `restoring.restore` does."""
    began_at, began = clock(), monotonic()
    description = read_description(path)
    require_whole(path, description, lambda table, _: say(f"checking {table}"))
    with prepared(path, description, place, clock) as scratch:
        newest = scratch.snapshot_now(backup_contents.newest_change)
        puller = _Puller(scratch, place)
        ready = monotonic()
        checked = _verified(scratch, place, extent, say)
        verified = monotonic()
        run_with([place.storage], puller.pull_all(extent.tags, description.tags, say))
    return Report(
        backup=description.name,
        sha256=sha256_of(path),
        made_by=f"entrepot {__version__}",
        began_at=rfc3339(began_at),
        taken_at=rfc3339(description.taken_at),
        newest_change_at="" if newest is None else rfc3339(newest),
        recovery_point_seconds=max(0, began_at - description.taken_at) // SECOND_MS,
        recovery_time_seconds=round(ready - began, 3),
        verify_seconds=round(verified - ready, 3),
        pull_seconds=round(monotonic() - verified, 3),
        rows=description.rows,
        objects=description.objects,
        objects_lost=checked.lost_count,
        is_deep=extent.is_deep,
        tags=description.tags,
        tags_pulled=puller.pulled,
        tags_failed=puller.failed,
        pulled_bytes=puller.bytes,
        failures=puller.failures,
    )


def sign(report: Report, database: Database, place: Place, region: str, clock: Clock) -> str:
    """Return a report signed with the key that signs the audit log (JWS, compact)."""
    checkpoints = Checkpoints(database, load_instance_key(place.data_dir, place.keys), region, clock)

    def signed(connection: Connection) -> str:
        """Sign it."""
        return checkpoints.signer(connection, clock()).sign(msgspec.json.encode(report), KIND)

    return database.write_now(signed)


def note(connection: Connection, report: Report, now: Milliseconds) -> None:
    """Record beside a backup what a drill found, if that is a backup that is kept, and this file of it."""
    known = backups.find(connection, report.backup)
    if known is None or known.ended_at is not None or known.facts.sha256 != report.sha256:
        return
    drilled = Drilled(
        at=now,
        is_good=report.is_good,
        is_deep=report.is_deep,
        recovery_point_seconds=report.recovery_point_seconds,
        recovery_time_seconds=report.recovery_time_seconds,
        objects_lost=report.objects_lost,
        tags_pulled=report.tags_pulled,
        tags_failed=report.tags_failed,
    )
    backups.describe(connection, known.id, msgspec.structs.replace(known.facts, drill=drilled))
    announce(
        connection,
        Change.BACKUP_DRILLED,
        now,
        Told(object=f"backup:{report.backup}", after={"is_good": report.is_good}),
    )


def read_report(token: str, public_jwks: Collection[tuple[str, str]]) -> Report:
    """Return a report that one of these keys, each with its `kid`, has signed. Raises `NotSigned`."""
    kid = kid_of(token, KIND)
    payload = next((verified_payload(token, jwk) for each, jwk in public_jwks if each == kid), None)
    if payload is None:
        raise NotSigned(hint=f"It says that it was signed by the key {kid}." if kid else "It is no report of a drill.")
    return msgspec.json.decode(payload, type=Report)


def _verified(scratch: Database, place: Place, extent: Extent, say: Say) -> Outcome:
    stores = scratch.snapshot_now(backup_contents.used_stores)
    checking = check_objects(
        lambda behind: scratch.snapshot_now(backup_contents.inventory, behind, TAGS_PER_PAGE),
        dict.fromkeys(stores, place.storage),
        lambda outcome: say(f"verifying: {outcome.objects:,} blobs, {outcome.lost_count:,} lost"),
        is_deep=extent.is_deep,
        keys=place.store_keys,
    )
    return run_with([place.storage], checking)


async def _every_page(scratch: Database) -> AsyncIterator[list[TagPlace]]:
    """Yield all tags, a page at a time."""
    place = ("", "")
    while page := await scratch.snapshot(backup_contents.tag_places, place, TAGS_PER_PAGE):
        yield page
        place = (page[-1].repository, page[-1].name)


async def _sample(scratch: Database, count: int) -> AsyncIterator[list[TagPlace]]:
    """Yield as many tags as wanted, each as likely as any other."""
    chosen: list[TagPlace] = []
    seen = 0
    async for page in _every_page(scratch):
        for each in page:
            seen += 1
            if len(chosen) < count:
                chosen.append(each)
            elif (slot := random.randrange(seen)) < count:  # noqa: S311 - a sample, no secret
                chosen[slot] = each
    yield chosen


class _Puller:
    """Pulls tags as a client does, with everything below them, from a database beside the real one."""

    def __init__(self, scratch: Database, place: Place) -> None:
        storage = readable(place.storage, place.store_keys, scratch)
        core = build_core(scratch, storage, Everything(), settings=RegistrySettings(), store_urls=[place.store_url])
        self._core = core
        self._pull = Pull(core)
        self.pulled = self.failed = self.bytes = 0
        self.failures: list[str] = []

    async def pull_all(self, wanted: int, total: int, say: Say) -> None:
        """Pull so many of `total` tags, 0 for all, one after another."""
        scratch = self._core.database
        pages = _sample(scratch, wanted) if wanted else _every_page(scratch)
        async for page in pages:
            for tag in page:
                await self._tag(tag)
                say(
                    f"pulling: {self.pulled + self.failed:,} of {min(wanted or total, total):,} tags, "
                    f"{self.bytes / 2**20:,.0f} MiB"
                )

    async def _tag(self, tag: TagPlace) -> None:
        try:
            await self._manifest(tag, tag.name)
        except AppError as error:
            self.failed += 1
            if len(self.failures) < MAX_FAILURES:
                self.failures.append(f"{tag.repository}:{tag.name}: {error.message}")
        else:
            self.pulled += 1

    async def _manifest(self, tag: TagPlace, reference: Digest | TagName) -> None:
        found = await self._pull.manifest(PULLER, tag.repository, reference, is_head=False)
        payload = found.payload or b""
        self.bytes += len(payload)
        manifest = parse_manifest(payload, found.media_type)
        absent = await self._core.database.snapshot(backup_contents.absent_of, tag.repository, found.digest)
        for child in manifest.children:
            if child.digest not in absent:
                await self._manifest(tag, child.digest)
        for blob in (*([manifest.config] if manifest.config else ()), *manifest.layers):
            if blob.digest not in absent:
                await self._blob(tag, blob.digest)

    async def _blob(self, tag: TagPlace, digest: Digest) -> None:
        found = await self._pull.blob(PULLER, tag.repository, digest)
        if found.linked is None:
            raise AppError(f"the blob {digest} is not here")
        hasher = hashlib.new(algorithm_of(digest))
        async for chunk in self._core.stores[found.linked.store_id].read(found.linked.object_key):
            hasher.update(chunk)
            self.bytes += len(chunk)
        if f"{hasher.name}:{hasher.hexdigest()}" != digest:
            raise AppError(f"the blob {digest} has other bytes")
