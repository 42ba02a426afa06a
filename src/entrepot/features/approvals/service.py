# SPDX-License-Identifier: Apache-2.0
"""The use cases of approvals: asking for one, deciding about it, withdrawing it, and seeing them."""

from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import Connection

from entrepot.features.access import Rights
from entrepot.features.access import present_rights
from entrepot.features.approvals import store
from entrepot.features.approvals.deciding import allow
from entrepot.features.approvals.deciding import parse_target
from entrepot.features.approvals.errors import AlreadyAsked
from entrepot.features.approvals.errors import ApprovalInvalid
from entrepot.features.approvals.errors import ApprovalNotOpen
from entrepot.features.approvals.errors import ApprovalUnknown
from entrepot.features.approvals.errors import MayNotDoItEither
from entrepot.features.approvals.errors import NoApprovalNeeded
from entrepot.features.approvals.errors import NotYours
from entrepot.features.approvals.errors import OnlyPeople
from entrepot.features.approvals.errors import OwnApproval
from entrepot.features.approvals.errors import TooManyApprovals
from entrepot.features.approvals.models import FOLLOWS
from entrepot.features.approvals.models import MAX_OPEN
from entrepot.features.approvals.models import MAX_OPEN_OF_ONE
from entrepot.features.approvals.models import MAX_REASON_CHARACTERS
from entrepot.features.approvals.models import PENDING_MS
from entrepot.features.approvals.models import Approval
from entrepot.features.approvals.models import State
from entrepot.features.approvals.settings import ApprovalSettings
from entrepot.features.approvals.telling import tell
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import is_ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform

_BATCH = 200


class Listed(StrEnum):
    """Which approvals a list shows."""

    MINE = "mine"
    WAITING = "waiting"
    """Those that wait for a decision, and about which whoever asks may decide."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Shown:
    """An approval, how it stands, and what whoever looks may do about it."""

    approval: Approval
    state: State
    may_decide: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """One page of approvals, newest first; `is_more` says whether an older one follows."""

    items: list[Shown]
    is_more: bool


class Approvals:
    """Every approval. People ask for one and decide about one, and only those who may do the act themselves."""

    def __init__(self, platform: Platform, settings: ApprovalSettings) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._four_eyes = platform.four_eyes
        self._clock = platform.clock
        self._settings = settings

    async def request(self, principal: Principal, attempt: Attempt, reason: str) -> Shown:
        """Ask a second person to let one do an act.

        Raises as `_require_person`, `ApprovalInvalid`, `NoApprovalNeeded`, `MayNotDoItEither`, `AlreadyAsked` and
        `TooManyApprovals`.
        """
        _require_person(principal)
        parse_target(attempt.target)
        said = one_line(reason, MAX_REASON_CHARACTERS)
        if not said:
            raise ApprovalInvalid("an approval has a reason", hint="Say in one line what it is needed for.")
        return await self._database.write(self._request, principal, attempt, said)

    async def decide(self, principal: Principal, approval_id: str, state: State, comment: str) -> Shown:
        """Approve something (`APPROVED`), or reject it (`REJECTED`), which may follow on approving it too.

        Raises as `show`, `ReauthenticationNeeded`, `OwnApproval`, `MayNotDoItEither` and `ApprovalNotOpen`.
        """
        _require_person(principal)
        require_recent_login(principal)
        said = one_line(comment, MAX_REASON_CHARACTERS)
        return await self._database.write(self._decide, principal, _known_id(approval_id), state, said)

    async def withdraw(self, principal: Principal, approval_id: str) -> Shown:
        """Give up what one asked for, approved or not. Raises as `show`, `NotYours` and `ApprovalNotOpen`."""
        _require_person(principal)
        return await self._database.write(self._withdraw, principal, _known_id(approval_id))

    async def show(self, principal: Principal, approval_id: str) -> Shown:
        """Return an approval to who asked for it, may decide about it, or may read the audit log.

        Raises as `_require_person`, and `ApprovalUnknown`.
        """
        _require_person(principal)
        return await self._database.snapshot(self._show, principal, _known_id(approval_id))

    async def page(self, principal: Principal, listed: Listed, before: str, limit: int) -> ApprovalPage:
        """Return approvals that are older than the one with the id `before`.

        All of them takes the right to read the audit log: raises as `Rights.require_system` and `_require_person`.
        """
        if listed is Listed.ALL:
            await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        else:
            _require_person(principal)
        found = await self._database.snapshot(self._page, principal, listed, before or store.NEWEST, limit + 1)
        return ApprovalPage(found[:limit], len(found) > limit)

    def _request(self, connection: Connection, principal: Principal, attempt: Attempt, reason: str) -> Shown:
        now, by = self._clock(), principal.identity
        rights = present_rights(connection, principal.name, now)
        if not allow(rights, attempt.act, attempt.target):
            raise MayNotDoItEither(f"{principal.name} may not do that, approved or not")
        if not self._four_eyes.asks(connection, attempt.act):
            raise NoApprovalNeeded(f"{attempt.act} takes no approval")
        asked = store.asked(connection, by, attempt, now)
        if any(each.stored is State.PENDING and each.fits(attempt) for each in asked):
            raise AlreadyAsked
        if (
            store.count_pending(connection, now) >= MAX_OPEN
            or store.count_pending_of(connection, by, now) >= MAX_OPEN_OF_ONE
        ):
            raise TooManyApprovals
        until = after(now, PENDING_MS)
        approval = Approval(new_ulid(), attempt.act, attempt.target, attempt.hours, reason, by, now, until)
        store.add(connection, approval)
        tell(connection, approval, None, now, principal)
        return _shown(principal, rights, approval, now)

    def _decide(self, connection: Connection, principal: Principal, approval_id: str, state: State, said: str) -> Shown:
        now, approval = self._clock(), self._seen(connection, principal, approval_id)
        if approval.requested_by == principal.identity:
            raise OwnApproval
        if not allow(present_rights(connection, principal.name, now), approval.act, approval.target):
            raise MayNotDoItEither(f"{principal.name} may not do that, and so not decide about it")
        decided = replace(
            approval,
            stored=state,
            decided_by=principal.identity,
            decided_at=now,
            comment=said,
            expires_at=after(now, self._settings.valid_hours * HOUR_MS)
            if state is State.APPROVED
            else approval.expires_at,
            ended_at=None if state is State.APPROVED else now,
        )
        return self._moved(connection, principal, approval, decided)

    def _withdraw(self, connection: Connection, principal: Principal, approval_id: str) -> Shown:
        approval = self._seen(connection, principal, approval_id)
        if approval.requested_by != principal.identity:
            raise NotYours
        withdrawn = replace(approval, stored=State.WITHDRAWN, ended_at=self._clock())
        return self._moved(connection, principal, approval, withdrawn)

    def _moved(self, connection: Connection, principal: Principal, before: Approval, changed: Approval) -> Shown:
        now = self._clock()
        if before.state(now) not in FOLLOWS[changed.stored] or not store.move(connection, changed, now):
            raise ApprovalNotOpen(f"the approval is {before.state(now)} already")
        tell(connection, changed, before, now, principal)
        return _shown(principal, present_rights(connection, principal.name, now), changed, now)

    def _show(self, connection: Connection, principal: Principal, approval_id: str) -> Shown:
        now, approval = self._clock(), self._seen(connection, principal, approval_id)
        return _shown(principal, present_rights(connection, principal.name, now), approval, now)

    def _page(
        self, connection: Connection, principal: Principal, listed: Listed, before: str, limit: int
    ) -> list[Shown]:
        now, by = self._clock(), principal.identity
        is_person = principal.kind is PrincipalKind.USER
        rights = present_rights(connection, principal.name, now) if is_person else Rights()
        if listed is Listed.ALL:
            found = store.page(connection, before, limit)
        elif listed is Listed.MINE:
            found = store.page_of(connection, by, before, limit)
        else:
            found = self._waiting(connection, by, rights, before, limit)
        return [_shown(principal, rights, each, now) for each in found]

    def _waiting(self, connection: Connection, by: str, rights: Rights, before: str, limit: int) -> list[Approval]:
        """Look at those that wait, of which there are `MAX_OPEN` at most, until there are enough."""
        now, found = self._clock(), list[Approval]()
        while len(found) < limit:
            batch = store.pending(connection, before, _BATCH, now)
            others = (each for each in batch if each.requested_by != by)
            found += [each for each in others if allow(rights, each.act, each.target)]
            if len(batch) < _BATCH:
                break
            before = batch[-1].id
        return found[:limit]

    def _seen(self, connection: Connection, principal: Principal, approval_id: str) -> Approval:
        """Return an approval that `principal` may see. Raises `ApprovalUnknown`."""
        approval = store.find(connection, approval_id)
        if approval is not None:
            rights = present_rights(connection, principal.name, self._clock())
            is_auditor = SystemAction.READ_AUDIT in rights.system
            if (
                is_auditor
                or approval.requested_by == principal.identity
                or allow(rights, approval.act, approval.target)
            ):
                return approval
        raise ApprovalUnknown


def _shown(principal: Principal, rights: Rights, approval: Approval, now: Milliseconds) -> Shown:
    """Say how an approval stands, and what somebody of these rights may do about it."""
    state, is_own = approval.state(now), approval.requested_by == principal.identity
    is_open = state in FOLLOWS[State.REJECTED]
    may_decide = is_open and not is_own and allow(rights, approval.act, approval.target)
    return Shown(approval, state, may_decide, may_withdraw=is_open and is_own)


def _require_person(principal: Principal) -> None:
    """Do nothing if it is a user whose login narrows nothing.

    Raises `Unauthenticated`, `OnlyPeople` and `InsufficientScope`.
    """
    if principal.kind is PrincipalKind.ANONYMOUS:
        raise Unauthenticated
    if principal.kind is not PrincipalKind.USER:
        raise OnlyPeople(f"{principal.name} is no user")
    if principal.scopes is not None:
        raise InsufficientScope


def _known_id(text: str) -> str:
    if not is_ulid(text):
        raise ApprovalUnknown
    return text
