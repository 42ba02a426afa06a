# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.fuzz [--seconds N] [TARGET …]`: status 1 if an input broke a target; its smallest form is shown."""

import argparse
import sys

from tests.fuzz.target import Outcome
from tests.fuzz.target import fuzz
from tests.fuzz.targets import TARGETS


def main(arguments: list[str]) -> int:
    """Share the time among the targets, print what came of each, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long in all")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="targets to fuzz (all)")
    options = parser.parse_args(arguments)
    chosen = [each for each in TARGETS if not options.targets or each.name in options.targets]
    outcomes: list[Outcome] = []
    for each in chosen:
        outcomes.append(fuzz(each, options.seconds / len(chosen)))
        print(_line(outcomes[-1]), flush=True)
    broken = [outcome for outcome in outcomes if outcome.failure]
    for outcome in broken:
        print(f"\n--- {outcome.target}\n{outcome.failure}")
    print(f"\n{sum(outcome.inputs for outcome in outcomes)} inputs, {len(broken)} of {len(chosen)} targets broken")
    return 1 if broken or not chosen else 0


def _line(outcome: Outcome) -> str:
    verdict = "BROKEN" if outcome.failure else "ok"
    return f"{outcome.target:<22} {outcome.inputs:>8} inputs {outcome.seconds:7.1f} s  {verdict}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
