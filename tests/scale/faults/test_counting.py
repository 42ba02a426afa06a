# SPDX-License-Identifier: Apache-2.0
"""The Redis in which nodes count together is flushed, stopped and started: no pull fails for it."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.scale.nodes import Cluster
from tests.scale.nodes import cluster
from tests.scale.servers import Redis
from tests.scale.servers import redis_server
from tests.scale.traffic import NAME
from tests.scale.traffic import traffic
from tests.scale.wire import Wire

LIMITS = {"ENTREPOT_RATE_LIMITS__ENABLED": "true"}


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Redis]]:
    """Nodes that count in a Redis."""
    with redis_server() as redis:
        told = LIMITS | {"ENTREPOT_RATE_LIMITS__REDIS_URL": redis.url}
        with cluster(tmp_path_factory.mktemp("counting"), settings=told) as running:
            yield running, redis


def test_a_redis_that_is_lost_fails_no_pull(counting: tuple[Cluster, Redis]) -> None:
    """Flushed again and again, then killed, then started."""
    nodes, redis = counting
    with traffic(nodes.port, nodes.bearer(f"repository:{NAME}:pull,push")) as told:
        assert together(nodes) == 1
        for _ in range(20):
            redis.do("FLUSHALL")
            time.sleep(0.1)
        redis.program.kill()
        time.sleep(3)
        assert together(nodes) == 0
        redis.program.start()
        time.sleep(5)
        assert together(nodes) == 1
        redis.do("DEBUG", "SLEEP", "2")
        time.sleep(1)

    assert told.oddities == []
    assert (told.failed("pull"), told.failed("push")) == ({}, {})
    assert told.statuses["pull"][200] > 50


def together(nodes: Cluster) -> float:
    """Return how many of the processes of the first node count in Redis."""
    with closing(Wire(nodes.nodes[0].port)) as wire:
        lines = wire.ask("GET", "/metrics").body.decode().splitlines()
    return float(next(line for line in lines if line.startswith("entrepot_rate_limits_together")).split()[-1])
