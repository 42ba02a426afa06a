# SPDX-License-Identifier: Apache-2.0
"""When mail goes out: at once, or at an hour of somebody's own day."""

import re
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import tzinfo
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from entrepot.features.notifications.errors import TimeZoneUnknown
from entrepot.features.notifications.models import Digest
from entrepot.features.notifications.models import Preferences
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds

MAX_ZONE_CHARACTERS = 64
DAYS_OF_A_WEEK = 7
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


def parse_time_zone(name: str) -> tzinfo:
    """Return a time zone by its name in the tz database, such as `Europe/Berlin`. Raises `TimeZoneUnknown`."""
    if name == "UTC":
        return UTC
    if len(name) > MAX_ZONE_CHARACTERS or _ZONE.fullmatch(name) is None:
        raise TimeZoneUnknown
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeZoneUnknown(f"there is no time zone {name} on this server") from error


def next_mail(preferences: Preferences, now: Milliseconds) -> Milliseconds:
    """Return when what happens now goes into a mail: now, or at the next time that was asked for, which is later.

    An hour that a day does not have (when clocks are put forward) is the moment at which it would have been; of one
    that it has twice, the first counts.
    """
    if preferences.digest is Digest.AT_ONCE:
        return now
    if preferences.digest is Digest.HOURLY:
        return Milliseconds((now // HOUR_MS + 1) * HOUR_MS)
    try:
        zone = parse_time_zone(preferences.time_zone)
    except TimeZoneUnknown:
        zone = UTC
    return next(moment for moment in _times(preferences, zone, now) if moment > now)


def _times(preferences: Preferences, zone: tzinfo, now: Milliseconds) -> Iterator[Milliseconds]:
    """Yield the times from yesterday on, for more than a week."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    for days in range(-1, 2 * DAYS_OF_A_WEEK + 2):
        day = today + timedelta(days=days)
        if preferences.digest is Digest.DAILY or day.weekday() == preferences.weekday:
            yield _moment(day, preferences.hour, zone)


def _moment(day: date, hour: int, zone: tzinfo) -> Milliseconds:
    return Milliseconds(int(datetime.combine(day, time(hour), zone).timestamp()) * 1000)
