# SPDX-License-Identifier: Apache-2.0
"""Facts about use: which there are, how they are added up, and when they are stored."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.events import EventType
from entrepot.registry.events import Use
from entrepot.registry.hooks import Deny
from entrepot.registry.pull import Pull
from entrepot.registry.pull_facts import FLUSH_FACTS
from entrepot.registry.pull_facts import FLUSH_SECONDS
from entrepot.registry.pull_facts import MAX_FACTS
from entrepot.registry.pull_facts import Fact
from entrepot.registry.pull_facts import PullFacts
from entrepot.registry.store_facts import USES_PER_EVENT
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest
from tests.unit.registry.planted import PlantedGate

pytestmark = pytest.mark.anyio

IMAGE = an_image_manifest()
BY_TAG, BY_DIGEST = TagName("latest"), IMAGE.digest


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core."""
    with a_core(tmp_path) as running:
        yield running


async def pull(
    running: RunningCore, reference: Digest | TagName, *, is_head: bool = False, caller: Caller = EVERYBODY
) -> None:
    """Ask for a manifest."""
    await running.pull.manifest(caller, REPOSITORY, reference, is_head=is_head)


async def uses(running: RunningCore) -> list[Use]:
    """Flush, and return what the events about use hold."""
    await running.core.facts.flush()
    return [use for event in await running.events() if event.type == EventType.CONTENT_USED for use in event.uses]


async def counted(running: RunningCore) -> list[tuple[str, Digest, int, int]]:
    """Return kind, digest, bytes and count of the usage deltas that are pulls."""
    rows = (await running.tables())["usage_deltas"]
    return [(row[3], row[4], row[5], row[6]) for row in rows if row[3] == "pull"]


@pytest.mark.parametrize(
    ("reference", "is_head", "expected", "pulls"),
    [
        (BY_TAG, False, (True, BY_TAG), 1),
        (BY_TAG, True, (False, BY_TAG), 0),
        (BY_DIGEST, False, (True, None), 1),
        (BY_DIGEST, True, (False, None), 0),
    ],
)
async def test_each_way_to_ask_is_its_own_fact(
    running: RunningCore,
    reference: Digest | TagName,
    is_head: bool,
    expected: tuple[bool, str | None],
    pulls: int,
) -> None:
    """A GET is a pull, by tag also a resolution; a HEAD is a resolution and counts nothing."""
    await running.put_image(IMAGE, "latest")
    await pull(running, reference, is_head=is_head)
    (use,) = await uses(running)

    assert (use.is_pull, use.tag) == expected
    assert use.digest == IMAGE.digest
    assert await counted(running) == [("pull", IMAGE.digest, 0, 1)] * pulls


async def test_a_fact_says_who_and_from_where(running: RunningCore) -> None:
    """A use has the client's identity, address and agent; the event that holds it has the moment."""
    await running.put_image(IMAGE)
    await pull(running, BY_DIGEST)
    (use,) = await uses(running)
    event = (await running.events())[-1]

    assert (use.principal, use.address, use.agent) == ("user:everybody", "192.0.2.1", "a client/1.0")
    assert (use.repository, use.count) == (REPOSITORY, 1)
    assert event.occurred_at == running.clock()


async def test_many_uses_share_a_row(running: RunningCore) -> None:
    """A flush puts a hundred uses into one event, and the pulls of a manifest into one delta."""
    await running.put_image(IMAGE)
    before = len(await running.events())
    for number in range(2 * USES_PER_EVENT + 1):
        await pull(running, BY_DIGEST, caller=Caller(Principal(PrincipalKind.USER, f"user{number}")))
    await running.core.facts.flush()
    events = (await running.events())[before:]

    assert [len(event.uses) for event in events] == [USES_PER_EVENT, USES_PER_EVENT, 1]
    assert await counted(running) == [("pull", IMAGE.digest, 0, 2 * USES_PER_EVENT + 1)]


@pytest.mark.parametrize("kind", [*PrincipalKind])
async def test_only_clients_use_anything(running: RunningCore, kind: PrincipalKind) -> None:
    """Users, robots, workloads and the anonymous count; the scanner, the collector and their like do not."""
    await running.put_image(IMAGE, "latest")
    await pull(running, BY_TAG, caller=Caller(Principal(kind, "somebody")))
    events = await uses(running)

    assert bool(events) is (kind is not PrincipalKind.INTERNAL)
    assert bool(await counted(running)) is bool(events)


async def test_what_was_not_handed_out_was_not_used(running: RunningCore) -> None:
    """A manifest that is not there, or that a gate refuses, leaves no fact."""
    await running.put_image(IMAGE, "latest")
    with pytest.raises(ManifestUnknown):
        await pull(running, digest_of(b"another"))
    running.core.gates.mount([PlantedGate(Deny("no"))])
    with pytest.raises(Denied):
        await pull(running, BY_TAG)

    assert await uses(running) == []


async def test_the_same_use_is_added_up(running: RunningCore) -> None:
    """Equal facts become one use with a count; another client's is another use."""
    await running.put_image(IMAGE)
    for _ in range(3):
        await pull(running, BY_DIGEST)
    await pull(running, BY_DIGEST, caller=Caller(ANONYMOUS))
    found = await uses(running)

    assert [(use.principal, use.count) for use in found] == [("user:everybody", 3), ("anonymous:anonymous", 1)]
    assert [row[3] for row in await counted(running)] == [4]


async def test_a_pull_writes_nothing_itself(running: RunningCore) -> None:
    """Before a flush no row has changed."""
    await running.put_image(IMAGE, "latest")
    before = await running.tables()
    await pull(running, BY_TAG)

    assert await running.tables() == before


class FactStore:
    """Takes facts, or fails, as a test says."""

    def __init__(self) -> None:
        self.taken: list[dict[Fact, int]] = []
        self.error: Exception | None = None
        self.was_called = asyncio.Event()

    async def __call__(self, facts: dict[Fact, int]) -> None:
        """Take facts."""
        self.was_called.set()
        if self.error is not None:
            raise self.error
        self.taken.append(dict(facts))


def a_fact(number: int = 0) -> Fact:
    """Make a fact, each number another one."""
    return Fact(None, REPOSITORY, IMAGE.digest, None, True, f"user:{number}", "", "")


async def test_nothing_is_stored_when_there_is_nothing() -> None:
    """A flush without facts does not touch the database."""
    store = FactStore()
    await PullFacts(store).flush()

    assert not store.was_called.is_set()


async def test_facts_outlive_a_failing_database() -> None:
    """What could not be stored is kept, added to what came meanwhile, and stored once."""
    store = FactStore()
    facts = PullFacts(store)
    facts.record(a_fact())
    store.error = ConnectionError("away")
    with pytest.raises(ConnectionError):
        await facts.flush()
    facts.record(a_fact())
    facts.record(a_fact(1))
    store.error = None
    await facts.flush()
    await facts.flush()

    assert store.taken == [{a_fact(): 2, a_fact(1): 1}]


async def test_the_buffer_is_bounded() -> None:
    """A new fact beyond the limit is dropped and counted; a known one is still added up."""
    facts = PullFacts(FactStore())
    for number in range(MAX_FACTS):
        facts.record(a_fact(number))
    facts.record(a_fact(MAX_FACTS))
    facts.record(a_fact(0))

    assert facts.dropped == 1


async def test_a_failed_flush_keeps_the_buffer_bounded() -> None:
    """Of what comes while a flush fails, only as much is kept as the buffer has room for."""
    store = FactStore()

    async def fill_and_fail(_: dict[Fact, int]) -> None:
        for number in range(MAX_FACTS):
            facts.record(a_fact(-1 - number))
        raise ConnectionError

    facts = PullFacts(fill_and_fail)
    facts.record(a_fact())
    with pytest.raises(ConnectionError):
        await facts.flush()
    facts._store = store
    await facts.flush()

    assert facts.dropped == 1
    assert len(store.taken[0]) == MAX_FACTS
    assert a_fact() in store.taken[0]


async def test_a_thousand_facts_are_stored_at_once() -> None:
    """Enough facts wake the task before its second is over."""
    store = FactStore()
    facts = PullFacts(store)
    task = asyncio.create_task(facts.run(print))
    begun = asyncio.get_running_loop().time()
    for number in range(FLUSH_FACTS):
        facts.record(a_fact(number))
    await store.was_called.wait()
    waited = asyncio.get_running_loop().time() - begun
    task.cancel()

    assert waited < FLUSH_SECONDS
    assert len(store.taken[0]) == FLUSH_FACTS


async def test_one_fact_is_stored_after_a_second() -> None:
    """A lonely fact waits no longer than a second."""
    store = FactStore()
    facts = PullFacts(store)
    facts.record(a_fact())
    task = asyncio.create_task(facts.run(print))
    async with asyncio.timeout(FLUSH_SECONDS + 5):
        await store.was_called.wait()
    task.cancel()

    assert store.taken == [{a_fact(): 1}]


async def test_the_task_survives_a_failing_database() -> None:
    """A failure is reported, and the facts are stored when the database is back."""
    store = FactStore()
    store.error = ConnectionError("away")
    facts = PullFacts(store)
    errors: list[str] = []

    def recover(error: Exception) -> None:
        errors.append(str(error))
        store.error = None
        store.was_called.clear()
        facts.record(a_fact(-1))

    for number in range(FLUSH_FACTS - 1):
        facts.record(a_fact(number))
    facts.record(a_fact(FLUSH_FACTS))
    task = asyncio.create_task(facts.run(recover))
    async with asyncio.timeout(10):
        while not store.taken:
            await store.was_called.wait()
            await asyncio.sleep(0)
    task.cancel()

    assert errors == ["away"]
    assert len(store.taken[0]) == FLUSH_FACTS + 1


async def test_a_strict_pull_waits_until_it_is_stored(running: RunningCore) -> None:
    """It is in the outbox when the answer is, and there is no answer when it cannot be."""
    await running.put_image(IMAGE, "latest")
    store = FactStore()
    strict = Pull(replace(running.core, facts=PullFacts(store, is_strict=True)))

    await asyncio.gather(*(strict.manifest(EVERYBODY, REPOSITORY, BY_TAG, is_head=False) for _ in range(5)))
    assert sum(count for facts in store.taken for count in facts.values()) == 5

    store.error = DatabaseUnavailable()
    with pytest.raises(DatabaseUnavailable):
        await strict.manifest(EVERYBODY, REPOSITORY, BY_TAG, is_head=False)
