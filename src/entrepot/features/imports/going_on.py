# SPDX-License-Identifier: Apache-2.0
"""An import while a job goes on with it: its session with the source, and what every step of it shares."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.features.imports.artifacts import Artifacts
from entrepot.features.imports.models import MAX_REASON_CHARACTERS
from entrepot.features.imports.models import Import
from entrepot.features.imports.models import ImportState
from entrepot.features.imports.models import Item
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Source
from entrepot.features.imports.models import Work
from entrepot.features.imports.sealing import Sealing
from entrepot.features.imports.sources import Sources
from entrepot.features.imports.store import imports
from entrepot.features.imports.store import items
from entrepot.features.imports.store import repositories
from entrepot.features.imports.walking import Place
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.pace import Pace
from entrepot.infra.distribution.persistence import is_passing
from entrepot.infra.distribution.repository import Repository
from entrepot.infra.distribution.session import Session
from entrepot.infra.jobs.worker import JobContext
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Unavailable
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_repository_name
from entrepot.registry.platform import Platform

T = TypeVar("T")

AT_ONCE = 100
"""How many artifacts are in memory."""
TRIES = 3
"""How often an artifact is tried again that failed by what passes by itself."""
UNLUCKY = 8
"""So many failures in a row of that sort mean that it is the source that is away."""


class Outrun(AppError):
    """The import was stopped, or another job goes on with it."""

    code = "import_outrun"


class SourceAway(AppError):
    """The source cannot be reached, or has too much to do."""

    code = "import_source_away"
    status = 502


@dataclass(frozen=True, slots=True)
class Sealed:
    """What it takes to ask a source."""

    sources: Sources
    sealing: Sealing


class GoingOn:
    """One run of an import's job."""

    def __init__(self, platform: Platform, session: Session, wanted: Import, context: JobContext, flow: Flow) -> None:
        self.wanted = wanted
        self.session = session
        self.intake = platform.intake
        self.flow = flow
        self._context = context
        self._clock = platform.clock
        self._database = platform.database
        self._artifacts = Artifacts(platform.database, wanted, flow)
        self._unlucky = 0

    @staticmethod
    @asynccontextmanager
    async def opened(
        platform: Platform, sealed: Sealed, wanted: Import, context: JobContext
    ) -> AsyncIterator["GoingOn"]:
        """Hold a session with the source of an import. Raises `CannotUnseal` and as `Sources.open`."""
        login = sealed.sealing.open(wanted.id, await platform.database.read(imports.login_of, wanted.id))
        flow = Flow(Pace(wanted.terms.rate), sealed.sources.persistence)
        async with sealed.sources.open(wanted.url, login) as session:
            yield GoingOn(platform, session, wanted, context, flow)

    async def read(self, work: Callable[..., T], *values: Any) -> T:
        """Read something."""
        return await self._database.read(work, *values)

    async def write(self, work: Callable[..., T], *values: Any) -> T:
        """Write something down, unless the import was stopped meanwhile. Raises `Outrun`."""
        return await self._database.write(self._guarded, work, values)

    async def begin(self) -> None:
        """Note when the import was begun."""
        if self.wanted.began_at is None:
            self.wanted = replace(self.wanted, began_at=self._clock())
            await self.keep()

    async def keep(self, **changes: Any) -> None:
        """Keep how the import stands."""
        self.wanted = replace(self.wanted, **changes)
        await self.write(imports.change, self.wanted)

    def place(self, source: Source) -> Place:
        """Return where a repository is, and where it comes to."""
        origin = Repository(self.session, parse_repository_name(source.name), writes=False)

        async def derived(subject: Digest) -> Sequence[TagName]:
            """Return the tags named after a digest, as they were listed."""
            found = await self.read(items.derived_of, self.wanted.id, source.name, subject)
            return [TagName(each.name) for each in found]

        return Place(origin, parse_repository_name(source.target), self.intake, derived)

    async def each_artifact(self, source: Source) -> None:
        """Look at, or bring, every artifact that waits. Raises `SourceAway`, `Outrun` and `Unavailable`."""
        place = self.place(source)
        work = self._artifacts.look if self.wanted.work is Work.LOOK else self._artifacts.bring

        async def settle(item: Item) -> None:
            """Do it, and write down what came of it."""
            await self.write(items.settle, await work(place, item))

        for _ in range(TRIES):
            if not await self._go_through(source, items.waiting, settle):
                return

    async def each_undated(self, source: Source) -> None:
        """Find out when each artifact that waits was made. Raises as `each_artifact`."""
        place = self.place(source)

        async def settle(item: Item) -> None:
            """Do it, and write it down."""
            await self.write(items.settle, [await self._artifacts.date(place, item)])

        for _ in range(TRIES):
            if not await self._go_through(source, items.undated, settle):
                return

    def note_luck(self, error: AppError | None) -> None:
        """Count failures in a row that pass by themselves. Raises `SourceAway` when it is enough."""
        if error is None or not is_passing(error):
            self._unlucky = 0
            return
        self._unlucky += 1
        if self._unlucky >= UNLUCKY:
            raise SourceAway(f"the source is away: {error.message}") from error

    async def _go_through(
        self, source: Source, listed: Callable[..., list[Item]], settle: Callable[[Item], Awaitable[None]]
    ) -> bool:
        """Go through the artifacts once, so many at once; tell whether there were any."""
        behind, has_any = "", False
        while True:
            batch = await self.read(listed, self.wanted.id, source.name, behind, AT_ONCE)
            if not batch:
                return has_any
            has_any, behind = True, batch[-1].name
            await self._several(batch, settle)
            totals = await self.read(repositories.totals, self.wanted.id)
            left = totals.counts.waiting
            self._context.report(
                sum((totals.counts.brought, totals.counts.same, totals.counts.looked, totals.counts.failed)),
                None if left else 0,
                source.name,
            )

    async def _several(self, batch: Sequence[Item], settle: Callable[[Item], Awaitable[None]]) -> None:
        waiting = iter(batch)

        async def one_after_another() -> None:
            """Take the next one, until there is none."""
            for item in waiting:
                await self._one(item, settle)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.wanted.terms.parallel, len(batch))):
                    group.create_task(one_after_another())
        except BaseExceptionGroup as errors:
            raise _first(errors) from None

    async def _one(self, item: Item, settle: Callable[[Item], Awaitable[None]]) -> None:
        try:
            await settle(item)
        except (Outrun, SourceAway, Unavailable):
            raise
        except AppError as error:
            attempts = item.attempts + 1
            is_tried_again = is_passing(error) and attempts < TRIES
            state = ItemState.WAITING if is_tried_again else ItemState.FAILED
            failed = replace(item, state=state, attempts=attempts, reason=error.message[:MAX_REASON_CHARACTERS])
            await self.write(items.settle, [failed])
            self.note_luck(error)
        else:
            self.note_luck(None)

    def _guarded(self, connection: Connection, work: Callable[..., T], values: Sequence[Any]) -> T:
        found = imports.find(connection, self.wanted.id)
        if found is None or found.state is not ImportState.RUNNING or found.turn != self.wanted.turn:
            raise Outrun
        self._context.guard(connection)
        return work(connection, *values)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
