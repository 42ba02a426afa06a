# SPDX-License-Identifier: Apache-2.0
"""What verification looks for: the rules that database and storage keep, and what it says where one is broken."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import parse_manifest
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.store.verify import IndexEntry
from entrepot.registry.store.verify import Link
from entrepot.registry.store.verify import ObjectRow
from entrepot.registry.store.verify import Orphan
from entrepot.registry.store.verify import StoredManifest
from entrepot.registry.store.verify import TagRow
from entrepot.registry.store.verify import Tombstone

LEAK_AGE_MS = 48 * HOUR_MS
"""Bytes that no row names are leaked when they are older than this, which no request lasts."""

_HEAL = "Push an image with this blob again, or restore the object from a backup."
_REPORT = "This is a defect in Entrepot or the work of another program: report it, and restore from a backup."


class Rule(StrEnum):
    """What has to hold."""

    REFERENCE = "reference"
    """Every foreign key of every table points to a row."""
    MANIFEST_DIGEST = "manifest-digest"
    """A manifest's bytes hash to its digest."""
    MANIFEST_SIZE = "manifest-size"
    """A manifest has as many bytes as its row says."""
    MANIFEST_BLOB = "manifest-blob"
    """A manifest that is not deleted holds each blob it needs, and no blob it holds is hidden."""
    WAITING = "waiting"
    """Nothing waits for content that is here: what waits does not protect it."""
    TAG_MANIFEST = "tag-manifest"
    """A tag points at a manifest that is not deleted."""
    TAG_HISTORY = "tag-history"
    """A tag has the value and the version of its newest history entry."""
    LINK_OBJECT = "link-object"
    """A blob that a repository holds has one live object in the repository's store."""
    KEY_ONCE = "key-once"
    """No key is in two of `objects`, `uploads` and `tombstones`."""
    OBJECT_SIZE = "object-size"
    """The content of an object is as long as its blob."""
    OBJECT_STORED = "object-stored"
    """The bytes of a live object are in the storage, as many as its row says."""
    OBJECT_DIGEST = "object-digest"
    """The content of a live object hashes to its digest."""
    STORED_KNOWN = "stored-known"
    """What is in the storage is named by a row."""
    STORE_CONFIGURED = "store-configured"
    """Every store that anything is kept in is configured."""


class Severity(StrEnum):
    """Whether a rule is broken, or something is only worth knowing."""

    VIOLATION = "violation"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True):
    """What is not as it should be, where, and what to do about it."""

    rule: Rule
    subject: str
    message: str
    severity: Severity = Severity.VIOLATION


def judge_reference(table: str, row: Orphan) -> Iterator[Finding]:
    """Check the foreign keys of a row of any table."""
    for broken in row.broken:
        where = f"{table} {', '.join(map(str, row.key))}"
        yield Finding(Rule.REFERENCE, where, f"{broken} points to a row that is gone. {_REPORT}")


def judge_manifest(row: StoredManifest, *, may_be_sparse: bool = False) -> Iterator[Finding]:
    """Check a manifest's bytes, and that it holds what it needs. Hashes up to 4 MiB: run it in a thread."""
    where = f"{row.repository}@{row.digest}"
    if row.size != len(row.payload):
        yield Finding(Rule.MANIFEST_SIZE, where, f"it has {len(row.payload)} bytes, its row says {row.size}. {_REPORT}")
    algorithm = algorithm_of(row.digest)
    if algorithm not in ALGORITHMS or digest_of(row.payload, algorithm) != row.digest:
        yield Finding(Rule.MANIFEST_DIGEST, where, f"its bytes have another digest. {_REPORT}")
        return
    if row.is_deleted:
        return
    try:
        required = {blob.digest for blob in parse_manifest(row.payload, row.media_type).required_blobs}
    except OciError as error:
        yield Finding(Rule.MANIFEST_BLOB, where, f"what it needs cannot be told: {error.message} {_REPORT}")
        return
    for digest in sorted(required - {blob.digest for blob in row.blobs if blob.is_linked}):
        severity = Severity.WARNING if may_be_sparse else Severity.VIOLATION
        yield Finding(Rule.MANIFEST_BLOB, where, f"it needs {digest} and does not hold it. {_HEAL}", severity)
    for blob in row.blobs:
        if blob.is_linked and blob.is_hidden:
            yield Finding(Rule.MANIFEST_BLOB, where, f"{blob.digest} is hidden from it. {_HEAL}")
        if blob.is_here and not blob.is_linked and blob.digest not in required:
            message = f"it waits for {blob.digest}, which is here and may be collected. Push the manifest again."
            yield Finding(Rule.WAITING, where, message)


def judge_index_entry(row: IndexEntry) -> Iterator[Finding]:
    """Check that an index protects a child that is here."""
    _, parent, child = row.key
    if row.waits_in_vain:
        message = f"it waits for {child}, which is here and may be purged. Push that manifest again."
        yield Finding(Rule.WAITING, f"{row.repository}@{parent}", message)


def judge_tag(row: TagRow) -> Iterator[Finding]:
    """Check a tag against its manifest and its history."""
    where = f"{row.repository}:{row.key[-1]}"
    if row.is_on_deleted:
        yield Finding(Rule.TAG_MANIFEST, where, "its manifest is deleted. Restore the manifest or delete the tag.")
    if row.differs_from_history:
        yield Finding(Rule.TAG_HISTORY, where, "its newest history entry has another value or version. Set it again.")


def judge_link(row: Link) -> Iterator[Finding]:
    """Check that a linked blob can be read. One that no manifest needs may be known and yet not here."""
    where = f"{row.repository}@{row.key[-1]}"
    if row.live_objects > 1:
        message = f"it has {row.live_objects} live objects in one store. {_REPORT}"
        yield Finding(Rule.LINK_OBJECT, where, message)
    if row.live_objects == 0:
        absent = "its store has no live object of it"
        if row.needed_by is not None:
            yield Finding(Rule.LINK_OBJECT, where, f"{absent}, and {row.needed_by} needs it. {_HEAL}")
        else:
            message = f"{absent}; no manifest needs it now. The next push of it heals it."
            yield Finding(Rule.LINK_OBJECT, where, message, Severity.WARNING)


def judge_tombstone(row: Tombstone) -> Iterator[Finding]:
    """Check that nothing is about to be deleted that is in use."""
    if row.is_claimed:
        message = f"it is in `tombstones`, and in `objects` or `uploads` too: its bytes will be deleted. {_REPORT}"
        yield Finding(Rule.KEY_ONCE, row.key[0], message)


def judge_object(row: ObjectRow) -> Iterator[Finding]:
    """Check what the database says of an object."""
    if row.is_upload:
        yield Finding(Rule.KEY_ONCE, row.object_key, f"it is in both `objects` and `uploads`. {_REPORT}")
    if row.blob_size is not None and row.content_size != row.blob_size:
        message = f"its row says {row.content_size} bytes, that of its blob {row.digest} {row.blob_size}. {_REPORT}"
        yield Finding(Rule.OBJECT_SIZE, row.object_key, message)


def not_stored(row: ObjectRow, size: int | None) -> Finding:
    """Report an object whose bytes are gone or cut short."""
    found = "the storage does not have it" if size is None else f"the storage has {size} bytes"
    message = f"{found}, its row says {row.content_size} bytes of {row.digest}. {_HEAL}"
    return Finding(Rule.OBJECT_STORED, row.object_key, message)


def wrong_bytes(row: ObjectRow, actual: str) -> Finding:
    """Report an object whose bytes changed."""
    return Finding(Rule.OBJECT_DIGEST, row.object_key, f"its bytes are {actual}, not {row.digest}. {_HEAL}")


def not_to_be_opened(row: ObjectRow) -> Finding:
    """Report an encrypted object whose bytes changed, or that is the bytes of another one."""
    return Finding(Rule.OBJECT_DIGEST, row.object_key, f"its bytes cannot be decrypted to {row.digest}. {_HEAL}")


def unknown_bytes(found: StoredObject, now: Milliseconds) -> Finding:
    """Report an object that no row names; while it is young, a request may have left it behind and it is swept soon."""
    since = rfc3339(Milliseconds(found.modified_ms))
    message = f"no row names these {found.size} bytes, stored at {since}. The collector's sweep frees them."
    is_old = now - found.modified_ms > LEAK_AGE_MS
    return Finding(Rule.STORED_KNOWN, found.key, message, Severity.VIOLATION if is_old else Severity.WARNING)


def not_configured(store_id: StoreId, url: str) -> Finding:
    """Report a store that rows refer to and that cannot be looked into."""
    message = "content is kept there, and this configuration does not name it. Configure it again."
    return Finding(Rule.STORE_CONFIGURED, f"store {store_id} at {url}", message)
