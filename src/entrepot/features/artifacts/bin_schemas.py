# SPDX-License-Identifier: Apache-2.0
"""Deleted artifacts as the management API shows them."""

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.artifacts.bin import BinnedArtifact
from entrepot.features.artifacts.promise_schemas import MAX_SHOWN
from entrepot.features.artifacts.promise_schemas import PromiseView
from entrepot.features.artifacts.schemas import PENDING
from entrepot.features.artifacts.schemas import Type
from entrepot.infra.http.schemas import Moment
from entrepot.registry.delete import Deleted
from entrepot.registry.promise import Promise
from entrepot.registry.store.holds import Hold
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.undelete import RestoredManifest


class DeletedView(BaseModel):
    """What was deleted, and how long it can be restored."""

    deleted: str = Field(description="The tag or the digest that was asked for.", examples=["1.2"])
    restorable_until: Moment
    tags: list[str] = Field(description="The tags that were deleted, at most 1,000.", examples=[["1.2"]])
    also: list[str] = Field(description="The digests of referrers that were deleted along, at most 1,000.")
    warnings: list[str] = Field(description="What policies want you to know.")

    @classmethod
    def of(cls, name: str, deleted: Deleted) -> "DeletedView":
        """Show what became of the tag or digest `name`."""
        return cls(
            deleted=name,
            restorable_until=deleted.restorable_until,
            tags=list(deleted.tags[:MAX_SHOWN]),
            also=[digest for digest in deleted.digests if digest != name][:MAX_SHOWN],
            warnings=deleted.warnings,
        )


class DeletedArtifactView(DeletedView):
    """What was deleted with an artifact, how long it can be restored, and what that frees."""

    promise: PromiseView | None = Field(description="Null where it is too much to be told at once.")

    @classmethod
    def promising(cls, digest: str, deleted: Deleted, promise: Promise | None) -> "DeletedArtifactView":
        """Show what became of an artifact."""
        shown = PromiseView.of(promise) if promise else None
        return cls(**dict(DeletedView.of(digest, deleted)), promise=shown)


class RestoredArtifactView(BaseModel):
    """What came back."""

    digest: str
    tags: list[str] = Field(description="The tags that point at it again, at most 1,000.")
    also: list[str] = Field(description="The digests that came back along, at most 1,000.")
    warnings: list[str] = Field(description="What policies want you to know.")

    @classmethod
    def of(cls, digest: str, restored: RestoredManifest) -> "RestoredArtifactView":
        """Show that an artifact is back."""
        return cls(
            digest=digest,
            tags=list(restored.tags[:MAX_SHOWN]),
            also=[each for each in restored.digests if each != digest][:MAX_SHOWN],
            warnings=restored.warnings,
        )


class BinHold(BaseModel):
    """The hold that keeps a deleted artifact from being purged."""

    id: str
    kind: HoldKind
    reason: str
    placed_by: str = Field(examples=["user:ada"])
    expires_at: Moment | None = Field(description="Null for one without an end.")

    @classmethod
    def of(cls, hold: Hold) -> "BinHold":
        """Show the hold."""
        return cls(id=hold.id, kind=hold.kind, reason=hold.reason, placed_by=hold.who, expires_at=hold.expires_at)


class BinItem(BaseModel):
    """A deleted artifact that can still be restored."""

    digest: str
    media_type: str
    type: Type = Field(description="What it is for its users; `pending` where that was never found out.")
    deleted_at: Moment
    deleted_by: str | None = Field(description="Null where it is not known.", examples=["user:alice"])
    restorable_until: Moment
    tags: list[str] = Field(description="Some of the tags that were deleted with it, at most 10.")
    hold: BinHold | None = Field(description="While there is one, it can be restored after `restorable_until` too.")

    @classmethod
    def of(cls, binned: BinnedArtifact) -> "BinItem":
        """Show a deleted artifact."""
        manifest = binned.manifest
        return cls(
            digest=manifest.digest,
            media_type=manifest.media_type,
            type=PENDING if binned.type is None else binned.type,
            deleted_at=manifest.deleted_at,
            deleted_by=manifest.deleted_by,
            restorable_until=manifest.restorable_until,
            tags=list(manifest.tags),
            hold=BinHold.of(binned.hold) if binned.hold else None,
        )


class BinPage(BaseModel):
    """Deleted artifacts, the one that was deleted last first."""

    items: list[BinItem]
