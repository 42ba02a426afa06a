# SPDX-License-Identifier: Apache-2.0
"""Who may do what with an approval in which state, in any order, and that none is used twice."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.approvals.models import FOLLOWS
from entrepot.features.approvals.models import OPEN
from entrepot.features.approvals.models import State
from entrepot.features.approvals.service import Listed
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import NotFound
from tests.unit.features.approvals.desk import TEAM
from tests.unit.features.approvals.desk import Desk
from tests.unit.features.approvals.desk import a_desk
from tests.unit.features.approvals.desk import person

WEEK, DAY = 168, 24
PEOPLE = ("alice", "bob", "carol")
WHO = st.sampled_from(PEOPLE)
WHICH = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("ask"), WHO, WHICH),
    st.tuples(st.sampled_from(["approve", "reject", "withdraw"]), WHO, WHICH),
    st.tuples(st.just("use"), WHO, WHICH),
    st.tuples(st.just("turn"), WHO, WHICH),
    st.tuples(st.just("wait"), WHO, st.sampled_from([1, DAY, 100])),
)


@dataclass
class Expected:
    """What is expected of one approval."""

    by: str
    ends_at: int
    stored: State = State.PENDING
    decided_by: str = ""

    def state(self, now: int) -> State:
        """Tell how it stands."""
        return State.EXPIRED if self.stored in OPEN and self.ends_at <= now else self.stored


@dataclass
class Model:
    """What is expected of all of them: times are in hours."""

    asked: list[Expected] = field(default_factory=list)
    able: set[str] = field(default_factory=set)
    now: int = 0

    def ask(self, who: str) -> bool:
        """Ask; tell whether that is taken."""
        is_waiting = any(each.by == who and each.state(self.now) is State.PENDING for each in self.asked)
        if who not in self.able or is_waiting:
            return False
        self.asked.append(Expected(who, self.now + WEEK))
        return True

    def move(self, who: str, which: int, state: State) -> bool:
        """Approve, reject or withdraw; tell whether that is taken."""
        if which >= len(self.asked):
            return False
        approval = self.asked[which]
        may = approval.by == who if state is State.WITHDRAWN else approval.by != who and who in self.able
        if not may or approval.state(self.now) not in FOLLOWS[state]:
            return False
        approval.stored = state
        if state is not State.WITHDRAWN:
            approval.decided_by = who
        if state is State.APPROVED:
            approval.ends_at = self.now + DAY
        return True

    def use(self, who: str) -> bool:
        """Do the act; tell whether that is let happen."""
        for approval in self.asked:
            is_good = approval.by == who and approval.state(self.now) is State.APPROVED
            if is_good and approval.decided_by in self.able:
                approval.stored = State.USED
                return True
        return False


MOVES = {"approve": State.APPROVED, "reject": State.REJECTED, "withdraw": State.WITHDRAWN}


async def play(desk: Desk, model: Model, ids: list[str], step: tuple[str, str, int]) -> None:
    """Do a step both ways, and see that both take it, or neither."""
    what, who, number = step
    if what == "wait":
        model.now += number
        desk.clock.advance(number * HOUR_MS)
        return
    if what == "turn":
        model.able ^= {who}
        await desk.allow(who, who in model.able)
        return
    expected = {"ask": lambda: model.ask(who), "use": lambda: model.use(who)}.get(
        what, lambda: model.move(who, number, MOVES[what])
    )()
    assert await is_taken(desk, ids, what, who, number) is expected, step


async def is_taken(desk: Desk, ids: list[str], what: str, who: str, number: int) -> bool:
    """Do a step on the database, and tell whether it was taken."""
    which = ids[number] if number < len(ids) else "none"
    try:
        if what == "ask":
            ids.append((await desk.approvals.request(person(who), TEAM, "a reason")).approval.id)
        elif what == "use":
            await desk.use(person(who))
        elif what == "withdraw":
            await desk.approvals.withdraw(person(who), which)
        else:
            await desk.approvals.decide(person(who), which, MOVES[what], "a word")
    except (Forbidden, NotFound, Conflict):
        return False
    return True


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """Hold one for all examples: each begins with nothing asked for."""
    with tempfile.TemporaryDirectory() as folder, a_desk(Path(folder)) as desk:
        yield desk


@settings(max_examples=60, deadline=None)
@given(able=st.sets(WHO, min_size=2), steps=st.lists(STEPS, min_size=6, max_size=20))
def test_any_order_of_steps_is_taken_as_the_rules_say(
    desk: Desk, able: set[str], steps: list[tuple[str, str, int]]
) -> None:
    """Nobody decides about their own, what has ended stays so, and each approval lets one act happen at most."""
    model, ids = Model(able=set(able)), list[str]()

    async def go() -> list[State]:
        """Play the steps, and tell how everything stands."""
        for name in able:
            await desk.allow(name, is_allowed=True)
        for step in [("ask", min(able), 0), ("approve", max(able), 0), *steps]:
            await play(desk, model, ids, step)
        listed = await desk.approvals.page(person("alice"), Listed.ALL, "", 100)
        return [shown.state for shown in reversed(listed.items)]

    desk.begin(*PEOPLE)
    states = asyncio.run(go())

    assert states == [each.state(model.now) for each in model.asked]
