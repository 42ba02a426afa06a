# SPDX-License-Identifier: Apache-2.0
"""Judging repositories by the rules that they are under."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.retention.criteria import is_about
from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Verdict
from entrepot.features.retention.plan import RepositoryPlan
from entrepot.features.retention.plan import plan_of
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import in_force
from entrepot.features.retention.reading import Read
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import expiries
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import Repository


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: a repository as it was read, and the rules that count there."""

    repository: Repository
    read: Read
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Court:
    """The rules that count, and who reads what they are asked of."""

    reading: Reading
    policies: Sequence[Policy]
    given: Sequence[Rule] | None
    now: Milliseconds

    def read(self, connection: Connection, repository: Repository) -> tuple[Read, tuple[Rule, ...]]:
        """Read a repository, and which rules count there."""
        under = in_force(self.policies, repository.name, self.given)
        read = self.reading.read(connection, repository, self.now, expires_by_labels=under.expires_by_labels)
        return read, under.rules

    def verdicts(self, connection: Connection, name: RepositoryName) -> list[Verdict]:
        """Return what becomes of everything in a repository; nothing where it is not there."""
        repository = repositories.find(connection, name)
        if repository is None:
            return []
        read, rules = self.read(connection, repository)
        return evaluate(read.contents, rules, self.now)

    def case(self, connection: Connection, name: RepositoryName) -> Case | None:
        """Read a repository that something may go of; None where it is not there, or nothing may."""
        repository = repositories.find(connection, name)
        if repository is None or not self._may_delete(connection, repository):
            return None
        return Case(repository, *self.read(connection, repository))

    def decide(self, case: Case) -> RepositoryPlan:
        """Return what would go of a repository. Takes seconds where it is large, and no connection."""
        verdicts = evaluate(case.read.contents, case.rules, self.now)
        plan = plan_of(case.read.contents, verdicts)
        staying = frozenset(each.digest for each in verdicts if each.tag and each.fate is Fate.KEPT)
        roots = [step.digest for step in plan.steps if step.tag is None]
        doomed = frozenset(case.read.belonging.with_all(roots, staying))
        return replace(plan, repo_id=case.repository.id, doomed=doomed)

    async def plan(self, database: Database, name: RepositoryName) -> RepositoryPlan:
        """Return what would go of a repository as it is now, nothing where it is not there.

        Raises `DatabaseUnavailable`. It is another thread that decides: nobody else waits for it meanwhile.
        """
        case = await database.survey(self.case, name)
        return RepositoryPlan(name, (), 0) if case is None else await asyncio.to_thread(self.decide, case)

    def _may_delete(self, connection: Connection, repository: Repository) -> bool:
        """Tell without reading it whether anything of a repository may go."""
        under = in_force(self.policies, repository.name, self.given)
        if under.expires_by_labels or expiries.expiries_of(connection, repository.id):
            return True
        return any(
            rule.is_enabled and rule.effect is not Effect.KEEP and is_about(rule.selection, repository.name)
            for rule in under.rules
        )
