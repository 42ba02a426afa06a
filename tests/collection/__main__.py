# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.collection [--seconds N] [--seed N] [--broken ORDER]`: exits with status 1 if anything was lost.

On SQLite, or on the server that `ENTREPOT_TEST_POSTGRESQL` names; in a folder, or in the bucket that
`ENTREPOT_TEST_S3` names. With `--broken`
a wrong order is planted, and the status is 1 if that is *not* found.
"""

import argparse
import secrets
import sys

from tests.collection.broken import ORDERS
from tests.collection.stress import Options
from tests.collection.stress import stress


def main(arguments: list[str]) -> int:
    """Do it, print the figures and return the exit status."""
    options = _parse(arguments)
    print(f"seed {options.seed}", flush=True)
    record = stress(options)
    for what, number in sorted(record.counts.items()):
        print(f"{what}: {number}")
    for each in record.bad[:20]:
        print(f"BAD: {each}")
    print(f"bad: {len(record.bad)}")
    return int(bool(record.bad) != bool(options.broken))


def _parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.collection", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--broken", choices=sorted(ORDERS), default="", help="plant this order, and end when found")
    parsed = parser.parse_args(arguments)
    return Options(parsed.seconds, parsed.seed, parsed.broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
