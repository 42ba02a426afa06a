# SPDX-License-Identifier: Apache-2.0
"""Who is counted where, what is told about it, and what happens while nobody answers where all count together."""

from collections.abc import Iterator

import pytest
import structlog

from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.models import Outcome
from entrepot.features.rate_limits.service import REFUSED
from entrepot.features.rate_limits.service import RateLimits
from entrepot.features.rate_limits.settings import RateLimitSettings
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import current_facts
from entrepot.kernel.request_limits import RequestClass
from entrepot.kernel.request_limits import TooManyRequests
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
HERE = "192.0.2.1"
FEW = {"address_per_second": 1, "address_burst": 4, "identity_per_second": 1, "identity_burst": 4}
SETTINGS = RateLimitSettings.model_validate(
    {"read": FEW, "login": {"address_per_second": 1, "address_burst": 4}, "exempt_networks": ["203.0.113.0/24"]}
)


class ScriptedStore:
    """A store that gives these outcomes, one after the other, and then none."""

    def __init__(self, *outcomes: Outcome | None) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[tuple[str, Limit]] = []

    async def spend(self, key: str, limit: Limit) -> Outcome | None:
        """Give the next one."""
        self.asked.append((key, limit))
        return self.outcomes.pop(0) if self.outcomes else None

    async def run(self) -> None:
        """Do nothing."""

    def measure(self) -> Iterator[Measurement]:
        """Yield nothing."""
        yield from ()


@pytest.fixture
def clock() -> SettableClock:
    """Time that stands still."""
    return SettableClock()


@pytest.fixture
def limits(clock: SettableClock) -> RateLimits:
    """Four reads at once for everybody."""
    return RateLimits(SETTINGS, clock)


async def taken(limits: RateLimits, principal: Principal | None, address: str = HERE) -> int:
    """Send reads until one is refused, a hundred at most, and return how many were admitted."""
    for count in range(100):
        try:
            await limits.admit(RequestClass.READ, principal, address)
        except TooManyRequests:
            return count
    return 100


async def test_nobody_known_is_an_address(limits: RateLimits) -> None:
    """The anonymous principal, and whoever could not prove who they are, are counted together."""
    await limits.admit(RequestClass.READ, ANONYMOUS, HERE)

    assert await taken(limits, None) == 3


async def test_a_robot_is_not_the_user_of_its_name(limits: RateLimits) -> None:
    """Kinds of principals are counted apart."""
    await taken(limits, ALICE)

    assert await taken(limits, Principal(PrincipalKind.ROBOT, "alice")) == 4


async def test_one_request_counts_once(limits: RateLimits) -> None:
    """However often its caller is found out; but a login that comes with it counts as one."""
    token = current_facts.set(RequestFacts())
    for _ in range(10):
        await limits.admit(RequestClass.READ, ALICE, HERE)
    current_facts.reset(token)

    assert await taken(limits, ALICE) == 3


@pytest.mark.parametrize("principal", [ALICE, None])
async def test_an_exempt_network_is_exempt_for_everybody(limits: RateLimits, principal: Principal | None) -> None:
    """With and without a login."""
    assert await taken(limits, principal, "203.0.113.7") == 100


async def test_limits_that_are_off_limit_nothing(clock: SettableClock) -> None:
    """Neither reads nor logins."""
    limits = RateLimits(SETTINGS.model_copy(update={"enabled": False}), clock)
    for _ in range(100):
        await limits.admit_login(HERE)

    assert await taken(limits, None) == 100


async def test_a_clock_that_is_set_back_locks_nobody_out(limits: RateLimits, clock: SettableClock) -> None:
    """Whoever had used up a burst has one request again after a second, not after a day."""
    await taken(limits, None)
    clock.advance(-24 * 60 * MINUTE_MS)

    assert await taken(limits, None) == 0
    clock.advance(SECOND_MS)
    assert await taken(limits, None) == 1


@pytest.mark.parametrize(("processes", "parts"), [(1, 4), (2, 2), (3, 1), (4, 1), (100, 1)])
async def test_a_process_admits_its_part(limits: RateLimits, processes: int, parts: int) -> None:
    """At least one request."""
    limits.divide(processes)

    assert await taken(limits, None) == parts


async def test_processes_together_admit_no_more_than_the_limit(clock: SettableClock) -> None:
    """Three of them, asked in turn for a minute, admit the burst and the rate, less what rounding takes."""
    every = [RateLimits(SETTINGS, clock) for _ in range(3)]
    for each in every:
        each.divide(3)

    admitted = sum([await taken(each, None) for each in every])
    for _ in range(60):
        clock.advance(SECOND_MS)
        admitted += sum([await taken(each, None) for each in every])

    assert admitted == 3 + 60


async def test_a_new_number_of_processes_forgives_nobody(limits: RateLimits) -> None:
    """What was spent stays spent, in the new measure."""
    await taken(limits, None)
    limits.divide(2)

    assert await taken(limits, None) == 0


async def test_counting_together_counts_whole_limits(clock: SettableClock) -> None:
    """There nothing is divided, and a refusal tells the wait that came back."""
    store = ScriptedStore(1, -2_500_000_000)
    limits = RateLimits(SETTINGS, clock, store)
    limits.divide(2)
    await limits.admit(RequestClass.READ, ALICE, HERE)

    with pytest.raises(TooManyRequests) as refused:
        await limits.admit(RequestClass.READ, ALICE, HERE)

    assert store.asked == [("read:identity:user:alice", Limit(1_000_000_000, 4_000_000_000))] * 2
    assert refused.value.headers["Retry-After"] == "3"


async def test_without_an_answer_each_process_admits_its_part(clock: SettableClock) -> None:
    """Reads go on, and are not without a limit."""
    limits = RateLimits(SETTINGS, clock, ScriptedStore())
    limits.divide(2)

    assert await taken(limits, ALICE) == 2


async def test_nobody_guesses_without_a_limit_while_there_is_no_answer(clock: SettableClock) -> None:
    """Attempts to log in are held against the part of this process as well."""
    limits = RateLimits(SETTINGS, clock, ScriptedStore())
    limits.divide(4)
    await limits.admit_login(HERE)

    with pytest.raises(TooManyRequests):
        await limits.admit_login(HERE)


async def test_refusals_are_counted(limits: RateLimits) -> None:
    """By class, and by whether an identity or an address was counted."""
    for _ in range(2):
        await taken(limits, ALICE)

    measured = list(limits.measure())

    assert Measurement(REFUSED, [2], ("read", "identity")) in measured
    assert Measurement(REFUSED, [0], ("read", "address")) in measured


async def test_a_refusal_is_logged_once_a_minute(limits: RateLimits, clock: SettableClock) -> None:
    """For each key: a flood of requests is no flood of lines."""
    with structlog.testing.capture_logs() as lines:
        for _ in range(10):
            await taken(limits, ALICE)
        await taken(limits, None)
        clock.advance(MINUTE_MS)
        for _ in range(10):
            await taken(limits, ALICE)

    keys = [line["key"] for line in lines if line["event"] == "rate_limits.refused"]
    assert keys == ["user:alice", HERE, "user:alice"]


async def test_addresses_are_forgotten_when_there_are_too_many(limits: RateLimits) -> None:
    """What is known about each is made anew; what it spent stays."""
    await taken(limits, None)
    for each in range(10_001):
        await limits.admit(RequestClass.READ, None, f"2001:db8::{each:x}:0:0:0:1" if each else "::1")

    assert await taken(limits, None) == 0
    assert len(limits._networks) <= 10_000
