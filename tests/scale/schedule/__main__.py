# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale.schedule [--seconds N] [--seed N]`: status 1 if anything was lost, stale, or refused idly.

Three nodes behind a balancer, PostgreSQL, SeaweedFS and Redis. Faults happen one after another in an order that the
seed makes, while clients push, pull and delete and garbage is collected. In the end everything acknowledged is there
byte for byte, `entrepot verify --deep` finds nothing, and every error was due to what was away: 5xx to the database or
the storage, lost connections to a node, and nothing at all to Redis.
"""

import argparse
import os
import random
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.crash.audit import Audit
from tests.crash.audit import verify
from tests.crash.client import Client
from tests.crash.ledger import Ledger
from tests.scale.nodes import PASSWORD
from tests.scale.nodes import Cluster
from tests.scale.nodes import cluster
from tests.scale.schedule.clients import Crowd
from tests.scale.schedule.faults import Stage
from tests.scale.schedule.faults import schedule
from tests.scale.schedule.windows import Heard
from tests.scale.schedule.windows import Windows
from tests.scale.servers import redis_server

GRACE_SECONDS = 300.0
"""How long after the last fault the last requests, and the audit, may take."""


def main(arguments: list[str]) -> int:
    """Do it, print what came of it, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale.schedule", description=__doc__)
    parser.add_argument("--seconds", type=float, default=240.0, help="let things happen for at least so long")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    ledger, heard, windows = Ledger(), Heard(), Windows()
    with tempfile.TemporaryDirectory(prefix="entrepot-schedule-") as folder, redis_server() as redis:
        limits = {"ENTREPOT_RATE_LIMITS__ENABLED": "true", "ENTREPOT_RATE_LIMITS__REDIS_URL": redis.url}
        with cluster(Path(folder), settings=limits) as nodes:
            until = time.monotonic() + given.seconds
            client = partial(_client, nodes.authority, ledger, heard, until + GRACE_SECONDS)
            crowd = Crowd(client, nodes, threading.Event(), given.seed)
            _let_happen(Stage(nodes, redis, windows, random.Random(given.seed)), crowd, until)
            for reason in heard.unexplained(windows):
                ledger.violation(reason)
            _audit(nodes, client, ledger)
            _keep_logs(nodes)
    print(_figures(ledger, heard))
    return 1 if ledger.violations else 0


def _client(authority: str, ledger: Ledger, heard: Heard, deadline: float) -> Client:
    client = Client(authority, "admin", PASSWORD, ledger, deadline)
    client.note = heard.note
    return client


def _let_happen(stage: Stage, crowd: Crowd, until: float) -> None:
    """Let faults happen under the crowd; everything is there again in the end, and nobody asks any more."""
    crowd.prepare()
    threads, began = crowd.start(), time.monotonic()
    try:
        for name in schedule(stage, until):
            print(f"{time.monotonic() - began:6.1f} s  {name}", flush=True)
        stage.nodes.wait_until_balanced()
        stage.wait(5, 5)
    finally:
        crowd.ending.set()
        for thread in threads:
            thread.join()


def _audit(nodes: Cluster, client: Callable[[], Client], ledger: Ledger) -> None:
    """Pull everything that was acknowledged, and verify database and storage; no process has failed in itself."""
    reader = client()
    Audit(reader, ledger).run()
    reader.close()
    node = nodes.nodes[0]
    verify(node.data, ledger, "in the end", node.environment, is_deep=True)
    for each in nodes.nodes:
        failures = [line for line in each.log().splitlines() if "Traceback" in line or '"request_failed"' in line]
        for line in failures[:3]:
            ledger.violation(f"{each.data.name} failed: {line[:2_000]}")


def _keep_logs(nodes: Cluster) -> None:
    """Copy what the nodes have said to where the environment says, for whoever wants to read it."""
    kept = os.environ.get("ENTREPOT_TEST_LOGS")
    if kept:
        for each in nodes.nodes:
            (Path(kept) / f"{each.data.name}.log").write_text(each.log())


def _figures(ledger: Ledger, heard: Heard) -> str:
    """Return every count, one a line, and the verdict."""
    answers = ", ".join(f"{number} of {status or 'none'}" for status, number in sorted(heard.statuses.items()))
    acknowledged = f"{len(ledger.blobs)} blobs, {len(ledger.manifests)} manifests, {len(ledger.tags)} tags"
    counted = [f"{name}: {number}" for name, number in sorted(ledger.counts.items())]
    verdict = f"{len(ledger.violations)} violations" if ledger.violations else "nothing was lost, stale or refused idly"
    return "\n".join([*counted, f"answers: {answers}", f"acknowledged: {acknowledged}", verdict])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
