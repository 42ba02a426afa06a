# SPDX-License-Identifier: Apache-2.0
"""The words of invitations."""

import hmac
import secrets
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

import msgspec

from entrepot.features.tokens import InstanceKey
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

MAX_HOURS = 30 * 24
DEFAULT_HOURS = 72
MAX_LABEL_CHARACTERS = 200
MAX_GROUPS = 20
MAX_GRANTS = 20
MAX_PENDING = 1_000
"""How many may wait to be accepted."""

SECRET_BYTES = 32
MAX_SECRET_CHARACTERS = 100
_PURPOSE = "invitations"


class InvitationState(StrEnum):
    """What an invitation is good for at a moment."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"
    VOID = "void"
    """Who sent it may not invite anybody any more. Never stored: it may be pending again."""


class OfferedGrant(msgspec.Struct, frozen=True):
    """A role on the repositories that match a path pattern."""

    path_pattern: str
    role: str

    def is_within(self, project: str) -> bool:
        """Tell whether it is about nothing but a project, or what is in it."""
        return self.path_pattern.partition("/")[0] == project


class Offer(msgspec.Struct, frozen=True):
    """What whoever accepts is given at once: places in groups, and grants."""

    groups: tuple[str, ...] = ()
    grants: tuple[OfferedGrant, ...] = ()


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation to send: to whom, as administrators call them; under which name, None for one of their choice."""

    label: str
    user_name: str | None
    hours: int
    offer: Offer


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation, without its secret. `invited_by` is a principal such as `user:alice`."""

    id: Ulid
    secret_hmac: bytes = field(repr=False)
    label: str
    user_name: str | None
    offer: Offer
    invited_by: str
    created_at: Milliseconds
    expires_at: Milliseconds
    ended_at: Milliseconds | None = None
    accepted_as: str | None = None

    @property
    def inviter(self) -> Principal:
        """Who sent it."""
        kind, _, name = self.invited_by.partition(":")
        return Principal(PrincipalKind(kind), name)

    def state(self, now: Milliseconds) -> InvitationState:
        """Tell what it is good for, as far as that depends on itself."""
        if self.accepted_as is not None:
            return InvitationState.ACCEPTED
        if self.ended_at is not None:
            return InvitationState.REVOKED
        return InvitationState.PENDING if now < self.expires_at else InvitationState.EXPIRED


@dataclass(frozen=True, slots=True)
class ShownInvitation:
    """An invitation and its state at a moment."""

    invitation: Invitation
    state: InvitationState


@dataclass(frozen=True, slots=True)
class SentInvitation:
    """An invitation that was just made, and its secret, which is shown this once."""

    invitation: Invitation
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToldInvitation:
    """What is told of an invitation."""

    label: str
    user_name: str | None
    groups: tuple[str, ...]
    grants: tuple[str, ...]
    state: str
    expires_at: Milliseconds


def new_secret() -> str:
    """Make a secret that nobody can guess: 256 bits, of characters that an address can hold."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hmac_of(instance_key: InstanceKey, secret: str) -> bytes:
    """Return what is stored of a secret, and what it is looked up by."""
    return hmac.digest(instance_key.derive(_PURPOSE), secret.encode(errors="surrogatepass"), "sha256")


def told_of(invitation: Invitation, state: InvitationState) -> ToldInvitation:
    """Return what is told of an invitation when something happens to it."""
    grants = tuple(f"{grant.role} on {grant.path_pattern}" for grant in invitation.offer.grants)
    return ToldInvitation(
        label=invitation.label,
        user_name=invitation.user_name,
        groups=invitation.offer.groups,
        grants=grants,
        state=state.value,
        expires_at=invitation.expires_at,
    )
