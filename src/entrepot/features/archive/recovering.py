# SPDX-License-Identifier: Apache-2.0
"""Making a database from bytes alone: images come back whose blobs are there, by digest; names and rights do not.

Every object is read. What parses as a manifest is one, and so is what the archive kept of manifests, even where
nothing else of it can be read. Of those, images all of whose blobs are here are put into one repository, children
before what lists them, and tagged by their digest unless something else leads to them.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from entrepot.features.archive.errors import ArchiveUnusable
from entrepot.features.archive.models import MANIFESTS
from entrepot.features.archive.models import is_manifest
from entrepot.features.archive.models import named_manifest
from entrepot.features.archive.rebuilding import LISTED_AT_ONCE
from entrepot.features.archive.rebuilding import Sources
from entrepot.features.archive.rebuilding import Work
from entrepot.features.archive.rebuilding import hashed
from entrepot.features.archive.rebuilding import note
from entrepot.features.archive.report import Progress
from entrepot.features.archive.report import Report
from entrepot.features.archive.report import Tell
from entrepot.features.archive.store import rebuilt
from entrepot.features.archive.store import recovered
from entrepot.features.archive.store.recovered import Place
from entrepot.features.archive.waiting import in_portions
from entrepot.infra.database import schema
from entrepot.infra.database.building import building
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.oci.digest import Digest
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName

REPOSITORY = RepositoryName("recovered/images")
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
"""What is longer is not taken for a manifest."""

READ_AT_ONCE = 8
COUNTED = ("repositories", "manifests", "tags", "blobs", "objects")
KEPT_FOR_MS = 90 * DAY_MS
"""So long blobs that nothing uses stay, for somebody to find out what they are."""


@dataclass(frozen=True, slots=True)
class _Read:
    """An object once it was read; `manifest` is the bytes of one that is a manifest."""

    stored: StoredObject
    digest: Digest
    manifest: bytes | None


def rebuild_from_bytes(sources: Sources, path: Path, now: Milliseconds, tell: Tell) -> Report:
    """Make the file `path`. Blocks, for as long as it takes to read everything.

    Raises `ArchiveUnusable` where there is nothing, and `StorageUnavailable`.
    """
    with sources.runner() as runner, building(path, schema.needed_revision()) as connection:
        work = Work(sources, runner, now, tell, Report("bytes"))
        rebuilt.name_store(connection, sources.store_url)
        store_id = rebuilt.store_of(connection, sources.store_url)
        place = recovered.begin(connection, store_id or 0, REPOSITORY, now)
        _read_objects(connection, work, place)
        _read_documents(connection, work)
        if not recovered.is_anything(connection):
            raise ArchiveUnusable("the storage holds neither an archive nor objects", hint="Is it the right one?")
        _take_images(connection, place)
        _take_indexes(connection, place)
        note(work.report, "manifests that lack blobs, or all that they list", recovered.left_out(connection))
        rebuilt.settle_content(connection)
        recovered.tag_what_nothing_leads_to(connection, place)
        rebuilt.count_usage(connection)
        work.report.counts = {name: rebuilt.count_rows(connection, name) for name in COUNTED}
        return work.report


def _take_images(connection: Connection, place: Place) -> None:
    """Recover what lists no manifests and has all the blobs that it needs."""
    for page in recovered.not_taken(connection, is_index=False):
        for found in page:
            manifest = parse_manifest(found.payload, None)
            if all(recovered.is_blob(connection, blob.digest) for blob in manifest.required_blobs):
                recovered.take(connection, place, found, manifest)


def _take_indexes(connection: Connection, place: Place) -> None:
    """Recover indexes of which something is here, and then those that list such an index."""
    is_new = True
    while is_new:
        is_new = False
        for page in recovered.not_taken(connection, is_index=True):
            for found in page:
                manifest = parse_manifest(found.payload, None)
                children = [child.digest for child in manifest.children]
                if not children or any(_is_here(connection, digest) for digest in children):
                    recovered.take(connection, place, found, manifest)
                    is_new = True


def _is_here(connection: Connection, digest: Digest) -> bool:
    return recovered.is_taken(connection, digest) or recovered.is_blob(connection, digest)


def _read_objects(connection: Connection, work: Work, place: Place) -> None:
    storage, objects = work.sources.storage, 0
    until = after(work.now, KEPT_FOR_MS)
    for listed in in_portions(work.runner, storage.list_objects(), LISTED_AT_ONCE):
        for start in range(0, len(listed), READ_AT_ONCE):
            for read in work.runner.run(_read_some(storage, listed[start : start + READ_AT_ONCE])):
                if not recovered.add_object(connection, place, read.stored, read.digest, until):
                    recovered.bury_duplicate(connection, place, read.stored, read.digest, until)
                if read.manifest is not None:
                    _note_manifest(connection, read.digest, read.manifest, is_certain=False)
                objects += 1
            work.tell(Progress("objects read", objects))


async def _read_some(storage: Storage, objects: list[StoredObject]) -> list[_Read]:
    found = await asyncio.gather(*(_read(storage, each) for each in objects))
    return [each for each in found if each is not None]


async def _read(storage: Storage, stored: StoredObject) -> _Read | None:
    digests = await hashed(storage, stored.key)
    if not digests:
        return None
    return _Read(stored, digests[0], await _manifest_of(storage, stored))


async def _manifest_of(storage: Storage, stored: StoredObject) -> bytes | None:
    """Return the bytes of an object that looks like a manifest: a JSON document that says which version it is of."""
    if stored.size > MAX_MANIFEST_BYTES:
        return None
    try:
        data = b"".join([chunk async for chunk in storage.read(stored.key)])
    except ObjectMissing:
        return None
    return data if data.lstrip()[:1] == b"{" and b'"schemaVersion"' in data else None


def _note_manifest(connection: Connection, digest: Digest, payload: bytes, *, is_certain: bool) -> None:
    """Note a manifest; of what may be any other JSON, only if it is an image or an index."""
    try:
        manifest = parse_manifest(payload, None)
    except OciError:
        return
    if is_certain or manifest.kind is not ManifestKind.OTHER:
        recovered.note_manifest(connection, digest, payload, is_index=manifest.kind is ManifestKind.INDEX)


def _read_documents(connection: Connection, work: Work) -> None:
    """Take the manifests that the archive kept."""
    done = 0
    for names in in_portions(work.runner, work.sources.documents.names(MANIFESTS), LISTED_AT_ONCE):
        for digest, payload in work.runner.run(_payloads(work.sources.documents, names)):
            _note_manifest(connection, digest, payload, is_certain=True)
        done += len(names)
        work.tell(Progress("manifests of the archive read", done))


async def _payloads(documents: Documents, names: list[str]) -> list[tuple[Digest, bytes]]:
    found = []
    for name in names:
        digest = named_manifest(name)
        try:
            payload = await documents.read(name)
        except DocumentMissing:
            continue
        if digest is not None and is_manifest(payload, digest):
            found.append((digest, payload))
    return found
