# SPDX-License-Identifier: Apache-2.0
"""What events come to, by repository, time and name.

A fetched manifest is a pull, unless it is the entry of an index that the same
principal fetched from the same address up to a minute before: that belongs to the
pull of the index.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from entrepot.features.usage.clients import family_of
from entrepot.features.usage.models import OTHERS
from entrepot.features.usage.models import Kind
from entrepot.features.usage.models import day_of
from entrepot.features.usage.models import hour_of
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.events import Use
from entrepot.registry.store.repositories import RepositoryId

SAME_PULL_MS = MINUTE_MS
MAX_REMEMBERED = 200_000
"""So many fetched manifests are remembered for a minute; of more, entries count as pulls of their own."""

Child = tuple[RepositoryName, Digest]
Parents = Mapping[Child, AbstractSet[Digest]]
"""Manifests of a repository, and the indexes there that list them."""


class CountKey(NamedTuple):
    """A row of counts."""

    kind: Kind
    period: int
    repo_id: RepositoryId
    name: str


class Fetch(NamedTuple):
    """Who fetched which manifest from where."""

    repository: str
    principal: str
    address: str
    digest: Digest


class Fetches:
    """What was fetched in the last minute: what the entries of an index are told from other pulls by."""

    def __init__(self, limit: int = MAX_REMEMBERED) -> None:
        self._limit = limit
        self._at: dict[Fetch, Milliseconds] = {}
        self._looked_at = Milliseconds(0)

    def remember(self, at: Milliseconds, uses: Iterable[Use]) -> None:
        """Remember fetches of a moment; twice is as once. Those of long before are forgotten."""
        if at - self._looked_at >= SAME_PULL_MS:
            self._looked_at = at
            self._at = {fetch: then for fetch, then in self._at.items() if at - then <= SAME_PULL_MS}
        for use in uses:
            fetch = Fetch(use.repository, use.principal, use.address, use.digest)
            if use.is_pull and (fetch in self._at or len(self._at) < self._limit):
                self._at[fetch] = at

    def belongs(self, at: Milliseconds, use: Use, parents: AbstractSet[Digest]) -> bool:
        """Tell whether a fetch belongs to that of one of the indexes `parents`."""
        fetches = (Fetch(use.repository, use.principal, use.address, parent) for parent in parents)
        return any(0 <= at - self._at.get(fetch, at + 1) <= SAME_PULL_MS for fetch in fetches)


def candidates(events: Iterable[Event]) -> set[Child]:
    """Return what was fetched by its digest, as entries of an index are."""
    return {
        (RepositoryName(use.repository), use.digest)
        for event in events
        for use in event.uses
        if use.is_pull and use.tag is None
    }


def counts(
    events: Sequence[Event], ids: Mapping[RepositoryName, RepositoryId], parents: Parents, fetches: Fetches
) -> dict[CountKey, tuple[int, int]]:
    """Return how many pulls and pushes events come to, in repositories that have an id."""
    for event in events:
        fetches.remember(event.occurred_at, event.uses)
    found: defaultdict[CountKey, list[int]] = defaultdict(lambda: [0, 0])
    for event in events:
        for repository, of, pulls, pushes in _deeds(event, parents, fetches):
            repo_id = ids.get(repository)
            if repo_id is None:
                continue
            for kind, period, name in of:
                sums = found[CountKey(kind, period, repo_id, name)]
                sums[0] += pulls
                sums[1] += pushes
    return {key: (pulls, pushes) for key, (pulls, pushes) in found.items()}


def repositories_of(events: Iterable[Event]) -> set[RepositoryName]:
    """Return the repositories that events are about."""
    pushed = {RepositoryName(event.repository) for event in events if event.repository}
    return pushed.union(RepositoryName(use.repository) for event in events for use in event.uses)


_Period = tuple[Kind, int, str]
_Deed = tuple[RepositoryName, list[_Period], int, int]


def _deeds(event: Event, parents: Parents, fetches: Fetches) -> Iterator[_Deed]:
    at = event.occurred_at
    if event.type == EventType.MANIFEST_PUSHED:
        names = _names(event.digest or "", event.tag, event.principal, event.agent)
        yield RepositoryName(event.repository), [*_times(at), *_on(day_of(at), names)], 0, 1
    for use in event.uses:
        if not use.is_pull:
            continue
        repository = RepositoryName(use.repository)
        above = parents.get((repository, use.digest)) if use.tag is None else None
        if above and fetches.belongs(at, use, above):
            continue
        names = _names(use.digest, use.tag, use.principal, use.agent)
        yield repository, [*_times(at), *_on(day_of(at), names)], use.count, 0


def _times(at: Milliseconds) -> Iterator[_Period]:
    yield Kind.HOUR, hour_of(at), OTHERS
    yield Kind.DAY, day_of(at), OTHERS


def _names(digest: str, tag: str | None, principal: str, agent: str) -> Iterator[tuple[Kind, str]]:
    yield Kind.ARTIFACT, digest
    if tag:
        yield Kind.TAG, tag
    yield Kind.PRINCIPAL, principal
    yield Kind.CLIENT, family_of(agent).value


def _on(day: int, names: Iterable[tuple[Kind, str]]) -> Iterator[_Period]:
    return ((kind, day, name) for kind, name in names)
