# SPDX-License-Identifier: Apache-2.0
"""Copies as the management API shows them."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.copies.models import FOLLOWED_HOURS
from entrepot.features.copies.models import MAX_FOLLOWED_HOURS
from entrepot.features.copies.models import MAX_TAGS
from entrepot.features.copies.models import Copy
from entrepot.features.copies.models import CopyState
from entrepot.features.copies.models import Wish
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.copy_orders import Plan

MAX_LISTED = 1_000
"""How many manifests a preview lists of each artifact; all of them are counted."""
_FOLLOW = "For how many hours what is said later of what was copied comes along: signatures, SBOMs; 0 for not at all."
_KEPT = "Tags derived from digests that the target keeps: they point at what the source's never did."

CopyPath = Annotated[str, Path(description="The id of a copy.", max_length=64, examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])]


class CopyRequest(BaseModel):
    """What to copy from the repository: a digest, a tag, or all tags that a pattern matches."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(min_length=1, max_length=255, description="The repository to copy to.", examples=["prod/app"])
    digest: str | None = Field(None, max_length=160)
    tag: str | None = Field(None, max_length=128, examples=["1.0"])
    tag_pattern: str | None = Field(
        None, max_length=128, description=f"Such as `v1.*`; at most {MAX_TAGS} tags may match.", examples=["v1.*"]
    )
    tags: list[str] = Field(
        [], max_length=MAX_TAGS, description="What points at it in the target; by default the tag that is copied."
    )
    with_referrers: bool = Field(True, description="Whether what refers to it comes along, of whatever kind.")
    follow_hours: int = Field(FOLLOWED_HOURS, ge=0, le=MAX_FOLLOWED_HOURS, description=_FOLLOW)

    def wish(self, source: RepositoryName) -> Wish:
        """Return what is wanted. Raises as the parsers of names, tags and digests."""
        return Wish(
            source=source,
            target=parse_repository_name(self.target),
            digest=None if self.digest is None else parse_digest(self.digest),
            tag=None if self.tag is None else parse_tag(self.tag),
            tag_pattern=self.tag_pattern or "",
            tags=tuple(dict.fromkeys(map(parse_tag, self.tags))),
            with_referrers=self.with_referrers,
            follow_hours=self.follow_hours,
        )


class CopiedManifest(BaseModel):
    """A manifest that would come along."""

    digest: str
    media_type: str
    artifact_type: str | None
    subject: str | None = Field(description="What it refers to, if it says so itself.")
    size: int
    is_new: bool = Field(description="Whether the target lacks it.")


class CopyPreview(BaseModel):
    """What the copy of one artifact would bring, as if it came alone."""

    digest: str
    tags: list[str] = Field(description="What would point at it in the target.")
    manifests: list[CopiedManifest] = Field(description=f"In the order in which they come; {MAX_LISTED} at most.")
    manifest_count: int = Field(description="How many manifests belong to it.")
    new_manifests: int
    new_blobs: int = Field(description="How many blobs the new manifests list.")
    new_bytes: int = Field(description="What the project of the target does not hold yet, in bytes.")
    derived_tags: list[str] = Field(description="Tags such as `sha256-….sig` that come along.")
    absent: list[str] = Field(description="What an index lists and the source does not have.")
    kept_tags: list[str] = Field(description=_KEPT)
    warnings: list[str]

    @classmethod
    def of(cls, plan: Plan) -> "CopyPreview":
        """Show a plan."""
        new = {step.node.digest for step in plan.steps if step.is_new}
        shown = [
            CopiedManifest(
                digest=each.digest,
                media_type=each.media_type,
                artifact_type=each.artifact_type,
                subject=each.subject,
                size=each.size,
                is_new=each.digest in new,
            )
            for each in list(plan.closure.nodes.values())[:MAX_LISTED]
        ]
        return cls(
            digest=plan.order.digest,
            tags=list(plan.order.tags),
            manifests=shown,
            manifest_count=len(plan.closure.nodes),
            new_manifests=len(new),
            new_blobs=plan.blobs,
            new_bytes=plan.new_bytes,
            derived_tags=list(plan.closure.tags),
            absent=list(plan.closure.absent)[:MAX_LISTED],
            kept_tags=list(plan.kept),
            warnings=list(plan.warnings),
        )


class CopyPreviewList(BaseModel):
    """What a copy would bring, of each artifact."""

    items: list[CopyPreview]


class CopiedArtifact(BaseModel):
    """One artifact of a copy. Its digest was found when the copy was asked for."""

    digest: str
    tag: str | None = Field(description="By which tag it was named in the source.")
    tags: list[str] = Field(description="What points at it in the target.")


class CopyView(BaseModel):
    """That somebody wanted artifacts of one repository in another, and what came of it."""

    id: str = Field(examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])
    source: str = Field(examples=["dev/app"])
    target: str = Field(examples=["prod/app"])
    artifacts: list[CopiedArtifact]
    with_referrers: bool
    follow_hours: int = Field(description=_FOLLOW)
    requested_by: str = Field(examples=["user:ada"])
    requested_at: Moment
    state: CopyState
    ended_at: Moment | None
    reason: str = Field(description="Why it failed, or why nothing follows it any more.")
    is_followed: bool = Field(description="Whether what is said now of what was copied comes along.")
    follow_until: Moment | None
    manifests: int = Field(description="How many manifests it has brought.")
    late_manifests: int = Field(description="How many of them came after it was done.")
    new_bytes: int = Field(description="What was new for the project of the target, in bytes.")
    kept_tags: list[str] = Field(description=_KEPT)
    warnings: list[str]

    @classmethod
    def at(cls, copy: Copy, now: Milliseconds) -> "CopyView":
        """Show a copy."""
        brought = copy.brought
        return cls(
            id=copy.id,
            source=copy.source,
            target=copy.target,
            artifacts=[CopiedArtifact(digest=each.digest, tag=each.tag, tags=list(each.tags)) for each in copy.items],
            with_referrers=copy.with_referrers,
            follow_hours=copy.follow_hours,
            requested_by=copy.asker.identity,
            requested_at=copy.requested_at,
            state=copy.state,
            ended_at=copy.ended_at,
            reason=copy.reason,
            is_followed=copy.is_followed(now),
            follow_until=copy.follow_until,
            manifests=brought.manifests,
            late_manifests=brought.late,
            new_bytes=brought.new_bytes,
            kept_tags=list(brought.kept),
            warnings=list(brought.warnings),
        )


class CopyList(BaseModel):
    """Copies, the newest first. A page may hold fewer than were asked for."""

    items: list[CopyView]
