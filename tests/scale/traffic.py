# SPDX-License-Identifier: Apache-2.0
"""Clients that pull and push all the time, and write down how they were answered."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from http.client import HTTPException
from itertools import count
from itertools import cycle

from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_LAYER
from tests.scale.wire import Answer
from tests.scale.wire import Wire
from tests.scale.wire import numbered

NAME = "traffic/app"
TARGETS = (f"/v2/{NAME}/manifests/latest", f"/v2/{NAME}/blobs/{digest_of(A_LAYER)}")
"""What is pulled: one half of those who pull get the one, the other half the other."""
AGAIN_SECONDS = 60.0
BROKEN = 0
"""Stands for a connection that was lost where an answer should have come."""

Ask = Callable[[], Answer]


@dataclass(slots=True)
class Traffic:
    """What clients were answered: how often each status, by kind; and what was unusual about an answer."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: {"pull": Counter(), "push": Counter()})
    oddities: list[str] = field(default_factory=list)
    retried: int = 0
    """Pushes that were refused, sent again, and then taken."""
    longest_seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def failed(self, kind: str, *allowed: int) -> dict[int, int]:
        """Return how often what was answered that is neither a success nor allowed."""
        good = {200, 201, 202, *allowed}
        return {status: number for status, number in self.statuses[kind].items() if status not in good}

    def note(self, kind: str, status: int, seconds: float, oddity: str = "") -> None:
        """Count one answer."""
        with self._lock:
            self.statuses[kind][status] += 1
            self.longest_seconds = max(self.longest_seconds, seconds)
            if oddity and len(self.oddities) < 50:
                self.oddities.append(oddity)


class _Client:
    """One of them, on a connection of its own."""

    def __init__(self, traffic: Traffic, port: int, headers: dict[str, str], stop: threading.Event) -> None:
        self._traffic = traffic
        self._port = port
        self._headers = headers
        self._stop = stop

    def pull(self, target: str) -> None:
        """Pull something again and again."""
        with closing(Wire(self._port, self._headers)) as wire:
            while not self._stop.is_set():
                self._ask("pull", lambda: wire.ask("GET", target))

    def push(self, first: int) -> None:
        """Push one image after another; what is refused for now is sent again, as clients do."""
        with closing(Wire(self._port, self._headers)) as wire:
            for number in count(first):
                if self._stop.is_set():
                    return
                self._push(wire, number)

    def _push(self, wire: Wire, number: int) -> None:
        image, ends_at, was_refused = numbered(number), time.monotonic() + AGAIN_SECONDS, False
        while True:
            answer = self._ask("push", lambda: wire.push_blob(NAME, b"blob %d" % number))
            if answer and answer.status == 201:
                answer = self._ask("push", lambda: wire.put(NAME, image, f"t{number % 100}"))
            if answer and answer.status == 201:
                self._traffic.retried += was_refused
                return
            was_refused = True
            if time.monotonic() > ends_at:
                self._traffic.oddities.append(f"push {number} was never taken: {answer}")
                return
            self._stop.wait(0.2)

    def _ask(self, kind: str, ask: Ask) -> Answer | None:
        begun = time.monotonic()
        try:
            answer = ask()
        except (OSError, HTTPException) as error:
            self._traffic.note(kind, BROKEN, time.monotonic() - begun, f"{kind}: {type(error).__name__}: {error}")
            return None
        oddity = ""
        if answer.status == 503 and "retry-after" not in answer.headers:
            oddity = f"{kind}: 503 without Retry-After: {answer.body[:200]!r}"
        elif answer.status >= 400 and answer.status != 503:
            oddity = f"{kind}: {answer.status}: {answer.body[:300]!r}"
        self._traffic.note(kind, answer.status, time.monotonic() - begun, oddity)
        return answer


@contextmanager
def traffic(port: int, headers: dict[str, str], pulling: int = 3, pushing: int = 2) -> Iterator[Traffic]:
    """Let so many clients pull and push while the block runs, and wait for the ends of their last requests."""
    with closing(Wire(port, headers)) as wire:
        assert wire.push_image(NAME, numbered(0), "latest").status == 201
        for target in TARGETS:
            assert all(wire.ask("GET", target).status == 200 for _ in range(12))
    told, stop = Traffic(), threading.Event()
    clients = [_Client(told, port, headers, stop) for _ in range(pulling + pushing)]
    work: list[Callable[[], None]] = [
        partial(client.pull, target) for client, target in zip(clients[:pulling], cycle(TARGETS), strict=False)
    ]
    work += [partial(client.push, 10_000 * number) for number, client in enumerate(clients[pulling:], start=1)]
    threads = [threading.Thread(target=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        stop.set()
        for thread in threads:
            thread.join(2 * AGAIN_SECONDS)
