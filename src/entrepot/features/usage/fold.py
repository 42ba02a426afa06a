# SPDX-License-Identifier: Apache-2.0
"""Adding up what the core appended: each delta once, in the transaction that removes it."""

from collections import Counter
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from entrepot.features.usage.models import RECENT_DAYS
from entrepot.features.usage.models import DayUsage
from entrepot.features.usage.models import day_of
from entrepot.features.usage.store import totals
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.store import usage
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.usage import TakenDelta
from entrepot.registry.store.usage import UsageKind


@dataclass(slots=True)
class _Sums:
    """What a batch of deltas comes to."""

    repositories: defaultdict[RepositoryId, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    projects: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    days: defaultdict[tuple[RepositoryId, int], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    links: Counter[tuple[str, Digest]] = field(default_factory=Counter)
    sizes: dict[Digest, int] = field(default_factory=dict)
    linked_on: dict[tuple[str, Digest], int] = field(default_factory=dict)
    growth: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, delta: TakenDelta) -> None:
        repository, project = self.repositories[delta.repo_id], self.projects[delta.namespace]
        day = self.days[delta.repo_id, day_of(delta.at)]
        repository["bytes"] += delta.bytes
        day["pushed_bytes"] += max(0, delta.bytes)
        if delta.kind is UsageKind.PULL:
            for sums in (repository, project, day):
                sums["pulls"] += delta.count
        elif delta.kind is UsageKind.MANIFEST:
            repository["manifests"] += delta.count
            project["manifests"] += delta.count
            project["bytes"] += delta.bytes
            self.growth[delta.namespace, day_of(delta.at)] += delta.bytes
            day["pushed_manifests"] += max(0, delta.count)
        elif delta.count:
            self.links[delta.namespace, delta.digest] += delta.count
            self.linked_on[delta.namespace, delta.digest] = day_of(delta.at)
            self.sizes[delta.digest] = delta.bytes // delta.count


def fold(connection: Connection, limit: int, now: Milliseconds) -> int:
    """Add up to `limit` deltas to the totals, and return how many there were: fewer once none is left.

    Rows are written in their order, so that no two that fold at the same time wait for each other.
    """
    deltas = usage.take(connection, limit)
    if not deltas:
        return 0
    sums = _summed(deltas)
    links = {key: more for key, more in sums.links.items() if more}
    for (namespace, digest), came in totals.add_links(connection, links).items():
        sums.projects[namespace]["bytes"] += came * sums.sizes[digest]
        sums.growth[namespace, sums.linked_on[namespace, digest]] += came * sums.sizes[digest]
    days = {
        (repo_id, day): DayUsage(day, found["pulls"], found["pushed_manifests"], found["pushed_bytes"])
        for (repo_id, day), found in sums.days.items()
    }
    for repo_id, day in totals.add_to_days(connection, days, day_of(now) - RECENT_DAYS + 1):
        sums.repositories[repo_id]["recent_pulls"] += days[repo_id, day].pulls
    totals.add_to_repositories(connection, sums.repositories)
    totals.add_to_projects(connection, sums.projects)
    totals.grow(connection, sums.growth)
    return len(deltas)


def _summed(deltas: Iterable[TakenDelta]) -> _Sums:
    sums = _Sums()
    for delta in deltas:
        sums.add(delta)
    return sums
