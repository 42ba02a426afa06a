# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.crash [--seconds N] [--pushes N] [--seed N]`: exits with status 1 if anything was lost.

The bytes are in a folder, or in the bucket that `ENTREPOT_TEST_S3` names.
"""

import argparse
import itertools
import random
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.builders.buckets import REAL
from tests.builders.buckets import real_bucket_in_environment
from tests.crash.audit import Audit
from tests.crash.audit import verify
from tests.crash.client import Client
from tests.crash.client import OutOfTimeError
from tests.crash.client import UnexpectedAnswerError
from tests.crash.killer import Killer
from tests.crash.ledger import Ledger
from tests.crash.pushes import Push
from tests.server import Server
from tests.server import free_port
from tests.server import start_entrepot
from tests.server import stop

STORED = real_bucket_in_environment(f"crash-{secrets.token_hex(4)}") if REAL else {}
"""What tells the server where its bytes are."""

CLIENTS = 8
GRACE_SECONDS = 240.0
"""How long after `--seconds` the last pushes may take."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long to kill at least, how many pushes to do at least, and the seed of everything random."""

    seconds: float
    pushes: int
    seed: int


def main(arguments: list[str]) -> int:
    """Push under kills, audit, print the figures and return the exit status."""
    options = _parse(arguments)
    print(f"seed {options.seed}", flush=True)
    ledger = Ledger()
    with tempfile.TemporaryDirectory(prefix="entrepot-crash-") as scratch:
        password = secrets.token_urlsafe(16)
        server = start_entrepot(Path(scratch) / "data", free_port(), password, environment=STORED)
        server = _push_under_kills(server, options, ledger)
        _audit(server, ledger)
    print(_figures(ledger))
    return 1 if ledger.violations or ledger.counts["pushes"] < options.pushes else 0


def _parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="kill for at least so long")
    parser.add_argument("--pushes", type=int, default=200, help="do at least so many pushes")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parsed = parser.parse_args(arguments)
    return Options(parsed.seconds, parsed.pushes, parsed.seed)


def _push_under_kills(server: Server, options: Options, ledger: Ledger) -> Server:
    """Let the clients push until time and number are reached; return the server, which was killed last."""
    killer = Killer(server, ledger, random.Random(options.seed), STORED)
    numbers = _numbers(options, time.monotonic() + options.seconds)
    deadline = time.monotonic() + options.seconds + GRACE_SECONDS
    clients = [Client(server.authority, server.user, server.password, ledger, deadline) for _ in range(CLIENTS)]
    lock = threading.Lock()
    killer.start()
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            for work in [pool.submit(_work, client, options.seed, numbers, lock) for client in clients]:
                work.result()
    finally:
        killer.finish()
    return killer.server


def _numbers(options: Options, end: float) -> Iterator[int]:
    """Count pushes until there are enough and the time is up."""
    return itertools.takewhile(lambda number: number < options.pushes or time.monotonic() < end, itertools.count())


def _work(client: Client, seed: int, numbers: Iterator[int], lock: threading.Lock) -> None:
    """Do pushes, one after the other, until there are no more numbers."""
    while True:
        with lock:
            number = next(numbers, None)
        if number is None:
            break
        try:
            Push(client, seed, number).run()
            client.ledger.count("pushes")
        except (UnexpectedAnswerError, OutOfTimeError) as error:
            client.ledger.violation(f"push {number}: {type(error).__name__}: {error}")
    client.close()


def _audit(killed: Server, ledger: Ledger) -> None:
    """Verify the data as the last kill left it, then pull everything from a new server and verify again."""
    verify(killed.data, ledger, "after the last kill", STORED)
    server = start_entrepot(killed.data, free_port(), killed.password, environment=STORED)
    try:
        client = Client(server.authority, server.user, server.password, ledger, time.monotonic() + GRACE_SECONDS)
        Audit(client, ledger).run()
        client.close()
        verify(server.data, ledger, "while serving", STORED)
    finally:
        stop(server.process)


def _figures(ledger: Ledger) -> str:
    """Return every count, one a line, and the verdict."""
    acknowledged = f"{len(ledger.blobs)} blobs, {len(ledger.manifests)} manifests, {len(ledger.tags)} tags"
    counted = [f"{name}: {number}" for name, number in sorted(ledger.counts.items())]
    verdict = f"{len(ledger.violations)} violations" if ledger.violations else "nothing acknowledged was lost"
    return "\n".join([*counted, f"acknowledged: {acknowledged}", verdict])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
