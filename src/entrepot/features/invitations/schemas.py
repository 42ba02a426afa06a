# SPDX-License-Identifier: Apache-2.0
"""Invitations as the management API shows them."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.invitations.models import DEFAULT_HOURS
from entrepot.features.invitations.models import MAX_GRANTS
from entrepot.features.invitations.models import MAX_GROUPS
from entrepot.features.invitations.models import MAX_HOURS
from entrepot.features.invitations.models import MAX_LABEL_CHARACTERS
from entrepot.features.invitations.models import MAX_SECRET_CHARACTERS
from entrepot.features.invitations.models import Invitation
from entrepot.features.invitations.models import InvitationState
from entrepot.features.invitations.models import NewInvitation
from entrepot.features.invitations.models import Offer
from entrepot.features.invitations.models import OfferedGrant
from entrepot.features.invitations.models import SentInvitation
from entrepot.features.invitations.models import ShownInvitation
from entrepot.infra.http.schemas import Moment
from entrepot.infra.http.schemas import Password

_MAX_NAME = 64
_MAX_PATTERN = 255
_MAX_GROUP = 128
_LABEL = "Whom it is for, in words of yours, such as an e-mail address. Nothing is sent there."
_USER_NAME = "The user name that the account will have; null for one of their choice."


class OfferedGrantView(BaseModel):
    """A role on the repositories that match a path pattern."""

    model_config = ConfigDict(extra="forbid")

    path_pattern: str = Field(max_length=_MAX_PATTERN, examples=["team/**"])
    role: str = Field(max_length=_MAX_NAME, description="A role that is built in or was made.", examples=["write"])


class InvitationRequest(BaseModel):
    """The invitation to make."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(max_length=MAX_LABEL_CHARACTERS, description=_LABEL, examples=["ada@example.com"])
    user_name: str | None = Field(None, max_length=_MAX_NAME, description=_USER_NAME, examples=["ada"])
    groups: list[str] = Field(
        default_factory=list, max_length=MAX_GROUPS, description="Groups that they come to be in."
    )
    grants: list[OfferedGrantView] = Field(
        default_factory=list, max_length=MAX_GRANTS, description="What they may do at once. No role on `SYSTEM`."
    )
    expires_in_hours: int = Field(DEFAULT_HOURS, ge=1, le=MAX_HOURS, description="For how long the link is good.")

    @property
    def wanted(self) -> NewInvitation:
        """What is asked for."""
        grants = tuple(OfferedGrant(each.path_pattern, each.role) for each in self.grants)
        offer = Offer(tuple(dict.fromkeys(self.groups)), grants)
        return NewInvitation(self.label, self.user_name, self.expires_in_hours, offer)


class InvitationView(BaseModel):
    """An invitation."""

    id: str = Field(examples=["01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
    label: str = Field(description=_LABEL, examples=["ada@example.com"])
    user_name: str | None = Field(description=_USER_NAME)
    groups: list[str]
    grants: list[OfferedGrantView]
    state: InvitationState = Field(
        description="`void` while who sent it is disabled, gone or no administrator any more: nobody can accept it."
    )
    invited_by: str = Field(examples=["user:admin"])
    created_at: Moment
    expires_at: Moment
    accepted_as: str | None = Field(description="The user name of whoever accepted it.")

    @classmethod
    def of(cls, shown: ShownInvitation) -> "InvitationView":
        """Show an invitation."""
        invitation = shown.invitation
        grants = invitation.offer.grants
        return cls(
            id=invitation.id,
            label=invitation.label,
            user_name=invitation.user_name,
            groups=list(invitation.offer.groups),
            grants=[OfferedGrantView(path_pattern=each.path_pattern, role=each.role) for each in grants],
            state=shown.state,
            invited_by=invitation.invited_by,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
            accepted_as=invitation.accepted_as,
        )


class InvitationList(BaseModel):
    """Invitations, newest first."""

    items: list[InvitationView]


class NewInvitationView(InvitationView):
    """An invitation that was just made."""

    link: str = Field(
        repr=False,
        description="What to hand to whoever is invited. It is shown this once. Browsers send no server what is behind "
        "`#`, so that it is in no log.",
        examples=["https://registry.example/welcome#invitation=9LuX…"],
    )

    @classmethod
    def just_made(cls, sent: SentInvitation, address: str) -> "NewInvitationView":
        """Show an invitation with its link to the console at `address`."""
        shown = InvitationView.of(ShownInvitation(sent.invitation, InvitationState.PENDING))
        return cls(**dict(shown), link=f"{address}/welcome#invitation={sent.secret}")


class PresentedInvitation(BaseModel):
    """The secret of an invitation: what is behind `#invitation=` in its link."""

    model_config = ConfigDict(extra="forbid")

    secret: Password = Field(max_length=MAX_SECRET_CHARACTERS)


class OpenInvitation(BaseModel):
    """What an invitation that can be accepted says to whoever holds it."""

    user_name: str | None = Field(description="The user name of the account; null if it is yours to choose.")
    expires_at: Moment

    @classmethod
    def of(cls, invitation: Invitation) -> "OpenInvitation":
        """Show what its holder needs to know."""
        return cls(user_name=invitation.user_name, expires_at=invitation.expires_at)


class Acceptance(PresentedInvitation):
    """What the account is to be."""

    user_name: str | None = Field(
        None, max_length=_MAX_NAME, description="The name to log in with, where the invitation leaves it to you."
    )
    password: Password = Field(description="12 to 1024 characters of any kind, and not the user name.")


class NewAccount(BaseModel):
    """An account that was made by accepting an invitation."""

    name: str = Field(description="What to log in as.", examples=["ada"])
