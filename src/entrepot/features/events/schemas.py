# SPDX-License-Identifier: Apache-2.0
"""What the stream of events sends, for the description of the API. The data is made by `models`."""

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.events.models import StreamFormat
from entrepot.infra.http.schemas import Moment
from entrepot.registry.events import Cause
from entrepot.registry.events import EventType


class EventQuery(BaseModel):
    """What somebody wants to hear of, and from when on. What is left out excludes nothing."""

    repository: str = Field("", description="Only what is about this repository.", examples=["team/app"])
    project: str = Field("", description="Only what is about repositories of this project.", examples=["team"])
    type: EventType | None = Field(None, description="Only events of this type.")
    format: StreamFormat = Field(
        StreamFormat.PLAIN,
        description="`cloudevents` for CloudEvents 1.0 in their JSON format, as webhooks send them: the name of an "
        "event is its `type`, and what was used is one event for each manifest and tag.",
    )
    after: str = Field("", description="Begin behind the event with this `id`; it goes before `last`.")
    last: int = Field(0, ge=0, le=1_000, description="Begin so many events back; those that you may not see count too.")


class EventVersion(BaseModel):
    """A tag's version: compared by `epoch`, then `hlc`, then `region`, it grows with every change of the tag."""

    epoch: int
    hlc: str = Field(description="A number of up to 63 bits, in decimal.", examples=["115964116992000000"])
    region: str


class EventUse(BaseModel):
    """How often one manifest was asked for, added up over about a second and over all clients."""

    repository: str = Field(examples=["team/app"])
    digest: str
    tag: str | None = Field(None, description="The tag that it was asked for by; null for its digest.")
    is_pull: bool = Field(description="Whether it was fetched, or only asked about (HEAD).")
    count: int


class EventItem(BaseModel):
    """The `data` of one event. Members that do not apply are left out."""

    id: str = Field(
        description="Names the event for good, wherever it is told.", examples=["01K0000000000000000000000Z"]
    )
    type: EventType = Field(description="The same as the name of the event.")
    occurred_at: Moment
    origin: str = Field(description="The region in which it happened.")
    cause: Cause = Field(Cause.USER, description="Why it happened; left out for `user`.")
    project: str = Field("", examples=["team"])
    repository: str = Field("", examples=["team/app"])
    tag: str | None = Field(None, examples=["1.0"])
    digest: str | None = None
    subject: str | None = None
    media_type: str | None = None
    artifact_type: str | None = None
    size: int | None = Field(None, description="In bytes.")
    version: EventVersion | None = None
    previous_version: EventVersion | None = None
    previous_digest: str | None = None
    principal: str = Field("", description="Who did it.", examples=["user:alice"])
    address: str = Field("", description="From where; only for administrators, and for what you did yourself.")
    agent: str = Field("", description="With which client; likewise.")
    request_id: str = Field("", description="Finds the request in the log; likewise.")
    mode: str | None = Field(None, description="Of `mode.changed`; so are the next two.")
    previous_mode: str | None = None
    reason: str = ""
    uses: list[EventUse] = Field([], description="Of `content.used`.")
