# SPDX-License-Identifier: Apache-2.0
"""What is kept longer than usual, and what has to be forgotten: holds, and the erasure of names."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.audit.errors import HoldInvalid
from entrepot.features.audit.errors import HoldUnknown
from entrepot.features.audit.errors import NotErasable
from entrepot.features.audit.errors import OnHold
from entrepot.features.audit.errors import SubjectUnknown
from entrepot.features.audit.errors import TooManyHolds
from entrepot.features.audit.models import ADDRESS
from entrepot.features.audit.models import PEOPLE
from entrepot.features.audit.models import Hold
from entrepot.features.audit.models import Month
from entrepot.features.audit.sealing import seal_uses_about
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import holds
from entrepot.features.audit.store import names
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform

ERASED_AT_ONCE = 500
MAX_HOLDS = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """What a hold is on: what happened from a moment on, until another or without an end."""

    begins_at: Milliseconds
    ends_at: Milliseconds | None


class Keeping:
    """Places and releases holds, and erases names. It takes an administrator, who proved of late who they are."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock

    async def place(self, principal: Principal, reason: str, span: Span) -> Hold:
        """Keep everything of a span from being dropped or erased.

        Raises as `Rights.require_system`, `ReauthenticationNeeded`, `HoldInvalid` and `TooManyHolds`.
        """
        await self._require(principal)
        if span.ends_at is not None and span.ends_at <= span.begins_at:
            raise HoldInvalid
        hold = Hold(new_ulid(), reason, span.begins_at, span.ends_at, self._clock(), principal.identity)
        await self._database.write_locked(_place, hold)
        return hold

    async def release(self, principal: Principal, hold_id: str) -> Hold:
        """End a hold, of which the record stays. Raises as `place`, and `HoldUnknown`."""
        await self._require(principal)
        return await self._database.write_locked(_release, hold_id, self._clock(), principal.identity)

    async def erase(self, principal: Principal, subject: str, reason: str) -> int:
        """Forget for good who `subject` is, such as `user:alice` or `address:203.0.113.7`; return of how many details.

        The chain stays whole: what it has is a pseudonym, which stands for nobody from then on. What stands beside
        records about them (reasons, what was before and after) goes too. Raises as `place`, `NotErasable`,
        `SubjectUnknown` and `OnHold`.
        """
        await self._require(principal)
        kind, _, name = subject.partition(":")
        if kind not in (*PEOPLE, ADDRESS) or not name:
            raise NotErasable(f"{subject} is nothing that can be erased")
        text = name if kind == ADDRESS else subject
        while await self._database.write_locked(seal_uses_about, text, self._clock()):
            pass
        erased = 0
        partitions = await self._database.read(chain.partitions)
        for month in (each.month for each in partitions if each.dropped_at is None):
            while some := await self._database.write_locked(_erase_details, month, kind, name):
                erased += some
        return erased + await self._database.write_locked(_erase_name, kind, name, self._clock(), reason)

    async def _require(self, principal: Principal) -> None:
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)


def _place(connection: Connection, hold: Hold) -> None:
    chain.lock_head(connection)
    if sum(each.released_at is None for each in holds.all_of(connection)) >= MAX_HOLDS:
        raise TooManyHolds(f"there are {MAX_HOLDS} holds, which is the most")
    holds.add(connection, hold)
    announce(connection, Change.AUDIT_HELD, hold.placed_at, Told(object=f"hold:{hold.id}", after=_terms(hold)))


def _release(connection: Connection, hold_id: str, now: Milliseconds, by: str) -> Hold:
    if not holds.release(connection, hold_id, now, by):
        raise HoldUnknown(f"there is no hold {hold_id}, or it was released before")
    released = next(each for each in holds.all_of(connection) if each.id == hold_id)
    announce(connection, Change.AUDIT_RELEASED, now, Told(object=f"hold:{hold_id}", before=_terms(released)))
    return released


def _erase_details(connection: Connection, month: Month, kind: str, name: str) -> int:
    chain.lock_head(connection)
    pseudonym = names.find(connection, kind, name)
    if pseudonym is None:
        raise SubjectUnknown(f"the audit log has nothing about {kind}:{name}")
    _require_no_hold(connection)
    return chain.erase_details(connection, month, kind, pseudonym, ERASED_AT_ONCE)


def _erase_name(connection: Connection, kind: str, name: str, now: Milliseconds, reason: str) -> int:
    """Erase the name, and the details of what was recorded since the others were erased; return how many these are."""
    head = chain.lock_head(connection)
    pseudonym = names.find(connection, kind, name)
    if head is None or pseudonym is None:
        raise SubjectUnknown(f"the audit log has nothing about {kind}:{name}")
    _require_no_hold(connection)
    erased = 0
    while some := chain.erase_details(connection, head.month, kind, pseudonym, ERASED_AT_ONCE):
        erased += some
    names.erase(connection, pseudonym)
    announce(connection, Change.AUDIT_ERASED, now, Told(object=f"pseudonym:{pseudonym}", reason=reason))
    return erased


def _require_no_hold(connection: Connection) -> None:
    """Do nothing unless a hold is in force, on whatever span: records of it may be about anybody. Raises `OnHold`."""
    in_force = [hold.id for hold in holds.all_of(connection) if hold.released_at is None]
    if in_force:
        raise OnHold(f"as long as holds are in force, nothing is erased: {', '.join(in_force[:3])}")


def _terms(hold: Hold) -> Span:
    return Span(hold.begins_at, hold.ends_at)
