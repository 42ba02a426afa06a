# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with an S3: set and cleared while it runs, by the name of an operation."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.s3.calls import Call


@dataclass(frozen=True, slots=True)
class Fail:
    """Answer an error instead of doing anything; with `is_done`, after everything is done."""

    code: str = "InternalError"
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait before doing anything."""

    seconds: float = 0.05


@dataclass(frozen=True, slots=True)
class Throttle:
    """Take and send no more than so many bytes in a second, for each call."""

    bytes_per_second: float


@dataclass(frozen=True, slots=True)
class CutAnswer:
    """Do the work, then end the connection without a word."""


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """Do the work, and say nothing for as long as the client waits."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Do nothing, and say nothing for as long as the client waits."""


@dataclass(frozen=True, slots=True)
class WorkLate:
    """Do nothing for as long as the client waits, and everything once it has gone."""


@dataclass(frozen=True, slots=True)
class CutBody:
    """End the connection after so many bytes of the body that is sent; after half of them where none is given."""

    after: int | None = None


@dataclass(frozen=True, slots=True)
class WrongBytes:
    """Send as many bytes as there are, one of them another."""


@dataclass(frozen=True, slots=True)
class ErrorInside:
    """Do nothing, and answer 200 with an error as its body, as S3 may when it completes an upload."""

    code: str = "InternalError"


Fault = Fail | Delay | Throttle | CutAnswer | HoldAnswer | Hang | WorkLate | CutBody | WrongBytes | ErrorInside

When = Callable[[int], bool]
"""Tells whether a fault strikes a call by its number, from 0, among those that it is about."""


def always(number: int) -> bool:
    """Strike every call."""
    return True


def every(nth: int) -> When:
    """Strike the nth call of each n, so the first n - 1 go well."""
    return lambda number: number % nth == nth - 1


def first(count: int) -> When:
    """Strike so many calls, and none after them."""
    return lambda number: number < count


def share(part: float, seed: int = 0) -> When:
    """Strike such a part of the calls, 0.5 for half of them, which they are is chosen by the seed alone."""
    return lambda number: random.Random(f"{seed}/{number}").random() < part


@dataclass(slots=True)
class _Rule:
    fault: Fault
    operations: tuple[str, ...]
    when: When
    seen: int = 0

    def strikes(self, operation: str) -> bool:
        """Count a call that the rule is about, and tell whether the fault strikes it."""
        if self.operations and operation not in self.operations:
            return False
        self.seen += 1
        return self.when(self.seen - 1)


class Faults:
    """What goes wrong from now on."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(self, fault: Fault, *operations: str, when: When = always) -> None:
        """Let a fault strike some operations, all of them where none is named."""
        self._rules.append(_Rule(fault, operations, when))

    def clear(self) -> None:
        """Let all go well again."""
        self._rules.clear()

    def of(self, call: Call) -> tuple[Fault, ...]:
        """Return what strikes a call that has just come."""
        operation = call.operation
        return tuple(rule.fault for rule in tuple(self._rules) if rule.strikes(operation))
