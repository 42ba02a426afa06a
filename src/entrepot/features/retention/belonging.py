# SPDX-License-Identifier: Apache-2.0
"""What belongs to what in a repository: parts to the indexes that hold them, referrers to their subjects."""

from collections import defaultdict
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from entrepot.oci.digest import Digest


def _lists() -> defaultdict[Digest, list[Digest]]:
    return defaultdict(list)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Edges between the manifests of a repository, all of which are there."""

    parts: defaultdict[Digest, list[Digest]] = field(default_factory=_lists)
    """By index."""
    holders: defaultdict[Digest, list[Digest]] = field(default_factory=_lists)
    """The indexes, by part."""
    referrers: defaultdict[Digest, list[Digest]] = field(default_factory=_lists)
    """By subject, with what old clients keep under tags that derive from it."""
    subjects: defaultdict[Digest, list[Digest]] = field(default_factory=_lists)
    """By referrer."""

    def hold(self, index: Digest, part: Digest) -> None:
        """Let a manifest be part of an index."""
        self.parts[index].append(part)
        self.holders[part].append(index)

    def refer(self, referrer: Digest, subject: Digest) -> None:
        """Let a manifest refer to another."""
        self.referrers[subject].append(referrer)
        self.subjects[referrer].append(subject)

    def is_alone(self, digest: Digest) -> bool:
        """Tell whether no index holds it, and it refers to nothing."""
        return not (self.holders.get(digest) or self.subjects.get(digest))

    def with_parts(self, digests: Iterable[Digest]) -> list[Digest]:
        """Return manifests and what is part of them, each once."""
        return list(dict.fromkeys(each for digest in digests for each in (digest, *self.parts.get(digest, ()))))

    def protected(self, reasons: Mapping[Digest, str]) -> dict[Digest, str]:
        """Return why each manifest stays: for a reason of its own, or for that of something that would go with it."""
        found = dict(reasons)
        left = list(found)
        while left:
            digest = left.pop()
            for above in (*self.holders.get(digest, ()), *self.subjects.get(digest, ())):
                if above not in found:
                    found[above] = found[digest]
                    left.append(above)
        return found

    def with_all(self, roots: Iterable[Digest], tagged: Collection[Digest]) -> set[Digest]:
        """Return what goes once `roots` do: their parts and referrers, but for those that something else needs.

        That is a tag, an index that stays, or of a part a subject that stays. As `Delete.manifest` does it with parts.
        """
        gone = set(roots)
        left = list(gone)
        while left:
            digest = left.pop()
            parts = (part for part in self.parts.get(digest, ()) if self._has_lost_all(self.subjects, part, gone))
            for each in (*parts, *self.referrers.get(digest, ())):
                if each not in gone and each not in tagged and self._has_lost_all(self.holders, each, gone):
                    gone.add(each)
                    left.append(each)
        return gone

    @staticmethod
    def _has_lost_all(above: Mapping[Digest, list[Digest]], digest: Digest, gone: Collection[Digest]) -> bool:
        return all(each in gone for each in above.get(digest, ()))
