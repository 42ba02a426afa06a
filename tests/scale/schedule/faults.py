# SPDX-License-Identifier: Apache-2.0
"""The faults, one after another, each of them at least once; after each everything is there again."""

import random
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass

from tests.scale.nodes import Cluster
from tests.scale.nodes import Node
from tests.scale.schedule.windows import Away
from tests.scale.schedule.windows import Windows
from tests.scale.servers import Redis
from tests.scale.wrong_clock import THREE_DAYS
from tests.scale.wrong_clock import clock

LONGEST_PAUSE_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that something may happen to, and the dice."""

    nodes: Cluster
    redis: Redis
    windows: Windows
    dice: random.Random

    @property
    def node(self) -> Node:
        """One of the nodes."""
        return self.dice.choice(self.nodes.nodes)

    def wait(self, shortest: float, longest: float) -> None:
        """Let some time go by."""
        time.sleep(self.dice.uniform(shortest, longest))


def kill_node(stage: Stage) -> None:
    """A node is killed, and started a little later."""
    node = stage.node
    with stage.windows.open(Away.NODE):
        node.kill()
        stage.wait(0, 4)
        node.start()


def restart_node(stage: Stage) -> None:
    """A node is told to stop, and started: nothing fails for it."""
    node = stage.node
    node.stop()
    node.start()


def pause_node(stage: Stage) -> None:
    """A node stands still, with all connections open."""
    node = stage.node
    with stage.windows.open(Away.NODE):
        node.pause()
        stage.wait(1, 8)
        node.go_on()


def skew_clock(stage: Stage) -> None:
    """A node goes on with a clock that is days wrong, and then with the right one: nothing fails for it."""
    node, wrong_by = stage.node, stage.dice.choice((THREE_DAYS, -THREE_DAYS))
    for changes in (clock(wrong_by), {}):
        node.stop()
        node.start(**changes)
        stage.wait(3, 6)


def restart_database(stage: Stage) -> None:
    """The database server is restarted, or dies and comes back."""
    with stage.windows.open(Away.DATABASE):
        stage.nodes.database.restart(stage.dice.choice(("fast", "immediate")))


def stop_database(stage: Stage) -> None:
    """The database server is away for a while; a node dies meanwhile, and is back with it."""
    node, is_killed = stage.node, stage.dice.random() < 0.5
    with stage.windows.open(Away.DATABASE):
        stage.nodes.database.stop()
        stage.wait(2, 6)
        if is_killed:
            node.kill()
        stage.wait(2, 6)
        stage.nodes.database.start()
        if is_killed:
            node.start()


def kill_storage(stage: Stage) -> None:
    """The storage dies, and is started with what it has on disk."""
    assert stage.nodes.storage is not None
    with stage.windows.open(Away.STORAGE):
        stage.nodes.storage.kill()
        stage.wait(2, 10)
        stage.nodes.storage.start()


def pause_storage(stage: Stage) -> None:
    """The storage says nothing for a while."""
    assert stage.nodes.storage is not None
    with stage.windows.open(Away.STORAGE):
        stage.nodes.storage.pause()
        stage.wait(2, 12)
        stage.nodes.storage.go_on()


def flush_redis(stage: Stage) -> None:
    """Redis forgets everything, again and again."""
    with stage.windows.open(Away.REDIS):
        for _ in range(10):
            stage.redis.do("FLUSHALL")
            stage.wait(0, 0.3)


def kill_redis(stage: Stage) -> None:
    """Redis dies, and is started empty."""
    with stage.windows.open(Away.REDIS):
        stage.redis.program.kill()
        stage.wait(1, 5)
        stage.redis.program.start()


FAULTS: tuple[Callable[[Stage], None], ...] = (
    kill_node,
    restart_node,
    pause_node,
    skew_clock,
    restart_database,
    stop_database,
    kill_storage,
    pause_storage,
    flush_redis,
    kill_redis,
)


def schedule(stage: Stage, until: float) -> Iterator[str]:
    """Let one fault happen after another until that moment of the monotonic clock, and each once; yield their names."""
    is_first = True
    while is_first or time.monotonic() < until:
        for fault in stage.dice.sample(FAULTS, len(FAULTS)):
            if not is_first and time.monotonic() >= until:
                return
            stage.wait(1, LONGEST_PAUSE_SECONDS)
            yield fault.__name__
            fault(stage)
        is_first = False
