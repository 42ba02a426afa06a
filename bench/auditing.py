# SPDX-License-Identifier: Apache-2.0
"""The row of the audit log: searching the last day of 5,000,000 records, and what recording costs.

On PostgreSQL if `ENTREPOT_TEST_POSTGRESQL` names a server, in a database of its own, else on SQLite. The records are
appended by the sealer itself, over sixty days; principals, repositories and addresses are drawn by Zipf's law.
"""

import os
import random
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from statistics import quantiles
from time import perf_counter

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import at_most
from bench.measurement import measure
from bench.workspace import Workspace
from entrepot.features.audit.models import TYPES
from entrepot.features.audit.models import Entry
from entrepot.features.audit.models import Filter
from entrepot.features.audit.sealing import seal
from entrepot.features.audit.store import records
from entrepot.features.audit.verify import verify_chain
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from tests.builders.databases import a_database

RECORDS = 500_000 if "BENCH_QUICK" in os.environ else 5_000_000
DAYS = 60
BATCH = 5_000
NOW = Milliseconds(1_800_000_000_000)
PEOPLE, REPOSITORIES, ADDRESSES = 1_000, 10_000, 2_000
MOST_MS = 1_000
PAGE = 100
RARE = "user:seldom"
"""Somebody with one record, fifty days ago."""


def auditing(workspace: Workspace, rounds: int) -> Outcome:
    """Search the last day for each kind of thing, and for somebody who is hardly there."""
    folder = workspace.fresh("audit")
    folder.mkdir()
    with closing(a_database(folder)) as database:
        began = perf_counter()
        for batch in _batches():
            database.write_now(seal, batch, batch[-1].at)
        filled = perf_counter() - began
        _settle(database)
        samples = measure(_sides(database), rounds)
        began = perf_counter()
        report = verify_chain(database, [], lambda *_: None)
        verified = perf_counter() - began
        engine = database.engine_name
    if not report.is_whole or report.records != RECORDS:
        raise AssertionError(f"the log that was made is not whole: {report}")
    conditions = {
        "database": engine,
        "records": RECORDS,
        "recorded a second": round(RECORDS / filled),
        "verified a second": round(RECORDS / verified),
        "searches": f"the newest {PAGE} of the last day; each round searches for 20 others, its 95th percentile counts",
    }
    bounds = [
        at_most(f"the last 24 hours, {side}", [sample.value for sample in some], MOST_MS, "ms")
        for side, some in samples.items()
    ]
    return Outcome("audit log", "ms", samples, [], conditions, bounds)


def _batches() -> Iterator[list[Entry]]:
    draw = random.Random(7)
    weights = {count: [1 / (rank + 1) ** 1.1 for rank in range(count)] for count in (PEOPLE, REPOSITORIES, ADDRESSES)}
    step = DAYS * DAY_MS // RECORDS
    for first in range(0, RECORDS, BATCH):
        people = draw.choices(range(PEOPLE), weights[PEOPLE], k=BATCH)
        places = draw.choices(range(REPOSITORIES), weights[REPOSITORIES], k=BATCH)
        addresses = draw.choices(range(ADDRESSES), weights[ADDRESSES], k=BATCH)
        yield [
            Entry(
                event=new_ulid(),
                at=Milliseconds(NOW - DAYS * DAY_MS + (first + number) * step),
                type=TYPES[(first + number) % len(TYPES)],
                principal=RARE if first + number == RECORDS // 6 else f"user:person-{people[number]}",
                credential="token:01JD0000000000000000000000",
                address=_address(addresses[number]),
                agent="containerd/2.2.0",
                project=f"project-{places[number] % 1_000}",
                repository=_repository(places[number]),
                tag="v1",
                digest=f"sha256:{places[number]:064x}",
                request_id=f"{first + number:016x}",
            )
            for number in range(BATCH)
        ]


def _sides(database: Database) -> Mapping[str, Round]:
    since = Milliseconds(NOW - DAY_MS)
    wanted: dict[str, Callable[[random.Random], Filter]] = {
        "everything": lambda _: Filter(since=since),
        "by a principal": lambda draw: Filter(since=since, principal=f"user:person-{draw.randrange(PEOPLE)}"),
        "by a repository": lambda draw: Filter(since=since, repository=_repository(draw.randrange(REPOSITORIES))),
        "by a type": lambda draw: Filter(since=since, type=draw.choice(TYPES)),
        "by a project and a type": lambda draw: Filter(
            since=since, project=f"project-{draw.randrange(1_000)}", type=draw.choice(TYPES)
        ),
        "by an address": lambda draw: Filter(since=since, address=_address(draw.randrange(ADDRESSES))),
        "somebody seldom, in all time": lambda _: Filter(principal=RARE),
    }

    def side(name: str) -> Round:
        def search(number: int) -> Sample:
            draw = random.Random(f"{name} {number}")
            taken = []
            for _ in range(20):
                began = perf_counter()
                found = database.snapshot_now(records.search, wanted[name](draw), None, PAGE)
                taken.append((perf_counter() - began) * 1_000)
                if name in ("everything", "by a type") and len(found) != PAGE:
                    raise AssertionError(f"{name}: {len(found)} records found")
            return Sample(quantiles(taken, n=20)[-1])

        return search

    return {name: side(name) for name in wanted}


def _settle(database: Database) -> None:
    """Let the planner know what there is, as a server does by itself after a while."""
    database.write_now(lambda connection: connection.exec_driver_sql("ANALYZE").close())


def _repository(number: int) -> str:
    return f"project-{number % 1_000}/app-{number}"


def _address(number: int) -> str:
    return f"10.0.{number // 250}.{number % 250 + 1}"
