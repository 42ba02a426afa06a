# SPDX-License-Identifier: Apache-2.0
"""A server that is killed at random moments and started again on the same data."""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from tests.crash.ledger import Ledger
from tests.server import Server
from tests.server import ServerError
from tests.server import kill_group
from tests.server import launch_entrepot
from tests.server import log_tail

SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 3.0


@dataclass(slots=True)
class Killer:
    """Kills and restarts `server` in a thread of its own, from `start` until `finish`; ends with a kill."""

    server: Server
    ledger: Ledger
    dice: random.Random
    environment: Mapping[str, str]
    """What the server is told each time it is started."""
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="killer")
        self._thread.start()

    def finish(self) -> None:
        """Stop killing; afterwards no server runs."""
        self._ending.set()
        if self._thread:
            self._thread.join()
        kill_group(self.server.process)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._live_and_die()
            except ServerError as error:
                self.ledger.violation(f"the server did not start again: {error}")

    def _live_and_die(self) -> None:
        """Let the server live for a while, counted from when it serves (or, for one in five, from its start)."""
        if self.dice.random() < 0.8:
            self.server.wait_until_healthy()
        if self._ending.wait(self.dice.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)):
            return
        status = self.server.process.poll()
        if status is not None:
            self.ledger.violation(f"the server ended by itself, status {status}:\n{log_tail(self.server.log)}")
        kill_group(self.server.process)
        self.ledger.count("kills")
        port = int(self.server.authority.partition(":")[2])
        self.server = launch_entrepot(self.server.data, port, self.server.password, environment=self.environment)
