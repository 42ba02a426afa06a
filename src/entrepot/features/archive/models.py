# SPDX-License-Identifier: Apache-2.0
"""What the files of the archive hold, and what they are called. See docs/reference/archive.md.

A file is compressed lines of JSON: a `Header`, then any number of `Record`s. Files of two kinds: a segment, which
follows the one whose digest it names, and a part of a base.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import Any

import msgspec

from entrepot.features.archive.errors import DamagedFile
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import encoded_of

VERSION = 1

SEGMENTS = "meta/segments/"
BASES = "meta/bases/"
MANIFESTS = "meta/manifests/"
COMPLETE = "complete.json"

MAX_FILE_BYTES = 256 * 1024 * 1024
"""How much a file may hold once it is no longer compressed."""

GZIP_WINDOW = 31
"""What tells zlib to read and write gzip (RFC 1952)."""

_LEVEL = 6
_SEGMENT = re.compile(rf"{SEGMENTS}\d{{4}}/\d\d/\d\d/(\d{{12}})-([0-9a-f]{{64}})\.jsonl\.gz")
_MANIFEST = re.compile(rf"{MANIFESTS}(sha256|sha512)/[0-9a-f]{{2}}/([0-9a-f]+)")
_DAMAGE = (zlib.error, msgspec.DecodeError, msgspec.ValidationError, ValueError)


class AuditPoint(msgspec.Struct, frozen=True):
    """The newest checkpoint of the audit log: which record it is of, and the signed text."""

    seq: int
    token: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself."""

    version: int = VERSION
    kind: str
    line: Ulid
    """Names the archive; stays the same for as long as one follows from the other."""
    sequence: int
    """Of a segment: one more than that of the segment before. Of a part: which it is of its base."""
    previous: str = ""
    """The digest of the segment before; empty for the first."""
    written_at: Milliseconds
    schema: str
    """The revision of the database."""
    events: int = 0
    newest_event_at: Milliseconds | None = None
    is_whole: bool = True
    """Whether it has all that had been committed when it was written."""
    audit: AuditPoint | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a table as they were.

    They take the place of those rows whose columns `by` have the values of one of `of` (of all, if `by` is empty), or,
    where `by` is null, of those with the same primary key. Bytes are in Base64.
    """

    v: int = VERSION
    table: str
    columns: list[str]
    rows: list[list[Any]]
    by: list[str] | None = None
    of: list[list[Any]] = []


class Part(msgspec.Struct, frozen=True):
    """A file of a base."""

    name: str
    digest: str
    rows: int


class Groundwork(msgspec.Struct, frozen=True, kw_only=True):
    """All that is archived as it was once, in parts; written last, so that a base without it is none.

    The parts were read one after another while others wrote: with the segments behind `after` up to `until` they are a
    state that was.
    """

    version: int = VERSION
    line: Ulid
    id: Ulid
    begun_at: Milliseconds
    ended_at: Milliseconds
    schema: str
    after: int
    previous: str
    """The digest of the segment `after`."""
    until: int
    parts: list[Part]


def packed(head: Header, records: Iterable[bytes]) -> bytes:
    """Return the file of encoded records."""
    pressing = zlib.compressobj(_LEVEL, wbits=GZIP_WINDOW)
    pieces = [pressing.compress(msgspec.json.encode(head) + b"\n")]
    pieces += [pressing.compress(each + b"\n") for each in records]
    return b"".join([*pieces, pressing.flush()])


def unpacked(data: bytes) -> tuple[Header, Iterator[Record]]:
    """Read a file. Raises `DamagedFile`, also while records are read."""
    try:
        opening = zlib.decompressobj(wbits=GZIP_WINDOW)
        text = opening.decompress(data, MAX_FILE_BYTES)
        if not opening.eof or opening.unused_data:
            raise DamagedFile("it is cut short, or longer than any file is")
        first, _, rest = text.partition(b"\n")
        header = msgspec.json.decode(first, type=Header)
    except _DAMAGE as error:
        raise DamagedFile(f"it cannot be read: {error}") from error
    if header.version > VERSION:
        raise DamagedFile(f"it is of version {header.version}, and this program knows up to {VERSION}")
    return header, _records(rest)


def _records(text: bytes) -> Iterator[Record]:
    try:
        for line in text.splitlines():
            yield msgspec.json.decode(line, type=Record)
    except _DAMAGE as error:
        raise DamagedFile(f"a record cannot be read: {error}") from error


def file_digest(data: bytes) -> str:
    """Return the digest of a file as it is stored."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def segment_name(head: Header, digest: str) -> str:
    """Return what a segment is called. It holds the digest: what two processes write at once are two files."""
    day = datetime.fromtimestamp(head.written_at / 1000, UTC)
    return f"{SEGMENTS}{day:%Y/%m/%d}/{head.sequence:012d}-{digest.partition(':')[2]}.jsonl.gz"


def named_segment(name: str) -> tuple[int, str] | None:
    """Return the sequence and the digest that a segment's name tells, None if it is none."""
    match = _SEGMENT.fullmatch(name)
    return None if match is None else (int(match[1]), f"sha256:{match[2]}")


def part_name(base: Ulid, number: int) -> str:
    """Return what a part of a base is called."""
    return f"{BASES}{base}/{number:06d}.jsonl.gz"


def manifest_name(digest: Digest) -> str:
    """Return what the document with the bytes of a manifest is called."""
    encoded = encoded_of(digest)
    return f"{MANIFESTS}{algorithm_of(digest)}/{encoded[:2]}/{encoded}"


def named_manifest(name: str) -> Digest | None:
    """Return the digest that the name of a manifest's document tells, None if it is none."""
    match = _MANIFEST.fullmatch(name)
    return None if match is None else Digest(f"{match[1]}:{match[2]}")


def is_manifest(data: bytes, digest: Digest) -> bool:
    """Tell whether these are the bytes of that digest."""
    return digest_of(data, algorithm_of(digest)) == digest
