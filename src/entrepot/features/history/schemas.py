# SPDX-License-Identifier: Apache-2.0
"""The history of tags as the management API shows it."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.history.service import FormerValue
from entrepot.infra.http.schemas import Moment
from entrepot.registry.events import Version
from entrepot.registry.undelete import RestoredTag


class VersionView(BaseModel):
    """A tag's version: compared by `epoch`, then `hlc`, then `region`, it grows with every change of the tag."""

    epoch: int
    hlc: str = Field(description="A number of up to 63 bits, in decimal.", examples=["115964116992000000"])
    region: str

    @classmethod
    def of(cls, version: Version) -> "VersionView":
        """Show a version."""
        return cls(epoch=version.epoch, hlc=str(version.hlc), region=version.region)


class ChangeItem(BaseModel):
    """One change of a tag."""

    digest: str | None = Field(description="What the tag pointed at from then on; null when it was deleted.")
    previous: str | None = Field(description="What it pointed at before; null when it did not exist.")
    version: VersionView
    changed_at: Moment
    changed_by: str = Field(examples=["user:alice"])
    cause: str = Field(examples=["user"])
    restorable: bool = Field(description="Whether the tag can be pointed at `digest` again, and does not point there.")
    restorable_until: Moment | None = Field(
        description="When `digest` was deleted: how long it can be restored. Null when it stays until it is deleted."
    )

    @classmethod
    def of(cls, value: FormerValue) -> "ChangeItem":
        """Show a change."""
        entry = value.entry
        return cls(
            digest=entry.digest,
            previous=entry.previous_digest,
            version=VersionView.of(entry.version),
            changed_at=entry.changed_at,
            changed_by=entry.changed_by,
            cause=entry.cause,
            restorable=value.is_restorable,
            restorable_until=value.restorable_until,
        )


class HistoryView(BaseModel):
    """Changes of a tag, newest first."""

    items: list[ChangeItem]


class RestoreRequest(BaseModel):
    """What to point the tag at."""

    model_config = ConfigDict(extra="forbid")

    digest: str = Field(description="A digest from the history of this tag, or any other that the repository has had.")


class RestoredView(BaseModel):
    """The change that was made."""

    tag: str
    digest: str
    previous: str | None = Field(description="What the tag pointed at before; null when it did not exist.")
    version: VersionView
    warnings: list[str] = Field(description="What policies want you to know.")

    @classmethod
    def of(cls, restored: RestoredTag, digest: str) -> "RestoredView":
        """Show that a tag points at `digest` again."""
        move = restored.move
        return cls(
            tag=move.name,
            digest=digest,
            previous=move.before.digest if move.before else None,
            version=VersionView.of(move.version),
            warnings=restored.warnings,
        )
