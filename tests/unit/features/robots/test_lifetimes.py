# SPDX-License-Identifier: Apache-2.0
"""For how long secrets of robots are good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.robots.errors import SecretTooLasting
from entrepot.features.robots.lifetimes import Lifetimes
from entrepot.features.robots.models import SecretTerms
from entrepot.features.robots.settings import RobotSettings
from entrepot.features.tokens import MAX_DAYS
from entrepot.features.tokens import Credential
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid

NOW = Milliseconds(1_800_000_000_000)

days = st.integers(1, MAX_DAYS)


def a_secret(expires_at: int | None, revoked_at: int | None = None) -> Credential:
    """Make a secret that ends then."""
    expiry, end = (None if moment is None else Milliseconds(moment) for moment in (expires_at, revoked_at))
    return Credential(Ulid("0" * 26), "robot:team.ci", "secret", b"", NOW, "user:admin", expiry, end)


@given(days, days, st.none() | days, st.booleans())
def test_no_secret_outlasts_the_longest(longest: int, default: int, asked: int | None, is_endless: bool) -> None:
    """Whatever is asked for, and whatever the default is; what is within the rule is granted as asked."""
    lifetimes = Lifetimes(RobotSettings(longest_days=longest, default_days=default))
    terms = SecretTerms(asked, is_endless and asked is None)
    if terms.is_endless or (asked or 0) > longest:
        with pytest.raises(SecretTooLasting, match=f"{longest} days at most"):
            lifetimes.end_of(terms, NOW)
    else:
        assert lifetimes.end_of(terms, NOW) == NOW + (asked or min(default, longest)) * DAY_MS


def test_without_a_rule_a_secret_may_be_endless() -> None:
    """And lasts for 90 days where nothing is said."""
    lifetimes = Lifetimes(RobotSettings())

    assert lifetimes.end_of(SecretTerms(is_endless=True), NOW) is None
    assert lifetimes.end_of(SecretTerms(), NOW) == NOW + 90 * DAY_MS


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "is_soon"),
    [
        (NOW, None, False),
        (NOW + 1, None, True),
        (NOW + 14 * DAY_MS, None, True),
        (NOW + 14 * DAY_MS + 1, None, False),
        (None, None, False),
        (NOW + 1, NOW + 1, False),
    ],
)
def test_a_secret_that_nobody_has_replaced_expires_soon(
    expires_at: int | None, revoked_at: int | None, is_soon: bool
) -> None:
    """Within the days of the warning, not before, and not once it has expired."""
    assert Lifetimes(RobotSettings()).ends_soon(a_secret(expires_at, revoked_at), NOW) is is_soon


def test_without_days_nothing_is_warned_of() -> None:
    """Whatever expires in the next moment."""
    assert not Lifetimes(RobotSettings(warn_days=0)).ends_soon(a_secret(NOW + 1), NOW)
