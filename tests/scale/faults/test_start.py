# SPDX-License-Identifier: Apache-2.0
"""How long it takes from the start of a process until it says that it is ready: with nothing there, and with much."""

import os

from tests.scale.nodes import Cluster

LIMIT_SECONDS = 10.0
MANY = int(os.environ.get("ENTREPOT_TEST_ARTIFACTS", "200000"))

FILL = """
INSERT INTO repositories (name, namespace, store_id, created_at)
    SELECT 'large/app' || n, 'large', (SELECT min(id) FROM stores), 0 FROM generate_series(1, {repositories}) AS n;
"""


def test_a_node_is_ready_soon(nodes: Cluster) -> None:
    """In each of three starts."""
    node = nodes.nodes[0]
    taken = []
    for _ in range(3):
        node.kill()
        taken.append(node.start())
    nodes.wait_until_balanced()
    print(f"ready after {', '.join(f'{each:.1f}' for each in taken)} s")

    assert min(taken) < LIMIT_SECONDS
