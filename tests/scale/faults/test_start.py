# SPDX-License-Identifier: Apache-2.0
"""How long it takes from the start of a process until it says that it is ready: with next to nothing, and with much.

`ENTREPOT_TEST_ARTIFACTS` says how many tagged artifacts are much.
"""

import os

from tests.scale.nodes import Cluster
from tests.scale.processors import seconds_of

LIMIT_SECONDS = 10.0
STARTS = 3
MANY = int(os.environ.get("ENTREPOT_TEST_ARTIFACTS", "1000000"))
PER_REPOSITORY = 100

FILL = (
    (
        "INSERT INTO repositories (name, namespace, store_id, created_at, visible_at) "
        "SELECT 'large/app' || n, 'large', (SELECT min(id) FROM stores), 1, 1 "
        "FROM generate_series(1, {repositories}) AS n"
    ),
    (
        "INSERT INTO manifests (repo_id, digest, media_type, payload, size, pushed_at, pushed_by) "
        "SELECT id, 'sha256:' || encode(sha256((id || '-' || n)::bytea), 'hex'), "
        "'application/vnd.oci.image.manifest.v1+json', '{{}}', 2, 1, 'user:admin' "
        "FROM repositories, generate_series(1, {each}) AS n WHERE namespace = 'large'"
    ),
    (
        "INSERT INTO tags (repo_id, name, digest, epoch, hlc, region, updated_at, updated_by) "
        "SELECT repo_id, 't' || row_number() OVER (PARTITION BY repo_id), digest, 0, 1, '', 1, 'user:admin' "
        "FROM manifests JOIN repositories ON id = repo_id WHERE namespace = 'large'"
    ),
)


def test_a_node_is_ready_soon(nodes: Cluster) -> None:
    """From one start to the next."""
    assert fastest(nodes, "little") < LIMIT_SECONDS


def test_a_node_is_ready_soon_however_much_there_is(nodes: Cluster) -> None:
    """Whatever has to be gone through for it, such as what artifacts are, is gone through afterwards."""
    for statement in FILL:
        filled = statement.format(repositories=MANY // PER_REPOSITORY, each=PER_REPOSITORY)
        nodes.database.run(filled, "nodes")
    assert nodes.count("SELECT count(*) FROM tags") >= MANY

    assert fastest(nodes, f"{MANY:,} artifacts") < LIMIT_SECONDS
    nodes.wait_until_balanced()


def fastest(nodes: Cluster, what: str) -> float:
    """Kill a node and start it, a few times; return how many seconds the fastest start took until it was ready."""
    node, taken, worked = nodes.nodes[0], [], []
    for _ in range(STARTS):
        node.kill()
        taken.append(node.start())
        worked.append(seconds_of(node.running.process.pid))
    print(f"ready with {what} after {_listed(taken)} s, of which a processor worked {_listed(worked)} s")
    return min(taken)


def _listed(seconds: list[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in seconds)
