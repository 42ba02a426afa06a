# SPDX-License-Identifier: Apache-2.0
"""The background work of promotions: having them copied, saying where it came from, and ending what nobody decided."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from entrepot.features.copies import Copy
from entrepot.features.copies import CopyState
from entrepot.features.copies import Item
from entrepot.features.copies import begin
from entrepot.features.copies import find_copy
from entrepot.features.promotions.approving import who_may
from entrepot.features.promotions.ending import end
from entrepot.features.promotions.models import Promotion
from entrepot.features.promotions.models import PromotionState
from entrepot.features.promotions.models import counted
from entrepot.features.promotions.models import fits
from entrepot.features.promotions.models import stands
from entrepot.features.promotions.queueing import FINISH
from entrepot.features.promotions.queueing import RUN
from entrepot.features.promotions.queueing import PromotionWork
from entrepot.features.promotions.queueing import is_under_way
from entrepot.features.promotions.record import attachment_of
from entrepot.features.promotions.record import record_of
from entrepot.features.promotions.store import paths
from entrepot.features.promotions.store import promotions
from entrepot.infra.jobs.regular import regular_kind
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.registry.platform import Platform

TIDY, EVERY_MINUTE = "promotions.tidy", "* * * * *"
KEPT_MS = 365 * DAY_MS
AT_ONCE = 50
ATTEMPTS = 35
"""Enough for a target that is read-only, a storage that is away, or copies that others have to make room, for hours."""
_SERVER_ERROR = 500
_GIVEN_UP = "its job was given up or cancelled"


class Running:
    """Carries promotions out in the name of whoever approved last, once it is seen that the approvals still count."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._attaching = platform.attaching
        self._clock = platform.clock
        self._doorbell = platform.doorbell

    def kinds(self) -> tuple[JobKind[Any], ...]:
        """Return the kinds of its jobs."""
        run = JobKind(name=RUN, payload=PromotionWork, run=self._run, max_attempts=ATTEMPTS)
        finish = JobKind(name=FINISH, payload=PromotionWork, run=self._finish, max_attempts=ATTEMPTS)
        return run, finish, regular_kind(self._clock, TIDY, EVERY_MINUTE, self._tidy)

    async def _run(self, context: JobContext, work: PromotionWork) -> None:
        """Begin the copy, unless that was done. What the record would be refused for is found out before."""
        promotion = await self._database.read(promotions.find, work.promotion)
        if promotion is None or promotion.stored is not PromotionState.RUNNING or promotion.copy_id is not None:
            return
        reason = await self._refusal_of_record(promotion)
        if reason:
            await self._database.write(_fail, context, promotion.id, reason, self._clock())
        else:
            await self._database.write(_begin, context, promotion.id, self._clock())
            self._doorbell.ring()

    async def _refusal_of_record(self, promotion: Promotion) -> str:
        executor = promotion.executor or promotion.asker
        try:
            record = record_of(promotion, promotion.approvals)
            await self._attaching.ask(executor.caller, attachment_of(promotion, record))
        except AppError as refused:
            if refused.status >= _SERVER_ERROR:
                raise
            return refused.message
        return ""

    async def _finish(self, context: JobContext, work: PromotionWork) -> None:
        """Say in the target where it came from, once the copy is done. What is refused for good is the end of it."""
        promotion = await self._database.read(promotions.find, work.promotion)
        if promotion is None or promotion.stored is not PromotionState.RUNNING or promotion.copy_id is None:
            return
        copy = await self._database.read(find_copy, promotion.copy_id)
        if copy is not None and copy.state is CopyState.RUNNING:
            return
        if copy is None or copy.state is not CopyState.DONE:
            reason = "its copy is gone" if copy is None else copy.reason or "its copy was cancelled"
            await self._database.write(_fail, context, promotion.id, reason, self._clock())
            return
        executor = promotion.executor or promotion.asker
        try:
            digest = await self._attaching.attach(executor.caller, attachment_of(promotion, promotion.record))
        except AppError as refused:
            if refused.status >= _SERVER_ERROR:
                raise
            reason = f"it is in the target, but what tells where it came from was refused: {refused.message}"
            await self._database.write(_fail, context, promotion.id, reason, self._clock())
        else:
            await self._database.write(_done, context, promotion.id, digest, self._clock())

    async def _tidy(self, now: Milliseconds) -> None:
        for promotion_id in await self._database.read(promotions.over, now, AT_ONCE):
            await self._database.write(_expire, promotion_id, now)
        await self._database.write(_note_failures, now)
        await self._database.write(promotions.prune, after(now, -KEPT_MS), AT_ONCE)


def _begin(connection: Connection, context: JobContext, promotion_id: Ulid, now: Milliseconds) -> None:
    """Have it copied if the approvals still count, and keep what will be said of it."""
    context.guard(connection)
    promotion = _locked(connection, promotion_id)
    if promotion is None or promotion.copy_id is not None or promotion.executor is None:
        return
    path = paths.find(connection, promotion.path_id)
    if path is None or not fits(path, promotion):
        became = "was deleted" if path is None else "leads elsewhere now, or is about other tags"
        _end_failed(connection, promotion, f"the path {promotion.path_address} {became}", now)
        return
    approvals = counted(path, promotion, who_may(connection, path, promotion, now))
    if not stands(promotion, approvals):
        reason = "an approval does not count any more: who gave it is no approver, or may not push to the target"
        _end_failed(connection, promotion, reason, now)
        return
    copy = Copy(
        id=new_ulid(),
        source=promotion.source,
        target=promotion.target,
        items=(Item(promotion.digest, promotion.tags, promotion.tag),),
        with_referrers=True,
        follow_hours=path.terms.follow_hours,
        asker=promotion.executor,
        requested_at=now,
    )
    begin(connection, copy)
    promotions.change(connection, replace(promotion, copy_id=copy.id, record=record_of(promotion, approvals)))


def _done(
    connection: Connection, context: JobContext, promotion_id: Ulid, record_digest: Digest, now: Milliseconds
) -> None:
    context.guard(connection)
    promotion = _locked(connection, promotion_id)
    if promotion is not None:
        done = replace(promotion.ended(PromotionState.DONE, now), record_digest=record_digest)
        end(connection, done, now, (done.executor or done.asker).caller.principal)


def _fail(connection: Connection, context: JobContext, promotion_id: Ulid, reason: str, now: Milliseconds) -> None:
    context.guard(connection)
    promotion = _locked(connection, promotion_id)
    if promotion is not None:
        _end_failed(connection, promotion, reason, now)


def _end_failed(connection: Connection, promotion: Promotion, reason: str, now: Milliseconds) -> None:
    by = (promotion.executor or promotion.asker).caller.principal
    end(connection, promotion.ended(PromotionState.FAILED, now, reason), now, by)


def _locked(connection: Connection, promotion_id: Ulid) -> Promotion | None:
    """Return a promotion that is carried out, and that nobody else changes until this transaction ends."""
    seen = promotions.find(connection, promotion_id)
    if seen is None:
        return None
    paths.lock(connection, seen.path_id)
    promotion = promotions.find(connection, promotion_id, to_change=True)
    return promotion if promotion is not None and promotion.stored is PromotionState.RUNNING else None


def _expire(connection: Connection, promotion_id: Ulid, now: Milliseconds) -> None:
    promotion = promotions.find(connection, promotion_id, to_change=True)
    if promotion is not None and promotion.state(now) is not promotion.stored:
        reason = "approvals were still missing when its time was over"
        end(connection, promotion.ended(PromotionState.EXPIRED, now, reason), now)


def _note_failures(connection: Connection, now: Milliseconds) -> None:
    """Say of promotions that they failed whose jobs were given up or cancelled."""
    for promotion in promotions.running(connection):
        if promotion.copy_id is None:
            is_lost = not is_under_way(connection, RUN, promotion.id)
        else:
            copy = find_copy(connection, promotion.copy_id)
            ended_at = Milliseconds(0) if copy is None else copy.ended_at
            is_old = ended_at is not None and after(ended_at, HOUR_MS) < now
            is_lost = is_old and not is_under_way(connection, FINISH, promotion.id)
        locked = _locked(connection, promotion.id) if is_lost else None
        if locked is not None:
            _end_failed(connection, locked, _GIVEN_UP, now)
