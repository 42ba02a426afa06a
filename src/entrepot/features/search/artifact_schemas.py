# SPDX-License-Identifier: Apache-2.0
"""Artifacts that were found, and saved queries, as the management API shows them."""

from enum import StrEnum

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.artifacts import ArtifactType
from entrepot.features.search.findings import Counted
from entrepot.features.search.findings import FoundPage
from entrepot.features.search.findings import Shown
from entrepot.features.search.findings import Total
from entrepot.features.search.language import MAX_QUERY_CHARACTERS
from entrepot.features.search.models import SavedQuery
from entrepot.features.search.saved import SeenQueries
from entrepot.infra.http.schemas import Moment
from entrepot.oci.reference import namespace_of

DEFAULT_ARTIFACTS = 50
MAX_ARTIFACTS = 100
MAX_SAVED_NAME = 64
QUERY_EXAMPLE = "type:image revision:abc123"


class ArtifactOrder(StrEnum):
    """In which order artifacts are shown."""

    NEWEST = "-pushed"
    OLDEST = "pushed"


class FoundArtifactView(BaseModel):
    """An artifact that was found, in one of the repositories that hold it."""

    repository: str = Field(examples=["team/app"])
    project: str = Field(description="The first segment of the name.", examples=["team"])
    digest: str
    reference: str = Field(
        description="What clients pull: `docker pull` takes it for an image.",
        examples=["registry.example/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    type: ArtifactType
    media_type: str
    artifact_type: str | None = Field(description="As the manifest states it.")
    size: int = Field(description="Configuration and layers in bytes, of an index those of its entries that are here.")
    platforms: list[str] = Field(examples=[["linux/amd64", "linux/arm64/v8"]])
    revision: str | None = Field(description="The commit that it was built from, as it says itself.")
    tags: list[str] = Field(description="Some of the tags that point here, at most 10.")
    label_keys: list[str] = Field(description="Keys of its labels, at most 20.")
    pushed_at: Moment
    pushed_by: str = Field(examples=["user:alice"])
    last_pulled_at: Moment | None = Field(description="When a client last asked for it, if that is known.")

    @classmethod
    def of(cls, shown: Shown, host: str) -> "FoundArtifactView":
        """Show an artifact of the registry at `host`."""
        hit = shown.hit
        return cls(
            repository=hit.repository,
            project=namespace_of(hit.repository),
            digest=hit.digest,
            reference=f"{host}/{hit.repository}@{hit.digest}",
            type=ArtifactType(hit.type),
            media_type=shown.media_type,
            artifact_type=shown.artifact_type,
            size=hit.size,
            platforms=list(hit.platforms),
            revision=hit.revision,
            tags=list(shown.tags),
            label_keys=list(hit.label_keys),
            pushed_at=shown.pushed_at,
            pushed_by=shown.pushed_by,
            last_pulled_at=shown.last_pulled_at,
        )


class CountedView(BaseModel):
    """How many of the artifacts that were counted have a value."""

    value: str = Field(examples=["image"])
    count: int
    term: str = Field(description="What to add to the query to find only those.", examples=["type:image"])

    @classmethod
    def of(cls, counted: Counted) -> "CountedView":
        """Show a count."""
        return cls(value=counted.value, count=counted.count, term=counted.term)


class TotalView(BaseModel):
    """How many artifacts there are, as far as they were counted."""

    count: int
    is_exact: bool = Field(description="False where there are, or may be, more: then it is how many at least.")
    facets: dict[str, list[CountedView]] = Field(
        description="Of those that were counted, how many are of which `type`, `platform`, `project`, and have which "
        "`label`; those that most have."
    )

    @classmethod
    def of(cls, total: Total) -> "TotalView":
        """Show a total."""
        facets = {name: [CountedView.of(each) for each in some] for name, some in total.facets.items()}
        return cls(count=total.count, is_exact=total.is_exact, facets=facets)


class FoundArtifactPage(BaseModel):
    """Artifacts that were found. A page may hold fewer than were asked for, even none, where another follows."""

    query: str = Field(description="The query as it was understood.", examples=[QUERY_EXAMPLE])
    items: list[FoundArtifactView]
    total: TotalView | None = Field(description="With the first page only.")

    @classmethod
    def of(cls, page: FoundPage, query: str, host: str) -> "FoundArtifactPage":
        """Show a page."""
        items = [FoundArtifactView.of(each, host) for each in page.artifacts]
        return cls(query=query, items=items, total=None if page.total is None else TotalView.of(page.total))


class SavedQueryView(BaseModel):
    """A query that somebody kept."""

    name: str = Field(examples=["what runs in production"])
    query: str = Field(examples=["label:stage=production is:tagged"])
    owner: str = Field(examples=["user:alice"])
    is_own: bool
    project: str | None = Field(description="Whoever may read this project sees the query; null for its owner alone.")
    changed_at: Moment

    @classmethod
    def of(cls, saved: SavedQuery, *, is_own: bool) -> "SavedQueryView":
        """Show a saved query."""
        return cls(
            name=saved.name,
            query=saved.query,
            owner=saved.owner,
            is_own=is_own,
            project=saved.project,
            changed_at=saved.changed_at,
        )


class SavedQueryList(BaseModel):
    """Saved queries: one's own by name, then those that others share with one."""

    items: list[SavedQueryView]

    @classmethod
    def of(cls, seen: SeenQueries) -> "SavedQueryList":
        """Show what somebody sees."""
        own = [SavedQueryView.of(each, is_own=True) for each in seen.own]
        return cls(items=[*own, *(SavedQueryView.of(each, is_own=False) for each in seen.shared)])


class NewSavedQuery(BaseModel):
    """The query to keep."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(max_length=MAX_QUERY_CHARACTERS, examples=["label:stage=production is:tagged"])
    project: str | None = Field(
        None, max_length=255, description="Share it with whoever may read this project; takes the right to push to it."
    )
