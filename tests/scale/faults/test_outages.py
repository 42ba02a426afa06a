# SPDX-License-Identifier: Apache-2.0
"""What all nodes share goes away for a while: the database, the storage."""

import time

import pytest

from tests.scale.nodes import Cluster
from tests.scale.traffic import traffic

AWAY_SECONDS = 30.0
"""How long the database is away; ten times longer is still bridged."""

STORAGE_SECONDS = 20.0
"""How long the storage is."""


def test_the_database_is_restarted(nodes: Cluster, client: dict[str, str]) -> None:
    """No pull fails, and no push that is sent again."""
    with traffic(nodes.port, client) as told:
        time.sleep(1)
        for mode in ("fast", "immediate"):
            nodes.database.restart(mode)
            time.sleep(3)
    nodes.wait_until_balanced()

    assert told.oddities == []
    assert (told.failed("pull"), told.failed("push", 503)) == ({}, {})


def test_the_database_is_away(nodes: Cluster, client: dict[str, str]) -> None:
    """What was pulled before is pulled still; pushes are told to wait, and succeed when they are sent again."""
    with traffic(nodes.port, client) as told:
        time.sleep(1)
        nodes.database.stop()
        time.sleep(AWAY_SECONDS)
        nodes.database.start()
        time.sleep(5)
    nodes.wait_until_balanced()

    assert told.oddities == []
    assert (told.failed("pull"), told.failed("push", 503)) == ({}, {})
    assert told.statuses["push"][503] > 0
    assert told.retried > 0


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_the_storage_is_away(nodes: Cluster, client: dict[str, str], how: str) -> None:
    """Manifests are pulled still; what needs the bytes is told to wait, and goes on afterwards."""
    assert nodes.storage is not None
    with traffic(nodes.port, client) as told:
        time.sleep(1)
        (nodes.storage.kill if how == "kill" else nodes.storage.pause)()
        time.sleep(STORAGE_SECONDS / 2)
        before = told.statuses["pull"][200]
        time.sleep(STORAGE_SECONDS / 2)
        manifests = told.statuses["pull"][200] - before
        nodes.storage.start() if how == "kill" else nodes.storage.go_on()
        time.sleep(5)
    nodes.wait_until_balanced()

    assert told.oddities == []
    assert (told.failed("pull", 503), told.failed("push", 503)) == ({}, {})
    assert manifests > 50
    if how == "kill":  # what stood still has answered in the end
        assert told.retried > 0
