# SPDX-License-Identifier: Apache-2.0
"""What can be found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic
from typing import TypeVar

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId

H = TypeVar("H")


@dataclass(frozen=True, slots=True)
class FoundTag:
    """A tag, and what it points at."""

    repository: RepositoryName
    name: TagName
    digest: Digest


@dataclass(frozen=True, slots=True)
class FoundArtifact:
    """An artifact in one of the repositories that hold it; the media type is of its manifest."""

    repository: RepositoryName
    digest: Digest
    media_type: str
    artifact_type: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A repository by its number and name."""

    id: RepositoryId
    name: RepositoryName


@dataclass(frozen=True, slots=True)
class Row(Generic[H]):
    """A row that was looked at: where it stands in the order of its index, and what it shows, None for nothing."""

    key: str
    repo_id: RepositoryId
    hit: H | None


@dataclass(frozen=True, slots=True)
class Hits(Generic[H]):
    """Things of one sort; `is_complete` is false where there is, or may be, more."""

    found: Sequence[H]
    is_complete: bool

    def cut(self, limit: int) -> "Hits[H]":
        """Return at most `limit` of them."""
        return Hits(self.found[:limit], self.is_complete and len(self.found) <= limit)

    def and_more(self, others: "Hits[H]") -> "Hits[H]":
        """Return these and `others` behind them."""
        return Hits([*self.found, *others.found], self.is_complete and others.is_complete)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; `is_complete` is false where there is, or may be, more."""

    projects: Sequence[str]
    repositories: Sequence[RepositoryName]
    tags: Sequence[FoundTag]
    artifacts: Sequence[FoundArtifact]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query for artifacts that somebody kept; one with a project is seen by whoever may read that."""

    owner: str
    name: str
    query: str
    project: str | None
    changed_at: Milliseconds
