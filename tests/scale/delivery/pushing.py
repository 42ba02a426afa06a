# SPDX-License-Identifier: Apache-2.0
"""Clients that push one tag after another, each to a repository of its own, to whichever node takes it."""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from dataclasses import field
from http.client import HTTPException
from itertools import count

from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.scale.nodes import Node
from tests.scale.wire import Wire
from tests.scale.wire import numbered

PATIENCE_SECONDS = 90.0
PROJECT = "team"


@dataclass(slots=True)
class Pusher:
    """Pushes `<repository>:1`, `:2` and so on; a push that nobody took is sent again, to the next node."""

    repository: str
    nodes: Sequence[Node]
    pause_seconds: float
    acknowledged: dict[str, float] = field(default_factory=dict)
    """When each was taken, by what the event of it is about, in order."""
    failures: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    _turns: "count[int]" = field(default_factory=count)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name=self.repository)
        self._thread.start()

    def finish(self) -> None:
        """End, once the push that there is was taken."""
        self.ending.set()
        if self._thread is not None:
            self._thread.join()

    def push(self, tag: str, number: int) -> bool:
        """Push until it is taken; tell whether it was."""
        ends_at = time.monotonic() + PATIENCE_SECONDS
        said = ""
        while time.monotonic() < ends_at:
            node = self.nodes[next(self._turns) % len(self.nodes)]
            try:
                with closing(node.wire()) as wire:
                    said = self._once(wire, tag, number)
            except (OSError, HTTPException) as error:
                said = f"{type(error).__name__}: {error}"
            if not said:
                self.acknowledged[f"{self.repository}:{tag}"] = time.monotonic()
                return True
            time.sleep(0.1)
        self.failures.append(f"{self.repository}:{tag} was never taken: {said}")
        return False

    def _once(self, wire: Wire, tag: str, number: int) -> str:
        if not self.acknowledged:
            for blob in (A_CONFIG, A_LAYER):
                answer = wire.push_blob(self.repository, blob)
                if answer.status != 201:
                    return f"a blob is answered with {answer.status}: {answer.body[:200]!r}"
        answer = wire.put(self.repository, numbered(number), tag)
        return "" if answer.status == 201 else f"answered with {answer.status}: {answer.body[:200]!r}"

    def _run(self) -> None:
        for number in count(1):
            if self.ending.is_set() or not self.push(str(number), number):
                return
            self.ending.wait(self.pause_seconds)


def pushers(nodes: Sequence[Node], names: Sequence[str], pause_seconds: float) -> list[Pusher]:
    """Make clients, one for each repository of the project."""
    return [Pusher(f"{PROJECT}/{name}", nodes, pause_seconds) for name in names]
