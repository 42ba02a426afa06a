# SPDX-License-Identifier: Apache-2.0
"""Nodes that are killed with SIGKILL one after another, and started again, while something is under way."""

import random
import threading
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from tests.scale.nodes import Node
from tests.server import ServerError

WATCHED_SECONDS = 0.005


@dataclass(slots=True)
class Killer:
    """Kills in a thread of its own from `start` to `finish`; then all nodes run.

    A node that was killed is started again at once, and others may be killed before it serves: at times none does.
    """

    nodes: Sequence[Node]
    dice: random.Random
    is_time: Callable[[], bool]
    """Whether what is to be killed in the middle of is under way."""
    pause_seconds: tuple[float, float] = (0.3, 2.0)
    """How long everybody lives between two kills, at least and at most."""
    kills: int = 0
    failures: list[str] = field(default_factory=list)
    _starting: dict[int, threading.Thread] = field(default_factory=dict)
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="killer")
        self._thread.start()

    def finish(self) -> None:
        """Stop killing; return when all nodes are ready."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        for starting in self._starting.values():
            starting.join()

    def _run(self) -> None:
        while not self._ending.wait(self.dice.uniform(*self.pause_seconds)):
            while not (self._living() and self.is_time()) and not self._ending.wait(WATCHED_SECONDS):
                pass
            if self._ending.is_set():
                return
            number = self.dice.choice(self._living())
            self.nodes[number].kill()
            self.kills += 1
            self._starting[number] = threading.Thread(target=self._begin_again, args=(self.nodes[number],))
            self._starting[number].start()

    def _living(self) -> list[int]:
        """Return which nodes serve."""
        away = {number for number, starting in self._starting.items() if starting.is_alive()}
        return [number for number in range(len(self.nodes)) if number not in away]

    def _begin_again(self, node: Node) -> None:
        try:
            node.start()
        except ServerError as error:
            self.failures.append(f"a node did not start again: {error}")
