# SPDX-License-Identifier: Apache-2.0
"""The audit log as the management API shows it."""

import base64
import json
from typing import Annotated
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import urlencode

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.audit.keeping import Span
from entrepot.features.audit.models import Checkpoint
from entrepot.features.audit.models import Filter
from entrepot.features.audit.models import Hold
from entrepot.features.audit.models import Partition
from entrepot.features.audit.models import Pulls
from entrepot.features.audit.models import Record
from entrepot.features.audit.models import SavedFilter
from entrepot.features.audit.models import Stamped
from entrepot.features.audit.service import Standing
from entrepot.features.audit.witness_schemas import OriginView
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.access import Principal
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.events import Outcome

MAX_REASON_CHARACTERS = 1_000

_ERASED = "Null when it was erased."
_PERSON = "As `user:alice`, `robot:team-ci`, `internal:…` for Entrepot itself, or `anonymous:anonymous`."

HoldPath = Annotated[Ulid, Path(description="The id of a hold.", min_length=26, max_length=26)]
FilterPath = Annotated[
    str, Path(description="The name of a saved search.", pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")
]


class RecordFilter(BaseModel):
    """Which records are wanted; what is not given excludes nothing. Everything is compared exactly."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(
        "",
        max_length=64,
        description="A type, such as `grant.given`, or what comes before its dot, for all of these.",
        examples=["grant"],
    )
    principal: str = Field("", max_length=320, description=f"Who did it. {_PERSON}", examples=["user:alice"])
    address: str = Field("", max_length=64, description="The address it came from.", examples=["203.0.113.7"])
    project: str = Field("", max_length=255, examples=["team"])
    repository: str = Field("", max_length=255, examples=["team/app"])
    tag: str = Field("", max_length=128)
    digest: str = Field("", max_length=160)
    object: str = Field("", max_length=320, description="What was changed, such as `role:deployer` or `user:bob`.")
    outcome: Outcome | None = None
    credential: str = Field("", max_length=255, description="What the principal logged in with.")
    request_id: str = Field("", max_length=64)
    since: GivenMoment | None = Field(None, description="The first moment that is wanted, in RFC 3339.")
    until: GivenMoment | None = Field(None, description="The moment before which it happened, in RFC 3339.")

    @property
    def terms(self) -> Filter:
        """The same, in the words of the feature."""
        return Filter(**{name: getattr(self, name) for name in Filter.__dataclass_fields__})

    @property
    def query(self) -> str:
        """The same, as the query of an address."""
        given = self.model_dump(mode="json", exclude_defaults=True)
        return urlencode([(name, str(value)) for name, value in given.items()])


class RecordQuery(RecordFilter):
    """Which records are wanted, and where the page begins."""

    limit: int = Field(100, ge=1, le=1_000, description="How many records a page holds at most.")
    cursor: str = Field(
        "",
        max_length=512,
        description="Taken from the `Link` header of the page before, and of no meaning to a client.",
    )


class RecordItem(BaseModel):
    """A record."""

    seq: int = Field(description="Its number in the log; each is one more than the one before.")
    at: Moment
    type: str = Field(examples=["grant.given"])
    principal: str | None = Field(description=f"Who did it. {_PERSON} {_ERASED}")
    kind: str = Field(description="What sort of actor that is.", examples=["user"])
    credential: str = Field(description="What they logged in with: `password:…`, `token:…`, `session:…`.")
    provider: str = Field(description="Who vouched for them; empty for Entrepot itself.")
    on_behalf_of: str | None = Field(
        description="The opening of break-glass access that they acted by, as `break-glass:<id>`; "
        "or for whom they acted, where that is somebody else."
    )
    address: str | None = Field(description=_ERASED)
    agent: str = Field(description="What the client calls itself.")
    project: str
    repository: str
    tag: str
    digest: str
    object: str | None = Field(description=f"What was changed. {_ERASED}")
    outcome: Outcome
    request_id: str = Field(description="The request, or the job, that it was done in.")
    times: int = Field(description="How many times it happened, for what is counted.")
    details: Any = Field(description="What else there is to say, such as `reason`, `before` and `after`.")
    is_erased: bool = Field(description="Whether there were details that were erased.")
    event: Ulid = Field(description="The id of the event that it was recorded from.")
    hash: str = Field(description="The SHA-256 by which it is chained, in hexadecimal.")

    @classmethod
    def of(cls, record: Record) -> "RecordItem":
        """Show a record."""
        shown = {name: getattr(record, name) for name in cls.model_fields if name != "hash"}
        return cls(**shown, hash=record.hash.hex())

    def row(self) -> list[str]:
        """Return it as a row of a table, nothing of which a spreadsheet takes for a formula."""
        shown = self.model_dump(mode="json")
        texts = [
            json.dumps(value) if isinstance(value, dict) else str("" if value is None else value)
            for value in shown.values()
        ]
        return [f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text for text in texts]


class RecordList(BaseModel):
    """Records, newest first."""

    items: list[RecordItem]


class PartitionView(BaseModel):
    """The records of a month."""

    month: str = Field(examples=["2026-11"])
    first_seq: int
    last_seq: int
    first_at: Moment = Field(description="The earliest moment that a record tells of.")
    last_at: Moment
    dropped_at: Moment | None = Field(description="When its records were dropped; null if they are there.")

    @classmethod
    def of(cls, partition: Partition) -> "PartitionView":
        """Show a month."""
        shown = {name: getattr(partition, name) for name in cls.model_fields if name != "month"}
        return cls(month=partition.month.replace("_", "-"), **shown)


class CheckpointView(BaseModel):
    """The log up to a record, signed."""

    seq: int
    signed_at: Moment
    token: str = Field(description="A JWS in compact serialization; keep it elsewhere to prove later what was there.")

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "CheckpointView":
        """Show a checkpoint."""
        return cls(seq=checkpoint.seq, signed_at=checkpoint.signed_at, token=checkpoint.token)


class StampedView(BaseModel):
    """A time stamp of a checkpoint."""

    seq: int
    stamped_at: Moment
    checkpoint: str | None = Field(description="The token that it is of; null if that is gone.")
    token: str = Field(description="The token of RFC 3161 in DER, in base64.")

    @classmethod
    def of(cls, stamped: Stamped) -> "StampedView":
        """Show one."""
        shown = {name: getattr(stamped, name) for name in ("seq", "stamped_at", "checkpoint")}
        return cls(**shown, token=base64.b64encode(stamped.token).decode())


class StampedList(BaseModel):
    """Time stamps, oldest first."""

    items: list[StampedView]


class CheckpointList(BaseModel):
    """Checkpoints, oldest first."""

    items: list[CheckpointView]


class HoldView(BaseModel):
    """A span of which nothing is dropped or erased."""

    id: Ulid
    reason: str
    begins_at: Moment
    ends_at: Moment | None = Field(description="Null for one that goes on.")
    placed_at: Moment
    placed_by: str
    released_at: Moment | None = Field(description="Null while it is in force.")
    released_by: str | None

    @classmethod
    def of(cls, hold: Hold) -> "HoldView":
        """Show a hold."""
        return cls(**{name: getattr(hold, name) for name in cls.model_fields})


class HoldList(BaseModel):
    """Holds, oldest first, those that were released too."""

    items: list[HoldView]


class NewHold(BaseModel):
    """The hold to place."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS)
    begins_at: GivenMoment = Field(description="From when on nothing is dropped, in RFC 3339.")
    ends_at: GivenMoment | None = Field(None, description="Until when; left out, it goes on.")

    @property
    def span(self) -> Span:
        """The same, in the words of the feature."""
        return Span(self.begins_at, self.ends_at)


class NewErasure(BaseModel):
    """Whom to forget."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(
        min_length=1,
        max_length=320,
        description="Such as `user:alice` or `address:203.0.113.7`.",
        examples=["user:alice"],
    )
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, description="Without the name: it is recorded.")


class ErasureView(BaseModel):
    """What was erased beside the name."""

    details: int = Field(description="Of how many records the details are gone.")


class SavedFilterView(BaseModel):
    """A search that somebody kept."""

    name: str
    owner: str
    is_own: bool
    is_shared: bool
    filter: dict[str, str] = Field(description="What is asked for, by the names of the parameters of a search.")
    created_at: Moment

    @classmethod
    def of(cls, saved: SavedFilter, principal: Principal) -> "SavedFilterView":
        """Show a saved search to somebody."""
        return cls(
            name=saved.name,
            owner=saved.owner,
            is_own=saved.owner == principal.identity,
            is_shared=saved.is_shared,
            filter=dict(parse_qsl(saved.filter)),
            created_at=saved.created_at,
        )


class SavedFilterList(BaseModel):
    """Saved searches: one's own, and those that are shared."""

    items: list[SavedFilterView]


class NewSavedFilter(BaseModel):
    """The search to keep."""

    model_config = ConfigDict(extra="forbid")

    filter: RecordFilter
    is_shared: bool = Field(False, description="Whether everybody who may read the audit log sees it.")


class KeyView(BaseModel):
    """What verifies checkpoints."""

    kid: str
    created_at: Moment
    public_jwk: dict[str, Any] = Field(description="The public key (RFC 7517).")


class DeliveryView(BaseModel):
    """How far a destination was sent everything."""

    destination: str = Field(examples=["siem", "siem/checkpoints"])
    is_configured: bool = Field(description="Whether it is sent anything at present.")
    seq: int = Field(description="The last record, or that of the last checkpoint, that it has.")
    delivered_at: Moment | None
    failing_since: Moment | None = Field(description="Null while it takes what it is sent.")
    last_error: str | None
    retry_at: Moment | None = Field(description="Before then it is left alone, because it failed.")


class StandingView(BaseModel):
    """How the audit log stands."""

    pulls: Pulls = Field(description="What is recorded of pulls.")
    keep_days: int
    partitions: list[PartitionView] = Field(description="Its months, oldest first.")
    newest_checkpoint: CheckpointView | None = Field(description="Null before the first.")
    holds_in_force: int
    deliveries: list[DeliveryView] = Field(description="Destinations, those that were configured once too.")
    origins: list[OriginView] = Field(description="Registries that this one is a witness for, 1,000 at most.")
    keys: list[KeyView] = Field(description="The newest signs; the others verify what they signed.")

    @classmethod
    def of(cls, standing: Standing) -> "StandingView":
        """Show how it stands."""
        return cls(
            pulls=standing.settings.pulls,
            keep_days=standing.settings.keep_days,
            partitions=[PartitionView.of(each) for each in standing.partitions],
            newest_checkpoint=None if standing.newest is None else CheckpointView.of(standing.newest),
            holds_in_force=sum(hold.released_at is None for hold in standing.holds),
            deliveries=[
                DeliveryView(
                    **each._asdict(), is_configured=each.destination.partition("/")[0] in standing.settings.deliver
                )
                for each in standing.deliveries
            ],
            origins=[OriginView(**each._asdict()) for each in standing.origins],
            keys=[
                KeyView(kid=key.kid, created_at=key.created_at, public_jwk=json.loads(key.public_jwk))
                for key in standing.keys
            ],
        )


RecordFilterParameters = Annotated[RecordFilter, Query()]
RecordQueryParameters = Annotated[RecordQuery, Query()]
