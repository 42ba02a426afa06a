# SPDX-License-Identifier: Apache-2.0
"""What a feature may plug into the registry: gates before, listeners after, origins on a miss."""

from collections.abc import AsyncIterator
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from entrepot.kernel.access import Principal
from entrepot.oci.digest import Digest
from entrepot.oci.manifest import Manifest
from entrepot.oci.reference import TagName
from entrepot.registry.events import Event

MAX_WARNING_CHARACTERS = 200
MAX_DENIAL_CHARACTERS = 500
GATE_DEADLINE_SECONDS = 0.05
"""How long a gate may take about what reads: a pull is asked about often, and waits for nothing else."""
GATE_CHANGE_DEADLINE_SECONDS = 5.0
"""How long it may take about what changes something: as long as the database may take to answer."""


class Operation(StrEnum):
    """The places at which gates are asked. Gates run after authorisation."""

    UPLOAD_START = "upload.start"
    BLOB_COMMIT = "blob.commit"
    MANIFEST_WRITE = "manifest.write"
    TAG_SET = "tag.set"
    TAG_MOVE = "tag.move"
    TAG_DELETE = "tag.delete"
    TAG_COPY = "tag.copy"
    MANIFEST_DELETE = "manifest.delete"
    MANIFEST_READ = "manifest.read"
    BLOB_READ = "blob.read"
    MOUNT = "mount"

    @property
    def gate_deadline_seconds(self) -> float:
        """How long a gate may take about it. See docs/adr/0040-deadlines-of-gates.md."""
        return GATE_DEADLINE_SECONDS if self in _READS else GATE_CHANGE_DEADLINE_SECONDS


_READS = frozenset({Operation.MANIFEST_READ, Operation.BLOB_READ, Operation.MOUNT})


@dataclass(frozen=True, slots=True)
class GateContext:
    """All that a gate learns about the request. Fields that do not apply are None.

    On `BLOB_READ` the gate is asked about each manifest that lists the blob in
    turn: `digest` is the blob, `manifest_digest` that manifest. On `MOUNT`,
    `repository` is the source. On `TAG_DELETE`, `digest` is the manifest that
    the tag would be deleted with, if that is what was asked for.
    """

    operation: Operation
    principal: Principal
    repository: str
    digest: Digest | None = None
    tag: str | None = None
    manifest: Manifest | None = None
    manifest_digest: Digest | None = None
    previous_digest: Digest | None = None
    address: str = ""
    tags: tuple[TagName, ...] = ()
    """Every tag that the same push sets, with `tag`."""
    size: int | None = None
    """Of the manifest or blob that is written, in bytes; of an upload that starts, as far as it was announced."""


@dataclass(frozen=True, slots=True)
class Allow:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Warn:
    """Go on, and tell the client (`Warning: 299`), in at most 200 characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Stop, and tell the client why, in one line of at most 500 characters."""

    reason: str


Verdict = Allow | Warn | Deny


class Gate(Protocol):
    """Asked before something happens. Answers from memory or one indexed read within 50 ms."""

    name: str
    on_error: Verdict
    """The verdict when `check` raises or is late. `Deny` unless there is a reason."""
    operations: frozenset[Operation]
    """Where this gate wants to be asked."""

    async def check(self, context: GateContext) -> Verdict:
        """Decide. All gates are asked, in declared order; one Deny wins, Warns add up."""


class Listener(Protocol):
    """Told what happened, from the outbox, at least once and in commit order."""

    name: str
    """Names the listener's cursor; never changes."""
    event_types: frozenset[str]
    """The `Event.type`s it wants; others only move its cursor."""

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Act on `events` inside the transaction that moves the cursor (effect and cursor commit together)."""


@dataclass(frozen=True, slots=True)
class OriginManifest:
    """A manifest that an origin brought, byte-exact."""

    media_type: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class OriginBlob:
    """A blob that an origin streams."""

    size: int
    chunks: AsyncIterator[bytes]


class Origin(Protocol):
    """Asked when something is not here, before the client hears 404."""

    async def manifest(self, principal: Principal, repository: str, reference: str) -> OriginManifest | None:
        """Fetch a manifest by tag or digest, or return None when it is not there either."""

    async def blob(self, principal: Principal, repository: str, digest: Digest) -> OriginBlob | None:
        """Fetch a blob, or return None when it is not there either."""
