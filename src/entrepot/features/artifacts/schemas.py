# SPDX-License-Identifier: Apache-2.0
"""Artifacts as the management API shows them."""

from typing import Literal

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.service import Artifact
from entrepot.features.artifacts.service import Child
from entrepot.features.artifacts.service import TaggedArtifact
from entrepot.infra.http.schemas import Moment
from entrepot.oci.descriptor import Platform
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of

Pending = Literal["pending"]
PENDING: Pending = "pending"

Type = ArtifactType | Pending


class RepositoryItem(BaseModel):
    """A repository that the caller may pull from."""

    name: str = Field(examples=["team/app"])
    project: str = Field(description="The first segment of the name.", examples=["team"])

    @classmethod
    def of(cls, name: RepositoryName) -> "RepositoryItem":
        """Show a repository."""
        return cls(name=name, project=namespace_of(name))


class RepositoryPage(BaseModel):
    """Repositories, in bytewise order of their names."""

    items: list[RepositoryItem]


class TagItem(BaseModel):
    """A tag and what it points at."""

    name: str = Field(examples=["1.2"])
    digest: str
    updated_at: Moment = Field(description="When it was last pointed at something else.")
    media_type: str
    artifact_type: str | None = Field(description="As the manifest states it.")
    type: Type = Field(description="What it is for its users; `pending` until that is found out, after the push.")

    @classmethod
    def of(cls, shown: TaggedArtifact) -> "TagItem":
        """Show a tag."""
        tagged = shown.tagged
        return cls(
            name=tagged.name,
            digest=tagged.digest,
            updated_at=tagged.updated_at,
            media_type=tagged.media_type,
            artifact_type=tagged.artifact_type,
            type=shown.type or PENDING,
        )


class TagPage(BaseModel):
    """Tags, in bytewise order of their names."""

    items: list[TagItem]


class PlatformItem(BaseModel):
    """Where something runs; what is not known is empty."""

    os: str
    architecture: str
    variant: str
    os_version: str

    @classmethod
    def of(cls, platform: Platform) -> "PlatformItem":
        """Show a platform."""
        return cls(
            os=platform.os,
            architecture=platform.architecture,
            variant=platform.variant,
            os_version=platform.os_version,
        )


class LayerItem(BaseModel):
    """One layer, lowest first."""

    digest: str
    size: int = Field(description="In bytes, as stored.")
    media_type: str
    command: str = Field(description="What made it, if the configuration tells.")


class Chart(BaseModel):
    """What a Helm chart is called."""

    name: str
    version: str


class Facts(BaseModel):
    """What the manifest and its configuration say. Nothing of it is verified."""

    platforms: list[PlatformItem]
    created: Moment | None
    labels: dict[str, str]
    config_digest: str | None
    layers: list[LayerItem]
    total_size: int = Field(description="Configuration and layers, in bytes; 0 for an index.")
    chart: Chart | None
    title: str
    description: str
    version: str

    @classmethod
    def of(cls, facts: ArtifactFacts) -> "Facts":
        """Show facts."""
        return cls(
            platforms=[PlatformItem.of(platform) for platform in facts.platforms],
            created=facts.created,
            labels=dict(facts.labels),
            config_digest=facts.config_digest,
            layers=[
                LayerItem(digest=layer.digest, size=layer.size, media_type=layer.media_type, command=layer.command)
                for layer in facts.layers
            ],
            total_size=facts.total_size,
            chart=Chart(name=facts.chart_name, version=facts.chart_version) if facts.chart_name else None,
            title=facts.title,
            description=facts.description,
            version=facts.version,
        )


class ChildItem(BaseModel):
    """An entry of an index."""

    digest: str
    media_type: str
    size: int
    platform: PlatformItem | None
    is_here: bool = Field(description="Whether this repository holds it; an index may be pushed before its entries.")

    @classmethod
    def of(cls, child: Child) -> "ChildItem":
        """Show an entry."""
        described = child.descriptor
        return cls(
            digest=described.digest,
            media_type=described.media_type,
            size=described.size,
            platform=PlatformItem.of(described.platform) if described.platform else None,
            is_here=child.is_here,
        )


class ArtifactView(BaseModel):
    """An artifact: a manifest by digest, and what is known of it."""

    digest: str
    media_type: str
    artifact_type: str | None = Field(description="As the manifest states it.")
    type: Type = Field(description="What it is for its users; `pending` until that is found out, after the push.")
    size: int = Field(description="Of the manifest, in bytes.")
    pushed_at: Moment
    pushed_by: str = Field(examples=["user:alice"])
    subject: str | None = Field(description="The digest of the artifact that this one refers to.")
    tags: list[str] = Field(description="The tags that point here, at most 1,000.")
    facts: Facts | None = Field(description="Null while the type is `pending`.")
    children: list[ChildItem] = Field(description="The entries of an index, in its order.")

    @classmethod
    def of(cls, artifact: Artifact) -> "ArtifactView":
        """Show an artifact."""
        stored, facts = artifact.stored, artifact.facts
        return cls(
            digest=stored.digest,
            media_type=stored.media_type,
            artifact_type=stored.artifact_type,
            type=PENDING if facts is None else facts.type,
            size=stored.size,
            pushed_at=stored.pushed_at,
            pushed_by=stored.pushed_by,
            subject=stored.subject,
            tags=list(artifact.tags),
            facts=None if facts is None else Facts.of(facts),
            children=[ChildItem.of(child) for child in artifact.children],
        )
