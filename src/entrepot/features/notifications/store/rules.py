# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about threshold rules, and about what they found."""

from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from entrepot.features.notifications.models import Facts
from entrepot.features.notifications.rules import MAX_CROSSED
from entrepot.features.notifications.rules import SPECS
from entrepot.features.notifications.rules import Condition
from entrepot.features.notifications.rules import Crossed
from entrepot.features.notifications.rules import Rule
from entrepot.features.notifications.rules import Terms
from entrepot.features.notifications.rules import terms_of
from entrepot.features.notifications.tables import notification_conditions as conditions
from entrepot.features.notifications.tables import notification_rules as rules
from entrepot.infra.database.upsert import InsertOrUpdate

_LEVELS = msgspec.json.Decoder(tuple[int, ...])
_FACTS = msgspec.json.Decoder(dict[str, str | int])
_SAID = ("is_enabled", "levels", "window_minutes", "capacity_bytes", "revision", "changed_at", "changed_by")
_FOUND = ("level", "since", "told_at", "value", "facts")
_PUT_RULE = InsertOrUpdate(rules, ("name", *_SAID), ("name",), lambda new: {each: new[each] for each in _SAID})
_PUT_CONDITION = InsertOrUpdate(
    conditions,
    ("rule", "subject", *_FOUND),
    ("rule", "subject"),
    lambda new: {each: new[each] for each in _FOUND},
)


def every_rule(connection: Connection) -> dict[str, Rule]:
    """Return every rule as it stands, by name."""
    found = {name: Rule(spec, terms_of(spec)) for name, spec in SPECS.items()}
    for row in connection.execute(select(rules)):
        if row.name in SPECS:
            found[row.name] = _rule(row)
    return found


def lock(connection: Connection, name: str) -> Rule:
    """Return a rule, and let nobody else change what was said of it until this transaction ends."""
    row = connection.execute(select(rules).where(rules.c.name == name).with_for_update()).first()
    return Rule(SPECS[name], terms_of(SPECS[name])) if row is None else _rule(row)


def replace(connection: Connection, rule: Rule) -> None:
    """Store what a rule says."""
    terms = rule.terms
    levels = msgspec.json.encode(terms.levels).decode()
    said = (terms.is_enabled, levels, terms.window_minutes, terms.capacity_bytes)
    _PUT_RULE.run_all(connection, [(rule.spec.name, *said, rule.revision, rule.changed_at, rule.changed_by)])


def conditions_of(connection: Connection, rule: str) -> dict[str, tuple[Condition, Facts]]:
    """Return what a rule found, by subject, each with what was told of it."""
    rows = connection.execute(select(conditions).where(conditions.c.rule == rule))
    return {
        row.subject: (Condition(row.level, row.since, row.told_at, row.value), _FACTS.decode(row.facts)) for row in rows
    }


def crossed(connection: Connection) -> dict[str, list[Crossed]]:
    """Return what every rule found, by rule, the longest ago first, up to `MAX_CROSSED` of each and one more."""
    place = func.row_number().over(partition_by=conditions.c.rule, order_by=(conditions.c.since, conditions.c.subject))
    numbered = select(conditions, place.label("place")).subquery()
    found: dict[str, list[Crossed]] = {}
    for row in connection.execute(select(numbered).where(numbered.c.place <= MAX_CROSSED + 1).order_by("place")):
        found.setdefault(row.rule, []).append(Crossed(row.subject, row.value, row.since))
    return found


def put_condition(connection: Connection, rule: str, subject: str, condition: Condition, facts: Facts) -> None:
    """Store what a rule found."""
    said = msgspec.json.encode(dict(facts)).decode()
    found = (rule, subject, condition.level, condition.since, condition.told_at, condition.value, said)
    _PUT_CONDITION.run_all(connection, [found])


def remove_condition(connection: Connection, rule: str, subject: str) -> None:
    """Forget that something was at a level."""
    connection.execute(delete(conditions).where(conditions.c.rule == rule, conditions.c.subject == subject))


def remove_conditions(connection: Connection, rule: str) -> None:
    """Forget everything that a rule found."""
    connection.execute(delete(conditions).where(conditions.c.rule == rule))


def _rule(row: Any) -> Rule:
    terms = Terms(bool(row.is_enabled), _LEVELS.decode(row.levels), row.window_minutes, row.capacity_bytes)
    return Rule(SPECS[row.name], terms, row.revision, row.changed_at, row.changed_by)
