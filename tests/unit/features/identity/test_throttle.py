# SPDX-License-Identifier: Apache-2.0
"""Slowing down whoever guesses passwords."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.features.identity.errors import TooManyAttempts
from entrepot.features.identity.models import FailedLogins
from entrepot.features.identity.tables import login_failures
from entrepot.features.identity.throttle import ADDRESS
from entrepot.features.identity.throttle import DOUBLINGS
from entrepot.features.identity.throttle import KEPT_MS
from entrepot.features.identity.throttle import LONGEST_DELAY_MS
from entrepot.features.identity.throttle import PAIR
from entrepot.features.identity.throttle import Allowance
from entrepot.features.identity.throttle import LoginThrottle
from entrepot.features.identity.throttle import network_of
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import opened_again
from tests.builders.instance import Instance

HERE = "192.0.2.1"
THERE = "198.51.100.7"

allowances = pytest.mark.parametrize("allowance", [PAIR, ADDRESS])


@pytest.fixture
def throttle(instance: Instance) -> LoginThrottle:
    """A throttle of one process."""
    return LoginThrottle(instance.database, instance.clock)


@pytest.fixture
def other_process(instance: Instance, tmp_path: Path) -> Iterator[LoginThrottle]:
    """The throttle of another process of the same instance."""
    database = opened_again(instance.database)
    yield LoginThrottle(database, instance.clock)
    database.close()


async def fail(throttle: LoginThrottle, name: str = "alice", address: str = HERE, times: int = 1) -> None:
    """Give a wrong password so many times."""
    for _ in range(times):
        async with throttle.attempt(name, address) as attempt:
            await attempt.failed()


async def succeed(throttle: LoginThrottle, name: str = "alice", address: str = HERE) -> None:
    """Give the right password."""
    async with throttle.attempt(name, address) as attempt:
        await attempt.succeeded()


async def wait_of(throttle: LoginThrottle, name: str = "alice", address: str = HERE) -> int:
    """Return how many seconds an attempt has to wait, 0 when it may be made."""
    try:
        async with throttle.attempt(name, address):
            return 0
    except TooManyAttempts as refusal:
        return int(refusal.headers["Retry-After"])


def subjects(connection: Connection) -> list[str]:
    """Return what is remembered."""
    return list(connection.execute(select(login_failures.c.subject)).scalars())


@allowances
def test_the_delay_doubles_up_to_a_bound(allowance: Allowance) -> None:
    """After the free ones each further failure doubles the delay from a second to five minutes."""
    failures = range(allowance.free - 1, allowance.free + DOUBLINGS + 1)
    delays = [allowance.wait_ms(FailedLogins(count, Milliseconds(0)), Milliseconds(0)) for count in failures]

    assert [delay // SECOND_MS for delay in delays] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]


@allowances
@given(gaps_ms=st.lists(st.integers(0, 20 * MINUTE_MS), max_size=300))
def test_no_rhythm_of_guessing_beats_the_allowance(allowance: Allowance, gaps_ms: list[int]) -> None:
    """However attempts are spread, no more get through than what is free and what time has forgiven."""
    failed, now, made = None, Milliseconds(0), 0
    for gap_ms in gaps_ms:
        now = Milliseconds(now + gap_ms)
        if not allowance.wait_ms(failed, now):
            failed, made = allowance.after_failure(failed, now), made + 1

    assert made <= allowance.free + DOUBLINGS + 1 + now // allowance.forgiven_every_ms


@allowances
def test_guessing_for_a_day_gets_nowhere(allowance: Allowance) -> None:
    """Whoever tries again at the first moment allowed makes a few hundred attempts a day for a pair."""
    failed, now, made = None, Milliseconds(0), 0
    while now < DAY_MS:
        failed, made = allowance.after_failure(failed, now), made + 1
        now = Milliseconds(now + allowance.wait_ms(failed, now))

    assert made <= {PAIR: 310, ADDRESS: 1_500}[allowance]


@allowances
@given(failures=st.integers(1, 80), elapsed_ms=st.integers(-2 * DAY_MS, 2 * DAY_MS))
def test_no_clock_makes_anybody_wait_for_long(allowance: Allowance, failures: int, elapsed_ms: int) -> None:
    """A clock that was set, forwards or back, costs at most twice the longest delay."""
    failed = FailedLogins(failures, Milliseconds(DAY_MS))

    assert 0 <= allowance.wait_ms(failed, Milliseconds(DAY_MS + elapsed_ms)) <= 2 * LONGEST_DELAY_MS


@allowances
def test_rare_mistakes_cost_nothing(allowance: Allowance) -> None:
    """Mistakes that are as far apart as time forgives them never add up."""
    failed, now = None, Milliseconds(0)
    for _ in range(1_000):
        failed = allowance.after_failure(failed, now)
        now = Milliseconds(now + allowance.forgiven_every_ms)

    assert failed is not None
    assert failed.failures == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "unix", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, is_same: bool) -> None:
    """An IPv4 address, or all IPv6 addresses with the same first 64 bits."""
    assert (network_of(one) == network_of(other)) is is_same


@pytest.mark.anyio
async def test_five_mistakes_are_free(throttle: LoginThrottle, instance: Instance) -> None:
    """The sixth attempt waits for a second, and no longer."""
    await fail(throttle, times=5)
    first = await wait_of(throttle)
    instance.clock.advance(999)
    almost = await wait_of(throttle)
    instance.clock.advance(1)

    assert (first, almost, await wait_of(throttle)) == (1, 1, 0)


@pytest.mark.anyio
async def test_what_is_refused_does_not_count(throttle: LoginThrottle, instance: Instance) -> None:
    """Asking again and again while one has to wait makes nothing longer."""
    await fail(throttle, times=5)
    for _ in range(20):
        await wait_of(throttle)
    instance.clock.advance(SECOND_MS)

    assert await wait_of(throttle) == 0


@pytest.mark.anyio
async def test_the_owner_elsewhere_is_never_blocked(throttle: LoginThrottle) -> None:
    """An attacker slows down nobody but those who share the address, and them for that name only."""
    await fail(throttle, times=5)

    assert await wait_of(throttle, "alice", THERE) == 0
    assert await wait_of(throttle, "bob", HERE) == 0


@pytest.mark.anyio
async def test_a_right_password_forgives_its_pair(throttle: LoginThrottle) -> None:
    """Four mistakes and a success, and four more mistakes are free again."""
    for _ in range(3):
        await fail(throttle, times=4)
        await succeed(throttle)

    assert await wait_of(throttle) == 0


@pytest.mark.anyio
async def test_an_address_has_a_ceiling_over_all_names(throttle: LoginThrottle) -> None:
    """Many names from one address are slowed as one; an account of one's own does not reset that."""
    for number in range(50):
        await fail(throttle, f"user{number}")
        if number == 25:
            await succeed(throttle, "mallory")

    assert await wait_of(throttle, "another", HERE) == 1
    assert await wait_of(throttle, "another", THERE) == 0


@pytest.mark.anyio
async def test_processes_count_together(throttle: LoginThrottle, other_process: LoginThrottle) -> None:
    """It does not help to be served by another worker."""
    await fail(throttle, times=3)
    await fail(other_process, times=2)

    assert (await wait_of(throttle), await wait_of(other_process)) == (1, 1)


@pytest.mark.anyio
async def test_a_burst_gets_no_more_than_a_row(throttle: LoginThrottle) -> None:
    """Of fifty guesses at the same moment five are checked."""
    outcomes = await asyncio.gather(*(fail(throttle) for _ in range(50)), return_exceptions=True)

    assert outcomes.count(None) == 5
    assert {type(outcome) for outcome in outcomes} == {type(None), TooManyAttempts}


@pytest.mark.anyio
async def test_a_burst_from_everywhere_gets_no_more_than_a_row(throttle: LoginThrottle) -> None:
    """Of a hundred guesses at a second factor, from a hundred addresses at the same moment, fifty are checked."""

    async def guess(number: int) -> None:
        """Give a wrong code."""
        async with throttle.second_factor_attempt("alice", f"192.0.2.{number}", is_guessable=True) as attempt:
            await attempt.failed()

    outcomes = await asyncio.gather(*map(guess, range(100)), return_exceptions=True)

    assert outcomes.count(None) == ADDRESS.free
    assert {type(outcome) for outcome in outcomes} == {type(None), TooManyAttempts}


@pytest.mark.anyio
async def test_only_failures_are_written(throttle: LoginThrottle, instance: Instance) -> None:
    """A right password that follows no mistake writes nothing."""
    await succeed(throttle)

    assert await instance.database.read(subjects) == []


@pytest.mark.anyio
async def test_what_is_forgiven_is_dropped(throttle: LoginThrottle, instance: Instance) -> None:
    """Rows are kept for as long as they can make a difference."""
    for number in range(20):
        await fail(throttle, f"user{number}")
    before = await instance.database.read(subjects)
    instance.clock.advance(KEPT_MS + 1)
    await fail(throttle)

    assert (len(before), len(await instance.database.read(subjects))) == (21, 2)


@pytest.mark.anyio
async def test_a_stored_subject_tells_nothing(throttle: LoginThrottle, instance: Instance) -> None:
    """People type passwords where the name belongs: what is kept is a digest, whatever was typed."""
    await fail(throttle, "my secret password\ud800" + "x" * 100_000)

    assert {len(subject) for subject in await instance.database.read(subjects)} == {64}


@pytest.mark.anyio
async def test_nobody_locks_somebody_else_out(throttle: LoginThrottle) -> None:
    """However many addresses try an account's name for however long, its owner logs in from any other one."""
    for number in range(300):
        await fail(throttle, address=f"198.51.{number // 250}.{number % 250}")

    for address in ("203.0.113.7", "2001:db8:1:2::7"):
        async with throttle.attempt("alice", address) as attempt:
            await attempt.succeeded()


@pytest.mark.parametrize(
    ("address", "alike", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"),
        ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
        ("fe80::1%eth0", "fe80::2%eth1", "fe80:0:0:1::1"),
    ],
)
@pytest.mark.anyio
async def test_an_address_is_what_one_customer_has(
    throttle: LoginThrottle, address: str, alike: str, other: str
) -> None:
    """The first 64 bits of an IPv6 address count, and an IPv4 address however it is written."""
    for _ in range(PAIR.free):
        await fail(throttle, address=address)

    with pytest.raises(TooManyAttempts):
        await fail(throttle, address=alike)
    await fail(throttle, address=other)


@pytest.mark.anyio
async def test_who_stole_a_password_does_not_lock_the_owner_out(throttle: LoginThrottle) -> None:
    """Wrong codes from everywhere keep nobody from giving what cannot be guessed: a key, or a recovery code."""
    for number in range(ADDRESS.free):
        async with throttle.second_factor_attempt("alice", f"198.51.100.{number}", is_guessable=True) as attempt:
            await attempt.failed()

    with pytest.raises(TooManyAttempts):
        async with throttle.second_factor_attempt("alice", "203.0.113.7", is_guessable=True):
            pass
    async with throttle.second_factor_attempt("alice", "203.0.113.7", is_guessable=False) as attempt:
        await attempt.succeeded()


@pytest.mark.anyio
async def test_invitations_that_are_none_are_slowed_by_address(throttle: LoginThrottle) -> None:
    """Whoever presents one elsewhere is not held up, and neither is a login from there."""
    for _ in range(PAIR.free):
        async with throttle.invitation_attempt("198.51.100.1") as attempt:
            await attempt.failed()

    with pytest.raises(TooManyAttempts):
        async with throttle.invitation_attempt("198.51.100.1"):
            pass
    async with throttle.invitation_attempt("203.0.113.7") as attempt:
        await attempt.succeeded()
    await fail(throttle, address="198.51.100.1")
