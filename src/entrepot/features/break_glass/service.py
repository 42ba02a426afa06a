# SPDX-License-Identifier: Apache-2.0
"""The use cases of openings: breaking the glass, ending that, and looking at it afterwards."""

from dataclasses import dataclass
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from entrepot.features.access import GrantAuthorizer
from entrepot.features.break_glass.eligible import require_no_glass
from entrepot.features.break_glass.errors import AlreadyOpen
from entrepot.features.break_glass.errors import EligibilityUnknown
from entrepot.features.break_glass.errors import OnlyInPerson
from entrepot.features.break_glass.errors import OpeningInvalid
from entrepot.features.break_glass.errors import OpeningUnknown
from entrepot.features.break_glass.errors import TooManyOpenings
from entrepot.features.break_glass.models import COUNTED_MS
from entrepot.features.break_glass.models import MAX_ELIGIBILITIES
from entrepot.features.break_glass.models import MAX_OPENINGS
from entrepot.features.break_glass.models import MAX_REASON_CHARACTERS
from entrepot.features.break_glass.models import Eligibility
from entrepot.features.break_glass.models import Opening
from entrepot.features.break_glass.models import Wanted
from entrepot.features.break_glass.models import opened
from entrepot.features.break_glass.store import eligibilities
from entrepot.features.break_glass.store import openings
from entrepot.features.break_glass.telling import tell_acknowledged
from entrepot.features.break_glass.telling import tell_ended
from entrepot.features.break_glass.telling import tell_opened
from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import end_opening
from entrepot.features.grants import give
from entrepot.features.roles import RoleUnknown
from entrepot.features.roles import hold_actions
from entrepot.features.roles import role_made_at
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.gates import one_line
from entrepot.registry.platform import Platform

_IN_PERSON = ("password:", "session:")
"""How the marks of the logins begin that nobody but the user itself has."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OwnGlass:
    """What somebody may open, and has open; that is None, or the one opening."""

    eligibilities: list[Eligibility]
    opening: Opening | None


@dataclass(frozen=True, slots=True)
class OpeningPage:
    """One page of openings, newest first, as they stood at a moment; `is_more` says whether an older one follows."""

    openings: list[Opening]
    is_more: bool
    at: Milliseconds


class BreakGlass:
    """Every opening there is. What is opened and ended counts at once in this process, on others within two seconds.

    Whoever is eligible opens; they and administrators of the registry end; another administrator acknowledges.
    """

    def __init__(self, platform: Platform, authorizer: GrantAuthorizer) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._authorizer = authorizer

    def now(self) -> Milliseconds:
        """Tell the moment by which openings are open or not."""
        return self._clock()

    async def own(self, principal: Principal) -> OwnGlass:
        """Return what somebody who is logged in may open, and has open. Raises `Unauthenticated`."""
        _require_account(principal)
        return await self._database.snapshot(_own, principal.identity, self._clock())

    async def open(self, principal: Principal, wanted: Wanted) -> Opening:
        """Break the glass: take a role for a while, from now on.

        Raises `Unauthenticated`, `OnlyInPerson`, `ReauthenticationNeeded`, `EligibilityUnknown`, `OpeningInvalid`,
        `RoleUnknown`, `AlreadyOpen` and `TooManyOpenings`.
        """
        _require_account(principal)
        if principal.kind is not PrincipalKind.USER or not principal.credential.startswith(_IN_PERSON):
            raise OnlyInPerson
        require_recent_login(principal)
        said = replace(wanted, reason=one_line(wanted.reason, MAX_REASON_CHARACTERS))
        opening = await self._database.write(_open, principal, said, self._clock())
        self._authorizer.forget(PrincipalKind.USER, principal.name)
        log.warning(
            "break_glass.opened",
            opening=opening.id,
            user=principal.name,
            role=opening.role,
            path_pattern=opening.path_pattern,
            ends_at=rfc3339(opening.ends_at),
        )
        return opening

    async def end(self, principal: Principal, opening_id: str) -> Opening:
        """End an opening before its time: one's own, or as an administrator that of somebody else.

        Raises as `Rights.require_system`, `OpeningUnknown` and `NotOpen`.
        """
        await self._require_own_or(principal, opening_id, SystemAction.ADMINISTER)
        opening = await self._database.write(_end, opening_id, principal.identity, self._clock())
        self._authorizer.forget(PrincipalKind.USER, opening.principal.partition(":")[2])
        log.warning("break_glass.ended", opening=opening.id, user=opening.principal.partition(":")[2])
        return opening

    async def page(
        self, principal: Principal, before: str, limit: int, *, is_acknowledged: bool | None = None
    ) -> OpeningPage:
        """Return the openings older than the one with an id, all, or only those that were acknowledged or not.

        Raises as `Rights.require_system`.
        """
        await self._rights.require_system(principal, SystemAction.READ_AUDIT)
        found = await self._database.read(openings.page, before, limit + 1, is_acknowledged=is_acknowledged)
        return OpeningPage(found[:limit], len(found) > limit, self._clock())

    async def show(self, principal: Principal, opening_id: str) -> Opening:
        """Return an opening, one's own or as who may read the audit log. Raises as `end`."""
        return await self._require_own_or(principal, opening_id, SystemAction.READ_AUDIT)

    async def acknowledge(self, principal: Principal, opening_id: str, comment: str) -> Opening:
        """Say as an administrator that one has looked at what was done.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `OpeningInvalid`, `OpeningUnknown`,
        `NotWhileOpen` and as `Opening.acknowledged`.
        """
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)
        said = one_line(comment, MAX_REASON_CHARACTERS)
        if not said:
            raise OpeningInvalid("an opening is acknowledged with a comment", hint="Say what you found.")
        return await self._database.write(_acknowledge, opening_id, principal.identity, said, self._clock())

    async def _require_own_or(self, principal: Principal, opening_id: str, action: SystemAction) -> Opening:
        _require_account(principal)
        found = await self._database.read(openings.find, opening_id)
        if found is None or found.principal != principal.identity:
            await self._rights.require_system(principal, action)
        return _known(opening_id, found)


def _require_account(principal: Principal) -> None:
    if principal.kind is PrincipalKind.ANONYMOUS:
        raise Unauthenticated
    if principal.scopes is not None:
        raise InsufficientScope


def _known(opening_id: str, opening: Opening | None) -> Opening:
    if opening is None:
        raise OpeningUnknown(f"there is no opening {opening_id[:40]!r}")
    return opening


def _own(connection: Connection, principal: str, now: Milliseconds) -> OwnGlass:
    found = openings.open_of(connection, principal, now)
    return OwnGlass(eligibilities.held_by(connection, principal, MAX_ELIGIBILITIES), found[0] if found else None)


def _open(connection: Connection, principal: Principal, wanted: Wanted, now: Milliseconds) -> Opening:
    by = principal.identity
    held = eligibilities.held_by(connection, by, MAX_ELIGIBILITIES)
    eligibility = next((each for each in held if each.id == wanted.eligibility), None)
    if eligibility is None:
        raise EligibilityUnknown
    opening = opened(new_ulid(), by, eligibility, wanted, now)
    is_another = (role_made_at(connection, opening.role) or 0) > eligibility.created_at
    if is_another or hold_actions(connection, opening.role) is None:
        raise RoleUnknown(f"there is no role {opening.role} any more, or another one of its name")
    if openings.open_of(connection, by, now):
        raise AlreadyOpen
    if openings.count_of(connection, by, after(now, -COUNTED_MS)) >= MAX_OPENINGS:
        raise TooManyOpenings(f"you have broken the glass {MAX_OPENINGS} times within a day")
    openings.add(connection, opening)
    terms = replace(eligibility.terms, grantee=Grantee(GranteeKind.USER, principal.name))
    give(connection, terms, opening.ends_at, now, by, opening.id)
    tell_opened(connection, opening)
    return opening


def _end(connection: Connection, opening_id: str, by: str, now: Milliseconds) -> Opening:
    ended = _known(opening_id, openings.find(connection, opening_id)).ended(by, now)
    openings.change(connection, ended)
    end_opening(connection, ended.id, now)
    tell_ended(connection, ended)
    return ended


def _acknowledge(connection: Connection, opening_id: str, by: str, comment: str, now: Milliseconds) -> Opening:
    require_no_glass(connection, by, now)
    found = _known(opening_id, openings.find(connection, opening_id))
    acknowledged = found.acknowledged(by, comment, now)
    openings.change(connection, acknowledged)
    tell_acknowledged(connection, acknowledged, now)
    return acknowledged
