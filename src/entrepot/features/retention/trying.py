# SPDX-License-Identifier: Apache-2.0
"""What rules would do before they are set, found while somebody waits: so of so much at most."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.access import parse_pattern
from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.foreign.documents import Imported
from entrepot.features.retention.judging import Court
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Verdict
from entrepot.features.retention.plan import plan_of
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.reading import Reading
from entrepot.features.retention.store import policies as policy_store
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import behind
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import Repository

MAX_UNITS = 50_000
"""Of tags and untagged artifacts: once so many were judged, no further repository is."""
NAMES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Tried:
    """What rules would make of a scope.

    `size` is what the artifacts have that go, in bytes; `is_whole` tells whether everything was judged.
    """

    units: int
    deletions: int
    size: int
    verdicts: list[tuple[RepositoryName, Verdict]]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A tag, or an artifact without one, that goes there and stays here (`goes_here` is false), or the contrary."""

    repository: RepositoryName
    verdict: Verdict

    @property
    def goes_here(self) -> bool:
        """Whether it goes here, and stays there."""
        return self.verdict.fate is Fate.DELETED


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything of which the two would make something else, and out of how many."""

    units: int
    differences: list[Difference]
    is_whole: bool


def try_rules(
    connection: Connection, reading: Reading, scope: Scope, rules: Sequence[Rule], when: tuple[Milliseconds, int]
) -> Tried:
    """Judge a scope by rules and those of its policies that keep; show up to `limit` (of `when`) of what goes."""
    return _judged(connection, Court(reading, policy_store.within(connection, scope), rules, when[0]), scope, when[1])


def try_policy(connection: Connection, reading: Reading, policy: Policy, limit: int) -> Tried:
    """Judge a scope by all that would be in force if its policy were this one; show up to `limit` of what goes."""
    others = [each for each in policy_store.within(connection, policy.scope) if each.scope != policy.scope]
    court = Court(reading, [*others, policy], None, policy.changed_at)
    return _judged(connection, court, policy.scope, limit)


def _judged(connection: Connection, court: Court, scope: Scope, limit: int) -> Tried:
    units = deletions = size = 0
    shown: list[tuple[RepositoryName, Verdict]] = []
    for repository in _repositories(connection, scope):
        if units >= MAX_UNITS:
            return Tried(units, deletions, size, shown, is_whole=False)
        read, counting = court.read(connection, repository)
        verdicts = evaluate(read.contents, counting, court.now)
        plan = plan_of(read.contents, verdicts)
        units, deletions, size = units + len(verdicts), deletions + plan.share.deleted, size + plan.size
        gone = (each for each in verdicts if each.fate is Fate.DELETED)
        shown += [(repository.name, each) for each, _ in zip(gone, range(limit - len(shown)), strict=False)]
    return Tried(units, deletions, size, shown, is_whole=True)


def compare(connection: Connection, reading: Reading, scope: Scope, imported: Imported, now: Milliseconds) -> Compared:
    """Find what the rules of another registry and what they come to here would treat differently."""
    units, found = 0, list[Difference]()
    for repository in _repositories(connection, scope):
        if units >= MAX_UNITS:
            return Compared(units, found, is_whole=False)
        contents = reading.read(connection, repository, now).contents
        theirs, ours = imported.deletes(contents, now), evaluate(contents, imported.terms.rules, now)
        units += len(ours)
        found += [
            Difference(repository.name, each)
            for each in ours
            if (each.fate is Fate.DELETED) is not (each.digest in theirs)
        ]
    return Compared(units, found, is_whole=True)


def _repositories(connection: Connection, scope: Scope) -> Iterator[Repository]:
    left = parse_pattern(scope.path_pattern).spans()
    while left and (names := repositories.names_within(connection, left, NAMES_AT_ONCE)):
        for name in names:
            found = repositories.find(connection, name)
            if found is not None:
                yield found
        left = behind(left, names[-1])
