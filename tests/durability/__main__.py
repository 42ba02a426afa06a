# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.durability [--objects N] [--cuts N] [--seed N]`: exits with status 1 if a promise was broken."""

import argparse
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.durability.audit import check_workload
from tests.durability.operations import Acknowledge
from tests.durability.operations import Operation
from tests.durability.operations import Sync
from tests.durability.operations import operations
from tests.durability.power_cut import Trial
from tests.durability.power_cut import cut_power
from tests.durability.prove import prove_operations
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
    """How many objects to push, how many power cuts to try, and the seed of everything random."""

    objects: int
    cuts: int
    seed: int


def main(arguments: list[str]) -> int:
    """Check the checkers, then the real thing; print figures and return the exit status."""
    options = _parse(arguments)
    print(f"seed {options.seed}", flush=True)
    require_strace()
    subprocess.run((sys.executable, "-m", "pytest", "-q", "tests/durability"), cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="entrepot-durability-") as scratch:
        faults = [*_power(options, Path(scratch) / "power"), *_refusals(options, Path(scratch) / "refusals")]
    for fault in faults:
        print(f"BROKEN: {fault}")
    return 1 if faults else 0


def _parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=__doc__)
    parser.add_argument("--objects", type=int, default=60, help="push so many objects")
    parser.add_argument("--cuts", type=int, default=400, help="cut the power so many times")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parsed = parser.parse_args(arguments)
    return Options(parsed.objects, parsed.cuts, parsed.seed)


def _power(options: Options, scratch: Path) -> list[str]:
    """Trace one run, prove it, cut its power, and do both again with syncs left out."""
    data = scratch / "data"
    data.mkdir(parents=True)
    run_workload(data, scratch / "trace", options.objects, options.seed)
    with (scratch / "trace").open() as lines:
        done = operations(lines, data, DURABLE)
    told = sum(isinstance(operation, Acknowledge) for operation in done)
    print(f"{told} objects acknowledged, {len(done)} operations traced", flush=True)
    faults = [str(violation) for violation in prove_operations(done)]
    print(f"proof: {len(faults)} acknowledgements left too early", flush=True)
    losses = cut_power(done, data, check_workload, Trial(options.cuts, options.seed, scratch))
    print(f"{options.cuts} power cuts: {len(losses)} losses", flush=True)
    faults += map(str, losses)
    if told != options.objects:
        faults.append(f"{told} of {options.objects} objects were acknowledged")
    return faults + _planted(done, data, options, scratch)


def _planted(done: Sequence[Operation], data: Path, options: Options, scratch: Path) -> list[str]:
    """Leave out one kind of sync after another; return those that nobody missed."""
    missed = []
    for number, (kind, is_left_out) in enumerate(PLANTED.items()):
        left = [done_ for done_ in done if not (isinstance(done_, Sync) and is_left_out(done_.path))]
        folder = scratch / f"planted-{number}"
        folder.mkdir()
        violations = prove_operations(left)
        losses = cut_power(left, data, check_workload, Trial(options.cuts // 8 + 20, options.seed, folder))
        print(f"without syncs {kind}: {len(violations)} too early, {len(losses)} losses", flush=True)
        if not violations:
            missed.append(f"the proof does not miss the syncs {kind}")
        if not losses:
            missed.append(f"the power cuts do not miss the syncs {kind}")
    return missed


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
