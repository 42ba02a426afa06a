# SPDX-License-Identifier: Apache-2.0
"""How the things stand that rules watch."""

import asyncio
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.notifications.models import Need
from entrepot.features.notifications.rules import Reading
from entrepot.features.notifications.rules import Rule
from entrepot.features.notifications.store import failures
from entrepot.features.notifications.store import stored
from entrepot.features.tokens import expiring_secrets
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs import store as jobs
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339

MAX_SUBJECTS = 10_000
"""So many things at most are watched by one rule: what matters most."""
ACCOUNT, ADDRESS = "account:", "address:"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that the bytes are on."""

    place: str
    used_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate, and when it ends."""

    name: str
    ends_at: Milliseconds


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is watched that is not in the database. Both block."""

    disk: Callable[[], Disk | None]
    """None where the bytes are on no disk of this server."""
    certificates: Callable[[], Sequence[Ending]]


class Readings:
    """Takes readings for rules."""

    def __init__(self, database: Database, surroundings: Surroundings) -> None:
        self._database = database
        self._surroundings = surroundings

    async def of(self, rule: Rule, now: Milliseconds) -> list[Reading]:
        """Return how everything stands that a rule watches and that may be at one of its levels."""
        match rule.spec.name:
            case "storage":
                return await self._storage(rule)
            case "certificates":
                return _of_certificates(await asyncio.to_thread(self._surroundings.certificates), now)
            case _:
                return await self._database.snapshot(_IN_DATABASE[rule.spec.name], rule, now)

    async def _storage(self, rule: Rule) -> list[Reading]:
        if rule.terms.capacity_bytes is None:
            disk = await asyncio.to_thread(self._surroundings.disk)
        else:
            used = await self._database.survey(stored.stored_bytes)
            disk = Disk("the storage", used, rule.terms.capacity_bytes)
        if disk is None or disk.total_bytes <= 0:
            return []
        facts = {"place": disk.place, "used": shown_size(disk.used_bytes), "size": shown_size(disk.total_bytes)}
        return [Reading("storage", disk.used_bytes * 100 // disk.total_bytes, facts)]


def failed_logins(connection: Connection, rule: Rule, now: Milliseconds) -> list[Reading]:
    """Return who failed to log in within the window of a rule: so often that it may be told, or lately was."""
    prefix = ACCOUNT if rule.spec.name == "logins-account" else ADDRESS
    name = "account" if prefix == ACCOUNT else "address"
    least = max(1, rule.terms.levels[0] * (100 - rule.spec.margin_percent) // 100)
    since = after(now, -rule.terms.window_minutes * MINUTE_MS) // MINUTE_MS + 1
    return [
        Reading(who, count, {name: _bare(who), "minutes": rule.terms.window_minutes})
        for who, count in failures.many(connection, prefix, since, least, MAX_SUBJECTS)
    ]


def shown_size(size: int) -> str:
    """Show a number of bytes as people read it."""
    value, unit = float(size), 0
    while value >= _KIB and unit < len(_UNITS) - 1:
        value, unit = value / _KIB, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if value >= 10 or unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def _bare(who: str) -> str:
    return who.removeprefix(ACCOUNT).removeprefix(ADDRESS).removeprefix("user:")


def _waiting(connection: Connection, _rule: Rule, now: Milliseconds) -> list[Reading]:
    return [
        Reading(each.kind, _minutes(each.run_after, now), {"job": each.kind})
        for each in jobs.backlog(connection)
        if each.state is JobState.QUEUED and each.run_after <= now
    ]


def _running(connection: Connection, _rule: Rule, now: Milliseconds) -> list[Reading]:
    return [
        Reading(each.kind, _minutes(each.started_at, now), {"job": each.kind})
        for each in jobs.backlog(connection)
        if each.state is JobState.RUNNING and each.started_at is not None
    ]


def _given_up(connection: Connection, rule: Rule, now: Milliseconds) -> list[Reading]:
    since = after(now, -rule.terms.window_minutes * MINUTE_MS)
    return [
        Reading(kind, count, {"job": kind, "minutes": rule.terms.window_minutes})
        for kind, count in failures.given_up(connection, since)
    ]


def _tokens(connection: Connection, rule: Rule, now: Milliseconds) -> list[Reading]:
    until = after(now, (rule.terms.levels[0] + 1) * DAY_MS)
    found = expiring_secrets(connection, PrincipalKind.USER, now, until, MAX_SUBJECTS)
    return [
        Reading(
            each.id,
            _days(each.expires_at or now, now),
            {"token": each.name, "ends_at": rfc3339(each.expires_at or now)},
            Need.OWN,
            each.principal,
        )
        for each in found
        if each.replaced_at is None
    ]


_IN_DATABASE: Mapping[str, Callable[[Connection, Rule, Milliseconds], list[Reading]]] = {
    "logins-account": failed_logins,
    "logins-address": failed_logins,
    "jobs-waiting": _waiting,
    "jobs-running": _running,
    "jobs-failed": _given_up,
    "tokens": _tokens,
}


def _of_certificates(found: Sequence[Ending], now: Milliseconds) -> list[Reading]:
    return [
        Reading(each.name, _days(each.ends_at, now), {"name": each.name, "ends_at": rfc3339(each.ends_at)})
        for each in found
    ]


def _minutes(since: Milliseconds | None, now: Milliseconds) -> int:
    return max(0, now - (since if since is not None else now)) // MINUTE_MS


def _days(until: Milliseconds, now: Milliseconds) -> int:
    """Return how many whole days are left; 0 on the last, and after it."""
    return max(0, until - now) // DAY_MS
