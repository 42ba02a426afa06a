# SPDX-License-Identifier: Apache-2.0
"""Labels and notes as the management API shows them."""

from collections.abc import Sequence

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.labels.models import MAX_LABELS
from entrepot.features.labels.models import MAX_NOTE_BYTES
from entrepot.features.labels.models import Label
from entrepot.features.labels.models import Note
from entrepot.infra.http.schemas import Moment

_KEY = "A name of letters, digits, `-`, `_` and `.`, at most 63 characters, perhaps behind a domain and a slash."
_VALUE = "As the name in a key, or empty."
_LABELS = f"Values by key, null to remove a label; those that are not named stay. {_KEY} A value is likewise, or empty."
_TEXT = f"Markdown of at most {MAX_NOTE_BYTES} bytes. It is shown without HTML, and without images of other servers."


class LabelItem(BaseModel):
    """A label, and who put it there as it is."""

    key: str = Field(description=_KEY, examples=["stage"])
    value: str = Field(description=_VALUE, examples=["production"])
    changed_at: Moment
    changed_by: str = Field(examples=["robot:ci"])

    @classmethod
    def of(cls, label: Label) -> "LabelItem":
        """Show a label."""
        return cls(key=label.key, value=label.value, changed_at=label.changed_at, changed_by=label.changed_by)


class LabelList(BaseModel):
    """The labels of an artifact, by key."""

    items: list[LabelItem]

    @classmethod
    def of(cls, labels: Sequence[Label]) -> "LabelList":
        """Show labels."""
        return cls(items=[LabelItem.of(label) for label in labels])


class LabelChanges(BaseModel):
    """Which labels to set, and which to remove."""

    model_config = ConfigDict(extra="forbid")

    labels: dict[str, str | None] = Field(
        min_length=1, max_length=MAX_LABELS, description=_LABELS, examples=[{"stage": "production", "candidate": None}]
    )


class NoteItem(BaseModel):
    """A note that somebody wrote about an artifact."""

    id: str
    text: str = Field(description=_TEXT)
    author: str = Field(examples=["user:alice"])
    created_at: Moment
    changed_at: Moment
    is_own: bool = Field(description="Whether it is yours, so that you may change it.")

    @classmethod
    def shown_to(cls, note: Note, identity: str) -> "NoteItem":
        """Show a note to somebody."""
        return cls(
            id=note.id,
            text=note.text,
            author=note.author,
            created_at=note.created_at,
            changed_at=note.changed_at,
            is_own=note.author == identity,
        )


class NoteList(BaseModel):
    """The notes on an artifact, the first one first."""

    items: list[NoteItem]


class NoteText(BaseModel):
    """What a note is to say."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_NOTE_BYTES, description=_TEXT)
