# SPDX-License-Identifier: Apache-2.0
"""The rows about finding artifacts by what they are, among 1,000,000: on SQLite, and on PostgreSQL.

Each query is asked over HTTP on one connection, by an administrator, by somebody who may read two thousand of the
100,000 repositories, and by somebody who may read ten. A round asks every query several times and keeps the p95 of all
of them; the median and the p95 of each query by itself are among the conditions.
"""

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import quote

from bench import search_registry as registry
from bench.client import Connection
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import at_most
from bench.measurement import measure
from bench.scale import ADMINISTRATOR
from bench.scale import READER
from bench.scale import login
from bench.servers import Server
from bench.servers import entrepot
from bench.workspace import Workspace
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.sqlite import SqliteDatabase
from tests.builders.databases import SERVER
from tests.builders.databases import a_database
from tests.builders.databases import dropping
from tests.builders.databases import place_of

LIMIT_MS = 200
TIMES = 5
PEOPLE = (ADMINISTRATOR, registry.MEMBER, READER)

_SOME = registry.ARTIFACTS // 3

QUERIES: Mapping[str, str] = {
    "a commit": f"revision:{registry.revision(_SOME)[:10]}",
    "a short digest": f"digest:{registry.digest(_SOME)[7:15]}",
    "a repository": f"repository:{registry.repository(77)}",
    "a project": "project:project-00007 type:image",
    "a label of few": "label:team=team-17 type:image",
    "a label of many": "label:stage=production",
    "an annotation of many": 'annotation:org.opencontainers.image.vendor="Vendor 3" type:chart',
    "a word": "redis",
    "words": "gateway billing",
    "a type": "type:image",
    "a type and a platform": "type:image platform:linux/arm64",
    "large ones": "size:>3GB",
    "small signatures": "type:signature size:<2kB",
    "a beginning of a tag": "tag:1.3.*",
    "what is latest": "tag:latest type:index",
    "without a tag": "is:untagged type:sbom",
    "pushed lately": "pushed:<2d",
    "pushed in a month of old": "pushed:>=2025-01-01 pushed:<2025-02-01 type:image -label:stage",
    "used lately": "pulled:<30d type:image",
    "what is not": "-type:image -label:team -platform:linux",
    "many that hardly meet": "label:team=team-3 annotation:org.opencontainers.image.vendor=none type:image",
    "none at all": "label:nothing=here",
    "everything": "",
}


def on_sqlite(workspace: Workspace, rounds: int) -> Outcome:
    """Ask a server on SQLite."""
    data = workspace.fresh("search")
    data.mkdir(parents=True)
    with closing(SqliteDatabase(data / "entrepot.db")) as database:
        schema.upgrade(database)
        return _asked("search", database, data, {}, rounds)


def on_postgresql(workspace: Workspace, rounds: int) -> Outcome:
    """Ask a server on the PostgreSQL that `ENTREPOT_TEST_POSTGRESQL` names."""
    if not SERVER:
        raise SystemExit("The row search-postgresql takes a server: set ENTREPOT_TEST_POSTGRESQL.")
    data = workspace.fresh("search")
    data.mkdir(parents=True)
    with dropping(), closing(a_database(data)) as database:
        return _asked("search-postgresql", database, data, {"ENTREPOT_DATABASE__URL": place_of(database)}, rounds)


def _asked(row: str, database: Database, data: Path, more: Mapping[str, str], rounds: int) -> Outcome:
    begin = perf_counter()
    registry.fill(database)
    filled = perf_counter() - begin
    print(f"  {registry.ARTIFACTS} artifacts, filled in {filled:.0f} s", flush=True)
    each: dict[str, dict[str, list[float]]] = {person: defaultdict(list) for person in PEOPLE}
    with entrepot(data, more=more) as server:
        samples = measure({person: _asking(server, person, each[person].__getitem__) for person in PEOPLE}, rounds)
    conditions = {
        "database": database.engine_name,
        "data": f"{registry.ARTIFACTS} artifacts in {registry.REPOSITORIES} repositories; filled in {filled:.0f} s",
        "connections": 1,
        "value": f"p95 of {len(QUERIES)} queries, each {TIMES} times a round; the first page, with total and facets",
        "queries": dict(QUERIES),
        "ms, median and p95": {
            person: {name: [round(median(some), 1), round(_p95(some), 1)] for name, some in known.items()}
            for person, known in each.items()
        },
    }
    bounds = [
        at_most(f"{person}: p95", [one.value for one in some], LIMIT_MS, "ms") for person, some in samples.items()
    ]
    return Outcome(row, "ms at p95", samples, [], conditions, bounds)


def _asking(server: Server, person: str, kept: Callable[[str], list[float]]) -> Round:
    def run(number: int) -> Sample:
        taken: list[float] = []
        with Connection(server.port, login(person)) as connection:
            connection.expect(200, connection.ask("GET", "/v2/"))
            for name, query in [*QUERIES.items()] * TIMES:
                begin = perf_counter()
                answer = connection.ask("GET", f"/api/v1/search/artifacts?q={quote(query, safe='')}")
                took = (perf_counter() - begin) * 1_000
                connection.expect(200, answer)
                taken.append(took)
                if number:
                    kept(name).append(took)
        return Sample(_p95(taken), p50_ms=median(taken), p99_ms=max(taken))

    return run


def _p95(some: list[float]) -> float:
    return sorted(some)[max(0, -(-len(some) * 95 // 100) - 1)]
