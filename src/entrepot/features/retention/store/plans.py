# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about plans and their steps."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.retention.models import Rule
from entrepot.features.retention.plan import Step
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.tables import retention_doomed as doomed
from entrepot.features.retention.tables import retention_plans as plans
from entrepot.features.retention.tables import retention_steps as steps
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs

PLANNED, DELETED, SPARED = "planned", "deleted", "spared"
"""What became of a step."""

NEWEST = "~"
"""Behind every plan."""

_FIND_PLAN = select(plans).where(plans.c.id == bindparam("plan_id"))
_UNDER_WAY = select(plans).where(plans.c.state.in_([PlanState.PLANNING.value, PlanState.RUNNING.value]))
_LOCK_PLAN = _FIND_PLAN.with_for_update()
_PLANS = (
    select(plans)
    .where(
        plans.c.level == bindparam("of_level"), plans.c.scope == bindparam("of_scope"), plans.c.id < bindparam("before")
    )
    .order_by(plans.c.id.desc())
    .limit(bindparam("limit"))
)
_STEPS = (
    select(steps)
    .where(steps.c.plan_id == bindparam("of_plan"), steps.c.number > bindparam("after"))
    .order_by(steps.c.number)
    .limit(bindparam("limit"))
)
_STEPS_IN = (
    select(steps)
    .where(steps.c.plan_id == bindparam("of_plan"), steps.c.repository == bindparam("repository"))
    .order_by(steps.c.number)
)
_OLD = select(plans.c.id).where(plans.c.made_at < bindparam("before")).limit(bindparam("limit"))
_OUTCOME = (
    update(steps)
    .where(steps.c.plan_id == bindparam("of_plan"), steps.c.number == bindparam("of_number"))
    .values(outcome=bindparam("became"), reason=bindparam("why"))
)
_other, _other_link = manifests.alias("other"), manifest_blobs.alias("other_link")
_spared = doomed.alias("spared")
_IS_SPARED = (
    exists()
    .where(
        _spared.c.plan_id == bindparam("plan_id"),
        _spared.c.repo_id == _other.c.repo_id,
        _spared.c.digest == _other.c.digest,
    )
    .correlate(_other)
)
_held = (
    select(manifest_blobs.c.digest)
    .distinct()
    .join(
        doomed,
        and_(doomed.c.repo_id == manifest_blobs.c.repo_id, doomed.c.digest == manifest_blobs.c.manifest),
    )
    .where(doomed.c.plan_id == bindparam("plan_id"), manifest_blobs.c.link.is_not(None))
    .cte("held")
)
_IS_NEEDED = (
    exists()
    .where(
        repo_blobs.c.digest == _held.c.digest,
        _other_link.c.repo_id == repo_blobs.c.repo_id,
        _other_link.c.link == repo_blobs.c.digest,
        _other.c.repo_id == _other_link.c.repo_id,
        _other.c.digest == _other_link.c.manifest,
        _other.c.deleted_at.is_(None),
        ~_IS_SPARED,
    )
    .correlate(_held)
)
_FREED = select(func.sum(objects.c.stored_size)).where(
    objects.c.digest == _held.c.digest, objects.c.state == "live", ~_IS_NEEDED
)
_COUNT_DONE = select(func.count()).where(steps.c.plan_id == bindparam("of_plan"), steps.c.outcome == DELETED)


class PlannedStep(msgspec.Struct, frozen=True):
    """A step as it is kept, and what became of it."""

    number: int
    repository: RepositoryName
    step: Step
    outcome: str
    reason: str


def add(connection: Connection, plan: PlanRecord) -> None:
    """Keep a plan that has no steps yet."""
    connection.execute(
        insert(plans).values(
            id=plan.id,
            level=plan.scope.level.value,
            scope=plan.scope.name,
            state=plan.state.value,
            given_rules=None if plan.given_rules is None else _written(plan.given_rules),
            basis=plan.basis,
            brake_percent=plan.brake_percent,
            made_by=plan.made_by,
            made_at=plan.made_at,
            ended_at=plan.ended_at,
            units=plan.units,
            deletions=plan.deletions,
            bytes=plan.bytes,
            freed_bytes=plan.freed_bytes,
            done=plan.done,
            reason=plan.reason,
        )
    )


def find(connection: Connection, plan_id: Ulid, *, to_change: bool = False) -> PlanRecord | None:
    """Return a plan; `to_change` keeps others from changing it until the transaction ends."""
    statement = _LOCK_PLAN if to_change else _FIND_PLAN
    row = connection.execute(statement, {"plan_id": plan_id}).one_or_none()
    return None if row is None else _plan(row)


def page(connection: Connection, scope: Scope, before: str, limit: int) -> list[PlanRecord]:
    """Return plans of a scope made before the one of an id (or `NEWEST`), the newest first."""
    asked = {"of_level": scope.level.value, "of_scope": scope.name, "before": before, "limit": limit}
    return [_plan(row) for row in connection.execute(_PLANS, asked)]


def under_way(connection: Connection) -> list[PlanRecord]:
    """Return the plans that are made or carried out, for all that they say."""
    return [_plan(row) for row in connection.execute(_UNDER_WAY)]


def change(connection: Connection, plan_id: Ulid, **values: Any) -> None:
    """Set columns of a plan."""
    connection.execute(update(plans).where(plans.c.id == plan_id).values(**values))


def add_steps(
    connection: Connection, plan_id: Ulid, repository: RepositoryName, first: int, found: Sequence[Step]
) -> None:
    """Add steps in a repository to a plan, numbered from `first` on."""
    rows = [
        {
            "plan_id": plan_id,
            "number": first + place,
            "repository": repository,
            "digest": step.digest,
            "tag": step.tag,
            "tags": _written(step.tags),
            "rules": _written(step.rules),
            "size": step.size,
            "outcome": PLANNED,
            "reason": "",
        }
        for place, step in enumerate(found)
    ]
    if rows:
        connection.execute(insert(steps), rows)


def add_doomed(connection: Connection, plan_id: Ulid, repo_id: RepositoryId, digests: Iterable[Digest]) -> None:
    """Note the manifests that go with the steps of a plan in a repository."""
    rows = [{"plan_id": plan_id, "repo_id": repo_id, "digest": digest} for digest in digests]
    if rows:
        connection.execute(insert(doomed), rows)


def freed_bytes(connection: Connection, plan_id: Ulid) -> int:
    """Add up the objects, as the stores list them, that no manifest would need any more.

    What is in the bin already needs nothing: it is purged before what a plan puts there.
    """
    return int(connection.execute(_FREED, {"plan_id": plan_id}).scalar_one() or 0)


def drop_steps(connection: Connection, plan_id: Ulid) -> None:
    """Forget the steps of a plan that is made from the start."""
    connection.execute(delete(steps).where(steps.c.plan_id == plan_id))
    drop_doomed(connection, plan_id)


def drop_doomed(connection: Connection, plan_id: Ulid) -> None:
    """Forget the manifests that go with the steps of a plan, once it is known what that frees."""
    connection.execute(delete(doomed).where(doomed.c.plan_id == plan_id))


def page_of_steps(connection: Connection, plan_id: Ulid, after: int, limit: int) -> list[PlannedStep]:
    """Return the steps behind a number, in order."""
    rows = connection.execute(_STEPS, {"of_plan": plan_id, "after": after, "limit": limit})
    return [_step(row) for row in rows]


def steps_of_next_repository(connection: Connection, plan_id: Ulid, after: int) -> list[PlannedStep]:
    """Return all steps in the repository whose come first behind a number; none behind the last."""
    first = connection.execute(_STEPS, {"of_plan": plan_id, "after": after, "limit": 1}).one_or_none()
    if first is None:
        return []
    rows = connection.execute(_STEPS_IN, {"of_plan": plan_id, "repository": first.repository})
    return [_step(row) for row in rows]


def note_outcomes(connection: Connection, plan_id: Ulid, outcomes: Iterable[tuple[int, str, str]]) -> None:
    """Note what became of steps: number, outcome and reason of each."""
    rows = [
        {"of_plan": plan_id, "of_number": number, "became": outcome, "why": reason}
        for number, outcome, reason in outcomes
    ]
    if rows:
        connection.execute(_OUTCOME, rows)


def count_done(connection: Connection, plan_id: Ulid) -> int:
    """Return how many steps of a plan were done."""
    return connection.execute(_COUNT_DONE, {"of_plan": plan_id}).scalar_one()


def forget(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Delete up to `limit` plans made before a moment; return how many."""
    ids = list(connection.execute(_OLD, {"before": before, "limit": limit}).scalars())
    if ids:
        connection.execute(delete(plans).where(plans.c.id.in_(ids)))
    return len(ids)


def _plan(row: Row[Any]) -> PlanRecord:
    return PlanRecord(
        id=Ulid(row.id),
        scope=Scope(Level(row.level), row.scope),
        state=PlanState(row.state),
        given_rules=None if row.given_rules is None else _rules(row.given_rules),
        basis=row.basis,
        brake_percent=row.brake_percent,
        made_by=row.made_by,
        made_at=Milliseconds(row.made_at),
        ended_at=row.ended_at,
        units=row.units,
        deletions=row.deletions,
        bytes=row.bytes,
        freed_bytes=row.freed_bytes,
        done=row.done,
        reason=row.reason,
    )


def _step(row: Row[Any]) -> PlannedStep:
    tags = tuple(map(TagName, msgspec.json.decode(row.tags, type=list[str])))
    rules = tuple(msgspec.json.decode(row.rules, type=list[str]))
    step = Step(Digest(row.digest), None if row.tag is None else TagName(row.tag), tags, rules, row.size)
    return PlannedStep(row.number, RepositoryName(row.repository), step, row.outcome, row.reason)


def _rules(text: str) -> tuple[Rule, ...]:
    return msgspec.json.decode(text, type=tuple[Rule, ...])


def _written(value: Any) -> str:
    return msgspec.json.encode(value).decode()
