# SPDX-License-Identifier: Apache-2.0
"""Carrying plans out: what was planned and is still due, and nothing else."""

from collections.abc import AsyncIterator

from sqlalchemy import Connection

from entrepot.features.retention.errors import PlanDrifted
from entrepot.features.retention.judging import Court
from entrepot.features.retention.making import Report
from entrepot.features.retention.plan import Step
from entrepot.features.retention.plan import require_little_drift
from entrepot.features.retention.plan import still_due
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import basis_of
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import plans
from entrepot.features.retention.store import policies as policy_store
from entrepot.features.retention.store.plans import PlannedStep
from entrepot.features.usage import recording
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import internal
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Conflict
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.delete import Delete
from entrepot.registry.events import Cause
from entrepot.registry.modes import RefusedByMode
from entrepot.registry.store import holds
from entrepot.registry.store import recycle_bin
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.repositories import RepositoryId

STEPS_AT_ONCE = 500
LATE_MS = 10 * MINUTE_MS
"""Uses become known within seconds; where they have not for so long, nothing is deleted that seems not to be used."""
NOT_DUE = "the rules do not delete it any more"

RETENTION = Caller(internal("retention"), cause=Cause.RETENTION)
"""In whose name it is deleted; who had it done is told of the plan."""


class Spared(Exception):
    """A step is not what was planned any more: undoes its transaction."""


class CarryingOut:
    """Does what plans say."""

    def __init__(self, database: Database, reading: Reading, delete: Delete, clock: Clock) -> None:
        self._database = database
        self._reading = reading
        self._delete = delete
        self._clock = clock

    async def carry_out(self, plan_id: Ulid, report: Report) -> None:
        """Do what a plan says that somebody let begin; once more what is left where it was stopped.

        Everything is judged anew before the first step. Raises nothing for a plan that is refused: the plan tells.
        """
        plan = await self._database.read(plans.find, plan_id)
        if plan is None or plan.state is not PlanState.RUNNING:
            return
        try:
            await self._judge_anew(plan)
        except PlanDrifted as drifted:
            await self._end(plan, PlanState.REFUSED, drifted.message)
            return
        done = 0
        async for step in self._steps(plan):
            outcome = (step.number, *await self._do(step))
            await self._database.write(plans.note_outcomes, plan.id, [outcome])
            done += 1
            report(done)
        await self._end(plan, PlanState.DONE, "")

    async def _judge_anew(self, plan: PlanRecord) -> None:
        """Spare what is not due any more. Raises `PlanDrifted` where that is too much, or the rules are others."""
        behind_since = (await self._database.snapshot(recording)).behind_since
        if behind_since is not None and behind_since < self._clock() - LATE_MS:
            raise PlanDrifted("last uses are not known up to now", hint="Wait until they are; then carry it out anew.")
        policies = await self._database.snapshot(policy_store.within, plan.scope)
        if basis_of(policies, plan.given_rules) != plan.basis:
            raise PlanDrifted("the rules are others than those of the plan")
        court = Court(self._reading, policies, plan.given_rules, self._clock())
        planned, lost = 0, list[int]()
        after = -1
        while steps := await self._database.read(plans.steps_of_next_repository, plan.id, after):
            found = await court.plan(self._database, steps[0].repository)
            due = set(still_due([each.step for each in steps], found))
            lost += [each.number for each in steps if each.outcome == plans.PLANNED and each.step not in due]
            planned += len(steps)
            after = steps[-1].number
        require_little_drift(planned, planned - len(lost))
        for start in range(0, len(lost), STEPS_AT_ONCE):
            outcomes = [(number, plans.SPARED, NOT_DUE) for number in lost[start : start + STEPS_AT_ONCE]]
            await self._database.write(plans.note_outcomes, plan.id, outcomes)

    async def _steps(self, plan: PlanRecord) -> AsyncIterator[PlannedStep]:
        """Yield the steps that are left."""
        after = -1
        while steps := await self._database.read(plans.page_of_steps, plan.id, after, STEPS_AT_ONCE):
            for step in steps:
                if step.outcome == plans.PLANNED:
                    yield step
            after = steps[-1].number

    async def _do(self, planned: PlannedStep) -> tuple[str, str]:
        """Do a step; return what became of it, and why where it was spared."""
        name, step = planned.repository, planned.step

        def require(connection: Connection) -> None:
            """Look in the transaction that deletes whether it is what was planned."""
            _require_as_planned(connection, name, step, self._clock())

        try:
            if step.tag is not None:
                await self._delete.tag(RETENTION, name, step.tag, require)
            else:
                await self._delete.manifest(RETENTION, name, step.digest, require=require, with_parts=True)
        except Spared as reason:
            return plans.SPARED, str(reason)
        except (Conflict, Denied, ManifestUnknown, NameUnknown, RefusedByMode) as refused:
            return plans.SPARED, refused.message
        return plans.DELETED, ""

    async def _end(self, plan: PlanRecord, state: PlanState, reason: str) -> None:
        await self._database.write(_end, plan.id, state, reason, self._clock())


def _end(connection: Connection, plan_id: Ulid, state: PlanState, reason: str, now: Milliseconds) -> None:
    done = plans.count_done(connection, plan_id)
    plans.change(connection, plan_id, state=state.value, reason=reason, ended_at=now, done=done)


def _require_as_planned(connection: Connection, name: RepositoryName, step: Step, now: Milliseconds) -> None:
    repository = repositories.find(connection, name)
    if repository is None:
        raise Spared("the repository is gone")
    gone = _with_all(connection, repository.id, step.digest)
    if holds.held(connection, repository.id, gone, now):
        raise Spared("the artifact is held, or a part or a referrer of it")
    if holds.pinned(connection, repository.id, gone, now):
        raise Spared("the artifact is in use, or a part of it")
    if step.tag is not None:
        found = tags.find(connection, repository.id, step.tag)
        if found is None or found.digest != step.digest:
            raise Spared("the tag points elsewhere by now")
        return
    on_it = {tag.name for tag in tags.pointing_at(connection, repository.id, step.digest)}
    if not {tag for tag in on_it if is_ordinary_tag(tag)} <= set(step.tags):
        raise Spared("the artifact has another tag by now")
    if recycle_bin.has_live_parent(connection, repository.id, step.digest):
        raise Spared("an index holds the artifact by now")


def _with_all(connection: Connection, repo_id: RepositoryId, digest: Digest) -> set[Digest]:
    """Return a manifest with its parts, what refers to it, and so on."""
    found, left = {digest}, [digest]
    while left:
        each = left.pop()
        below = {
            *recycle_bin.live_parts(connection, repo_id, each),
            *recycle_bin.live_referrers(connection, repo_id, each),
        }
        left += below - found
        found |= below
    return found
