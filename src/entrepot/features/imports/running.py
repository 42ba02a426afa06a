# SPDX-License-Identifier: Apache-2.0
"""The background work of imports: finding out what there is, choosing, bringing, and forgetting old ones.

Everything that was done is written down before the next thing is begun, so that a job that was killed goes on where
it was. What is wrong with one artifact or repository is told of it, and the others go on.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from entrepot.features.imports.checking import Checking
from entrepot.features.imports.choosing import Choosing
from entrepot.features.imports.errors import ImportInvalid
from entrepot.features.imports.going_on import GoingOn
from entrepot.features.imports.going_on import Outrun
from entrepot.features.imports.going_on import Sealed
from entrepot.features.imports.going_on import SourceAway
from entrepot.features.imports.models import Import
from entrepot.features.imports.models import ImportState
from entrepot.features.imports.models import RepositoryState
from entrepot.features.imports.models import Source
from entrepot.features.imports.models import Work
from entrepot.features.imports.queueing import RUN
from entrepot.features.imports.queueing import ImportWork
from entrepot.features.imports.queueing import is_under_way
from entrepot.features.imports.store import imports
from entrepot.features.imports.store import items
from entrepot.features.imports.store import repositories
from entrepot.features.imports.telling import tell
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.persistence import is_passing
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.jobs.regular import regular_kind
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import Unavailable
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.platform import Platform

TIDY, EVERY_MINUTE = "imports.tidy", "* * * * *"
HOURS_SECONDS = 12 * 3_600
ATTEMPTS = 200
"""How often a job is tried again: after each death of its process, and while the source is away."""
LONGEST_PAUSE_MS = MINUTE_MS
KEPT_MS = 90 * DAY_MS
AT_ONCE = 50
GIVEN_UP = "its job was given up or cancelled"


class Running:
    """Does imports as jobs ask for it, in the name of whoever asked, with the rights that they have then."""

    def __init__(self, platform: Platform, sealed: Sealed) -> None:
        self._platform = platform
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._sealed = sealed

    def kinds(self) -> tuple[JobKind[Any], ...]:
        """Return the kinds of its jobs."""
        run = JobKind(
            name=RUN,
            payload=ImportWork,
            run=self._run,
            max_running=2,
            max_attempts=ATTEMPTS,
            timeout_seconds=HOURS_SECONDS,
            backoff=Backoff(longest_ms=LONGEST_PAUSE_MS),
        )
        return run, regular_kind(self._clock, TIDY, EVERY_MINUTE, self._tidy)

    async def _run(self, context: JobContext, work: ImportWork) -> None:
        """Go on with an import. What is refused for good is the end of it; the rest is tried again."""
        found = await self._database.read(imports.find, work.id)
        if found is None or found.state is not ImportState.RUNNING or found.turn != work.turn:
            return
        try:
            await self._require_live(found)
            async with GoingOn.opened(self._platform, self._sealed, found, context) as going:
                await self._work(going)
        except Outrun:
            return
        except AppError as refused:
            if isinstance(refused, Unavailable | SourceAway) or is_passing(refused):
                raise
            await self._database.write(_end, context, found, ImportState.FAILED, reason_of(refused), self._clock())
        else:
            objection = await self._objection(found) if found.work is Work.LOOK else ""
            await self._database.write(_end, context, found, ImportState.DONE, objection, self._clock())

    async def _work(self, going: GoingOn) -> None:
        """Go through the catalogue, and then repository by repository in the order of their names."""
        await going.begin()
        choosing = Choosing(going)
        if going.wanted.work is not Work.CHECK:
            await choosing.catalogue()
        after_name = ""
        while True:
            source = await self._database.read(repositories.unfinished, going.wanted.id, after_name)
            if source is None:
                return
            await self._repository(going, choosing, source)
            after_name = source.name

    async def _repository(self, going: GoingOn, choosing: Choosing, source: Source) -> None:
        try:
            if going.wanted.work is Work.CHECK:
                await Checking(going).repository(source)
            else:
                await choosing.tags(source)
                await choosing.by_date(source)
                await going.each_artifact(source)
                await going.write(items.exclude_left, going.wanted.id, source.name, items.NO_SUBJECT)
                await going.write(repositories.recount, going.wanted.id, source.name)
            await going.write(repositories.change, source, RepositoryState.DONE)
        except (Outrun, SourceAway, Unavailable):
            raise
        except AppError as error:
            going.note_luck(error)
            reason = reason_of(error)
            await going.write(repositories.recount, going.wanted.id, source.name)
            await going.write(repositories.change, source, RepositoryState.FAILED, "", reason)

    async def _objection(self, found: Import) -> str:
        """Say why what a dry run has found would not fit, such as a quota."""
        totals = await self._database.snapshot(repositories.totals, found.id)
        first = await self._database.read(repositories.page, found.id, "", 1)
        if not totals.missing_bytes or not first or not first[0].target:
            return ""
        target = parse_repository_name(first[0].target)
        return await self._platform.intake.objection(found.asker.caller, target, totals.missing_bytes)

    async def _require_live(self, found: Import) -> None:
        """Refuse to go on for somebody whose token or password is not good any more.

        That a session of a browser ended is no reason. Raises `Forbidden`.
        """
        principal = found.asker.caller.principal
        if principal.credential.startswith("session:"):
            return
        if not await self._rights.is_live(principal):
            raise Forbidden(f"what {principal.name} logged in with to ask for the import is not good any more")

    async def _tidy(self, now: Milliseconds) -> None:
        await self._database.write(_note_failures, now)
        await self._database.write(imports.prune, after(now, -KEPT_MS), AT_ONCE)


def reason_of(error: AppError) -> str:
    """Say what is wrong, and the next step where there is one."""
    is_ours = isinstance(error, CopyingFailed | ImportInvalid)
    hint = f" {error.hint}" if error.hint and is_ours else ""
    return f"{error.message}{'.' if hint else ''}{hint}"


def _end(
    connection: Connection,
    context: JobContext,
    done: Import,
    state: ImportState,
    reason: str,
    now: Milliseconds,
) -> None:
    """End an import that nobody has stopped meanwhile."""
    context.guard(connection)
    found = imports.find(connection, done.id, to_change=True)
    if found is None or found.state is not ImportState.RUNNING or found.turn != done.turn:
        return
    ended = replace(found, state=state, reason=reason, ended_at=now)
    if found.work is Work.CHECK:
        checked = found.checked_at if state is ImportState.FAILED else now
        ended = replace(ended, state=found.rests, work=Work.BRING, checked_at=checked)
    imports.change(connection, ended)
    totals = repositories.totals(connection, done.id)
    tell(connection, Change.IMPORT_ENDED, ended, now, totals=totals)


def _note_failures(connection: Connection, now: Milliseconds) -> None:
    """Say of imports that they failed whose jobs were given up or cancelled."""
    lost: Sequence[Import] = imports.running(connection)
    for each in lost:
        if not is_under_way(connection, each):
            state, work = (each.rests, Work.BRING) if each.work is Work.CHECK else (ImportState.FAILED, each.work)
            failed = replace(each, state=state, work=work, reason=GIVEN_UP, ended_at=now)
            imports.change(connection, failed)
            tell(connection, Change.IMPORT_ENDED, failed, now)
