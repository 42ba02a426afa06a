# SPDX-License-Identifier: Apache-2.0
"""What was found, as the management API shows it."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import Field

from entrepot.features.search.artifact_schemas import MAX_ARTIFACTS
from entrepot.features.search.artifact_schemas import MAX_SAVED_NAME
from entrepot.features.search.artifact_schemas import QUERY_EXAMPLE
from entrepot.features.search.language import MAX_QUERY_CHARACTERS as MAX_ARTIFACT_QUERY
from entrepot.features.search.models import Found
from entrepot.features.search.models import FoundArtifact
from entrepot.features.search.models import FoundTag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of

DEFAULT_RESULTS = 8
MAX_RESULTS = 50
MAX_QUERY_CHARACTERS = 256

_DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

QueryText = Annotated[
    str,
    Query(
        min_length=1,
        max_length=MAX_QUERY_CHARACTERS,
        description="A part of the name of a project or repository, the beginning of a tag or of a digest, "
        "or `repository:tag` with a part of the one and the beginning of the other.",
        examples=["app:1.2"],
    ),
]
_ABOUT_ARTIFACTS = (
    "Plain words and qualifiers such as `type:image`, separated by spaces, all of which have to be true; empty for "
    "everything. docs/how-to/search.md explains the language."
)

ArtifactQueryText = Annotated[
    str, Query(max_length=MAX_ARTIFACT_QUERY, description=_ABOUT_ARTIFACTS, examples=[QUERY_EXAMPLE])
]
ArtifactLimit = Annotated[int, Query(ge=1, le=MAX_ARTIFACTS, description="How many items a page holds at most.")]
SavedName = Annotated[str, Path(min_length=1, max_length=MAX_SAVED_NAME, examples=["what runs in production"])]
ResultLimit = Annotated[int, Query(ge=1, le=MAX_RESULTS, description="How many of each sort are shown at most.")]


class FoundProjectItem(BaseModel):
    """A project that was found."""

    name: str = Field(examples=["team"])


class FoundRepositoryItem(BaseModel):
    """A repository that was found."""

    name: str = Field(examples=["team/app"])
    project: str = Field(description="The first segment of the name.", examples=["team"])

    @classmethod
    def of(cls, name: RepositoryName) -> "FoundRepositoryItem":
        """Show a repository."""
        return cls(name=name, project=namespace_of(name))


class FoundTagItem(BaseModel):
    """A tag that was found."""

    repository: str = Field(examples=["team/app"])
    tag: str = Field(examples=["1.2.3"])
    digest: str = Field(description="What the tag points at.", examples=[_DIGEST])

    @classmethod
    def of(cls, found: FoundTag) -> "FoundTagItem":
        """Show a tag."""
        return cls(repository=found.repository, tag=found.name, digest=found.digest)


class FoundArtifactItem(BaseModel):
    """An artifact that was found, in one of the repositories that hold it."""

    repository: str = Field(examples=["team/app"])
    digest: str = Field(examples=[_DIGEST])
    media_type: str = Field(examples=["application/vnd.oci.image.manifest.v1+json"])
    artifact_type: str | None = Field(
        description="As the manifest states it.", examples=["application/vnd.example.sbom.v1"]
    )

    @classmethod
    def of(cls, found: FoundArtifact) -> "FoundArtifactItem":
        """Show an artifact."""
        return cls(
            repository=found.repository,
            digest=found.digest,
            media_type=found.media_type,
            artifact_type=found.artifact_type,
        )


class SearchView(BaseModel):
    """What was found of each sort, only what you may read, in bytewise order; those that begin so come first."""

    projects: list[FoundProjectItem]
    repositories: list[FoundRepositoryItem]
    tags: list[FoundTagItem]
    artifacts: list[FoundArtifactItem]
    is_complete: bool = Field(
        description="False when there is more than is shown of some sort, or so much that not all was looked at: "
        "a longer `q` finds the rest."
    )

    @classmethod
    def of(cls, found: Found) -> "SearchView":
        """Show what was found."""
        return cls(
            projects=[FoundProjectItem(name=name) for name in found.projects],
            repositories=[FoundRepositoryItem.of(name) for name in found.repositories],
            tags=[FoundTagItem.of(tag) for tag in found.tags],
            artifacts=[FoundArtifactItem.of(artifact) for artifact in found.artifacts],
            is_complete=found.is_complete,
        )
