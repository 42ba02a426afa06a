# SPDX-License-Identifier: Apache-2.0
"""Holds as the management API shows them."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.holds.models import Terms
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import parse_tag
from entrepot.registry.keeping import MAX_HOLD_REASON_CHARACTERS
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.placed_holds import PlacedHold

_KIND = (
    "`legal`: evidence, which takes the right to `hold` and may have no end. `user`: what somebody who may delete "
    "wants nobody to delete for at most a year."
)
_WHY = "Why, in one line; it is shown to whoever is refused, and recorded."
_ENDS = "When it ends by itself; null for never, as only legal ones do."

HoldPath = Annotated[str, Path(description="The id of a hold.", max_length=26, examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])]


class PlacedHoldView(BaseModel):
    """A hold, in force or ended."""

    id: str = Field(examples=["01KDZK3V8E8K5Z4Q6T6R9W2B7C"])
    repository: str = Field(examples=["team/app"])
    digest: str | None = Field(description="What it keeps, with all below; null for the whole repository.")
    tag: str | None = Field(description="The tag by which it was named; it may point elsewhere by now.")
    kind: HoldKind = Field(description=_KIND)
    reason: str = Field(examples=["Case 4711"])
    placed_at: Moment
    placed_by: str = Field(examples=["user:ada"])
    expires_at: Moment | None = Field(description=_ENDS)
    is_in_force: bool = Field(description="Whether it keeps anything now.")
    released_at: Moment | None
    released_by: str | None
    release_reason: str | None

    @classmethod
    def at(cls, hold: PlacedHold, now: Milliseconds) -> "PlacedHoldView":
        """Show a hold."""
        return cls(
            id=hold.id,
            repository=hold.repository,
            digest=hold.digest,
            tag=hold.tag,
            kind=hold.kind,
            reason=hold.reason,
            placed_at=hold.placed_at,
            placed_by=hold.placed_by,
            expires_at=hold.expires_at,
            is_in_force=hold.is_in_force(now),
            released_at=hold.released_at,
            released_by=hold.released_by,
            release_reason=hold.release_reason,
        )


class PlacedHoldList(BaseModel):
    """Holds, the newest first. Those that ended are listed for 30 days; a page may hold fewer than were asked for."""

    items: list[PlacedHoldView]


class KeepingHolds(BaseModel):
    """The holds that keep an artifact now, and which kinds you may place and release here."""

    items: list[PlacedHoldView]
    may: list[HoldKind]


class HoldRequest(BaseModel):
    """The hold to place: on a digest, on what a tag points at, or with neither on the whole repository."""

    model_config = ConfigDict(extra="forbid")

    kind: HoldKind = Field(description=_KIND)
    reason: str = Field(min_length=1, max_length=MAX_HOLD_REASON_CHARACTERS, description=_WHY)
    digest: str | None = Field(None, max_length=160)
    tag: str | None = Field(None, max_length=128)
    expires_at: GivenMoment | None = Field(None, description=_ENDS)

    @property
    def terms(self) -> Terms:
        """What is wanted. Raises `DigestInvalid` and `TagInvalid`."""
        digest = None if self.digest is None else parse_digest(self.digest)
        return Terms(self.kind, self.reason, self.expires_at, digest, None if self.tag is None else parse_tag(self.tag))


class HoldExtension(BaseModel):
    """When a hold is to end."""

    model_config = ConfigDict(extra="forbid")

    expires_at: GivenMoment | None = Field(description=_ENDS)


class HoldRelease(BaseModel):
    """Why a hold ends."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=MAX_HOLD_REASON_CHARACTERS, description=_WHY)
