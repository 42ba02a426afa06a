# SPDX-License-Identifier: Apache-2.0
"""No node leads: whatever is due is done once, whichever nodes are killed meanwhile."""

import random
import time

from tests.scale.nodes import Cluster

ROUNDS = 4


def test_whatever_is_due_is_done_once(nodes: Cluster) -> None:
    """Each schedule fires once for each time that it is due, and what it asks for is done in the end."""
    schedules = nodes.count("SELECT count(*) FROM schedules")
    nodes.wait_until_done()
    before = nodes.count("SELECT count(*) FROM jobs")
    by_itself = nodes.count("SELECT count(*) FROM schedules WHERE cron LIKE '*%'")
    for number in range(ROUNDS):
        victim = nodes.nodes[number % len(nodes.nodes)]
        nodes.make_everything_due()
        time.sleep(random.uniform(0, 0.5))
        victim.kill()
        nodes.wait_until_done()
        victim.start()

    added = nodes.count("SELECT count(*) FROM jobs") - before
    minutes = by_itself * ROUNDS
    assert ROUNDS * schedules <= added <= ROUNDS * schedules + minutes
    assert nodes.count("SELECT count(*) FROM jobs WHERE state <> 'succeeded'") == 0
    again = nodes.count("SELECT count(*) FROM jobs WHERE claims > failures + 1")
    assert again == 0
    nodes.wait_until_balanced()


def test_a_job_of_a_killed_node_is_done_by_another(nodes: Cluster) -> None:
    """As soon as its lease has ended; the run that was lost counts as a failure of it."""
    nodes.wait_until_done()
    nodes.database.run(
        "UPDATE jobs SET state = 'running', finished_at = NULL, claimed_by = 'gone:1', "
        "lease_until = (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint + 3000 "
        "WHERE id = (SELECT max(id) FROM jobs)",
        "nodes",
    )
    assert nodes.count("SELECT count(*) FROM jobs WHERE claimed_by = 'gone:1'") == 1
    nodes.wait_until_done()

    assert nodes.count("SELECT count(*) FROM jobs WHERE last_error LIKE 'LeaseLost%' AND state = 'succeeded'") >= 1
