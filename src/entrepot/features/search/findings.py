# SPDX-License-Identifier: Apache-2.0
"""Artifacts that were found, and what is counted of them."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.search.language import format_term
from entrepot.features.search.terms import Kind
from entrepot.features.search.terms import Said
from entrepot.features.search.terms import Term
from entrepot.features.search.terms import Value
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store.repositories import RepositoryId

MAX_COUNTED = 12
"""So many values of each facet are shown: those that most have."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the index that the query is true of."""

    place: int
    repo_id: RepositoryId
    digest: Digest
    repository: RepositoryName
    type: str
    size: int
    platforms: tuple[str, ...]
    label_keys: tuple[str, ...]
    revision: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An artifact that was found and is there, with some of its tags."""

    hit: Hit
    media_type: str
    artifact_type: str | None
    pushed_at: Milliseconds
    pushed_by: str
    tags: tuple[TagName, ...]
    last_pulled_at: Milliseconds | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of those that were counted have a value, and the term that asks for it."""

    value: str
    count: int
    term: str


Facets = Mapping[str, Sequence[Counted]]


@dataclass(frozen=True, slots=True)
class Total:
    """How many there are, or at least are, and of what they are how often."""

    count: int
    is_exact: bool
    facets: Facets


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Artifacts in order; `next_after` is the place behind which there is, or may be, more; the total of the first."""

    artifacts: Sequence[Shown]
    next_after: int | None
    total: Total | None


def facets_of(hits: Iterable[Hit]) -> Facets:
    """Count what artifacts are."""
    types: Counter[str] = Counter()
    platforms: Counter[str] = Counter()
    projects: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    for hit in hits:
        types[hit.type] += 1
        platforms.update(set(hit.platforms))
        projects[namespace_of(hit.repository)] += 1
        labels.update(hit.label_keys)
    return {
        "type": _counted(types, Kind.TYPE),
        "platform": _counted(platforms, Kind.PLATFORM),
        "project": _counted(projects, Kind.PROJECT),
        "label": _counted(labels, Kind.LABEL),
    }


def _counted(found: Counter[str], kind: Kind) -> list[Counted]:
    most = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MAX_COUNTED]
    return [Counted(value, count, format_term(Term(kind, _asked(kind, value)))) for value, count in most]


def _asked(kind: Kind, value: str) -> Value:
    return Said(value) if kind is Kind.LABEL else value.lower()
