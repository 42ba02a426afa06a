# SPDX-License-Identifier: Apache-2.0
"""Plans on a real registry: what is planned, and what is deleted of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.features.retention.carrying_out import CarryingOut
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.policies import Level
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Scope
from entrepot.features.retention.policies import Terms
from entrepot.features.retention.store import plans
from entrepot.features.retention.store import policies
from entrepot.features.usage.store.uses import note_start
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.events import Cause
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_index
from tests.builders.retention import OF_EVERY_KIND
from tests.builders.retention import PROJECT
from tests.builders.retention import an_image
from tests.builders.retention import carried_out
from tests.builders.retention import deleting
from tests.builders.retention import hold
from tests.builders.retention import judged
from tests.builders.retention import planned
from tests.builders.retention import set_policy
from tests.builders.retention import steps
from tests.builders.retention import tags_of

pytestmark = pytest.mark.anyio

OTHER = RepositoryName("team/other")


class StoppedError(Exception):
    """The process that carries a plan out is stopped."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core whose uses are recorded."""
    with a_core(tmp_path) as running:
        running.database.write_now(note_start, running.clock())
        yield running


async def test_what_was_shown_is_deleted_and_nothing_else(running: RunningCore) -> None:
    """Artifacts with their tags, tags by themselves; into the bin, and by retention."""
    old, main, gone = an_image(1), an_image(2), an_image(3)
    await running.put_image(old, "pr-1", "pr-2")
    await running.put_image(main, "main", "pr-3")
    await running.put_image(gone)
    running.clock.advance(40 * DAY_MS)
    await running.put_image(an_image(4), "pr-4")
    await set_policy(running, *OF_EVERY_KIND)

    plan = await planned(running)
    assert (plan.state, plan.units, plan.deletions, plan.reason) == (PlanState.PLANNED, 6, 4, "")
    done = await carried_out(running, plan)

    assert (done.state, done.done) == (PlanState.DONE, 3)
    assert {each[2] for each in await steps(running, plan)} == {plans.DELETED}
    assert await tags_of(running) == ["main", "pr-4"]
    left = {digest for digest, _ in await judged(running)}
    assert left == {main.digest, an_image(4).digest}
    deletions = [event for event in await running.events() if event.cause is Cause.RETENTION]
    assert sorted(event.tag or "" for event in deletions) == ["", "", "pr-1", "pr-2", "pr-3"]


async def test_nothing_goes_that_changed_since(running: RunningCore) -> None:
    """A tag that moved, an artifact with a new tag, one that is held, one that an index holds by now: each is told."""
    moved, tagged, held, part = (an_image(number) for number in range(4))
    await running.put_image(moved, "pr-1")
    await running.put_image(tagged, "pr-2")
    await running.put_image(held, "pr-3")
    await running.put_image(part, "pr-4")
    rules = deleting(Effect.DELETE_TAGS, "tags", tags=("pr-1",)), deleting(tags=("pr-2", "pr-3", "pr-4"))
    plan = await planned(running, *rules)
    assert plan.deletions == 4

    await running.put_image(an_image(9), "pr-1")
    await running.put_manifest(tagged, "main")
    await hold(running, held.digest)
    await running.put_manifest(an_index(part.descriptor()), "index")
    done = await carried_out(running, plan)

    assert (done.state, done.done) == (PlanState.DONE, 0)
    assert {outcome for _, _, outcome, _ in await steps(running, plan)} == {plans.SPARED}
    assert await tags_of(running) == ["index", "main", "pr-1", "pr-2", "pr-3", "pr-4"]


async def test_what_changes_at_the_last_moment_is_seen_in_the_transaction(
    running: RunningCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After everything was judged anew."""
    await running.put_image(an_image(1), "pr-1")
    await running.put_image(an_image(2), "pr-2")
    plan = await planned(running, deleting(tags=("pr-2",)), deleting(Effect.DELETE_TAGS, "tags", tags=("pr-1",)))
    judge_anew = CarryingOut._judge_anew

    async def and_then(self: CarryingOut, about: PlanRecord) -> None:
        await judge_anew(self, about)
        await running.put_image(an_image(3), "pr-1")
        await running.put_manifest(an_image(2), "kept")

    monkeypatch.setattr(CarryingOut, "_judge_anew", and_then)
    await carried_out(running, plan)

    assert [(outcome, reason) for _, _, outcome, reason in await steps(running, plan)] == [
        (plans.SPARED, "the tag points elsewhere by now"),
        (plans.SPARED, "the artifact has another tag by now"),
    ]
    assert await tags_of(running) == ["kept", "pr-1", "pr-2"]


async def test_a_plan_by_other_rules_is_refused(running: RunningCore) -> None:
    """Whoever changed a policy wants something else than what was shown; nothing is deleted."""
    await running.put_image(an_image(1), "pr-1")
    await set_policy(running, deleting(tags=("pr-*",)))
    plan = await planned(running)
    await set_policy(running, deleting(tags=("pr-*",), older_than_days=0))
    done = await carried_out(running, plan)

    assert (done.state, done.reason) == (PlanState.REFUSED, "the rules are others than those of the plan")
    assert await tags_of(running) == ["pr-1"]


async def test_a_plan_of_which_much_is_not_due_any_more_is_refused(running: RunningCore) -> None:
    """It was made of another registry, as it were."""
    names = [f"pr-{number}" for number in range(20)]
    await running.put_image(an_image(1), *names)
    await running.put_image(an_image(2), *(f"main-{number}" for number in range(30)))
    plan = await planned(running, deleting(Effect.DELETE_TAGS, tags=("pr-*",)))
    await running.put_manifest(an_image(2), *names[:11])
    done = await carried_out(running, plan)

    assert (done.state, done.reason) == (PlanState.REFUSED, "11 of the 20 planned deletions are not due any more")
    assert len(await tags_of(running)) == 50


async def test_a_plan_that_was_stopped_goes_on(running: RunningCore, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is left; what was done is done once."""
    await running.put_image(an_image(1), *(f"pr-{number}" for number in range(5)), "main")
    plan = await planned(running, deleting(Effect.DELETE_TAGS, tags=("pr-*",)))
    note, notes = plans.note_outcomes, list[int]()

    def stop_at_the_third(connection: Connection, plan_id: Ulid, outcomes: list[tuple[int, str, str]]) -> None:
        notes.append(len(notes))
        if len(notes) == 3:
            raise StoppedError
        note(connection, plan_id, outcomes)

    monkeypatch.setattr(plans, "note_outcomes", stop_at_the_third)
    with pytest.raises(StoppedError):
        await carried_out(running, plan)
    monkeypatch.undo()
    done = await carried_out(running, plan)

    assert done.state is PlanState.DONE
    assert await tags_of(running) == ["main"]
    assert [outcome for _, _, outcome, _ in await steps(running, plan)].count(plans.SPARED) == 1


async def test_much_of_a_repository_takes_a_person(running: RunningCore) -> None:
    """The plan says which, and how much."""
    await running.put_image(an_image(1), *(f"pr-{number}" for number in range(11)))
    plan = await planned(running, deleting(tags=("pr-*",)))
    assert plan.reason == "team/app would lose 11 of 11 tags"


async def test_policies_of_all_levels_count_together(running: RunningCore) -> None:
    """And each where it is about; what somebody tries never deletes what a policy keeps."""
    for repository in (REPOSITORY, OTHER):
        await running.put_image(an_image(1), "1.0", "pr-1", repository=repository)
    await set_policy(running, Rule("releases", Effect.KEEP, Selection(versions="*")), scope=Scope(Level.REGISTRY))
    await set_policy(running, deleting(Effect.DELETE_TAGS, tags=("pr-*",)), scope=Scope(Level.REPOSITORY, REPOSITORY))

    plan = await planned(running)
    assert [each.repository for each in await running.database.read(plans.page_of_steps, plan.id, -1, 9)] == [
        REPOSITORY
    ]
    tried = await planned(running, deleting(Effect.DELETE_TAGS, tags=("*",)))
    found = await running.database.read(plans.page_of_steps, tried.id, -1, 9)
    assert [(each.repository, each.step.tag) for each in found] == [(REPOSITORY, "pr-1"), (OTHER, "pr-1")]
    await set_policy(running, scope=Scope(Level.PROJECT, "teams"))
    assert not (await planned(running, scope=Scope(Level.PROJECT, "teams"))).deletions


@pytest.mark.parametrize(("kind", "days", "is_kept"), [("pin", None, True), ("user", 2, True), ("user", 1, False)])
async def test_holds_keep_for_as_long_as_they_last(
    running: RunningCore, kind: str, days: int | None, is_kept: bool
) -> None:
    """Those of people and clusters; others only keep bytes."""
    await running.put_image(an_image(1), "pr-1")
    until = None if days is None else Milliseconds(running.clock() + days * DAY_MS)
    await hold(running, an_image(1).digest, kind, until)
    running.clock.advance(DAY_MS)

    found = await judged(running, REPOSITORY, deleting(tags=("pr-*",)))
    assert found[an_image(1).digest, TagName("pr-1")] is (Fate.KEPT if is_kept else Fate.DELETED)


async def test_what_lost_its_last_tag_is_as_old_as_that(running: RunningCore) -> None:
    """However long ago it was pushed."""
    await running.put_image(an_image(1), "latest")
    running.clock.advance(90 * DAY_MS)
    await running.put_image(an_image(2), "latest")
    rule = deleting(is_tagged=False, older_than_days=30)
    assert (await judged(running, REPOSITORY, rule))[an_image(1).digest, None] is Fate.KEPT

    running.clock.advance(30 * DAY_MS)
    assert (await judged(running, REPOSITORY, rule))[an_image(1).digest, None] is Fate.DELETED


async def test_plans_are_listed_and_forgotten(running: RunningCore) -> None:
    """The newest first, with their steps gone too."""
    await running.put_image(an_image(1), "pr-1")
    made = [await planned(running, deleting(tags=("pr-*",))) for _ in range(3)]
    listed = await running.database.read(plans.page, PROJECT, plans.NEWEST, 2)
    assert [each.id for each in listed] == [made[2].id, made[1].id]
    assert listed[0] == made[2]

    later = Milliseconds(running.clock() + 1)
    assert await running.database.write(plans.forget, later, 2) == 2
    assert await running.database.write(plans.forget, later, 2) == 1
    assert await running.database.read(plans.page, PROJECT, plans.NEWEST, 9) == []
    assert await steps(running, made[0]) == []


async def test_a_policy_is_set_found_and_removed(running: RunningCore) -> None:
    """Exactly as it was given."""
    terms = Terms((deleting(tags=("pr-*",), older_than_days=7),), "0 3 * * *", 20)
    policy = Policy(PROJECT, terms, running.clock(), "user:ada")
    await running.database.write(policies.put, policy)
    assert await running.database.read(policies.find, PROJECT) == policy
    assert await running.database.read(policies.scheduled) == (policy,)

    await running.database.write(policies.remove, PROJECT)
    assert await running.database.read(policies.find, PROJECT) is None
