# SPDX-License-Identifier: Apache-2.0
"""Looking at everything that rules watch, and telling what changed about it."""

import hashlib
from collections.abc import Iterator
from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.notifications.kinds import KINDS
from entrepot.features.notifications.kinds import OVER
from entrepot.features.notifications.models import Facts
from entrepot.features.notifications.models import Need
from entrepot.features.notifications.models import Notice
from entrepot.features.notifications.models import Severity
from entrepot.features.notifications.noting import Noting
from entrepot.features.notifications.readings import ACCOUNT
from entrepot.features.notifications.readings import Readings
from entrepot.features.notifications.readings import failed_logins
from entrepot.features.notifications.rules import MAX_LOGIN_WINDOW_MINUTES
from entrepot.features.notifications.rules import Condition
from entrepot.features.notifications.rules import Reading
from entrepot.features.notifications.rules import Rule
from entrepot.features.notifications.rules import Turn
from entrepot.features.notifications.rules import step
from entrepot.features.notifications.store import failures
from entrepot.features.notifications.store import rules
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds

_LOGINS = ("logins-account", "logins-address")
_OWN_LOGINS = "logins.own"


class Watching:
    """Evaluates rules. One process does at a time: it is a job."""

    def __init__(self, database: Database, readings: Readings, noting: Noting) -> None:
        self._database = database
        self._readings = readings
        self._noting = noting

    async def look(self, now: Milliseconds) -> None:
        """Look at everything once, and tell what has to be told."""
        await self._database.write(failures.forget, now // MINUTE_MS - MAX_LOGIN_WINDOW_MINUTES)
        for rule in (await self._database.snapshot(rules.every_rule)).values():
            found = await self._readings.of(rule, now) if rule.terms.is_enabled else []
            await self._database.write_locked(self._settle, rule, found, now)

    def _settle(self, connection: Connection, rule: Rule, found: Sequence[Reading], now: Milliseconds) -> None:
        if rule.terms.is_enabled:
            self._noting.note(connection, settle(connection, rule, found, now, is_all=True), now)
        else:
            rules.remove_conditions(connection, rule.spec.name)


def look_at_logins(connection: Connection, noting: Noting, now: Milliseconds) -> None:
    """Tell at once of logins that failed too often; what is well again is found at the next look at everything."""
    known = rules.every_rule(connection)
    for name in _LOGINS:
        rule = known[name]
        if rule.terms.is_enabled:
            found = failed_logins(connection, rule, now)
            noting.note(connection, settle(connection, rule, found, now, is_all=False), now)


def settle(
    connection: Connection, rule: Rule, found: Sequence[Reading], now: Milliseconds, *, is_all: bool
) -> list[Notice]:
    """Note how things stand, and return what is told of that. Where `is_all`, what was not found is well."""
    known = rules.conditions_of(connection, rule.spec.name)
    told = [
        notice
        for reading in found
        for notice in _turn(connection, rule, reading, known.get(reading.subject, (None, {}))[0], now)
    ]
    if is_all:
        seen = {reading.subject for reading in found}
        gone = [(subject, each) for subject, each in known.items() if subject not in seen]
        for subject, (condition, facts) in gone:
            rules.remove_condition(connection, rule.spec.name, subject)
            if rule.spec.is_told_when_over:
                reading = Reading(subject, condition.value, facts)
                told += _notices(rule, reading, condition, Turn.WELL, now)
    return told


def _turn(
    connection: Connection, rule: Rule, reading: Reading, before: Condition | None, now: Milliseconds
) -> Iterator[Notice]:
    after, turn = step(rule, before, reading.value, now)
    if after is None and before is not None:
        rules.remove_condition(connection, rule.spec.name, reading.subject)
    elif after is not None and after != before:
        rules.put_condition(connection, rule.spec.name, reading.subject, after, reading.facts)
    if turn is not None:
        yield from _notices(rule, reading, after or before, turn, now)


def _notices(
    rule: Rule, reading: Reading, condition: Condition | None, turn: Turn, now: Milliseconds
) -> Iterator[Notice]:
    level = condition.level if condition else 0
    about = f"{rule.spec.name}:{reading.subject}:{level}:{turn}"
    facts: Facts = {**reading.facts, "value": reading.value, **({OVER: 1} if turn is Turn.WELL else {})}
    source = hashlib.sha256(f"{about}\n{now}".encode()).hexdigest()
    severity = _severity(rule, level, turn)
    yield Notice(rule.spec.kind, reading.need, source, facts, person=reading.person, about=about, severity=severity)
    if rule.spec.name == "logins-account":
        person = reading.subject.removeprefix(ACCOUNT)
        yield Notice(_OWN_LOGINS, Need.OWN, source, facts, person=person, about=about)


def _severity(rule: Rule, level: int, turn: Turn) -> Severity:
    if turn is Turn.WELL:
        return Severity.INFO
    is_last = level == len(rule.terms.levels)
    return KINDS[rule.spec.kind].severity if is_last else Severity.WARNING
