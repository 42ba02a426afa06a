# SPDX-License-Identifier: Apache-2.0
"""What every transfer of a copy shares: how fast, how persistent, and how far it is."""

from dataclasses import dataclass
from dataclasses import field

from entrepot.infra.distribution.pace import Pace
from entrepot.infra.distribution.persistence import Attempts
from entrepot.infra.distribution.persistence import Persistence
from entrepot.oci.digest import Digest


@dataclass(slots=True)
class Tally:
    """How far a copy is, in bytes and in things."""

    bytes_total: int = 0
    blobs_total: int = 0
    blobs_done: int = 0
    manifests_total: int = 0
    manifests_done: int = 0
    bytes_moved: int = 0
    """What went over the wire in this run, what was sent twice counted twice."""
    _reached: dict[Digest, int] = field(default_factory=dict)

    def reached(self, digest: Digest, offset: int) -> None:
        """Note how much of a blob is at the target."""
        self._reached[digest] = offset

    @property
    def bytes_done(self) -> int:
        """How much of all is at the target."""
        return min(self.bytes_total, sum(self._reached.values()))


@dataclass(frozen=True, slots=True)
class Flow:
    """What every transfer of a copy shares."""

    pace: Pace = field(default_factory=Pace)
    persistence: Persistence = field(default_factory=Persistence)
    tally: Tally = field(default_factory=Tally)

    def attempts(self) -> Attempts:
        """Begin to count attempts at something."""
        return Attempts(self.persistence)
