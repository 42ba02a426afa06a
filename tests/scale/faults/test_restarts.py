# SPDX-License-Identifier: Apache-2.0
"""Nodes that are restarted, killed and stand still under load, as clients behind a load balancer see it."""

import time

import pytest

from tests.scale.nodes import Cluster
from tests.scale.nodes import is_ready
from tests.scale.traffic import traffic

FEW = 0.02
"""The share of requests that may be lost with a node that dies without a word: those that it was answering."""


def test_restarting_every_node_fails_no_request(nodes: Cluster, client: dict[str, str]) -> None:
    """One after the other, each says that it leaves, serves on, and ends what it has begun."""
    with traffic(nodes.port, client) as told:
        time.sleep(1)
        for node in nodes.nodes:
            node.stop()
            node.start()
            nodes.wait_until_balanced()

    assert told.oddities == []
    assert (told.failed("pull"), told.failed("push")) == ({}, {})
    assert told.statuses["pull"][200] > 50


def test_a_node_that_leaves_says_so_and_serves_on(nodes: Cluster) -> None:
    """Until its time is over; from then on nobody reaches it."""
    node = nodes.nodes[0]
    node.running.process.terminate()
    ends_at = time.monotonic() + 5
    while is_ready(node.url) and time.monotonic() < ends_at:
        time.sleep(0.02)
    answer = node.wire().ask("GET", "/v2/")

    assert (answer.status, answer.headers["connection"]) == (200, "close")
    node.running.process.wait(30)
    assert not is_ready(node.url)
    node.start()
    nodes.wait_until_balanced()


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_a_node_that_falls_away_hardly_matters(nodes: Cluster, client: dict[str, str], how: str) -> None:
    """What it was answering is lost; everything else goes on, and nothing is answered with an error of ours."""
    node = nodes.nodes[1]
    with traffic(nodes.port, client) as told:
        time.sleep(1)
        (node.kill if how == "kill" else node.pause)()
        time.sleep(6)
        node.start() if how == "kill" else node.go_on()
        nodes.wait_until_balanced()

    answered = sum(sum(each.values()) for each in told.statuses.values())
    lost = sum(sum(told.failed(kind).values()) for kind in told.statuses)
    assert lost <= max(6, FEW * answered), told
    assert 500 not in {status for each in told.statuses.values() for status in each}, told
