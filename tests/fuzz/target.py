# SPDX-License-Identifier: Apache-2.0
"""What is fuzzed, and for how long: hypothesis makes inputs until the time is over or one breaks the target."""

import signal
import time
import traceback
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.strategies import SearchStrategy

from entrepot.kernel.errors import AppError
from tests.server import ROOT

CORPUS = ROOT / ".cache" / "fuzz"
"""Inputs that broke a target, by target: they are tried first. Not committed; a find becomes a test of its own."""

LIMIT_SECONDS = 1.0
"""What one input may take of the processor. Inputs have up to some hundred kilobytes."""

BATCH = 100

Check = Callable[[Any], object]


class BrokenError(Exception):
    """An input broke the target without an exception of its own."""


class TooSlowError(BrokenError):
    """An input took too much of the processor."""


@dataclass(frozen=True, slots=True)
class Target:
    """`check` calls `covers` with one of `inputs`, asserts what holds of the result, and may raise an `AppError`."""

    name: str
    covers: tuple[Callable[..., object], ...]
    inputs: SearchStrategy[Any]
    opened: Callable[[], AbstractContextManager[Check]]
    """Makes what the check needs, and holds it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a target: how many inputs it had, and the trace of the smallest one that broke it."""

    target: str
    inputs: int
    seconds: float
    failure: str = ""


def target(name: str, covers: Callable[..., object], inputs: SearchStrategy[Any], check: Check) -> Target:
    """Make a target that needs nothing."""
    return Target(name, (covers,), inputs, lambda: nullcontext(check))


def hold(check: Check, value: object) -> None:
    """Check one input. Raises `BrokenError` when it takes too long or is refused with something nobody can read."""
    with _limited():
        try:
            check(value)
        except AppError as error:
            _expect_readable(error)


@contextmanager
def _limited() -> Iterator[None]:
    """Raise `TooSlowError` once the block has taken too much of the processor, in the middle of a search too."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TooSlowError(f"one input takes more than {LIMIT_SECONDS} s")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _expect_readable(error: AppError) -> None:
    if not (error.message and 400 <= error.status < 500):
        raise BrokenError(f"refused with status {error.status} and the message {error.message!r}") from error
    try:
        msgspec.json.encode([error.message, error.hint, error.detail])
    except UnicodeEncodeError:
        raise BrokenError("the message is no text that can be sent") from error


def fuzz(target: Target, seconds: float, *, inputs: int | None = None, corpus: Path = CORPUS) -> Outcome:
    """Try inputs for so long, or so many of them when that is given."""
    started, count, failure = time.monotonic(), 0, ""

    def is_over() -> bool:
        return time.monotonic() - started > seconds if inputs is None else count >= inputs

    with target.opened() as check:

        @settings(
            database=DirectoryBasedExampleDatabase(corpus / target.name.replace(" ", "-")),
            max_examples=inputs or BATCH,
            phases=(Phase.reuse, Phase.generate, Phase.target, Phase.shrink),
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(target.inputs)
        def holds(value: object) -> None:
            nonlocal count
            count += 1
            hold(check, value)

        while not failure and not is_over():
            try:
                holds()
            except Exception as error:  # noqa: BLE001 - whatever a parser raises is what is looked for
                failure = "".join(traceback.format_exception(error))
    return Outcome(target.name, count, time.monotonic() - started, failure)
