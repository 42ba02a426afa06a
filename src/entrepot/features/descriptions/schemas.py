# SPDX-License-Identifier: Apache-2.0
"""Descriptions as the management API shows them."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.descriptions.models import MAX_OWNER_CHARACTERS
from entrepot.features.descriptions.models import MAX_SUMMARY_CHARACTERS
from entrepot.features.descriptions.models import MAX_TEXT_BYTES
from entrepot.features.descriptions.models import Described
from entrepot.features.descriptions.models import Description
from entrepot.features.descriptions.models import Owner
from entrepot.features.descriptions.models import OwnerKind
from entrepot.infra.http.schemas import GivenRevision
from entrepot.infra.http.schemas import Revised

_SUMMARY = "What it is, in one line, as lists show it."
_TEXT = (
    f"Markdown of at most {MAX_TEXT_BYTES} bytes, as it was written. Whoever shows it has to see to it that it is safe."
)
_OWNER = "Whom to ask. It gives nobody a right."


class OwnerView(BaseModel):
    """Whom to ask: a user, a group, or a contact such as an address."""

    model_config = ConfigDict(extra="forbid")

    kind: OwnerKind
    name: str = Field(min_length=1, max_length=MAX_OWNER_CHARACTERS, examples=["developers"])

    @classmethod
    def of(cls, owner: Owner | None) -> "OwnerView | None":
        """Show an owner, if there is one."""
        return None if owner is None else cls(kind=owner.kind, name=owner.name)

    @property
    def owner(self) -> Owner:
        """The owner. Raises `DescriptionInvalid`."""
        return Owner(self.kind, self.name)


class DescriptionView(Revised):
    """What a project or a repository is, and whom to ask."""

    summary: str = Field(description=_SUMMARY)
    text: str = Field(description=_TEXT)
    owner: OwnerView | None = Field(description=_OWNER)

    @classmethod
    def of(cls, described: Described) -> "DescriptionView":
        """Show a description."""
        said, is_said = described.description, described.revision > 0
        return cls(
            summary=said.summary,
            text=said.text,
            owner=OwnerView.of(said.owner),
            revision=described.revision,
            changed_at=described.changed_at if is_said else None,
            changed_by=described.changed_by if is_said else None,
        )


class DescriptionRequest(BaseModel):
    """What to say in the place of what is said. What is left out is said no longer."""

    model_config = ConfigDict(extra="forbid")

    summary: str = Field("", max_length=MAX_SUMMARY_CHARACTERS, description=_SUMMARY)
    text: str = Field("", max_length=MAX_TEXT_BYTES, description=_TEXT)
    owner: OwnerView | None = Field(None, description=_OWNER)
    revision: GivenRevision = None

    @property
    def description(self) -> Description:
        """The description. Raises `DescriptionInvalid`."""
        return Description(self.summary.strip(), self.text, self.owner.owner if self.owner else None)
