# SPDX-License-Identifier: Apache-2.0
"""The use cases of retention: setting policies, making plans and having them carried out, and telling why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.projects import require_existing
from entrepot.features.retention.errors import PlanNeedsConfirmation
from entrepot.features.retention.errors import PlanNotReady
from entrepot.features.retention.errors import PlanUnknown
from entrepot.features.retention.errors import PolicyUnknown
from entrepot.features.retention.foreign.documents import Format
from entrepot.features.retention.foreign.documents import Imported
from entrepot.features.retention.foreign.ecr import read_ecr
from entrepot.features.retention.foreign.harbor import read_harbor
from entrepot.features.retention.judging import Court
from entrepot.features.retention.models import BRAKE_PERCENT
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Verdict
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.policies import Terms
from entrepot.features.retention.presets import PRESETS
from entrepot.features.retention.presets import Preset
from entrepot.features.retention.queueing import PlanWish
from entrepot.features.retention.queueing import enqueue_making
from entrepot.features.retention.queueing import enqueue_running
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import plans
from entrepot.features.retention.store import policies as policy_store
from entrepot.features.retention.store.plans import PlannedStep
from entrepot.features.retention.telling import tell_policy
from entrepot.features.retention.telling import tell_started
from entrepot.features.retention.trying import Compared
from entrepot.features.retention.trying import Tried
from entrepot.features.retention.trying import compare
from entrepot.features.retention.trying import try_policy
from entrepot.features.retention.trying import try_rules
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import lock_repository
from entrepot.registry.platform import Platform
from entrepot.registry.store import repositories


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One page of plans, the newest first; `is_more` says whether older ones follow."""

    plans: list[PlanRecord]
    is_more: bool


@dataclass(frozen=True, slots=True)
class StepPage:
    """One page of steps, in order; `is_more` says whether others follow."""

    steps: list[PlannedStep]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which verdicts: of one tag, or all behind a place (`key_of` of the last that was seen), `limit` at most."""

    tag: TagName | None
    after: str
    limit: int

    def includes(self, verdict: Verdict) -> bool:
        """Tell whether it is one of them, but for the limit."""
        if self.tag is not None:
            return verdict.tag == self.tag
        return key_of_verdict(verdict) > self.after


def key_of_verdict(verdict: Verdict) -> str:
    """Return what verdicts are in the order of: tags by name, then artifacts without one by digest."""
    return f"0{verdict.tag}" if verdict.tag is not None else f"1{verdict.digest}"


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """One page of verdicts; `is_more` says whether others follow."""

    verdicts: list[Verdict]
    is_more: bool


class Retention:
    """Policies and plans of the registry, of projects and of repositories.

    Whoever sees or changes one takes the right to manage policies there; what deletes, now or by itself, takes the
    right to delete as well, so that rules are no way around it. Raises as `Rights.require`,
    `Rights.require_system` and `ProjectRights.require_administering`.
    """

    def __init__(self, platform: Platform, projects: Projects, project_rights: ProjectRights, reading: Reading) -> None:
        self._platform = platform
        self._database = platform.database
        self._projects = projects
        self._project_rights = project_rights
        self._reading = reading

    def presets(self, principal: Principal) -> Sequence[Preset]:
        """Return policies that many want, to whoever is logged in. Raises `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return PRESETS

    async def policy(self, principal: Principal, scope: Scope) -> Policy:
        """Return the policy of a scope. Raises `PolicyUnknown`."""
        await self._require(principal, scope)
        found = await self._database.snapshot(policy_store.find, scope)
        if found is None:
            raise PolicyUnknown(f"the {scope} has no policy of its own")
        return found

    async def set_policy(self, principal: Principal, scope: Scope, terms: Terms) -> Policy:
        """Set the policy of a scope in place of the one that it has. Deletes nothing by itself."""
        await self._require(principal, scope, is_changing=True)
        await self._require_deleting(principal, scope)
        self._reading.require_known(terms.rules)
        policy = Policy(scope, terms, self._platform.clock(), principal.identity)
        return await self._database.write_locked(_put_policy, policy)

    async def remove_policy(self, principal: Principal, scope: Scope) -> None:
        """Let a scope have no policy of its own. Raises `PolicyUnknown`."""
        await self._require(principal, scope, is_changing=True)
        await self._database.write_locked(_remove_policy, scope, self._platform.clock())

    async def make_plan(self, principal: Principal, scope: Scope, given: Sequence[Rule] | None) -> PlanRecord:
        """Begin a plan by the policies in force, or by `given` rules and those of the policies that keep."""
        await self._require(principal, scope, is_changing=True)
        self._reading.require_known(given or ())
        policy = await self._database.snapshot(policy_store.find, scope)
        plan = PlanRecord(
            id=new_ulid(),
            scope=scope,
            state=PlanState.PLANNING,
            given_rules=None if given is None else tuple(given),
            basis="",
            brake_percent=policy.terms.brake_percent if policy else BRAKE_PERCENT,
            made_by=principal.identity,
            made_at=self._platform.clock(),
        )
        await self._database.write(enqueue_making, plan, PlanWish(plan.id))
        self._platform.doorbell.ring()
        return plan

    async def plans(self, principal: Principal, scope: Scope, before: str, limit: int) -> PlanPage:
        """Return plans of a scope made before the one of an id, all for an empty one."""
        await self._require(principal, scope)
        found = await self._database.snapshot(plans.page, scope, before or plans.NEWEST, limit + 1)
        return PlanPage(found[:limit], len(found) > limit)

    async def plan(self, principal: Principal, scope: Scope, plan_id: Ulid) -> PlanRecord:
        """Return a plan. Raises `PlanUnknown`."""
        await self._require(principal, scope)
        return _of(scope, plan_id, await self._database.snapshot(plans.find, plan_id))

    async def steps(self, principal: Principal, scope: Scope, plan_id: Ulid, after: int, limit: int) -> StepPage:
        """Return the steps of a plan behind a number. Raises `PlanUnknown`."""
        await self.plan(principal, scope, plan_id)
        found = await self._database.snapshot(plans.page_of_steps, plan_id, after, limit + 1)
        return StepPage(found[:limit], len(found) > limit)

    async def carry_out(self, principal: Principal, scope: Scope, plan_id: Ulid, confirmed: int | None) -> PlanRecord:
        """Have a plan carried out.

        `confirmed` is how many deletions whoever asks has seen in it, for one that a person has to look at. Raises
        `PlanUnknown`, `PlanNotReady`, `PlanNeedsConfirmation` and `RefusedByMode`.
        """
        await self._require(principal, scope, is_changing=True)
        await self._require_deleting(principal, scope)
        await self._platform.modes.require_changing()
        plan = await self._database.write_locked(
            _start, (scope, plan_id), confirmed, principal.identity, self._platform.clock()
        )
        self._platform.doorbell.ring()
        return plan

    async def explain(self, principal: Principal, name: RepositoryName, wanted: Wanted) -> VerdictPage:
        """Tell what the policies in force would make of tags of a repository now, and why. Changes nothing."""
        await self._platform.rights.require(principal, Action.READ, name)
        found = await self._database.survey(self._explained, name)
        chosen = [each for each in found if wanted.includes(each)]
        return VerdictPage(chosen[: wanted.limit], len(chosen) > wanted.limit)

    async def preview(self, principal: Principal, scope: Scope, rules: Sequence[Rule], limit: int) -> Tried:
        """Tell what rules would do, with those of the policies that keep. Changes nothing."""
        await self._require(principal, scope)
        self._reading.require_known(rules)
        when = self._platform.clock(), limit
        return await self._database.survey(try_rules, self._reading, scope, rules, when)

    async def preview_policy(self, principal: Principal, scope: Scope, terms: Terms, limit: int) -> Tried:
        """Tell what would go by all that counts once a scope has such a policy. Changes nothing."""
        await self._require(principal, scope)
        policy = Policy(scope, terms, self._platform.clock(), principal.identity)
        return await self._database.survey(try_policy, self._reading, policy, limit)

    async def compare(
        self, principal: Principal, scope: Scope, foreign: Format, document: dict[str, Any]
    ) -> tuple[Imported, Compared]:
        """Read a policy of another registry, and find what it would treat differently there. Changes nothing.

        Raises `ImportRefused` for what cannot be said here.
        """
        await self._require(principal, scope)
        imported = read_ecr(document) if foreign is Format.ECR else read_harbor(document, scope.project)
        return imported, await self._database.survey(compare, self._reading, scope, imported, self._platform.clock())

    def _explained(self, connection: Connection, name: RepositoryName) -> list[Verdict]:
        if repositories.find(connection, name) is None:
            raise NameUnknown(detail={"name": name})
        policies = policy_store.of_repository(connection, name)
        found = Court(self._reading, policies, None, self._platform.clock()).verdicts(connection, name)
        return sorted(found, key=key_of_verdict)

    async def _require(self, principal: Principal, scope: Scope, *, is_changing: bool = False) -> None:
        if scope.level is Level.REGISTRY:
            wanted = SystemAction.ADMINISTER if is_changing else SystemAction.READ_SYSTEM
            await self._platform.rights.require_system(principal, wanted)
        elif scope.level is Level.PROJECT:
            project = ProjectName(scope.name)
            await self._project_rights.require_administering(principal, project, Action.MANAGE_POLICY)
            await self._projects.existing(project)
        else:
            await self._platform.rights.require(principal, Action.MANAGE_POLICY, RepositoryName(scope.name))

    async def _require_deleting(self, principal: Principal, scope: Scope) -> None:
        if scope.level is Level.PROJECT:
            project = ProjectName(scope.name)
            await self._project_rights.require_administering(principal, project, Action.DELETE)
        elif scope.level is Level.REPOSITORY:
            await self._platform.rights.require(principal, Action.DELETE, RepositoryName(scope.name))


def _put_policy(connection: Connection, policy: Policy) -> Policy:
    scope = policy.scope
    if scope.level is Level.PROJECT:
        require_existing(connection, ProjectName(scope.name))
    elif scope.level is Level.REPOSITORY:
        lock_repository(connection, RepositoryName(scope.name))
    before = policy_store.find(connection, scope)
    policy_store.put(connection, policy)
    tell_policy(connection, before, policy, policy.changed_at)
    return policy


def _remove_policy(connection: Connection, scope: Scope, now: Milliseconds) -> None:
    before = policy_store.find(connection, scope)
    if before is None:
        raise PolicyUnknown(f"the {scope} has no policy of its own")
    policy_store.remove(connection, scope)
    tell_policy(connection, before, None, now)


def _start(
    connection: Connection, which: tuple[Scope, Ulid], confirmed: int | None, by: str, now: Milliseconds
) -> PlanRecord:
    plan = _of(*which, plans.find(connection, which[1], to_change=True))
    if plan.state is not PlanState.PLANNED:
        raise PlanNotReady(f"the plan is {plan.state}")
    if plan.reason and confirmed != plan.deletions:
        raise PlanNeedsConfirmation(
            plan.reason, hint=f"Look at the plan; if that is what you want, confirm {plan.deletions} deletions."
        )
    plans.change(connection, plan.id, state=PlanState.RUNNING.value)
    tell_started(connection, plan, by, now)
    enqueue_running(connection, PlanWish(plan.id), now)
    return _of(*which, plans.find(connection, plan.id))


def _of(scope: Scope, plan_id: Ulid, plan: PlanRecord | None) -> PlanRecord:
    if plan is None or plan.scope != scope:
        raise PlanUnknown(f"the {scope} has no plan {plan_id}")
    return plan
