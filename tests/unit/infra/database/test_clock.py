# SPDX-License-Identifier: Apache-2.0
"""The time of the database server, as a node tells it."""

import pytest

from entrepot.infra.database.clock import EXACT_MS
from entrepot.infra.database.clock import DatabaseClock
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock

pytestmark = pytest.mark.anyio


class Server:
    """Stands in for a database that is asked for the time, and takes its time."""

    def __init__(self) -> None:
        self.elapsed = 0
        self.time = Milliseconds(1_000 * HOUR_MS)
        self.takes_ms = 0
        self.is_away = False

    async def read(self, _work: object) -> Milliseconds:
        """Answer half way between being asked and having answered."""
        return self.snapshot_now(_work)

    def snapshot_now(self, _work: object) -> Milliseconds:
        """Answer."""
        if self.is_away:
            raise DatabaseUnavailable
        self.pass_by(self.takes_ms // 2)
        told = self.time
        self.pass_by(self.takes_ms - self.takes_ms // 2)
        return told

    def pass_by(self, span_ms: int) -> None:
        """Let time go by."""
        self.elapsed += span_ms
        self.time = Milliseconds(self.time + span_ms)


def clock_of(server: Server, wrong_by_ms: int = 0) -> DatabaseClock:
    """Return the clock of a node whose own is wrong by so much, started."""
    own = Milliseconds(server.time + wrong_by_ms)
    clock = DatabaseClock(server, lambda: own, lambda: server.elapsed)  # type: ignore[arg-type]
    clock.start()
    return clock


@pytest.mark.parametrize("wrong_by_ms", [-30 * HOUR_MS, 0, 30 * HOUR_MS])
def test_nodes_agree_whatever_their_own_clocks_say(wrong_by_ms: int) -> None:
    """And go on to, while nobody asks."""
    server = Server()
    clock = clock_of(server, wrong_by_ms)
    server.pass_by(HOUR_MS)

    assert clock() == server.time


def test_the_way_there_and_back_counts_half() -> None:
    """The server told the time in the middle of it."""
    server = Server()
    server.takes_ms = 200

    assert clock_of(server)() == server.time


async def test_a_server_whose_clock_is_set_is_followed() -> None:
    """Whoever judges by time is told by `EvenClock` that it was set."""
    server = Server()
    clock = clock_of(server)
    server.time = Milliseconds(server.time + HOUR_MS)
    await clock.follow()

    assert clock() == server.time


async def test_what_says_too_little_is_passed_over() -> None:
    """An answer that took long, and none at all: time goes on as before."""
    server = Server()
    clock = clock_of(server)
    right = clock() - server.elapsed
    server.takes_ms, server.time = EXACT_MS + 2, Milliseconds(server.time + HOUR_MS)
    await clock.follow()
    server.is_away = True
    await clock.follow()

    assert clock() - server.elapsed == right


def test_a_node_that_was_not_told_goes_by_its_own() -> None:
    """Before the first answer."""
    clock = DatabaseClock(Server())  # type: ignore[arg-type]

    assert abs(clock() - system_clock()) < 1_000
