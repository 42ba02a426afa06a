# SPDX-License-Identifier: Apache-2.0
"""The words of policies, which have the rules, and of the plans that are made of them."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import msgspec

from entrepot.features.retention.errors import RetentionRuleInvalid
from entrepot.features.retention.models import BRAKE_PERCENT
from entrepot.features.retention.models import MAX_RULES
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Rule
from entrepot.infra.events.pacing import next_time
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of


class Level(StrEnum):
    """What a policy is about."""

    REGISTRY = "registry"
    PROJECT = "project"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Scope:
    """The registry (with no name), a project, or a repository."""

    level: Level
    name: str = ""

    @property
    def path_pattern(self) -> str:
        """The path pattern of the repositories in it."""
        return {Level.REGISTRY: "**", Level.PROJECT: f"{self.name}/**", Level.REPOSITORY: self.name}[self.level]

    def has(self, repository: RepositoryName) -> bool:
        """Tell whether a repository is in it."""
        if self.level is Level.REPOSITORY:
            return repository == self.name
        return self.level is Level.REGISTRY or namespace_of(repository) == self.name

    @property
    def project(self) -> str:
        """The project whose it is, empty for the registry's."""
        return self.name.partition("/")[0]

    def __str__(self) -> str:
        """Name it as people do."""
        return f"{self.level.value} {self.name}".rstrip()


REGISTRY = Scope(Level.REGISTRY)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says. Raises `RetentionRuleInvalid`."""

    rules: tuple[Rule, ...]
    cron: str = ""
    """When it is carried out by itself, in UTC; empty for never."""
    brake_percent: int = BRAKE_PERCENT
    """A run waits for a person where a repository would lose more than this share of its tags."""
    expires_by_labels: bool = False
    """Whether tags expire when labels and annotations of their artifacts say: what was built `FROM` an image inherits
    its labels, so somebody has to want that."""

    def __post_init__(self) -> None:
        """Refuse too many rules, two of one name, and a share that is none."""
        if len(self.rules) > MAX_RULES:
            raise RetentionRuleInvalid(f"a policy has at most {MAX_RULES} rules")
        names = [rule.name for rule in self.rules]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise RetentionRuleInvalid(f"two rules are called {twice}", hint="Give each a name of its own.")
        if not 0 <= self.brake_percent <= 100:
            raise RetentionRuleInvalid("the brake is a share of 0 to 100 percent")
        if self.cron:
            next_time(self.cron, Milliseconds(0))


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it is set; `changed_by` is such as `user:alice`."""

    scope: Scope
    terms: Terms
    changed_at: Milliseconds
    changed_by: str
    begun_at: Milliseconds | None = None
    """When it was carried out by itself last."""


class PlanState(StrEnum):
    """How far a plan is."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """What it was made of had changed too much."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan as it is listed; `deletions` and `bytes` are what it names, `done` what of it was deleted."""

    id: Ulid
    scope: Scope
    state: PlanState
    given_rules: tuple[Rule, ...] | None
    """Those that somebody only tries; None where it is about the policies that are set."""
    basis: str
    """What names the rules by which it was made (`basis_of`): nothing is done once those in force are others."""
    brake_percent: int
    made_by: str
    made_at: Milliseconds
    ended_at: Milliseconds | None = None
    units: int = 0
    deletions: int = 0
    bytes: int = 0
    done: int = 0
    reason: str = ""
    freed_bytes: int | None = None
    """Of objects that nothing would need any more; None while it is planned."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What a repository is under."""

    rules: tuple[Rule, ...]
    expires_by_labels: bool


def in_force(policies: Iterable[Policy], repository: RepositoryName, given: Sequence[Rule] | None = None) -> InForce:
    """Return what a repository is under: all of its policies, or of them the rules that keep, and given ones.

    So nothing that somebody tries deletes what a policy keeps.
    """
    own = [policy.terms for policy in policies if policy.scope.has(repository)]
    rules = tuple(rule for terms in own for rule in terms.rules if given is None or rule.effect is Effect.KEEP)
    return InForce((*rules, *(given or ())), any(terms.expires_by_labels for terms in own))


def basis_of(policies: Iterable[Policy], given: Sequence[Rule] | None) -> str:
    """Name what a plan is made of: policies that say something else, or other rules, have another name."""
    said = [(policy.scope, policy.terms.rules, policy.terms.expires_by_labels) for policy in policies]
    return sha256(msgspec.json.encode((said, given))).hexdigest()
