# SPDX-License-Identifier: Apache-2.0
"""Making plans, one repository after the other, in the background."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.retention.errors import PlanNeedsConfirmation
from entrepot.features.retention.judging import Court
from entrepot.features.retention.plan import RepositoryPlan
from entrepot.features.retention.plan import Share
from entrepot.features.retention.plan import require_confirmation
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import basis_of
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import plans
from entrepot.features.retention.store import policies as policy_store
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.spans import behind
from entrepot.registry.store import repositories

NAMES_AT_ONCE = 500
STEPS_AT_ONCE = 1_000
MAX_STEPS = 2_000_000
"""Of one plan. What is beyond is planned by the next."""

Report = Callable[[int], None]
"""Told of how many repositories were judged."""


class Making:
    """Finds out what would go, and keeps it."""

    def __init__(self, database: Database, reading: Reading, clock: Clock) -> None:
        self._database = database
        self._reading = reading
        self._clock = clock

    async def make(self, plan_id: Ulid, report: Report) -> PlanRecord | None:
        """Make a plan that was asked for, from the start if it was begun; None where it is made or gone."""
        plan = await self._database.read(plans.find, plan_id)
        if plan is None or plan.state is not PlanState.PLANNING:
            return None
        await self._database.write(plans.drop_steps, plan_id)
        policies = await self._database.snapshot(policy_store.within, plan.scope)
        court = Court(self._reading, policies, plan.given_rules, self._clock())
        units = deletions = size = number = judged = 0
        braked: list[Share] = []
        left = parse_pattern(plan.scope.path_pattern).spans()
        while left and (names := await self._database.read(repositories.names_within, left, NAMES_AT_ONCE)):
            for name in names:
                found = await court.plan(self._database, name)
                number += await self._keep(plan_id, number, found)
                share = found.share
                units, deletions, size = units + share.units, deletions + share.deleted, size + found.size
                if share.exceeds(plan.brake_percent):
                    braked.append(share)
                judged += 1
                report(judged)
            left = behind(left, names[-1])
            if number >= MAX_STEPS:
                break
        freed = await self._database.survey(plans.freed_bytes, plan_id)
        found_out = {"units": units, "deletions": deletions, "bytes": size, "freed_bytes": freed}
        basis = basis_of(policies, plan.given_rules)
        return await self._database.write(_finish, plan, {**found_out, "basis": basis}, braked)

    async def _keep(self, plan_id: Ulid, first: int, found: RepositoryPlan) -> int:
        steps, doomed = found.steps, sorted(found.doomed)
        for start in range(0, len(steps), STEPS_AT_ONCE):
            some = steps[start : start + STEPS_AT_ONCE]
            await self._database.write(plans.add_steps, plan_id, found.repository, first + start, some)
        for start in range(0, len(doomed), STEPS_AT_ONCE):
            some_doomed = doomed[start : start + STEPS_AT_ONCE]
            await self._database.write(plans.add_doomed, plan_id, found.repo_id, some_doomed)
        return len(steps)


def _finish(
    connection: Connection, plan: PlanRecord, found: Mapping[str, int | str], braked: Sequence[Share]
) -> PlanRecord | None:
    """Say what was found, and why a person has to look at it, if one has to."""
    if plans.find(connection, plan.id, to_change=True) is None:
        return None
    reason = ""
    try:
        require_confirmation(braked, plan.brake_percent)
    except PlanNeedsConfirmation as needed:
        reason = needed.message
    plans.drop_doomed(connection, plan.id)
    plans.change(connection, plan.id, state=PlanState.PLANNED.value, reason=reason, **found)
    return plans.find(connection, plan.id)
