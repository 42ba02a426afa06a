# SPDX-License-Identifier: Apache-2.0
"""Checking passwords."""

import asyncio
from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash

from entrepot.features.identity.errors import TooManyLogins
from entrepot.features.identity.passwords import MAX_WAITING
from entrepot.features.identity.passwords import REMEMBERED_MS
from entrepot.features.identity.passwords import PasswordChecks
from tests.fakes.fast_hashers import CountingHasher
from tests.fakes.fast_hashers import GatedHasher
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio

STORED = CountingHasher().hash("right")


@pytest.fixture
def clock() -> SettableClock:
    """A clock that stands still."""
    return SettableClock()


@pytest.fixture
def hasher() -> CountingHasher:
    """A hasher that counts."""
    return CountingHasher()


@pytest.fixture
def checks(clock: SettableClock, hasher: CountingHasher) -> Iterator[PasswordChecks]:
    """Checks that remember two secrets."""
    checks = PasswordChecks(clock, PasswordHash((hasher,)), capacity=2)
    yield checks
    checks.close()


@pytest.fixture
def gate() -> Iterator[GatedHasher]:
    """A hasher that waits until it is let through."""
    gate = GatedHasher()
    yield gate
    gate.open()


async def test_only_the_right_password_matches(checks: PasswordChecks) -> None:
    """A password matches the hash made from it and no other."""
    assert await checks.matches("alice", "right", STORED)
    assert not await checks.matches("alice", "wrong", STORED)


async def test_an_unknown_user_costs_one_hash_and_never_matches(checks: PasswordChecks, hasher: CountingHasher) -> None:
    """Without a stored hash the same work is done, for nothing."""
    assert not await checks.matches("nobody", "right", None)
    assert not await checks.matches("nobody", "right", None)
    assert hasher.verified == 2


async def test_a_right_password_is_hashed_once_in_five_minutes(
    checks: PasswordChecks, hasher: CountingHasher, clock: SettableClock
) -> None:
    """A verified secret is remembered for five minutes and not longer."""
    await checks.matches("alice", "right", STORED)
    clock.advance(REMEMBERED_MS - 1)
    await checks.matches("alice", "right", STORED)
    hashes_within = hasher.verified
    clock.advance(1)
    await checks.matches("alice", "right", STORED)

    assert (hashes_within, hasher.verified) == (1, 2)


async def test_a_clock_set_back_does_not_prolong_the_memory(
    checks: PasswordChecks, hasher: CountingHasher, clock: SettableClock
) -> None:
    """What was verified in the future is verified again."""
    await checks.matches("alice", "right", STORED)
    clock.advance(-1)
    await checks.matches("alice", "right", STORED)

    assert hasher.verified == 2


async def test_a_wrong_password_is_hashed_every_time(checks: PasswordChecks, hasher: CountingHasher) -> None:
    """Only right passwords are remembered."""
    await checks.matches("alice", "wrong", STORED)
    await checks.matches("alice", "wrong", STORED)

    assert hasher.verified == 2


async def test_a_changed_password_is_forgotten_at_once(checks: PasswordChecks, hasher: CountingHasher) -> None:
    """What is remembered counts only for the stored hash it was verified against."""
    await checks.matches("alice", "right", STORED)

    assert not await checks.matches("alice", "right", hasher.hash("changed"))
    assert await checks.matches("alice", "right", hasher.hash("right"))
    assert hasher.verified == 3


async def test_a_secret_is_remembered_for_its_user_only(checks: PasswordChecks, hasher: CountingHasher) -> None:
    """Where the name ends and the password begins makes a difference."""
    await checks.matches("alice", "right", STORED)

    assert not await checks.matches("alic", "eright", STORED)
    assert hasher.verified == 2


async def test_the_oldest_secret_makes_room(checks: PasswordChecks, hasher: CountingHasher) -> None:
    """No more secrets are remembered than there is room for."""
    for name in ("alice", "bob", "carol", "carol", "bob", "alice"):
        await checks.matches(name, "right", STORED)

    assert hasher.verified == 4


async def test_equal_checks_at_the_same_time_are_one(clock: SettableClock, gate: GatedHasher) -> None:
    """A job that logs in fifty times at once costs one hash, also when the first to ask gives up."""
    checks = PasswordChecks(clock, PasswordHash((gate,)))
    logins = [asyncio.create_task(checks.matches("ci", "right", STORED)) for _ in range(50)]
    await asyncio.to_thread(gate.wait_for, 1)
    logins[0].cancel()
    gate.open()
    answers = await asyncio.gather(*logins[1:])
    checks.close()

    assert answers == [True] * 49
    assert gate.verified == 1


async def test_no_more_hashes_run_at_once_than_allowed(clock: SettableClock, gate: GatedHasher) -> None:
    """Different passwords queue for the threads, so that memory and cores stay bounded."""
    checks = PasswordChecks(clock, PasswordHash((gate,)), at_once=2)
    logins = [asyncio.create_task(checks.matches("alice", f"guess {number}", STORED)) for number in range(6)]
    await asyncio.to_thread(gate.wait_for, 2)
    gate.open()
    answers = await asyncio.gather(*logins)
    checks.close()

    assert answers == [False] * 6
    assert gate.most_waiting == 2


async def test_a_flood_of_logins_is_turned_away(clock: SettableClock, gate: GatedHasher) -> None:
    """Beyond a bounded queue a login is refused with the time to come back at, without a hash."""
    checks = PasswordChecks(clock, PasswordHash((gate,)))
    logins = [asyncio.create_task(checks.matches("alice", f"guess {number}", STORED)) for number in range(MAX_WAITING)]
    await asyncio.to_thread(gate.wait_for, 2)
    with pytest.raises(TooManyLogins) as refusal:
        await checks.matches("alice", "one more", STORED)
    gate.open()
    await asyncio.gather(*logins)
    checks.close()

    assert (refusal.value.status, refusal.value.headers["Retry-After"]) == (503, "5")
    assert gate.verified == MAX_WAITING


async def test_a_new_password_is_hashed_in_the_same_threads(checks: PasswordChecks) -> None:
    """What comes out is a hash that the password, and no other, is verified against."""
    stored = await checks.hash("a new password")

    assert stored.startswith("$argon2id$")
    assert await checks.matches("alice", "a new password", stored)
    assert not await checks.matches("alice", "another", stored)


async def test_a_new_password_is_turned_away_by_a_flood_too(clock: SettableClock, gate: GatedHasher) -> None:
    """Hashing new passwords takes no room beyond the bounded queue."""
    checks = PasswordChecks(clock, PasswordHash((gate,)))
    logins = [asyncio.create_task(checks.matches("alice", f"guess {number}", STORED)) for number in range(MAX_WAITING)]
    await asyncio.to_thread(gate.wait_for, 2)

    with pytest.raises(TooManyLogins):
        await checks.hash("a new password")
    gate.open()
    await asyncio.gather(*logins)
    checks.close()
