# SPDX-License-Identifier: Apache-2.0
"""Any order of events, failures, dead processes and time, beside a naive account of what has to be true.

Of each repository the first attempts come in order, each event is attempted, nothing that was delivered is attempted
again without a dead process, and in the end everything is delivered.
"""

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.webhooks.deliverer import Deliverer
from entrepot.features.webhooks.queue import Claimed
from tests.builders.databases import a_database
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.webhooks.queueing import Queueing

STEPS = st.lists(
    st.tuples(st.just("event"), st.integers(0, 1), st.integers(0, 2))
    | st.tuples(st.just("deliver"), st.booleans(), st.just(0))
    | st.tuples(st.just("die"), st.just(0), st.just(0))
    | st.tuples(st.just("wait"), st.integers(1, 4_000), st.just(0)),
    max_size=25,
)


class Account:
    """What happened, and what was seen of it."""

    def __init__(self) -> None:
        self.happened: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.count = 0

    def event(self, webhook: str, repository: str) -> str:
        """Note that something happens; return its subject."""
        self.count += 1
        subject = f"{repository}#{self.count}"
        self.happened[webhook, repository].append(subject)
        return subject

    def check(self, came: list[tuple[str, str]]) -> None:
        """Hold the attempts against it."""
        first: dict[tuple[str, str], list[str]] = defaultdict(list)
        for webhook, subject in dict.fromkeys(came):
            first[webhook, subject.partition("#")[0]].append(subject)
        for lane, subjects in first.items():
            assert subjects == self.happened[lane][: len(subjects)], "first attempts come in order"

    def require_all(self, came: list[tuple[str, str]]) -> None:
        """Demand that everything was attempted."""
        assert {(webhook, each) for (webhook, _), found in self.happened.items() for each in found} == set(came)


class Machine:
    """Two webhooks, three repositories, and two processes."""

    def __init__(self, queueing: Queueing, clock: SettableClock) -> None:
        self.queueing, self.clock, self.account = queueing, clock, Account()
        self.dead: list[Deliverer] = []

    async def begin(self) -> None:
        """Make the webhooks, and a second process."""
        self.webhooks = [await self.queueing.webhook(name) for name in ("a", "b")]
        self.queueing.start()

    async def step(self, kind: str, one: int, other: int) -> None:
        """Do one thing."""
        if kind == "event":
            webhook, repository = self.webhooks[one], f"team/{other}"
            subject = self.account.event(webhook.terms.name, repository)
            await self.queueing.queue(webhook, subject, repository=repository)
        elif kind == "deliver":
            self.queueing.receivers.is_up = lambda *_: bool(one)
            await self.queueing.deliver()
        elif kind == "die":
            await self.die()
        else:
            self.clock.advance(one * 1000)

    async def die(self) -> None:
        """Let a process begin to send, and then never be heard of again."""

        async def never_end(_claimed: Claimed) -> None:
            """Be gone."""
            await asyncio.Event().wait()

        self.queueing.receivers.before = never_end
        process = self.queueing.start()
        await process.turn()
        await asyncio.sleep(0)
        self.queueing.receivers.before = None
        self.queueing.deliverers.remove(process)
        self.dead.append(process)

    async def end(self) -> None:
        """Let everybody be well again for a day, and bury the dead."""
        self.queueing.receivers.is_up = lambda *_: True
        for _ in range(3):
            self.clock.advance(3_600_000)
            await self.queueing.deliver()
        for webhook in self.webhooks:
            assert set(await self.queueing.states(webhook)) <= {"delivered"}
            found = [each.subject for each in await self.queueing.log(webhook)]
            assert len(found) == len(set(found))
        for process in self.dead:
            await process.leave()
        await self.queueing.leave()


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_order_and_delivery_hold_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    """The account agrees after every step, and in the end nothing is missing."""
    with tempfile.TemporaryDirectory() as folder:
        clock = SettableClock()
        database = a_database(Path(folder))
        try:
            asyncio.run(_play(Machine(Queueing(database, clock), clock), steps))
        finally:
            database.close()


async def _play(machine: Machine, steps: list[tuple[str, int, int]]) -> None:
    await machine.begin()
    for step in steps:
        await machine.step(*step)
        machine.account.check(machine.queueing.receivers.came)
    await machine.end()
    machine.account.check(machine.queueing.receivers.came)
    machine.account.require_all(machine.queueing.receivers.came)
