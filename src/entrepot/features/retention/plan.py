# SPDX-License-Identifier: Apache-2.0
"""Plans: what a run would delete, found once, looked at, and then carried out as it is or not at all.

When it is carried out everything is judged once more. What is planned and still due goes; nothing goes that was not
planned. Where too much of the plan is not due any more, or a repository would lose more than people expect, the run is
refused.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.retention.errors import PlanDrifted
from entrepot.features.retention.errors import PlanNeedsConfirmation
from entrepot.features.retention.models import BRAKE_PERCENT
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Verdict
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId

BRAKE_SPARES = 10
"""So few may always go."""
DRIFT_PERCENT = 10
"""Where more of a plan is not due any more, it is made anew."""
DRIFT_SPARES = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to delete: a tag, or (with no `tag`) an artifact and all `tags` on it."""

    digest: Digest
    tag: TagName | None
    tags: tuple[TagName, ...]
    rules: tuple[str, ...]
    size: int
    """In bytes, of the artifact that goes; 0 for a tag. What others need of it stays."""

    @property
    def identity(self) -> tuple[Digest, TagName | None, tuple[TagName, ...]]:
        """What makes two steps the same, whichever rules are behind them."""
        return self.digest, self.tag, self.tags


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the tags, and artifacts without one, of a repository go."""

    repository: RepositoryName
    deleted: int
    units: int

    def exceeds(self, percent: int) -> bool:
        """Tell whether more goes than `percent` of what is there, and not only a few."""
        return self.deleted > BRAKE_SPARES and self.deleted * 100 > self.units * percent


NO_REPOSITORY = RepositoryId(0)


@dataclass(frozen=True, slots=True)
class RepositoryPlan:
    """The steps in one repository, and out of how many tags and untagged artifacts they were found."""

    repository: RepositoryName
    steps: tuple[Step, ...]
    units: int
    repo_id: RepositoryId = NO_REPOSITORY
    doomed: frozenset[Digest] = frozenset()
    """The manifests that go: the artifacts of the steps, their parts and what refers to them."""

    @property
    def size(self) -> int:
        """How many bytes the artifacts have that go: at most so many are freed, as others may need some of them."""
        return sum(step.size for step in self.steps)

    @property
    def share(self) -> Share:
        """How much that is of the repository."""
        return Share(self.repository, sum(len(step.tags) or 1 for step in self.steps), self.units)


def plan_of(contents: Contents, verdicts: Iterable[Verdict]) -> RepositoryPlan:
    """Return what verdicts come to: the tags that go by themselves, then the artifacts, each in their order."""
    sizes = {artifact.digest: artifact.size for artifact in contents.artifacts}
    found = list(verdicts)
    gone = [each for each in found if each.fate is Fate.DELETED]
    tags = [
        Step(each.digest, each.tag, (each.tag,), each.rules, 0) for each in gone if each.tag and not each.with_artifact
    ]
    artifacts: defaultdict[Digest, list[Verdict]] = defaultdict(list)
    for each in gone:
        if each.with_artifact:
            artifacts[each.digest].append(each)
    whole = [
        Step(
            digest,
            None,
            tuple(sorted(each.tag for each in along if each.tag)),
            tuple(dict.fromkeys(rule for each in along for rule in each.rules)),
            sizes[digest],
        )
        for digest, along in artifacts.items()
    ]
    return RepositoryPlan(contents.repository, (*tags, *whole), len(found))


def still_due(planned: Sequence[Step], now: RepositoryPlan) -> tuple[Step, ...]:
    """Return those of the planned steps that would be planned now, as they were planned."""
    due = {step.identity for step in now.steps}
    return tuple(step for step in planned if step.identity in due)


def require_little_drift(planned: int, due: int) -> None:
    """Raises `PlanDrifted` where too much of a plan is not due any more."""
    lost = planned - due
    if lost > DRIFT_SPARES and lost * 100 > planned * DRIFT_PERCENT:
        raise PlanDrifted(f"{lost:,} of the {planned:,} planned deletions are not due any more")


def require_confirmation(shares: Iterable[Share], percent: int = BRAKE_PERCENT) -> None:
    """Raises `PlanNeedsConfirmation` where a repository would lose more than `percent`."""
    braked = [share for share in shares if share.exceeds(percent)]
    if braked:
        worst = max(braked, key=lambda share: share.deleted)
        others = f", and {len(braked) - 1:,} more repositories as much" if len(braked) > 1 else ""
        raise PlanNeedsConfirmation(f"{worst.repository} would lose {worst.deleted:,} of {worst.units:,} tags{others}")
