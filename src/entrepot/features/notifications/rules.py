# SPDX-License-Identifier: Apache-2.0
"""Threshold rules: what is watched, from which levels on people hear of it, and when they hear of it again.

Each thing that a rule watches is told of once when it comes to a level, once a day while it stays there (where that
helps), and once when it is well again: a little below the lowest level, so that nothing is told at every wobble.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.notifications.errors import RuleInvalid
from entrepot.features.notifications.errors import RuleUnknown
from entrepot.features.notifications.models import Facts
from entrepot.features.notifications.models import Need
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds

MAX_LEVELS = 5
MAX_WINDOW_MINUTES = 7 * 24 * 60
MAX_LOGIN_WINDOW_MINUTES = 60
MAX_CAPACITY_BYTES = 2**60
MAX_CROSSED = 20
"""So many things that crossed a rule are shown with it."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A rule as the program has it."""

    name: str
    kind: str
    about: str
    unit: str
    """What a level counts."""
    levels: tuple[int, ...]
    """The least serious first."""
    highest: int
    """What a level may be."""
    is_rising: bool = True
    """Whether more is worse."""
    margin_percent: int = 0
    """How far from a level something is well again, as a part of the level."""
    is_repeated: bool = True
    """Whether it is told every day while it lasts."""
    is_told_when_over: bool = True
    window_minutes: int = 0
    """How far back it looks; 0 for a rule that looks at the moment."""
    longest_window: int = 0
    has_capacity: bool = False
    is_about_accounts: bool = False
    """Whether what it found names accounts, or where they log in from."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What administrators may say of a rule."""

    is_enabled: bool
    levels: tuple[int, ...]
    window_minutes: int = 0
    capacity_bytes: int | None = None
    """Of the storage: its size, where it is not that of a disk of this server."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it stands."""

    spec: Spec
    terms: Terms
    revision: int = 0
    changed_at: Milliseconds | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How something that a rule watches stands."""

    subject: str
    value: int
    facts: Facts
    need: Need = Need.ADMINISTER
    person: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """That something is at a level, and when that was told."""

    level: int
    """How many of the levels it reached: at least 1."""
    since: Milliseconds
    told_at: Milliseconds
    value: int


@dataclass(frozen=True, slots=True)
class Crossed:
    """Something that is at a level of a rule now."""

    subject: str
    value: int
    since: Milliseconds


class Turn(StrEnum):
    """What is told of something that is watched."""

    CROSSED = "crossed"
    LASTS = "lasts"
    WELL = "well"


_SPECS = (
    Spec(
        "storage",
        "storage.low",
        "How full the disk of the storage is, or what projects hold of a stated size.",
        "percent",
        (80, 90, 95),
        100,
        margin_percent=3,
        has_capacity=True,
    ),
    Spec(
        "logins-account",
        "logins.account",
        "Failed logins with one account.",
        "logins",
        (10,),
        100_000,
        margin_percent=50,
        is_told_when_over=False,
        window_minutes=15,
        longest_window=MAX_LOGIN_WINDOW_MINUTES,
        is_about_accounts=True,
    ),
    Spec(
        "logins-address",
        "logins.address",
        "Failed logins from one address, or network of IPv6.",
        "logins",
        (30,),
        100_000,
        margin_percent=50,
        is_told_when_over=False,
        window_minutes=15,
        longest_window=MAX_LOGIN_WINDOW_MINUTES,
        is_about_accounts=True,
    ),
    Spec("jobs-waiting", "jobs.waiting", "How long a job has been due.", "minutes", (60,), 60 * 24 * 30),
    Spec("jobs-running", "jobs.running", "How long a job has run.", "minutes", (12 * 60,), 60 * 24 * 30),
    Spec(
        "jobs-failed",
        "jobs.failed",
        "Jobs of one kind that were given up.",
        "jobs",
        (1,),
        100_000,
        window_minutes=24 * 60,
        longest_window=MAX_WINDOW_MINUTES,
    ),
    Spec(
        "tokens",
        "token.ends",
        "Days until a token of a user expires.",
        "days",
        (14, 3),
        365,
        is_rising=False,
        is_repeated=False,
        is_told_when_over=False,
        is_about_accounts=True,
    ),
    Spec(
        "certificates",
        "certificate.ends",
        "Days until the certificate of this server expires.",
        "days",
        (21, 7, 1),
        365,
        is_rising=False,
    ),
)

SPECS: Mapping[str, Spec] = {spec.name: spec for spec in _SPECS}


def spec_of(name: str) -> Spec:
    """Return a rule as the program has it. Raises `RuleUnknown`."""
    if name not in SPECS:
        raise RuleUnknown
    return SPECS[name]


def terms_of(spec: Spec) -> Terms:
    """Return what a rule says where nobody said otherwise."""
    return Terms(is_enabled=True, levels=spec.levels, window_minutes=spec.window_minutes)


def check(spec: Spec, terms: Terms) -> Terms:
    """Return what a rule may say, with levels from the least serious on. Raises `RuleInvalid`."""
    levels = tuple(sorted(set(terms.levels), reverse=not spec.is_rising))
    if not 1 <= len(levels) <= MAX_LEVELS or not all(1 <= level <= spec.highest for level in levels):
        raise RuleInvalid(f"the rule {spec.name} has 1 to {MAX_LEVELS} levels, each from 1 to {spec.highest}")
    is_window = 1 <= terms.window_minutes <= spec.longest_window
    if bool(spec.longest_window) != bool(terms.window_minutes) or (spec.longest_window and not is_window):
        raise RuleInvalid(f"the window of the rule {spec.name} is 1 to {spec.longest_window} minutes, or 0 without one")
    if terms.capacity_bytes is not None and not (spec.has_capacity and 0 < terms.capacity_bytes <= MAX_CAPACITY_BYTES):
        raise RuleInvalid(f"the rule {spec.name} takes no such size")
    return Terms(terms.is_enabled, levels, terms.window_minutes, terms.capacity_bytes)


def step(
    rule: Rule, condition: Condition | None, value: int | None, now: Milliseconds
) -> tuple[Condition | None, Turn | None]:
    """Return how something stands now, None for well, and what is told of it, if anything.

    `value` is None for what is no longer there.
    """
    level = 0 if value is None else _reached(rule, value, has_margin=False)
    before = condition.level if condition else 0
    if value is not None and level > before:
        since = condition.since if condition else now
        return Condition(level, since, now, value), Turn.CROSSED
    if condition is None:
        return None, None
    held = 0 if value is None else min(before, _reached(rule, value, has_margin=True))
    if value is None or not held:
        return None, Turn.WELL if rule.spec.is_told_when_over else None
    is_due = rule.spec.is_repeated and now >= condition.told_at + DAY_MS
    told_at = now if is_due else condition.told_at
    return Condition(held, condition.since, told_at, value), Turn.LASTS if is_due else None


def _reached(rule: Rule, value: int, *, has_margin: bool) -> int:
    """Count the levels that a value reached, or is still so near to that it counts as there."""
    spec, count = rule.spec, 0
    for level in rule.terms.levels:
        margin = level * spec.margin_percent // 100 if has_margin else 0
        if value >= level - margin if spec.is_rising else value <= level + margin:
            count += 1
    return count
