# SPDX-License-Identifier: Apache-2.0
"""The background work of copies: doing them, bringing along what is said later, and forgetting old ones."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from entrepot.features.copies import store
from entrepot.features.copies.errors import CopyStopped
from entrepot.features.copies.models import Brought
from entrepot.features.copies.models import Copy
from entrepot.features.copies.models import CopyState
from entrepot.features.copies.models import Item
from entrepot.features.copies.queueing import ATTEMPTS
from entrepot.features.copies.queueing import FOLLOW
from entrepot.features.copies.queueing import RUN
from entrepot.features.copies.queueing import CopyWork
from entrepot.features.copies.queueing import enqueue_following
from entrepot.features.copies.queueing import is_followed_soon
from entrepot.features.copies.queueing import is_under_way
from entrepot.features.copies.telling import tell
from entrepot.infra.jobs.regular import regular_kind
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.errors import ManifestUnknown
from entrepot.registry.copy_orders import Copied
from entrepot.registry.copy_orders import Entry
from entrepot.registry.copy_orders import Order
from entrepot.registry.copy_orders import Step
from entrepot.registry.copy_orders import SubjectGone
from entrepot.registry.copy_orders import Tell
from entrepot.registry.copy_orders import Within
from entrepot.registry.copy_orders import nobody
from entrepot.registry.events import Outcome
from entrepot.registry.platform import Platform

TIDY, EVERY_MINUTE = "copies.tidy", "* * * * *"
HOURS_SECONDS = 6 * 3_600
KEPT_MS = 90 * DAY_MS
AT_ONCE = 50
ROUNDS = 10
"""How often a copy looks again whether something was said meanwhile; what comes later is followed."""
MAX_TOLD = 100
_SERVER_ERROR = 500


class Running:
    """Does copies as jobs ask for it, in the name of whoever asked, with the rights that they have then."""

    def __init__(self, platform: Platform) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._copying = platform.copying
        self._clock = platform.clock

    def kinds(self) -> tuple[JobKind[Any], ...]:
        """Return the kinds of its jobs."""
        run = JobKind(
            name=RUN,
            payload=CopyWork,
            run=self._run,
            max_attempts=ATTEMPTS,
            max_running=2,
            timeout_seconds=HOURS_SECONDS,
        )
        follow = JobKind(name=FOLLOW, payload=CopyWork, run=self._follow, max_attempts=ATTEMPTS, max_running=2)
        return run, follow, regular_kind(self._clock, TIDY, EVERY_MINUTE, self._tidy)

    async def _run(self, context: JobContext, work: CopyWork) -> None:
        """Do a copy from where it was stopped. What is refused for good is the end of it; the rest is tried again."""
        copy = await self._database.read(store.find, work.copy)
        if copy is None or copy.state is not CopyState.RUNNING:
            return
        brought = copy.brought
        try:
            await self._require_live(copy)
            for number, item in enumerate(copy.items, 1):
                report = partial(context.report, note=f"artifact {number} of {len(copy.items)}")
                order = copy.order(item)
                if number <= copy.brought.settled:
                    order = replace(order, tags=())
                done = await self._bring(copy, order, partial(_step, context, copy.id, number), report)
                brought = msgspec.structs.replace(_joined(brought, done), settled=number)
                await self._database.write(_progress, context, copy.id, brought)
        except CopyStopped:
            return
        except AppError as refused:
            if refused.status >= _SERVER_ERROR:
                raise
            ended = replace(copy, state=CopyState.FAILED, brought=brought, reason=refused.message)
        else:
            ended = replace(copy, state=CopyState.DONE, brought=brought)
        await self._database.write(_end, context, ended, self._clock())

    async def _bring(self, copy: Copy, order: Order, within: Within, report: Tell = nobody) -> list[Copied]:
        """Copy an artifact, and what is said of it until it looks as if it were all. Its tags are set once.

        What went along is remembered before it is looked at again, so that whatever is said after the last look is
        heard of.
        """
        done: list[Copied] = []
        went: frozenset[Entry] = order.known or frozenset()
        for _ in range(ROUNDS):
            copied = await self._copying.copy(copy.asker.caller, order, report, within)
            done.append(copied)
            if not copy.follow_hours or copied.plan.entries <= went:
                break
            await self._database.write(store.add_entries, copy.id, copied.plan.entries)
            went |= copied.plan.entries
            order = replace(order, tags=()) if order.known is None else replace(order, known=went)
        return done

    async def _follow(self, context: JobContext, work: CopyWork) -> None:
        """Bring along what was said since. Of a copy that is not done yet, its end asks for this again."""
        copy = await self._database.read(store.find, work.copy)
        if copy is None or copy.state is not CopyState.DONE or work.heard <= copy.followed:
            return
        if not copy.is_followed(self._clock()):
            return
        known = await self._database.read(store.entries, copy.id)
        done: list[Copied] = []
        reason = ""
        try:
            await self._require_live(copy)
            gone = 0
            for item in copy.items:
                found = await self._late(context, copy, item, known)
                gone += found is None
                done += found or []
            if gone == len(copy.items):
                reason = "what was copied is not there any more"
        except CopyStopped:
            return
        except AppError as refused:
            if refused.status >= _SERVER_ERROR:
                raise
            reason = refused.message
        await self._database.write(_followed, copy, done, reason, self._clock())

    async def _late(self, context: JobContext, copy: Copy, item: Item, known: frozenset[Entry]) -> list[Copied] | None:
        """Bring what is new about one artifact; None where that is not at both ends any more."""
        try:
            return await self._bring(copy, copy.order(item, known), partial(self._late_step, context, copy.id))
        except (SubjectGone, ManifestUnknown):
            return None

    def _late_step(self, context: JobContext, copy_id: Ulid, connection: Connection, _step: Step) -> None:
        """Go on while it is followed. Raises `CopyStopped`, and as `JobContext.guard`."""
        context.guard(connection)
        found = store.find(connection, copy_id, to_change=True)
        if found is None or not found.is_followed(self._clock()):
            raise CopyStopped

    async def _require_live(self, copy: Copy) -> None:
        """Do nothing if what somebody logged in with is still good. That a session of a browser ended is no reason.

        Raises `Forbidden`.
        """
        principal = copy.asker.caller.principal
        if principal.credential.startswith("session:"):
            return
        if not await self._rights.is_live(principal):
            raise Forbidden(f"what {principal.name} logged in with to ask for the copy is not good any more")

    async def _tidy(self, now: Milliseconds) -> None:
        await self._database.write(_note_failures, now)
        await self._database.write(_catch_up, now)
        await self._database.write(store.forget_entries, now, AT_ONCE)
        await self._database.write(store.prune, after(now, -KEPT_MS), now, AT_ONCE)


def _step(context: JobContext, copy_id: Ulid, number: int, connection: Connection, step: Step) -> None:
    """Go on while nobody has cancelled it, and note that the tags of an artifact are set with it, which comes last.

    Raises `CopyStopped`, and as `JobContext.guard`.
    """
    copy = _guarded(connection, context, copy_id)
    if step.node.digest == copy.items[number - 1].digest and copy.brought.settled < number:
        store.change(connection, replace(copy, brought=msgspec.structs.replace(copy.brought, settled=number)))


def _progress(connection: Connection, context: JobContext, copy_id: Ulid, brought: Brought) -> None:
    """Note what has come. Raises as `_step`."""
    store.change(connection, replace(_guarded(connection, context, copy_id), brought=brought))


def _guarded(connection: Connection, context: JobContext, copy_id: Ulid) -> Copy:
    context.guard(connection)
    copy = store.find(connection, copy_id, to_change=True)
    if copy is None or copy.state is not CopyState.RUNNING:
        raise CopyStopped
    return copy


def _end(connection: Connection, context: JobContext, ended: Copy, now: Milliseconds) -> None:
    """End a copy that nobody has cancelled meanwhile."""
    context.guard(connection)
    found = store.find(connection, ended.id, to_change=True)
    if found is None or found.state is not CopyState.RUNNING:
        return
    is_done = ended.state is CopyState.DONE
    follows = is_done and ended.follow_hours > 0
    until = after(now, ended.follow_hours * HOUR_MS) if follows else None
    kept = replace(ended, ended_at=now, follow_until=until, followed=found.followed)
    store.change(connection, kept)
    outcome = Outcome.DONE if is_done else Outcome.FAILED
    tell(connection, Change.COPY_ENDED, kept, now, outcome=outcome)
    if follows:
        store.follow_no_more(connection, kept, now, f"the copy {kept.id} of the same follows it")
    if follows and found.heard > found.followed:
        enqueue_following(connection, ended.id, now)


def _followed(connection: Connection, before: Copy, done: Iterable[Copied], reason: str, now: Milliseconds) -> None:
    """Note what came along, and end it for a reason if there is one."""
    found = store.find(connection, before.id, to_change=True)
    if found is None:
        return
    brought = _joined(found.brought, done, is_late=True)
    kept = replace(found, brought=brought, followed=max(found.followed, before.heard))
    if reason:
        kept = replace(kept, reason=reason, follow_until=now)
    store.change(connection, kept)
    if reason or brought.late > found.brought.late:
        tell(connection, Change.COPY_FOLLOWED, kept, now, outcome=Outcome.FAILED if reason else Outcome.DONE)


def _note_failures(connection: Connection, now: Milliseconds) -> None:
    """Say of copies that they failed whose jobs were given up or cancelled."""
    for copy in store.running(connection):
        if not is_under_way(connection, copy.id):
            failed = replace(copy, state=CopyState.FAILED, reason="its job was given up or cancelled", ended_at=now)
            store.change(connection, failed)
            tell(connection, Change.COPY_ENDED, failed, now, outcome=Outcome.FAILED)


def _catch_up(connection: Connection, now: Milliseconds) -> None:
    """Follow copies again whose jobs were given up: nothing else would ask for what was said last."""
    for copy in store.behind(connection, now, AT_ONCE):
        if not is_followed_soon(connection, copy):
            enqueue_following(connection, copy.id, now)


def _joined(brought: Brought, done: Iterable[Copied], *, is_late: bool = False) -> Brought:
    """Add what was copied to what there was."""
    for each in done:
        brought = msgspec.structs.replace(
            brought,
            manifests=brought.manifests + each.manifests,
            late=brought.late + (each.manifests if is_late else 0),
            new_bytes=brought.new_bytes + (each.plan.new_bytes if each.manifests else 0),
            kept=tuple(dict.fromkeys((*brought.kept, *each.plan.kept)))[:MAX_TOLD],
            warnings=tuple(dict.fromkeys((*brought.warnings, *each.warnings)))[:MAX_TOLD],
        )
    return brought
