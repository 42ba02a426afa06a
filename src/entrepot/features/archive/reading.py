# SPDX-License-Identifier: Apache-2.0
"""Reading the archive: which base, and which segments behind it, make the newest state that can be vouched for.

Each file is what its name, or the list of its base, says by SHA-256, and each segment names the one before. Of
several behind one and the same, that counts which the newest segment follows from; the others were written by a
process that died or came second. Where one is missing or damaged, what comes before and behind is used, and the gap
is told.
"""

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import msgspec

from entrepot.features.archive.errors import ArchiveUnusable
from entrepot.features.archive.errors import DamagedFile
from entrepot.features.archive.models import BASES
from entrepot.features.archive.models import COMPLETE
from entrepot.features.archive.models import SEGMENTS
from entrepot.features.archive.models import VERSION
from entrepot.features.archive.models import Groundwork
from entrepot.features.archive.models import Header
from entrepot.features.archive.models import Record
from entrepot.features.archive.models import file_digest
from entrepot.features.archive.models import named_segment
from entrepot.features.archive.models import unpacked
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents

FIRST = 1


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that is whole."""

    name: str
    digest: str
    header: Header


@dataclass(frozen=True, slots=True)
class Course:
    """What to read, in order: the parts of a base, then segments. `findings` says what is missing."""

    base: Groundwork
    segments: list[Segment]
    set_aside: int
    """How many segments nothing follows from, as a crash leaves them."""
    findings: list[str] = field(default_factory=list)

    @property
    def tip(self) -> tuple[int, str]:
        """The sequence and the digest of the newest segment that is in it."""
        if self.segments:
            return self.segments[-1].header.sequence, self.segments[-1].digest
        return self.base.after, self.base.previous


async def plot(documents: Documents, told: Callable[[int], None] = lambda _done: None) -> Course:
    """Look at every segment and every base, and choose. Raises `ArchiveUnusable`."""
    findings: list[str] = []
    bases = await _whole_bases(documents, findings)
    if not bases:
        raise ArchiveUnusable("; ".join(["the archive has no complete base", *findings]))
    segments = await _whole_segments(documents, findings, told)
    for base in bases:
        line = [each for each in segments if each.header.line == base.line and each.header.sequence > base.after]
        path, breaks = _path(line)
        joint = _joint(base, path)
        if joint is None:
            findings.append(f"the base {base.id} is not of the line that the newest segment follows from")
            continue
        findings += [*joint, *breaks]
        if base.until > base.after and (not path or path[-1].header.sequence < base.until):
            findings.append(f"the base {base.id} was read while others wrote, and segments up to {base.until} lack")
        return Course(base, path, len(line) - len(path), findings)
    raise ArchiveUnusable("; ".join(findings))


async def records(documents: Documents, name: str, digest: str) -> Iterator[Record]:
    """Return what a file holds. Raises `DamagedFile`, also while records are read, and `DocumentMissing`."""
    data = await documents.read(name)
    if file_digest(data) != digest:
        raise DamagedFile(f"{name} is not what was written")
    return unpacked(data)[1]


async def is_there(documents: Documents) -> bool:
    """Tell whether there is a base, be it damaged."""
    async for name in documents.names(BASES):
        if name.endswith(COMPLETE):
            return True
    return False


async def _whole_bases(documents: Documents, findings: list[str]) -> list[Groundwork]:
    """Return the bases of which every part is what was written, the newest first."""
    names = [name async for name in documents.names(BASES) if name.endswith(f"/{COMPLETE}")]
    found = []
    for name in sorted(names, reverse=True):
        try:
            base = msgspec.json.decode(await documents.read(name), type=Groundwork)
            if base.version > VERSION:
                raise DamagedFile(f"it is of version {base.version}, and this program knows up to {VERSION}")
            for part in base.parts:
                if file_digest(await documents.read(part.name)) != part.digest:
                    raise DamagedFile(f"{part.name} is not what was written")
        except (msgspec.DecodeError, DamagedFile, DocumentMissing) as error:
            findings.append(f"{name}: {error}")
        else:
            found.append(base)
    return found


async def _whole_segments(documents: Documents, findings: list[str], told: Callable[[int], None]) -> list[Segment]:
    found = []
    async for name in documents.names(SEGMENTS):
        named = named_segment(name)
        if named is None:
            findings.append(f"{name}: this is no segment's name")
            continue
        try:
            data = await documents.read(name)
            if file_digest(data) != named[1]:
                raise DamagedFile("it is not what was written")
            header, _ = unpacked(data)
            if header.kind != "segment" or header.sequence != named[0]:
                raise DamagedFile("it says that it is another one")
        except (DamagedFile, DocumentMissing) as error:
            findings.append(f"{name}: {error}")
        else:
            found.append(Segment(name, named[1], header))
            told(len(found))
    return found


def _path(segments: Sequence[Segment]) -> tuple[list[Segment], list[str]]:
    """Return the segments that the newest follows from, the oldest first, and where some are missing between."""
    by_digest = {each.digest: each for each in segments}
    by_sequence: dict[int, list[Segment]] = defaultdict(list)
    for each in segments:
        by_sequence[each.header.sequence].append(each)
    path: list[Segment] = []
    breaks: list[str] = []
    newest = max(segments, key=_age, default=None)
    while newest is not None:
        path.append(newest)
        before = by_digest.get(newest.header.previous)
        if before is None:
            older = [number for number in by_sequence if number < newest.header.sequence]
            before = max(by_sequence[max(older)], key=_age) if older else None
            if before is not None:
                breaks.append(
                    f"between the segments {before.header.sequence} and {newest.header.sequence} something is missing: "
                    "what happened then is known only as far as it shows in what came after"
                )
        newest = before
    return path[::-1], breaks[::-1]


def _joint(base: Groundwork, path: Sequence[Segment]) -> list[str] | None:
    """Return what is missing between a base and the segments behind it; None if they are of another past."""
    if not path or path[0].header.previous == base.previous:
        return []
    first = path[0].header
    if first.sequence == base.after + 1 and first.previous:
        return None
    return [
        f"between the base {base.id}, behind segment {base.after}, and segment {first.sequence} something is missing"
    ]


def _age(segment: Segment) -> tuple[int, int]:
    return segment.header.written_at, segment.header.sequence
