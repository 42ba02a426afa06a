# SPDX-License-Identifier: Apache-2.0
"""What administrators see and set, in the management API."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.notifications.models import Mail
from entrepot.features.notifications.models import MailState
from entrepot.features.notifications.rules import MAX_CAPACITY_BYTES
from entrepot.features.notifications.rules import MAX_CROSSED
from entrepot.features.notifications.rules import MAX_LEVELS
from entrepot.features.notifications.rules import MAX_WINDOW_MINUTES
from entrepot.features.notifications.rules import Crossed
from entrepot.features.notifications.rules import Rule
from entrepot.features.notifications.rules import Terms
from entrepot.infra.http.schemas import GivenRevision
from entrepot.infra.http.schemas import Moment
from entrepot.infra.http.schemas import Revised

Level = Annotated[int, Field(ge=1, le=1_000_000)]

_LEVELS = "From where on people hear of it, in the unit of the rule."
_WINDOW = "How many minutes it looks back; 0 for a rule that looks at the moment."
_CROSSED = f"What is at a level now, up to {MAX_CROSSED}, the oldest first; null for accounts that you may not see."
_CAPACITY = "Of `storage`: how many bytes may be used, where that is not what a disk of this server has."


class NotificationRuleRequest(BaseModel):
    """What a threshold rule says from now on."""

    model_config = ConfigDict(extra="forbid")

    is_enabled: bool = True
    levels: list[Level] = Field(min_length=1, max_length=MAX_LEVELS, description=_LEVELS, examples=[[80, 90, 95]])
    window_minutes: int = Field(0, ge=0, le=MAX_WINDOW_MINUTES, description=_WINDOW)
    capacity_bytes: int | None = Field(None, ge=1, le=MAX_CAPACITY_BYTES, description=_CAPACITY)
    revision: GivenRevision = None

    def terms(self) -> Terms:
        """Return it as the use cases take it."""
        return Terms(self.is_enabled, tuple(self.levels), self.window_minutes, self.capacity_bytes)


class NotificationRuleItem(Revised):
    """A threshold rule."""

    name: str = Field(examples=["storage"])
    kind: str = Field(description="What people hear of.", examples=["storage.low"])
    about: str
    unit: str = Field(description="What a level counts.", examples=["percent"])
    is_enabled: bool
    levels: list[int] = Field(description=f"{_LEVELS} The least serious first.")
    window_minutes: int = Field(description=_WINDOW)
    capacity_bytes: int | None = Field(description=_CAPACITY)

    @classmethod
    def of(cls, rule: Rule) -> "NotificationRuleItem":
        """Show a rule."""
        return cls(
            name=rule.spec.name,
            kind=rule.spec.kind,
            about=rule.spec.about,
            unit=rule.spec.unit,
            is_enabled=rule.terms.is_enabled,
            levels=list(rule.terms.levels),
            window_minutes=rule.terms.window_minutes,
            capacity_bytes=rule.terms.capacity_bytes,
            revision=rule.revision,
            changed_at=rule.changed_at,
            changed_by=rule.changed_by or None,
        )


class CrossedItem(BaseModel):
    """Something that is at a level of a rule."""

    subject: str = Field(description="What it is; how it is written depends on the rule.")
    value: int = Field(description="How it stood when it was looked at last, in the unit of the rule.")
    since: Moment


class ListedNotificationRule(NotificationRuleItem):
    """A threshold rule, and what is at a level of it."""

    crossed: list[CrossedItem] | None = Field(description=_CROSSED)
    has_more_crossed: bool = Field(description="Whether there is more of that.")

    @classmethod
    def listed(cls, rule: Rule, crossed: Sequence[Crossed] | None) -> "ListedNotificationRule":
        """Show a rule with what it found, or without it."""
        shown = [CrossedItem(subject=each.subject, value=each.value, since=each.since) for each in crossed or ()]
        return cls(
            **dict(NotificationRuleItem.of(rule)),
            crossed=None if crossed is None else shown[:MAX_CROSSED],
            has_more_crossed=len(shown) > MAX_CROSSED,
        )


class NotificationRuleList(BaseModel):
    """Every threshold rule."""

    items: list[ListedNotificationRule]


class MailItem(BaseModel):
    """A mail, without what it says."""

    id: str
    person: str = Field(examples=["user:ada"])
    address: str
    state: MailState
    notifications: int = Field(description="How many it tells of.")
    held_back: int = Field(description="How many of them waited, because there were many mails within an hour.")
    attempts: int
    error: str = Field(description="What was wrong last; empty for nothing.")
    created_at: Moment
    finished_at: Moment | None

    @classmethod
    def of(cls, mail: Mail) -> "MailItem":
        """Show a mail."""
        return cls(
            id=mail.id,
            person=mail.person,
            address=mail.address,
            state=mail.state,
            notifications=mail.notifications,
            held_back=mail.held_back,
            attempts=mail.attempts,
            error=mail.error,
            created_at=mail.created_at,
            finished_at=mail.finished_at,
        )


class MailList(BaseModel):
    """A page of the log of mails, the newest first."""

    items: list[MailItem]
