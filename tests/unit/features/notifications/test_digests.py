# SPDX-License-Identifier: Apache-2.0
"""When mail goes out, in any time zone and over changes of its clocks."""

from datetime import UTC
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.notifications.digests import next_mail
from entrepot.features.notifications.digests import parse_time_zone
from entrepot.features.notifications.errors import TimeZoneUnknown
from entrepot.features.notifications.models import Digest
from entrepot.features.notifications.models import Preferences
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago")
MOMENTS = st.integers(1_600_000_000_000, 2_000_000_000_000).map(Milliseconds)


def at(text: str, zone: str) -> Milliseconds:
    """Return a moment by the clocks of a time zone."""
    return Milliseconds(int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000)


@given(now=MOMENTS)
def test_mail_at_once_and_by_the_hour(now: Milliseconds) -> None:
    """Now, or at the next full hour."""
    assert next_mail(Preferences(digest=Digest.AT_ONCE), now) == now
    hourly = next_mail(Preferences(digest=Digest.HOURLY), now)
    assert now < hourly <= now + HOUR_MS
    assert hourly % HOUR_MS == 0


@given(now=MOMENTS, hour=st.integers(0, 23), zone=st.sampled_from(ZONES))
def test_a_daily_mail_comes_once_a_day_at_its_hour(now: Milliseconds, hour: int, zone: str) -> None:
    """Later than now, within a day and the hour that clocks may be put back by; at an hour that the day has."""
    wants = Preferences(digest=Digest.DAILY, hour=hour, time_zone=zone)

    first = next_mail(wants, now)
    second = next_mail(wants, first)

    assert now < first <= now + DAY_MS + HOUR_MS
    assert DAY_MS - HOUR_MS <= second - first <= DAY_MS + HOUR_MS
    local = datetime.fromtimestamp(first / 1000, UTC).astimezone(parse_time_zone(zone))
    assert local.hour in (hour, (hour + 1) % 24)


@given(now=MOMENTS, hour=st.integers(0, 23), weekday=st.integers(0, 6), zone=st.sampled_from(ZONES))
def test_a_weekly_mail_comes_on_its_day(now: Milliseconds, hour: int, weekday: int, zone: str) -> None:
    """Within a week."""
    wants = Preferences(digest=Digest.WEEKLY, hour=hour, weekday=weekday, time_zone=zone)

    moment = next_mail(wants, now)

    assert now < moment <= now + 7 * DAY_MS + HOUR_MS
    assert datetime.fromtimestamp(moment / 1000, parse_time_zone(zone)).weekday() == weekday


def test_an_hour_that_a_day_has_not_is_the_moment_at_which_it_would_have_been() -> None:
    """At two in the night of spring clocks are put to three."""
    wants = Preferences(digest=Digest.DAILY, hour=2, time_zone="Europe/Berlin")

    assert next_mail(wants, at("2026-03-28T12:00", "Europe/Berlin")) == at("2026-03-29T03:00", "Europe/Berlin")


def test_of_an_hour_that_a_day_has_twice_the_first_counts() -> None:
    """The next mail comes a day and an hour after it."""
    wants = Preferences(digest=Digest.DAILY, hour=2, time_zone="Europe/Berlin")

    first = next_mail(wants, at("2026-10-24T12:00", "Europe/Berlin"))

    assert first == at("2026-10-25T02:00", "Europe/Berlin")
    assert next_mail(wants, first) - first == DAY_MS + HOUR_MS


@pytest.mark.parametrize(
    "name", ["", "Berlin/", "../etc/passwd", "/etc/passwd", "Nowhere/Atlantis", "Europe", "a" * 65]
)
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    """Nothing outside of the database of time zones is read."""
    with pytest.raises(TimeZoneUnknown):
        parse_time_zone(name)
