# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.durability [--objects N] [--cuts N] [--server-cuts N] [--seed N]`.

Exits with status 1 if a promise was broken, or if one that was broken on purpose went unnoticed.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from itertools import chain
from pathlib import Path

from tests.durability.audit import check_workload
from tests.durability.operations import Acknowledge
from tests.durability.operations import Operation
from tests.durability.operations import Sync
from tests.durability.operations import operations
from tests.durability.power_cut import Check
from tests.durability.power_cut import Loss
from tests.durability.power_cut import Trial
from tests.durability.power_cut import cut_power
from tests.durability.prove import prove_operations
from tests.durability.server_audit import ServerAudit
from tests.durability.server_workload import record_server
from tests.durability.strace import ROOT
from tests.durability.strace import require_strace
from tests.durability.strace import run_workload
from tests.durability.workload import DURABLE
from tests.durability.workload import FAILED

PLANTED: dict[str, Callable[[Path], bool]] = {
    "of files": lambda path: path.parent.name == "uploads",
    "of folders of objects": lambda path: path.parent.name == "objects",
    "of the folder above": lambda path: path.name == "objects",
    "of the write-ahead log": lambda path: path.name.endswith("-wal"),
}
"""Syncs to leave out of a real trace, which must then be found to break promises."""

LONGEST_SECONDS = 60.0
"""No more power cuts are tried on one trace after so long."""

FAULTS = (
    "fsync:error=EIO:when=9+5",
    "rename:error=EIO:when=3+4",
    "mkdir:error=ENOSPC:when=6+3",
    "pwrite64:error=ENOSPC:when=25+41",
    "pwrite64:error=EIO:when=30+53",
)
"""What the disk refuses, as strace injects it: the first time and every so often, in each thread."""


@dataclass(frozen=True, slots=True)
class Options:
    """How many objects to push, how many power cuts to try of that and of the server, the seed of everything random."""

    objects: int
    cuts: int
    server_cuts: int
    seed: int


def main(arguments: list[str]) -> int:
    """Check the checkers, then the real thing; print figures and return the exit status."""
    options = _parse(arguments)
    print(f"seed {options.seed}", flush=True)
    require_strace()
    subprocess.run((sys.executable, "-m", "pytest", "-q", "tests/durability"), cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="entrepot-durability-") as scratch:
        faults = [
            *_objects(options, Path(scratch) / "objects"),
            *_server(options, Path(scratch) / "server"),
            *_refusals(options, Path(scratch) / "refusals"),
        ]
    for fault in faults:
        print(f"BROKEN: {fault}")
    return 1 if faults else 0


def _parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=__doc__)
    parser.add_argument("--objects", type=int, default=60, help="push so many objects")
    parser.add_argument("--cuts", type=int, default=400, help="cut the power of the storage so many times")
    parser.add_argument("--server-cuts", type=int, default=150, help="cut the power of the server so many times")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parsed = parser.parse_args(arguments)
    return Options(parsed.objects, parsed.cuts, parsed.server_cuts, parsed.seed)


def _objects(options: Options, scratch: Path) -> list[str]:
    """Trace storage and database, without the server around them, and judge what they did."""
    data = scratch / "data"
    data.mkdir(parents=True)
    run_workload(data, scratch / "trace", options.objects, options.seed)
    with (scratch / "trace").open() as lines:
        done = operations(lines, data, DURABLE)
    told = sum(isinstance(operation, Acknowledge) for operation in done)
    print(f"storage and database: {told} objects acknowledged", flush=True)
    faults = _judge(done, data, check_workload, Trial(options.cuts, options.seed, scratch))
    if told != options.objects:
        faults.append(f"{told} of {options.objects} objects were acknowledged")
    return faults


def _server(options: Options, scratch: Path) -> list[str]:
    """Trace the server while it is pushed to, and judge what it did."""
    data = scratch / "data"
    data.mkdir(parents=True)
    recorded = record_server(data, scratch / "trace", options.seed)
    print(f"server: {len(recorded.promises)} pushes and deletes acknowledged", flush=True)
    check = ServerAudit(recorded.promises)
    return _judge(recorded.done, data, check, Trial(options.server_cuts, options.seed, scratch))


def _judge(done: Sequence[Operation], data: Path, check: Check, trial: Trial) -> list[str]:
    """Prove what was done, cut its power, and do both again with syncs left out."""
    violations = prove_operations(done)
    print(f"proof over {len(done)} operations: {len(violations)} acknowledgements left too early", flush=True)
    cuts = []
    end = time.monotonic() + LONGEST_SECONDS
    for wrong in cut_power(done, data, check, trial):
        cuts.append(wrong)
        if time.monotonic() > end:
            break
    losses = [*chain.from_iterable(cuts)]
    print(f"{len(cuts)} of {trial.cuts} power cuts: {len(losses)} losses", flush=True)
    return [*map(str, violations), *map(str, losses), *_planted(done, data, check, trial)]


def _planted(done: Sequence[Operation], data: Path, check: Check, trial: Trial) -> list[str]:
    """Leave out one kind of sync after another, and cut the power until that is noticed; return what never was."""
    missed = []
    for number, (kind, is_left_out) in enumerate(PLANTED.items()):
        left = [done_ for done_ in done if not (isinstance(done_, Sync) and is_left_out(done_.path))]
        folder = trial.scratch / f"planted-{number}"
        folder.mkdir()
        violations = prove_operations(left)
        cuts = cut_power(left, data, check, replace(trial, seed=trial.seed + number, scratch=folder))
        found = next(((cut, losses[0]) for cut, losses in enumerate(cuts, 1) if losses), None)
        print(f"without syncs {kind}: {len(violations)} too early; {_first(found)}", flush=True)
        if not violations:
            missed.append(f"the proof does not miss the syncs {kind}")
        if found is None:
            missed.append(f"the power cuts do not miss the syncs {kind}")
    return missed


def _first(found: tuple[int, Loss] | None) -> str:
    return "no loss" if found is None else f"first loss in cut {found[0]}, {found[1].reason:.100}"


def _refusals(options: Options, scratch: Path) -> list[str]:
    """Run on a disk that refuses this and that; return what was acknowledged and is not there, or is incomplete."""
    faults = []
    for number, refusal in enumerate(FAULTS):
        data = scratch / f"data-{number}"
        data.mkdir(parents=True)
        trace = scratch / f"trace-{number}"
        said = run_workload(data, trace, options.objects, options.seed, refusal)
        with trace.open() as lines:
            told = [done for done in operations(lines, data, DURABLE) if isinstance(done, Acknowledge)]
        refused = sum(line.startswith(FAILED.decode()) for line in said)
        found = check_workload(data, told)
        print(f"{refusal}: {len(told)} acknowledged, {refused} refused, {len(found)} broken", flush=True)
        faults += found
        if not refused or not told:
            faults.append(f"{refusal} proves nothing: {refused} refused, {len(told)} acknowledged")
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
