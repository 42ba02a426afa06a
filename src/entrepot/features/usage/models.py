# SPDX-License-Identifier: Apache-2.0
"""The words of usage."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId

KEPT_DAYS = 400
"""For how many days it is kept what happened on each."""
KEPT_HOURS = 14 * 24
"""For how many hours it is kept what happened in each."""
KEPT_NAME_DAYS = 90
"""For how many days it is kept by whom, with which client, and of what there were pulls and pushes."""
KEPT_NAMES = 100
"""Of a day that is over, so many names of a kind are kept for each repository; the rest are `OTHERS` together."""
OTHERS = ""
RECENT_DAYS = 30
"""Repositories are compared by their pulls in so many days, today among them."""


class Kind(StrEnum):
    """What pulls and pushes of a repository are counted by: times, and names on each day."""

    HOUR = "hour"
    DAY = "day"
    ARTIFACT = "artifact"
    TAG = "tag"
    PRINCIPAL = "principal"
    CLIENT = "client"


NAMED = (Kind.ARTIFACT, Kind.TAG, Kind.PRINCIPAL, Kind.CLIENT)


class Order(StrEnum):
    """What repositories are compared by."""

    PULLS = "pulls"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Totals:
    """What the whole registry held at `measured_at`.

    `stored_bytes` are those of the objects in its stores, each content once; `artifacts` the
    manifests that are not deleted; `repositories` those that are listed.
    """

    stored_bytes: int
    artifacts: int
    repositories: int
    projects: int
    measured_at: Milliseconds


@dataclass(frozen=True, slots=True)
class Measurement:
    """The totals, and how long it took to count them."""

    totals: Totals
    took_ms: int


@dataclass(frozen=True, slots=True)
class RepositoryUsage:
    """What a repository holds, and its recent pulls. It may be gone."""

    repo_id: RepositoryId
    bytes: int
    recent_pulls: int


@dataclass(frozen=True, slots=True)
class ProjectUsage:
    """What a project holds: each blob counted once however many of its repositories hold it, and each manifest.

    What is in the bin counts until it is purged. `pulls` are those of all time.
    """

    bytes: int
    manifests: int
    pulls: int


@dataclass(frozen=True, slots=True)
class DayUsage:
    """What happened in a repository on one day (`day_of`)."""

    day: int
    pulls: int
    pushed_manifests: int
    pushed_bytes: int
    sent_bytes: int = 0


@dataclass(frozen=True, slots=True)
class BusyRepository:
    """A repository, its pulls in the last `RECENT_DAYS` days, and the bytes of its blobs and manifests."""

    name: RepositoryName
    pulls: int
    bytes: int


@dataclass(frozen=True, slots=True)
class LastUses:
    """When clients last used some tags and manifests of one repository.

    What is not named was not used since `recorded_since`; nobody knows about the time before.
    """

    recorded_since: Milliseconds
    tags: Mapping[TagName, Milliseconds]
    artifacts: Mapping[Digest, Milliseconds]

    def tag_idle_since(self, tag: TagName) -> Milliseconds:
        """Return the moment since which no client used this tag, as far as is known for certain."""
        return max(self.recorded_since, self.tags.get(tag, self.recorded_since))

    def artifact_idle_since(self, digest: Digest) -> Milliseconds:
        """Return the moment since which no client used this manifest, as far as is known for certain."""
        return max(self.recorded_since, self.artifacts.get(digest, self.recorded_since))


@dataclass(frozen=True, slots=True)
class Recording:
    """Which uses are known: all since `since`, and up to now but for those that wait since `behind_since`.

    That is None where none waits for longer than a moment. Whoever deletes what is not used looks at both.
    """

    since: Milliseconds
    behind_since: Milliseconds | None


@dataclass(frozen=True, slots=True)
class Count:
    """So many pulls and pushes of what has that name: an hour or a day, a digest, a tag, somebody, a client."""

    name: str
    pulls: int
    pushes: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went in and out on one day, in bytes."""

    day: int
    pushed_bytes: int
    sent_bytes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What a project held at the end of a day, and by how much that had grown on the day; both in bytes."""

    day: int
    bytes: int
    grown_bytes: int


def hour_of(moment: Milliseconds) -> int:
    """Return the hour of a moment: whole hours since 1970-01-01, in UTC."""
    return moment // HOUR_MS


def day_of(moment: Milliseconds) -> int:
    """Return the day of a moment: whole days since 1970-01-01, in UTC."""
    return moment // DAY_MS
