# SPDX-License-Identifier: Apache-2.0
"""Artifacts as the management API shows them."""

from typing import Literal

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.service import Artifact
from entrepot.features.artifacts.service import Child
from entrepot.features.artifacts.service import ListedArtifact
from entrepot.features.artifacts.service import ListedReferrer
from entrepot.features.artifacts.service import ShownRepository
from entrepot.features.artifacts.service import TaggedArtifact
from entrepot.features.descriptions import OwnerView
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.access import Action
from entrepot.oci.descriptor import Platform
from entrepot.oci.reference import namespace_of

Pending = Literal["pending"]
PENDING: Pending = "pending"

Type = ArtifactType | Pending

_TYPE = "What it is for its users; `pending` until that is found out, after the push."
_STATED_TYPE = "As the manifest states it."
_TOTAL_SIZE = "Configuration and layers in bytes, of an index those of its entries; null while that is not known."
_TAG_PULLED = "When a client last asked by this tag (GET or HEAD); null: not since `pulls_known_since`."
_PULLED = "When a client last asked for it, by digest or by a tag (GET or HEAD); null: not since `pulls_known_since`."
_KNOWN_SINCE = "From when on this registry records pulls; of the time before nobody knows."
_LABELS = "Put on it after it was pushed, and apart from those of its configuration, which are among the facts."
_PLATFORMS = "What it runs on, of an index what its entries do: system, architecture and variant."


class RepositoryItem(BaseModel):
    """A repository that the caller may pull from."""

    name: str = Field(examples=["team/app"])
    project: str = Field(description="The first segment of the name.", examples=["team"])
    created_at: Moment
    updated_at: Moment = Field(description="When a manifest or a tag that is there was last pushed, set or moved.")
    latest_tag: str | None = Field(description="The tag that was last set or moved.", examples=["1.2"])
    summary: str = Field(description="What it is, in one line; empty where nobody has said.")
    owner: OwnerView | None = Field(description="Whom to ask about it, where somebody has said.")

    @classmethod
    def of(cls, shown: ShownRepository) -> "RepositoryItem":
        """Show a repository."""
        listed, brief = shown.listed, shown.brief
        return cls(
            name=listed.name,
            project=namespace_of(listed.name),
            created_at=listed.created_at,
            updated_at=listed.updated_at,
            latest_tag=listed.latest_tag,
            summary=brief.summary if brief else "",
            owner=OwnerView.of(brief.owner) if brief else None,
        )


class RepositoryPage(BaseModel):
    """Repositories, in bytewise order of their names."""

    items: list[RepositoryItem]


class RepositoryView(RepositoryItem):
    """A repository, and what the caller may do in it."""

    may: list[Action] = Field(description="What your rights, and your token if you use one, cover here.")

    @classmethod
    def shown_to(cls, shown: ShownRepository, may: list[Action]) -> "RepositoryView":
        """Show a repository to somebody who may do that in it."""
        return cls(**dict(RepositoryItem.of(shown)), may=may)


class TagItem(BaseModel):
    """A tag and what it points at."""

    name: str = Field(examples=["1.2"])
    digest: str
    updated_at: Moment = Field(description="When it was last pointed at something else.")
    updated_by: str = Field(description="Who did that.", examples=["user:alice"])
    media_type: str
    artifact_type: str | None = Field(description=_STATED_TYPE)
    type: Type = Field(description=_TYPE)
    size: int | None = Field(description=_TOTAL_SIZE)
    platforms: list[str] = Field(description=_PLATFORMS, examples=[["linux/amd64", "linux/arm64/v8"]])
    last_pulled_at: Moment | None = Field(description=_TAG_PULLED)
    pulls_known_since: Moment = Field(description=_KNOWN_SINCE)

    @classmethod
    def of(cls, shown: TaggedArtifact) -> "TagItem":
        """Show a tag."""
        tagged, summary = shown.tagged, shown.summary
        return cls(
            name=tagged.name,
            digest=tagged.digest,
            updated_at=tagged.updated_at,
            updated_by=tagged.updated_by,
            media_type=tagged.media_type,
            artifact_type=tagged.artifact_type,
            type=PENDING if summary is None else summary.type,
            size=None if summary is None else summary.total_size,
            platforms=[] if summary is None else list(summary.platforms),
            last_pulled_at=shown.last_pull.at,
            pulls_known_since=shown.last_pull.known_since,
        )


class TagPage(BaseModel):
    """Tags, in the order that was asked for."""

    items: list[TagItem]


class ArtifactItem(BaseModel):
    """An artifact of a repository, tagged or not."""

    digest: str
    media_type: str
    artifact_type: str | None = Field(description=_STATED_TYPE)
    type: Type = Field(description=_TYPE)
    size: int | None = Field(description=_TOTAL_SIZE)
    platforms: list[str] = Field(description=_PLATFORMS, examples=[["linux/amd64", "linux/arm64/v8"]])
    tags: list[str] = Field(description="Some of the tags that point here, at most 10.")
    labels: dict[str, str] = Field(description=_LABELS, examples=[{"stage": "production"}])
    pushed_at: Moment
    pushed_by: str = Field(examples=["user:alice"])
    last_pulled_at: Moment | None = Field(description=_PULLED)
    pulls_known_since: Moment = Field(description=_KNOWN_SINCE)

    @classmethod
    def of(cls, listed: ListedArtifact) -> "ArtifactItem":
        """Show an artifact."""
        manifest, summary = listed.manifest, listed.summary
        return cls(
            digest=manifest.digest,
            media_type=manifest.media_type,
            artifact_type=manifest.artifact_type,
            type=PENDING if summary is None else summary.type,
            size=None if summary is None else summary.total_size,
            platforms=[] if summary is None else list(summary.platforms),
            tags=list(manifest.tags),
            labels=dict(listed.labels),
            pushed_at=manifest.pushed_at,
            pushed_by=manifest.pushed_by,
            last_pulled_at=listed.last_pull.at,
            pulls_known_since=listed.last_pull.known_since,
        )


class ArtifactPage(BaseModel):
    """Artifacts by the time of their push. A page of a filtered list may hold fewer than asked for, even none."""

    items: list[ArtifactItem]


class ReferrerItem(BaseModel):
    """An artifact that names another one as its subject."""

    digest: str
    media_type: str
    artifact_type: str | None = Field(description=_STATED_TYPE)
    type: Type = Field(description=_TYPE)
    size: int = Field(description="Of the manifest, in bytes.")
    pushed_at: Moment
    pushed_by: str = Field(examples=["user:alice"])
    annotations: dict[str, str]
    has_referrers: bool = Field(description="Whether others name this one as their subject.")

    @classmethod
    def of(cls, listed: ListedReferrer) -> "ReferrerItem":
        """Show a referrer."""
        manifest = listed.manifest
        return cls(
            digest=manifest.digest,
            media_type=manifest.media_type,
            artifact_type=manifest.artifact_type,
            type=PENDING if listed.type is None else listed.type,
            size=manifest.size,
            pushed_at=manifest.pushed_at,
            pushed_by=manifest.pushed_by,
            annotations=dict(listed.annotations),
            has_referrers=manifest.has_referrers,
        )


class ReferrerPage(BaseModel):
    """Referrers, in order of their digests. A page may hold fewer than asked for, even none."""

    items: list[ReferrerItem]


class PlatformItem(BaseModel):
    """What an image runs on; empty where it does not say."""

    os: str = Field(examples=["linux"])
    architecture: str = Field(examples=["arm64"])
    variant: str = Field(examples=["v8"])
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
    size: int = Field(description="Of what the entry names, in bytes: of a manifest, not of its layers.")
    platform: PlatformItem | None
    annotations: dict[str, str]
    is_here: bool = Field(description="Whether this repository holds it; an index may be pushed before its entries.")
    type: Type = Field(description=_TYPE)
    total_size: int | None = Field(description=_TOTAL_SIZE)

    @classmethod
    def of(cls, child: Child) -> "ChildItem":
        """Show an entry."""
        described, summary = child.descriptor, child.summary
        return cls(
            digest=described.digest,
            media_type=described.media_type,
            size=described.size,
            platform=PlatformItem.of(described.platform) if described.platform else None,
            annotations=dict(described.annotations),
            is_here=child.is_here,
            type=PENDING if summary is None else summary.type,
            total_size=None if summary is None else summary.total_size,
        )


class ArtifactView(BaseModel):
    """An artifact: a manifest by digest, and what is known of it."""

    digest: str
    media_type: str
    artifact_type: str | None = Field(description=_STATED_TYPE)
    type: Type = Field(description=_TYPE)
    size: int = Field(description="Of the manifest, in bytes.")
    pushed_at: Moment
    pushed_by: str = Field(examples=["user:alice"])
    last_pulled_at: Moment | None = Field(description=_PULLED)
    pulls_known_since: Moment = Field(description=_KNOWN_SINCE)
    subject: str | None = Field(description="The digest of the artifact that this one refers to.")
    tags: list[str] = Field(description="The tags that point here, at most 1,000.")
    labels: dict[str, str] = Field(description=_LABELS, examples=[{"stage": "production"}])
    annotations: dict[str, str] = Field(description="Of the manifest.")
    facts: Facts | None = Field(description="Null while the type is `pending`.")
    children: list[ChildItem] = Field(description="The entries of an index, in its order.")
    parents: list[str] = Field(description="The digests of indexes in this repository that list it, at most 100.")

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
            last_pulled_at=artifact.last_pull.at,
            pulls_known_since=artifact.last_pull.known_since,
            subject=stored.subject,
            tags=list(artifact.tags),
            labels=dict(artifact.labels),
            annotations=dict(artifact.annotations),
            facts=None if facts is None else Facts.of(facts),
            children=[ChildItem.of(child) for child in artifact.children],
            parents=list(artifact.parents),
        )
