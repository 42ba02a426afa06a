# SPDX-License-Identifier: Apache-2.0
"""`python -m bench [row ...] [--rounds N]`: measure rows, print them, keep their numbers in `bench/results`."""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench import auditing
from bench import buckets
from bench import collecting
from bench import decisions
from bench import encrypting
from bench import extras
from bench import logins
from bench import memory
from bench import nodes
from bench import open_uploads
from bench import pushes
from bench import reads
from bench import scale_growth
from bench import scale_lists
from bench import sealing
from bench import searching
from bench import start
from bench.measurement import Outcome
from bench.scale import QUICK
from bench.servers import peer_version
from bench.workspace import Workspace
from entrepot import __version__

RESULTS = Path(__file__).parent / "results"
ROUNDS = 9
ROWS: dict[str, Callable[[Workspace, int], Outcome]] = {
    "manifest-by-tag": partial(reads.manifests, method="GET", by_digest=False),
    "manifest-by-tag-head": partial(reads.manifests, method="HEAD", by_digest=False),
    "manifest-by-digest": partial(reads.manifests, method="GET", by_digest=True),
    "push-stream": pushes.one_stream,
    "push-images": pushes.small_images,
    "blobs-small": reads.small_blobs,
    "blob-large": reads.large_blob,
    "lists": scale_lists.lists,
    "search": searching.on_sqlite,
    "search-postgresql": searching.on_postgresql,
    "collection": collecting.collecting,
    "growth": scale_growth.growth,
    "memory": memory.memory,
    "start": start.start,
    "tokens": logins.tokens,
    "decisions": decisions.decisions,
    "open-uploads": open_uploads.open_uploads,
    "audit": auditing.auditing,
    "encryption": encrypting.encrypting,
    "extras": extras.extras,
    "bucket-push-stream": buckets.stream,
    "bucket-push-images": buckets.images,
    "bucket-blob": buckets.blob,
    "bucket-memory": memory.on_bucket,
    "nodes": nodes.nodes,
    "sealing": sealing.sealing,
}


def main() -> None:
    """Run the rows that were asked for, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"one of: {', '.join(ROWS)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds of each side (default {ROUNDS})")
    arguments = parser.parse_args()
    if unknown := [row for row in arguments.rows if row not in ROWS]:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    machine = _machine()
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as root:
        workspace = Workspace(Path(root))
        for row in arguments.rows or ROWS:
            outcome = ROWS[row](workspace, arguments.rounds)
            _print(outcome)
            if not QUICK:
                _keep(row, outcome, machine)


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "entrepot": __version__,
        "docker-registry": peer_version(),
    }


def _print(outcome: Outcome) -> None:
    print(f"\n{outcome.row} ({outcome.unit})")
    for side, samples in outcome.samples.items():
        cpu = [sample.cpu_seconds for sample in samples if sample.cpu_seconds is not None]
        taken = f", cpu {median(cpu):.2f} {outcome.conditions['cpu']}" if cpu else ""
        late = [sample.p99_ms for sample in samples if sample.p99_ms is not None]
        tail = f", p99 {median(late):.1f} ms" if late else ""
        print(f"  {side:24}{median(sample.value for sample in samples):12.1f}{taken}{tail}", flush=True)
    for ratio in outcome.ratios:
        goal = f", goal {ratio.goal:g}: {ratio.verdict}" if ratio.goal is not None else ""
        sides = f"{ratio.of} against {ratio.against}"
        print(f"  {sides}: {ratio.ratio:.2f} x [{ratio.low:.2f}, {ratio.high:.2f}]{goal}", flush=True)
    for bound in outcome.bounds:
        goal = f"goal at {'least' if bound.is_least else 'most'} {bound.limit:g}: {bound.verdict}"
        shown = f"{bound.value:g} {bound.unit} [{bound.low:g}, {bound.high:g}]"
        print(f"  {bound.what}: {shown}, {goal}", flush=True)


def _keep(row: str, outcome: Outcome, machine: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    kept = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, **outcome.as_json()}
    (RESULTS / f"{row}.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
