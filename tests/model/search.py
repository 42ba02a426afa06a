# SPDX-License-Identifier: Apache-2.0
"""Breadth-first search over every order of steps, so that the first counterexample is a shortest one."""

from collections import deque
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic
from typing import TypeVar

S = TypeVar("S", bound=Hashable)

Successors = Callable[[S], Iterable[tuple[str, S]]]
"""Every step that can be taken in a state: what it is called, and the state after it."""


@dataclass(frozen=True, slots=True)
class Counterexample(Generic[S]):
    """A harm, and a shortest way to it."""

    harm: str
    start: S
    path: tuple[tuple[str, S], ...]
    """Each step, and the state after it."""

    def __str__(self) -> str:
        """Write one step to a line."""
        lines = [f"{number:4}. {step}" for number, (step, _) in enumerate(self.path, start=1)]
        return "\n".join([*lines, f"   => {self.harm}"])


@dataclass(frozen=True, slots=True)
class Exploration(Generic[S]):
    """What a search met. Without a counterexample that is every state there is."""

    states: Iterable[S]
    count: int
    counterexample: Counterexample[S] | None


def explore(
    start: S,
    successors: Successors[S],
    harms: Mapping[str, Callable[[S], bool]],
    shape: Callable[[S], Hashable],
) -> Exploration[S]:
    """Visit every state that can follow `start`, nearest first, up to one that shows any of `harms`.

    States of the same `shape` differ only in names, so one of them is visited.
    """
    origins: dict[S, tuple[S, str] | None] = {start: None}
    shapes = {shape(start)}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        for harm, is_done in harms.items():
            if is_done(state):
                return Exploration(origins, len(origins), Counterexample(harm, start, _path_to(state, origins)))
        for step, after in successors(state):
            if after not in origins and (found := shape(after)) not in shapes:
                shapes.add(found)
                origins[after] = (state, step)
                waiting.append(after)
    return Exploration(origins, len(origins), None)


def stuck(states: Iterable[S], successors: Successors[S], goal: Callable[[S], bool]) -> S | None:
    """Return a state from which taking the first possible step, over and over, does not end at `goal`.

    Returns None when there is none among `states`. Every run has to end.
    """
    good: set[S] = set()
    for start in states:
        path = [start]
        while path[-1] not in good and (step := next(iter(successors(path[-1])), None)):
            path.append(step[1])
        if path[-1] not in good and not goal(path[-1]):
            return start
        good.update(path)
    return None


def _path_to(state: S, origins: Mapping[S, tuple[S, str] | None]) -> tuple[tuple[str, S], ...]:
    path: list[tuple[str, S]] = []
    while (origin := origins[state]) is not None:
        path.append((origin[1], state))
        state = origin[0]
    return tuple(reversed(path))
