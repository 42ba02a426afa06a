# SPDX-License-Identifier: Apache-2.0
"""The use cases of invitations: sending, listing and revoking them, and accepting one."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.break_glass import may_administer
from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.grants import give
from entrepot.features.groups import Member
from entrepot.features.groups import MemberKind
from entrepot.features.groups import administers
from entrepot.features.groups import admit
from entrepot.features.groups import exists
from entrepot.features.groups import group_made_at
from entrepot.features.groups import parse_group_name
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import User
from entrepot.features.identity import UserNameTaken
from entrepot.features.identity import Users
from entrepot.features.identity import create_invited
from entrepot.features.identity import parse_user_name
from entrepot.features.identity import require_free_name
from entrepot.features.invitations import store
from entrepot.features.invitations.errors import InvitationInvalid
from entrepot.features.invitations.errors import InvitationNotGood
from entrepot.features.invitations.errors import InvitationNotPending
from entrepot.features.invitations.errors import InvitationUnknown
from entrepot.features.invitations.errors import NameIsFixed
from entrepot.features.invitations.errors import NameMissing
from entrepot.features.invitations.errors import TooManyInvitations
from entrepot.features.invitations.models import MAX_LABEL_CHARACTERS
from entrepot.features.invitations.models import MAX_PENDING
from entrepot.features.invitations.models import MAX_SECRET_CHARACTERS
from entrepot.features.invitations.models import Invitation
from entrepot.features.invitations.models import InvitationState
from entrepot.features.invitations.models import NewInvitation
from entrepot.features.invitations.models import Offer
from entrepot.features.invitations.models import SentInvitation
from entrepot.features.invitations.models import ShownInvitation
from entrepot.features.invitations.models import hmac_of
from entrepot.features.invitations.models import new_secret
from entrepot.features.invitations.models import told_of
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import SYSTEM_ROLE_ACTIONS
from entrepot.features.roles import hold_actions
from entrepot.features.roles import role_made_at
from entrepot.features.tokens import InstanceKey
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import NotFound
from entrepot.kernel.identifiers import is_ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import Act
from entrepot.registry.platform import Platform

NEWEST = "8"
"""Behind every id there is: where the list begins, read backwards."""

KEPT_MS = 30 * DAY_MS
"""How long an invitation that has ended is still listed."""


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """One page of invitations, newest first; `is_more` says whether an older one follows."""

    items: list[ShownInvitation]
    is_more: bool


class Invitations:
    """Every invitation there is. Administrators of the registry send them; whoever has the link accepts one, once."""

    def __init__(
        self,
        platform: Platform,
        users: Users,
        instance_key: InstanceKey,
        throttle: LoginThrottle,
        forget: Callable[[PrincipalKind, str], None],
    ) -> None:
        """Tell `forget` whose rights have changed."""
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._four_eyes = platform.four_eyes
        self._users = users
        self._instance_key = instance_key
        self._throttle = throttle
        self._forget = forget

    async def send(self, principal: Principal, wanted: NewInvitation) -> SentInvitation:
        """Make an invitation. Its secret is in what is returned, and nowhere else.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `PasswordsSwitchedOff`, `InvitationInvalid`,
        `InvalidUserName`, `UserNameTaken` and `TooManyInvitations`.
        """
        await self._require_inviting(principal)
        self._users.local.require_on()
        _require_label(wanted.label)
        if wanted.user_name is not None:
            parse_user_name(wanted.user_name)
        now, secret = self._clock(), new_secret()
        invitation = Invitation(
            id=new_ulid(),
            secret_hmac=hmac_of(self._instance_key, secret),
            label=wanted.label.strip(),
            user_name=wanted.user_name,
            offer=wanted.offer,
            invited_by=principal.identity,
            created_at=now,
            expires_at=after(now, wanted.hours * HOUR_MS),
        )
        await self._database.write(self._send, invitation)
        return SentInvitation(invitation, secret)

    async def page(self, principal: Principal, before: str, limit: int) -> InvitationPage:
        """Return the invitations that are older than the one with the id `before`.

        Raises as `Rights.require_system`.
        """
        await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
        found = await self._database.read(store.page, before or NEWEST, limit + 1)
        return InvitationPage([await self._shown(each) for each in found[:limit]], len(found) > limit)

    async def revoke(self, principal: Principal, invitation_id: str) -> None:
        """Let an invitation end.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `InvitationUnknown` and `InvitationNotPending`.
        """
        await self._require_inviting(principal)
        if not is_ulid(invitation_id):
            raise InvitationUnknown
        await self._database.write(_revoke, invitation_id, self._clock())

    async def look(self, secret: str, address: str) -> Invitation:
        """Return the invitation that a secret is of, if it can be accepted now.

        Whoever presents what is none is slowed. Raises `InvitationNotGood` and `TooManyAttempts`.
        """
        async with self._throttle.invitation_attempt(address) as attempt:
            found = None
            if len(secret) <= MAX_SECRET_CHARACTERS:
                found = await self._database.read(store.with_secret, hmac_of(self._instance_key, secret))
            if found is None:
                await attempt.failed()
                raise InvitationNotGood
        if (await self._shown(found)).state is not InvitationState.PENDING:
            raise InvitationNotGood
        return found

    async def accept(self, secret: str, name: str | None, password: str, address: str) -> User:
        """Make the account of whoever has the secret, and end the invitation.

        Raises as `look`, `NameIsFixed`, `NameMissing`, `InvalidUserName`, `UserNameTaken`, `PasswordsSwitchedOff`,
        and as `Users.hash_new`.
        """
        self._users.local.require_on()
        invitation = await self.look(secret, address)
        chosen = parse_user_name(_name_of(invitation, name))
        await self._require_free_name(chosen, address, is_fixed=invitation.user_name is not None)
        password_hash = await self._users.hash_new(chosen, password)
        user = await self._database.write(self._accept, invitation, chosen, password_hash)
        self._forget(PrincipalKind.USER, chosen)
        return user

    async def _require_free_name(self, name: str, address: str, *, is_fixed: bool) -> None:
        """Do nothing if nobody has or had this name, and unless it `is_fixed`, anybody may choose it.

        Whoever tries many, to learn which there are, is slowed.
        """
        async with self._throttle.invitation_attempt(address) as attempt:
            try:
                if not is_fixed:
                    self._users.local.require_choosable(name)
                await self._database.snapshot(require_free_name, name)
            except UserNameTaken:
                await attempt.failed()
                raise

    async def _shown(self, invitation: Invitation) -> ShownInvitation:
        """Tell its state; one whose sender is disabled, gone or no administrator any more is of no use."""
        state = invitation.state(self._clock())
        if state is InvitationState.PENDING:
            may_invite = await self._rights.may_system(invitation.inviter, SystemAction.ADMINISTER)
            state = state if may_invite else InvitationState.VOID
        return ShownInvitation(invitation, state)

    def _send(self, connection: Connection, invitation: Invitation) -> None:
        held = self._held_back(connection, invitation.offer, invitation.created_at)
        if held:
            raise InvitationInvalid(
                f"the group {held[0]} administers the registry, or may in an emergency: letting somebody in takes two",
                hint="Put them into it once the account is there: then it is seen whose it is.",
            )
        _send(connection, invitation)

    def _accept(self, connection: Connection, invitation: Invitation, name: str, password_hash: str) -> User:
        now, found = self._clock(), store.find(connection, invitation.id)
        if found is None:
            raise InvitationNotGood
        held = self._held_back(connection, found.offer, now)
        groups = tuple(group for group in found.offer.groups if group not in held)
        allowed = replace(found, offer=Offer(groups, found.offer.grants))
        return _accept(connection, allowed, name, password_hash, now)

    def _held_back(self, connection: Connection, offer: Offer, now: Milliseconds) -> list[str]:
        """Return the groups that administer the registry, or may, while to let somebody in takes a second person."""
        if not self._four_eyes.asks(connection, Act.ADMINISTRATOR_ADD):
            return []
        identities = {group: f"group:{group}" for group in offer.groups}
        return [
            group
            for group, identity in identities.items()
            if administers(connection, identity, now) or may_administer(connection, identity)
        ]

    async def _require_inviting(self, principal: Principal) -> None:
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)


def _require_label(label: str) -> None:
    stripped = label.strip()
    if not (0 < len(stripped) <= MAX_LABEL_CHARACTERS and stripped.isprintable()):
        raise InvitationInvalid(
            f"the label is not 1 to {MAX_LABEL_CHARACTERS} printable characters",
            hint="Say whom it is for, such as by an e-mail address.",
        )


def _name_of(invitation: Invitation, name: str | None) -> str:
    if invitation.user_name is None:
        if name is None:
            raise NameMissing
        return name
    if name not in (None, invitation.user_name):
        raise NameIsFixed(f"the invitation is for the user name {invitation.user_name}")
    return invitation.user_name


def _send(connection: Connection, invitation: Invitation) -> None:
    now = invitation.created_at
    _require_possible(connection, invitation.offer)
    if invitation.user_name is not None:
        require_free_name(connection, invitation.user_name)
    store.prune(connection, after(now, -KEPT_MS))
    if store.count_pending(connection, now) >= MAX_PENDING:
        raise TooManyInvitations(f"{MAX_PENDING} invitations wait to be accepted, which is the most there may be")
    store.add(connection, invitation)
    told = told_of(invitation, InvitationState.PENDING)
    announce(connection, Change.USER_INVITED, now, Told(object=f"invitation:{invitation.id}", after=told))


def _require_possible(connection: Connection, offer: Offer) -> None:
    """Do nothing if what is offered can be given now, and is no system role. Raises `InvitationInvalid`."""
    for group in offer.groups:
        if not exists(connection, parse_group_name(group)):
            raise InvitationInvalid(f"there is no group {group}")
    for grant in offer.grants:
        if grant.path_pattern == SYSTEM:
            raise InvitationInvalid(
                "an invitation gives no role on SYSTEM", hint="Grant it once the account is there: you see whose it is."
            )
        Terms(Grantee(GranteeKind.USER, "invited"), grant.path_pattern, grant.role)
        if hold_actions(connection, grant.role) is None:
            raise InvitationInvalid(f"there is no role {grant.role}")


def _revoke(connection: Connection, invitation_id: str, now: Milliseconds) -> None:
    invitation = store.find(connection, invitation_id)
    if invitation is None:
        raise InvitationUnknown
    before = told_of(invitation, invitation.state(now))
    if not store.end(connection, invitation.id, now):
        raise InvitationNotPending(f"the invitation is {before.state} already")
    after_it = told_of(invitation, InvitationState.REVOKED)
    told = Told(object=f"invitation:{invitation.id}", before=before, after=after_it)
    announce(connection, Change.INVITATION_REVOKED, now, told)


def _accept(connection: Connection, invitation: Invitation, name: str, password_hash: str, now: Milliseconds) -> User:
    """Make the account and give it what was offered, as far as that is still there. Raises `InvitationNotGood`.

    A group or a role that was made since under the same name is another one, which nobody offered.
    """
    if not store.end(connection, invitation.id, now, name):
        raise InvitationNotGood
    user = create_invited(connection, name, password_hash, now)
    by = invitation.invited_by
    offered_at = invitation.created_at
    for group in invitation.offer.groups:
        if (group_made_at(connection, group) or now) <= offered_at:
            _join(connection, group, user, now, by)
    for grant in invitation.offer.grants:
        is_new = (role_made_at(connection, grant.role) or offered_at) > offered_at
        is_there = hold_actions(connection, grant.role) is not None and grant.role not in SYSTEM_ROLE_ACTIONS
        if is_there and not is_new:
            terms = Terms(Grantee(GranteeKind.USER, name), grant.path_pattern, grant.role)
            give(connection, terms, None, now, by)
    told = Told(
        object=f"invitation:{invitation.id}",
        before=told_of(invitation, InvitationState.PENDING),
        after=told_of(invitation, InvitationState.ACCEPTED),
        principal=Principal(PrincipalKind.USER, name),
    )
    announce(connection, Change.INVITATION_ACCEPTED, now, told)
    return user


def _join(connection: Connection, group: str, user: User, now: Milliseconds, by: str) -> None:
    """Put a user into a group; one that is gone or full since is no reason to keep somebody out."""
    with suppress(NotFound, Conflict):
        admit(connection, parse_group_name(group), Member(MemberKind.USER, user.name), now, by)
