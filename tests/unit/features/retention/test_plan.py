# SPDX-License-Identifier: Apache-2.0
"""Plans, what is still due of one, and when a person has to look."""

import pytest
from hypothesis import given

from entrepot.features.retention.errors import PlanDrifted
from entrepot.features.retention.errors import PlanNeedsConfirmation
from entrepot.features.retention.evaluate import evaluate
from entrepot.features.retention.models import Artifact
from entrepot.features.retention.models import Contents
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Verdict
from entrepot.features.retention.plan import Share
from entrepot.features.retention.plan import Step
from entrepot.features.retention.plan import plan_of
from entrepot.features.retention.plan import require_confirmation
from entrepot.features.retention.plan import require_little_drift
from entrepot.features.retention.plan import still_due
from entrepot.oci.reference import TagName
from tests.unit.features.retention.repositories import DIGESTS
from tests.unit.features.retention.repositories import NOW
from tests.unit.features.retention.repositories import REPOSITORY
from tests.unit.features.retention.repositories import contents as all_contents
from tests.unit.features.retention.repositories import rules as all_rules

ONE, OTHER = DIGESTS[:2]


def carried_out(found: Contents, steps: tuple[Step, ...]) -> Contents:
    """Return what is left when the steps were done as a registry does them."""
    tags = {tag for step in steps for tag in step.tags}
    gone = {step.digest for step in steps if step.tag is None}
    return Contents(
        found.repository,
        tuple(each for each in found.artifacts if each.digest not in gone),
        tuple(each for each in found.tags if each.name not in tags),
        found.uses_since,
    )


@given(all_contents, all_rules)
def test_what_was_shown_is_what_is_done(found: Contents, rules: list[Rule]) -> None:
    """When nothing changed in between every step is due, and after them every tag is there that was to be kept."""
    verdicts = evaluate(found, rules, NOW)
    plan = plan_of(found, verdicts)

    assert still_due(plan.steps, plan_of(found, evaluate(found, rules, NOW))) == plan.steps
    left = carried_out(found, plan.steps)
    shown = {each.tag for each in verdicts if each.tag and each.fate is Fate.KEPT}
    artifacts = {each.digest for each in found.artifacts}
    assert {tag.name for tag in left.tags if tag.digest in artifacts} == shown
    assert plan.share.deleted == sum(each.fate is Fate.DELETED for each in verdicts)
    assert plan.units == len(verdicts)


@given(all_contents, all_contents, all_rules)
def test_nothing_goes_that_was_not_planned(then: Contents, now: Contents, rules: list[Rule]) -> None:
    """However much has changed, what is done is both planned and due."""
    planned = plan_of(then, evaluate(then, rules, NOW))
    current = evaluate(now, rules, NOW)
    due = still_due(planned.steps, plan_of(now, current))

    assert set(due) <= set(planned.steps)
    gone = {(each.digest, each.tag) for each in current if each.fate is Fate.DELETED}
    assert {(step.digest, tag) for step in due for tag in step.tags or (None,)} <= gone


def test_an_artifact_is_one_step_with_all_its_tags() -> None:
    """And a tag by itself another, which frees nothing."""
    tags = [TagName(name) for name in ("b", "a", "c")]
    verdicts = [
        Verdict(ONE, tags[0], Fate.DELETED, "", ("old", "pr"), with_artifact=True),
        Verdict(ONE, tags[1], Fate.DELETED, "", ("old",), with_artifact=True),
        Verdict(OTHER, tags[2], Fate.DELETED, "", ("tags",)),
    ]
    plan = plan_of(Contents(REPOSITORY, (), (), NOW), verdicts[2:])
    assert plan.steps == (Step(OTHER, TagName("c"), (TagName("c"),), ("tags",), 0),)

    from_artifacts = Contents(REPOSITORY, (artifact(),), (), NOW)
    assert plan_of(from_artifacts, verdicts).steps[1:] == (Step(ONE, None, (tags[1], tags[0]), ("old", "pr"), 7),)


def artifact() -> Artifact:
    """Make an artifact of seven bytes."""
    return Artifact(ONE, NOW, 7)


def test_a_plan_of_which_little_is_due_is_refused() -> None:
    """A few may be gone already, and a tenth."""
    require_little_drift(10, 0)
    require_little_drift(1_000, 900)
    with pytest.raises(PlanDrifted, match="101 of the 1,000"):
        require_little_drift(1_000, 899)


@pytest.mark.parametrize(
    ("deleted", "units", "is_braked"), [(10, 10, False), (11, 11, True), (50, 100, False), (51, 100, True)]
)
def test_more_than_half_of_a_repository_takes_a_person(deleted: int, units: int, is_braked: bool) -> None:
    """Unless it is a handful."""
    share = Share(REPOSITORY, deleted, units)
    if not is_braked:
        require_confirmation([share])
        return
    with pytest.raises(PlanNeedsConfirmation, match=f"team/app would lose {deleted} of {units} tags"):
        require_confirmation([share])
