# SPDX-License-Identifier: Apache-2.0
"""Judging repositories by the rules that they are under."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Verdict
from entrepot.features.retention.plan import RepositoryPlan
from entrepot.features.retention.plan import plan_of
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import in_force
from entrepot.features.retention.reading import Reading
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import repositories


@dataclass(frozen=True, slots=True)
class Court:
    """The rules that count, and who reads what they are asked of."""

    reading: Reading
    policies: Sequence[Policy]
    given: Sequence[Rule] | None
    now: Milliseconds

    def verdicts(self, connection: Connection, name: RepositoryName) -> list[Verdict]:
        """Return what becomes of everything in a repository; nothing where it is not there."""
        repository = repositories.find(connection, name)
        if repository is None:
            return []
        contents = self.reading.contents(connection, repository, self.now)
        return evaluate(contents, in_force(self.policies, name, self.given), self.now)

    def plan(self, connection: Connection, name: RepositoryName) -> RepositoryPlan:
        """Return what would go of a repository; nothing where it is not there, or no rule is about it."""
        rules = in_force(self.policies, name, self.given)
        repository = repositories.find(connection, name) if rules else None
        if repository is None:
            return RepositoryPlan(name, (), 0)
        contents = self.reading.contents(connection, repository, self.now)
        return plan_of(contents, evaluate(contents, rules, self.now))
