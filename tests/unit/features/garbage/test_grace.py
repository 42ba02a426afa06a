# SPDX-License-Identifier: Apache-2.0
"""How long bytes stay follows from what is configured, and the reasons are told."""

from entrepot.features.garbage.grace import grace_of
from entrepot.features.garbage.settings import GarbageSettings


def test_downloads_ask_for_ten_minutes() -> None:
    """One node without backups keeps bytes for as long as a download that began before may read them."""
    grace = grace_of(GarbageSettings())

    assert (grace.minutes, grace.ms) == (10, 600_000)
    assert grace.reasons == ["a download that began before may still read the bytes"]


def test_backups_ask_for_as_long_as_they_may_be_restored() -> None:
    """A database that is restored from a backup finds all bytes that it names."""
    grace = grace_of(GarbageSettings(backup_hours=48))

    assert grace.minutes == 48 * 60
    assert "up to 48 hours old" in grace.reasons[0]


def test_a_configured_grace_wins() -> None:
    """Who says a number takes it upon them, 0 too."""
    grace = grace_of(GarbageSettings(grace_minutes=0, backup_hours=48))

    assert (grace.minutes, grace.reasons) == (0, ["garbage.grace_minutes says so"])
