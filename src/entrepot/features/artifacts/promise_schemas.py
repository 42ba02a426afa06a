# SPDX-License-Identifier: Apache-2.0
"""What deleting frees, as the management API shows it."""

from pydantic import BaseModel
from pydantic import Field

from entrepot.infra.http.schemas import Moment
from entrepot.registry.promise import Promise
from entrepot.registry.reclaim import Kept
from entrepot.registry.store.backups import HeldBack
from entrepot.registry.store.reclaim import Holder

MAX_SHOWN = 1_000
"""How many digests, tags and kept things an answer names at most."""


class KeptItem(BaseModel):
    """What the artifact holds and something else needs, so that it stays."""

    digest: str
    size: int = Field(description="In bytes.", examples=[3145728])
    held_by: Holder = Field(description="`repository` is another one, which is not named.")
    holder: str = Field(
        description="The digest of the holder, where it is an index or artifact of this repository; of a hold that "
        "somebody placed, or a cluster, what is to be said of it."
    )

    @classmethod
    def of(cls, kept: Kept) -> "KeptItem":
        """Show what is kept."""
        return cls(digest=kept.digest, size=kept.size, held_by=kept.held.by, holder=kept.held.name)


class HeldBackItem(BaseModel):
    """Blobs whose bytes stay longer, because a backup names them."""

    backup: str = Field(examples=["2026-01-31T120000Z"])
    until: Moment = Field(description="When the backup ends; its bytes are deleted then, or once it is removed.")
    objects: int = Field(examples=[3])
    bytes: int = Field(examples=[52428800])

    @classmethod
    def of(cls, held: HeldBack) -> "HeldBackItem":
        """Show what is held back."""
        return cls(backup=held.backup, until=held.until, objects=held.objects, bytes=held.bytes)


class PromiseView(BaseModel):
    """What deleting an artifact frees, unless somebody pushes or deletes meanwhile."""

    freed_bytes: int = Field(description="Of blobs, as the storage lists them.", examples=[52428800])
    objects: int = Field(description="How many blobs those are of.", examples=[3])
    restorable_until: Moment = Field(description="Until then everything comes back.")
    bytes_gone_after: Moment = Field(description="From then on the bytes are deleted.")
    tags: list[str] = Field(description="The tags that go along, at most 1,000; none if it is in the bin already.")
    digests: list[str] = Field(description="The artifacts that go together, at most 1,000.")
    kept: list[KeptItem] = Field(description="What stays because something else needs it, at most 1,000.")
    held_back: list[HeldBackItem] = Field(description="What goes later, and is not counted in `freed_bytes`.")

    @classmethod
    def of(cls, promise: Promise) -> "PromiseView":
        """Show a promise."""
        return cls(
            freed_bytes=promise.freed_bytes,
            objects=promise.objects,
            restorable_until=promise.restorable_until,
            bytes_gone_after=promise.bytes_gone_after,
            tags=list(promise.tags[:MAX_SHOWN]),
            digests=list(promise.digests[:MAX_SHOWN]),
            kept=[KeptItem.of(each) for each in promise.kept[:MAX_SHOWN]],
            held_back=[HeldBackItem.of(each) for each in promise.held_back[:MAX_SHOWN]],
        )


class FreedView(BaseModel):
    """What was freed at once, and what that costs."""

    freed: PromiseView
    restore_loses: str = Field(description="What a database lacks that is restored from a backup of before.")

    @classmethod
    def of(cls, promise: Promise) -> "FreedView":
        """Show what is gone."""
        loses = (
            f"A database that is restored from a backup of before names {promise.objects} objects with "
            f"{promise.freed_bytes} bytes that are gone: the artifact would be listed, and could not be pulled "
            "before it is pushed again."
        )
        return cls(freed=PromiseView.of(promise), restore_loses=loses if promise.objects else "Nothing.")
