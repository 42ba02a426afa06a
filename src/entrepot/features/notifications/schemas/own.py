# SPDX-License-Identifier: Apache-2.0
"""What is about somebody's own notifications, in the management API."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.notifications.choosing import WantedPreferences
from entrepot.features.notifications.kinds import Kind
from entrepot.features.notifications.kinds import sentence_of
from entrepot.features.notifications.leading import path_of
from entrepot.features.notifications.models import Channels
from entrepot.features.notifications.models import Digest
from entrepot.features.notifications.models import Mute
from entrepot.features.notifications.models import Notification
from entrepot.features.notifications.models import Preferences
from entrepot.features.notifications.models import Severity
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment
from entrepot.infra.mail.addresses import MAX_ADDRESS_CHARACTERS

MAX_MARKED = 1_000
_ID = "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"

NotificationId = Annotated[str, StringConstraints(max_length=26)]
KindName = Annotated[str, StringConstraints(max_length=64)]


class NotificationItem(BaseModel):
    """Something that you heard of."""

    id: str = Field(examples=[_ID])
    kind: str = Field(description="`GET /api/v1/notifications/kinds` lists them.", examples=["quota.reached"])
    severity: Severity
    text: str = Field(description="What happened, in a sentence.")
    facts: dict[str, str | int] = Field(description="The same for programs; what it holds depends on the kind.")
    project: str | None
    repository: str | None
    path: str = Field(description="Where it leads in the console.", examples=["/projects/team?tab=quota"])
    count: int = Field(description="How many times it happened within an hour.")
    first_at: Moment
    last_at: Moment
    is_read: bool

    @classmethod
    def of(cls, found: Notification) -> "NotificationItem":
        """Show a notification."""
        return cls(
            id=found.id,
            kind=found.kind,
            severity=found.severity,
            text=sentence_of(found.kind, found.facts, found.count),
            facts=dict(found.facts),
            project=found.project or None,
            repository=found.repository or None,
            path=path_of(found),
            count=found.count,
            first_at=found.first_at,
            last_at=found.last_at,
            is_read=found.read_at is not None,
        )


class NotificationList(BaseModel):
    """A page of what you heard of, the newest first."""

    items: list[NotificationItem]


class UnreadCount(BaseModel):
    """How much you have not read."""

    unread: int


class ReadRequest(BaseModel):
    """What you have read: some of it, everything up to one, or both."""

    model_config = ConfigDict(extra="forbid")

    ids: list[NotificationId] = Field([], max_length=MAX_MARKED, description="These.")
    until: NotificationId = Field("", description="This one, and all that are older.")


class NotificationKindItem(BaseModel):
    """A kind of thing that you can hear of."""

    name: str
    about: str
    severity: Severity
    channels: Channels = Field(description="Where you hear of it if you say nothing.")
    is_essential: bool = Field(description="Whether it is in your list whatever you say.")

    @classmethod
    def of(cls, kind: Kind) -> "NotificationKindItem":
        """Show a kind."""
        return cls(
            name=kind.name,
            about=kind.about,
            severity=kind.severity,
            channels=kind.channels,
            is_essential=kind.is_essential,
        )


class NotificationKindList(BaseModel):
    """Everything that you can hear of."""

    items: list[NotificationKindItem]


class PreferencesRequest(BaseModel):
    """How you want to hear of things. A change replaces all of it."""

    model_config = ConfigDict(extra="forbid")

    digest: Digest = Field(Digest.AT_ONCE, description="How often you get mail.")
    hour: int = Field(8, ge=0, le=23, description="Of a daily or weekly mail: the hour of your day.")
    weekday: int = Field(0, ge=0, le=6, description="Of a weekly mail: 0 is Monday.")
    time_zone: str = Field("UTC", max_length=64, description="Yours, as the tz database names it.")
    kinds: dict[KindName, Channels] = Field({}, max_length=200, description="Where you hear of what.")

    def wanted(self) -> WantedPreferences:
        """Return it as the use cases take it."""
        return WantedPreferences(self.digest, self.hour, self.weekday, self.time_zone, dict(self.kinds))


class PreferencesView(BaseModel):
    """How you hear of things."""

    digest: Digest
    hour: int
    weekday: int
    time_zone: str
    kinds: dict[str, Channels]
    address: str | None = Field(description="Where mail goes; null for nowhere.")
    awaited_address: str | None = Field(description="Where a code was sent that has not come back.")
    is_mail_on: bool = Field(description="Whether this registry sends mail.")

    @classmethod
    def of(cls, found: Preferences, *, is_mail_on: bool) -> "PreferencesView":
        """Show preferences."""
        return cls(
            digest=found.digest,
            hour=found.hour,
            weekday=found.weekday,
            time_zone=found.time_zone,
            kinds=dict(found.kinds),
            address=found.address or None,
            awaited_address=found.awaited_address or None,
            is_mail_on=is_mail_on,
        )


class AddressRequest(BaseModel):
    """An address of yours."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(max_length=MAX_ADDRESS_CHARACTERS, examples=["ada@example.org"])


class CodeRequest(BaseModel):
    """The code that was sent to it."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=16, examples=["12345678"])


class MuteRequest(BaseModel):
    """What you do not want to hear of: everything that fits all that is named."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName = Field("", examples=["quota.reached"])
    project: str = Field("", max_length=255, examples=["team"])
    repository: str = Field("", max_length=255, examples=["team/app"])
    until: GivenMoment | None = Field(None, description="Left out: for ever.")


class MuteItem(BaseModel):
    """What you do not want to hear of."""

    id: str = Field(examples=[_ID])
    kind: str | None
    project: str | None
    repository: str | None
    until: Moment | None = Field(description="Null is for ever.")
    created_at: Moment

    @classmethod
    def of(cls, mute: Mute) -> "MuteItem":
        """Show a mute."""
        return cls(
            id=mute.id,
            kind=mute.kind or None,
            project=mute.project or None,
            repository=mute.repository or None,
            until=mute.until,
            created_at=mute.created_at,
        )


class MuteList(BaseModel):
    """Everything that you do not want to hear of."""

    items: list[MuteItem]
