# SPDX-License-Identifier: Apache-2.0
"""Passwords that are counted before they are hashed, and those that need not be."""

from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash

from entrepot.features.rate_limits.passwords import VERIFIED_MS
from entrepot.features.rate_limits.passwords import CountedPasswords
from entrepot.features.rate_limits.service import RateLimits
from entrepot.features.rate_limits.settings import RateLimitSettings
from entrepot.kernel.request_limits import TooManyRequests
from tests.fakes.fast_hashers import CountingHasher
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio

RIGHT = "correct horse"
TWO = RateLimitSettings.model_validate({"login": {"address_per_second": 0.001, "address_burst": 2}})


@pytest.fixture
def clock() -> SettableClock:
    """Time that stands still."""
    return SettableClock()


@pytest.fixture
def hasher() -> CountingHasher:
    """A hasher that tells how often it was used."""
    return CountingHasher()


@pytest.fixture
def passwords(clock: SettableClock, hasher: CountingHasher) -> Iterator[CountedPasswords]:
    """Two attempts, and then none for a long time."""
    passwords = CountedPasswords(clock, PasswordHash((hasher,)), RateLimits(TWO, clock))
    yield passwords
    passwords.close()


async def test_too_many_are_refused_without_a_hash(passwords: CountedPasswords, hasher: CountingHasher) -> None:
    """Whether there is such an account or not."""
    stored = hasher.hash(RIGHT)
    assert not await passwords.matches("alice", "wrong", stored)
    assert not await passwords.matches("nobody", "wrong", None)

    for name, known in (("alice", stored), ("nobody", None)):
        with pytest.raises(TooManyRequests):
            await passwords.matches(name, "wrong", known)

    assert hasher.verified == 2


async def test_what_was_right_of_late_is_not_counted(
    passwords: CountedPasswords, hasher: CountingHasher, clock: SettableClock
) -> None:
    """For as long as it takes no hash; then it is an attempt again."""
    stored = hasher.hash(RIGHT)
    assert all([await passwords.matches("alice", RIGHT, stored) for _ in range(9)])
    clock.advance(VERIFIED_MS)

    assert await passwords.matches("alice", RIGHT, stored)

    assert hasher.verified == 2
    with pytest.raises(TooManyRequests):
        await passwords.matches("alice", "wrong", stored)


async def test_a_changed_password_is_an_attempt(passwords: CountedPasswords, hasher: CountingHasher) -> None:
    """The one that was right before is not known to be right now."""
    assert await passwords.matches("alice", RIGHT, hasher.hash(RIGHT))
    assert not await passwords.matches("alice", RIGHT, hasher.hash("another"))

    with pytest.raises(TooManyRequests):
        await passwords.matches("alice", RIGHT, hasher.hash("a third"))
