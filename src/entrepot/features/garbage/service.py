# SPDX-License-Identifier: Apache-2.0
"""The use cases of administrators around collection."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.garbage.grace import Grace
from entrepot.features.garbage.models import Pause
from entrepot.features.garbage.models import ReadAgain
from entrepot.features.garbage.models import Swept
from entrepot.features.garbage.models import Task
from entrepot.features.garbage.models import Wish
from entrepot.features.garbage.run import PAUSED
from entrepot.features.garbage.sweeping import READ_AGAIN
from entrepot.features.garbage.sweeping import SWEPT
from entrepot.infra.jobs import queue
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import NotFound
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.dry_run import Rehearsal
from entrepot.registry.platform import Platform
from entrepot.registry.store import backups
from entrepot.registry.store import collection_figures
from entrepot.registry.store import collection_marks
from entrepot.registry.store import collection_runs
from entrepot.registry.store import project_storage
from entrepot.registry.store.backups import HeldBack
from entrepot.registry.store.collection_figures import Amounts
from entrepot.registry.store.collection_figures import Waiting
from entrepot.registry.store.collection_runs import NEWEST
from entrepot.registry.store.collection_runs import Run
from entrepot.registry.store.modes import ModeSetting
from entrepot.registry.store.project_storage import ProjectStorage


class RunUnknown(NotFound):
    """There is no such run."""

    code = "garbage_run_unknown"
    default_hint = "entrepot garbage runs lists those of the last 90 days."


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database knows of collection at one moment. What has not happened yet is None."""

    pause: Pause | None
    waiting: Waiting
    held_back: list[HeldBack]
    damaged: int
    deleted: Amounts
    last_run: Run | None
    swept: Swept | None
    read_again: ReadAgain | None


@dataclass(frozen=True, slots=True)
class Status:
    """How collection is: `mode` is the registry's while that forbids it, `waits_until` when the clock is even again."""

    figures: Figures
    grace: Grace
    mode: ModeSetting | None
    waits_until: Milliseconds | None


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of runs, newest first; `is_more` says whether older ones follow."""

    runs: list[Run]
    is_more: bool


@dataclass(frozen=True, slots=True)
class StoragePage:
    """What projects store, by name; `next_after` is where the next page begins, empty on the last."""

    projects: list[ProjectStorage]
    next_after: str


class Garbage:
    """Looking at collection, for operators and auditors, and making it go and stand still, for operators.

    Raises as `Rights.require_system`.
    """

    def __init__(self, platform: Platform, grace: Grace) -> None:
        self._platform = platform
        self._database = platform.database
        self._grace = grace

    async def status(self, principal: Principal) -> Status:
        """Tell how it is."""
        await self._platform.rights.require_system(principal, SystemAction.READ_SYSTEM)
        figures = await self._database.survey(_figures)
        modes = self._platform.modes
        mode = None if await modes.allows_collection() else await modes.in_force()
        waits_until = await self._platform.collecting.even_clock.uneven_until()
        return Status(figures, self._grace, mode, waits_until)

    async def runs(self, principal: Principal, before: str, limit: int) -> RunPage:
        """Return runs begun before the one named `before`, at most `limit`."""
        await self._platform.rights.require_system(principal, SystemAction.READ_SYSTEM)
        found = await self._database.read(collection_runs.page, before or NEWEST, limit + 1)
        return RunPage(found[:limit], len(found) > limit)

    async def run(self, principal: Principal, run_id: Ulid) -> Run:
        """Return one run. Raises `RunUnknown`."""
        await self._platform.rights.require_system(principal, SystemAction.READ_SYSTEM)
        found = await self._database.read(collection_runs.find, run_id)
        if found is None:
            raise RunUnknown(f"there is no run {run_id}")
        return found

    async def start(self, principal: Principal, task: Task) -> Ulid:
        """Have a task done now; return its job, which is that of the schedule if it waits or runs.

        Raises `RefusedByMode`.
        """
        await self._platform.rights.require_system(principal, SystemAction.OPERATE)
        await self._platform.modes.require_changing()
        job = await self._database.write(_request, task, principal.identity, self._platform.clock())
        self._platform.doorbell.ring()
        return job

    async def rehearse(self, principal: Principal) -> Rehearsal:
        """Tell what a run would do now."""
        await self._platform.rights.require_system(principal, SystemAction.OPERATE)
        return await self._platform.collecting.dry_run.rehearse()

    async def pause(self, principal: Principal) -> None:
        """Let nothing be collected until `resume`: a run that goes on stops within one step."""
        await self._platform.rights.require_system(principal, SystemAction.OPERATE)
        pause = Pause(principal.identity, self._platform.clock())
        await self._database.write(_pause, pause)

    async def resume(self, principal: Principal) -> None:
        """End a pause, if there is one."""
        await self._platform.rights.require_system(principal, SystemAction.OPERATE)
        await self._database.write(_resume, self._platform.clock())

    async def storage(self, principal: Principal, after: str, limit: int) -> StoragePage:
        """Tell what projects behind the name `after` store, at most `limit` of them."""
        await self._platform.rights.require_system(principal, SystemAction.READ_SYSTEM)
        return StoragePage(*await self._database.survey(project_storage.page, after, limit))


def _request(connection: Connection, task: Task, by: str, now: Milliseconds) -> Ulid:
    """Enqueue a task beside none of its kind; return the job that does it."""
    job = queue.enqueue(connection, task, Wish(by), now, unique_key=f"schedule:{task}")
    announce(connection, Change.JOB_STARTED, now, Told(object=f"job:{job}", after={"kind": task.value}))
    return job


def _pause(connection: Connection, pause: Pause) -> None:
    if collection_marks.find(connection, PAUSED, Pause) is None:
        announce(connection, Change.COLLECTION_PAUSED, pause.at, Told(object="collection:registry"))
    collection_marks.set_place(connection, PAUSED, pause)


def _resume(connection: Connection, now: Milliseconds) -> None:
    if collection_marks.find(connection, PAUSED, Pause) is not None:
        announce(connection, Change.COLLECTION_RESUMED, now, Told(object="collection:registry"))
    collection_marks.remove(connection, PAUSED)


def _figures(connection: Connection) -> Figures:
    return Figures(
        pause=collection_marks.find(connection, PAUSED, Pause),
        waiting=collection_figures.waiting(connection),
        held_back=backups.held_back(connection),
        damaged=collection_figures.damaged(connection),
        deleted=collection_figures.deleted(connection),
        last_run=next(iter(collection_runs.page(connection, NEWEST, 1)), None),
        swept=collection_marks.find(connection, SWEPT, Swept),
        read_again=collection_marks.find(connection, READ_AGAIN, ReadAgain),
    )
