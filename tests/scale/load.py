# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale.load`: thousands of mixed clients on several nodes behind a balancer, beside a hundred.

First a hundred clients, then all of them, each of which thinks as long in between. The status is 1 if anything was
refused or not answered, or if the slowest hundredth took more than three times as long as with a hundred clients: of
all requests, and of each kind of which there are enough to tell. What every single request came to is kept in a file.
"""

import argparse
import asyncio
import csv
import gzip
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.client import percentile
from tests.scale.crowd import REPOSITORIES
from tests.scale.crowd import Registry
from tests.scale.crowd import Told
from tests.scale.crowd import crowd
from tests.scale.crowd import fill
from tests.scale.nodes import PASSWORD
from tests.scale.nodes import cluster
from tests.scale.processors import processor_seconds
from tests.server import HOST
from tests.server import ROOT

FEW = 100
SLOWER = 3.0
"""How many times longer the slowest hundredth may take with many clients."""
ENOUGH = 100
"""Fewer requests have no slowest hundredth."""
LONGEST_FEW_SECONDS = 600.0
SHARES = (0.5, 0.99, 0.999)
ALL = "all"
KEPT = ROOT / ".cache" / "scale"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many clients, for how long, how long each thinks between two requests, and where the data are kept."""

    clients: int
    seconds: float
    think_seconds: float
    kept: Path


def compare(registry: Registry, plan: Plan) -> bool:
    """Let few clients work, then many; print what came of it, and tell whether it is good enough."""
    fill(registry)
    few = _observed(registry, FEW, min(plan.seconds, LONGEST_FEW_SECONDS), plan)
    many = _observed(registry, plan.clients, plan.seconds, plan)
    before, after = _by_kind(few), _by_kind(many)
    slower = {
        kind: round(percentile(after[kind], 0.99) / percentile(taken, 0.99), 2)
        for kind, taken in before.items()
        if len(taken) >= ENOUGH and kind in after
    }
    print(f"p99 with {plan.clients} over p99 with {FEW}: {json.dumps(slower)}")
    failures = few.failures + many.failures
    is_good = not failures and all(each <= SLOWER for each in slower.values())
    print(f"{failures} requests failed; {'good enough' if is_good else 'NOT good enough'}", flush=True)
    return is_good


def _observed(registry: Registry, count: int, seconds: float, plan: Plan) -> Told:
    """Let so many clients work; print what they were told and what it cost, and keep it."""
    print(f"{count} clients for {seconds:.0f} s, load of the machine {os.getloadavg()[0]:.1f}", flush=True)
    before = processor_seconds()
    told = asyncio.run(crowd(registry, [""] * REPOSITORIES, count, seconds, plan.think_seconds))
    cost = {name: round(after - before.get(name, 0.0), 1) for name, after in processor_seconds().items()}
    print(f"{count} clients: {len(told.taken)} requests, {told.failures} failed; processor seconds {json.dumps(cost)}")
    for kind, taken in sorted(_by_kind(told).items()):
        shares = "  ".join(f"p{share * 100:g} {percentile(taken, share) * 1000:8.1f} ms" for share in SHARES)
        print(f"  {kind:<16} {len(taken):>8}  {shares}")
    for what, number in told.wrong.most_common(20):
        print(f"  WRONG {number} x {what}")
    _keep(told, plan.kept / f"load-{count}.csv.gz")
    return told


def _by_kind(told: Told) -> dict[str, Sequence[float]]:
    """Return how long requests took, by kind and of all of them; those that failed too."""
    found: dict[str, list[float]] = {ALL: [each.seconds for each in told.taken]}
    for each in told.taken:
        found.setdefault(each.kind, []).append(each.seconds)
    return {kind: taken for kind, taken in found.items() if taken}


def _keep(told: Told, file: Path) -> None:
    """Write down every request."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(("kind", "began_seconds", "took_seconds", "status"))
        rows.writerows((each.kind, f"{each.began:.3f}", f"{each.seconds:.4f}", each.status) for each in told.taken)
    print(f"  kept in {file}")


def main() -> int:
    """Do what the command line says, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=1_800)
    parser.add_argument("--think", type=float, default=60, help="seconds between two requests of one client")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder for the data")
    parser.add_argument("--registry", help="test the plain-HTTP server USER:PASSWORD@HOST:PORT, not one started here")
    given = parser.parse_args()
    plan = Plan(given.clients, given.seconds, given.think, given.kept)
    if given.registry:
        secret, _, authority = given.registry.rpartition("@")
        return 0 if compare(Registry(*_address(authority), *secret.split(":", 1)), plan) else 1
    with tempfile.TemporaryDirectory(prefix="entrepot-load-") as folder, cluster(Path(folder)) as nodes:
        return 0 if compare(Registry(HOST, nodes.port, "admin", PASSWORD), plan) else 1


def _address(authority: str) -> tuple[str, int]:
    host, _, port = authority.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
