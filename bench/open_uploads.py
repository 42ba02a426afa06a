# SPDX-License-Identifier: Apache-2.0
"""The row of a crowd that uploads: into one project, and the same load over as many projects as uploads."""

import asyncio
import http.client
from collections import defaultdict
from collections import deque
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle

from bench import crowd
from bench.client import percentile
from bench.crowd import Crowd
from bench.issuing import issue
from bench.logins import token_request
from bench.measurement import Bound
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import at_most
from bench.measurement import measure
from bench.measurement import ratio_at_most
from bench.open_loop import OpenLoop
from bench.open_loop import arrivals
from bench.servers import Server
from bench.servers import entrepot
from bench.workspace import Workspace
from entrepot.infra.database.engine import DURATION
from tests.server import HOST

OPEN = crowd.PEOPLE
SECONDS = 10.0
FLAT_OUT_CONNECTIONS = 32
SHARE_OF_MAXIMUM = 0.5
TOKENS_PER_SECOND = 50.0
ASKERS = 8
SEED = 20
LONGEST_WAIT_SECONDS = 0.1
ONE = "one project"
MANY = f"{OPEN:,} projects"
NO_UPLOADS = "no uploads"
"""The three loads: uploads into one project, into many, and tokens alone."""
UPLOAD = "last byte to 201, "
TOKEN = "token, "  # noqa: S105 - the beginning of a side's name
SLOW = f"writes over {LONGEST_WAIT_SECONDS * 1000:.0f} ms, "


def open_uploads(workspace: Workspace, rounds: int) -> Outcome:
    """Hold 1,000 uploads open and let them end at half the measured maximum rate, tokens being fetched meanwhile."""
    people = crowd.build(workspace.fresh("crowd"))
    with entrepot(people.data) as server:
        load = Load(server, people)
        rate = load.maximum() * SHARE_OF_MAXIMUM
        beside: dict[str, list[Sample]] = defaultdict(list)
        sides: dict[str, Round] = {UPLOAD + where: load.side(where, rate, beside) for where in (ONE, MANY)}
        sides[TOKEN + NO_UPLOADS] = load.tokens_alone
        samples = measure(sides, rounds) | beside
    conditions = {
        "uploads": f"{OPEN} open at once, each by a user of its own; blobs of 64 KiB, all but 1 KiB sent beforehand",
        "rate": f"{rate:.1f} a second, half of what {FLAT_OUT_CONNECTIONS} connections reached over {MANY}",
        "due": "at random (Poisson, one seed), whether or not the server keeps up; times are from when it was due",
        "repositories": "as many as uploads in both loads",
        "seconds a round": SECONDS,
        "tokens": f"{TOKENS_PER_SECOND:g} a second beside the uploads, and alone",
        "writes": "time from asking for a write until it is durable: a wait for the lock is never longer",
        "cpu": "seconds per 100,000 uploads, tokens included",
        "entrepot": "one process",
    }
    return Outcome("1,000 uploads open at once", "ms, p99", samples, [], conditions, _bounds(samples))


def _bounds(samples: Mapping[str, Sequence[Sample]]) -> list[Bound]:
    values = {side: [sample.value for sample in some] for side, some in samples.items()}
    return [
        ratio_at_most(f"{UPLOAD}{ONE} over {MANY}", values[UPLOAD + ONE], values[UPLOAD + MANY], 1.2),
        at_most(f"{SLOW}{ONE}, the most in a round", [max(values[SLOW + ONE])], 0, "writes"),
        ratio_at_most(f"{TOKEN}{ONE} over unloaded", values[TOKEN + ONE], values[TOKEN + NO_UPLOADS], 2),
    ]


@dataclass(frozen=True, slots=True)
class Load:
    """What is done to a server that serves the crowd's data."""

    server: Server
    people: Crowd

    def maximum(self) -> float:
        """Return how many blobs a second can be pushed into as many projects as there are users."""
        with self._loop(MANY, FLAT_OUT_CONNECTIONS, 0) as loop:
            loop.run_flat_out(SECONDS / 4)
            rate = loop.run_flat_out(SECONDS)
            loop.end_all()
        return rate

    def side(self, where: str, rate: float, beside: dict[str, list[Sample]]) -> Round:
        """Return the load of uploads into one project or many; what else it shows of a round goes to `beside`."""

        def run(number: int) -> Sample:
            with self._loop(where, OPEN, ASKERS) as loop:
                loop.hold_all()
                slow_before, cpu_before = self._slow_writes(), self.server.cpu_seconds()
                times = loop.run(arrivals(rate, SECONDS, SEED), arrivals(TOKENS_PER_SECOND, SECONDS, SEED))
                cpu = self.server.cpu_seconds() - cpu_before
                slow = self._slow_writes() - slow_before
                loop.end_all()
            if number:
                beside[TOKEN + where].append(_sample(times.tokens_ms))
                beside[SLOW + where].append(Sample(slow))
            return _sample(times.uploads_ms, cpu / len(times.uploads_ms) * 100_000)

        return run

    def tokens_alone(self, _number: int) -> Sample:
        """Fetch tokens as beside the uploads."""
        with self._loop(NO_UPLOADS, 0, ASKERS) as loop:
            times = loop.run(deque(), arrivals(TOKENS_PER_SECOND, SECONDS, SEED))
        return _sample(times.tokens_ms)

    @contextmanager
    def _loop(self, where: str, pushers: int, askers: int) -> Iterator[OpenLoop]:
        projects = [crowd.SHARED if where == ONE else crowd.project_of(person) for person in range(pushers)]
        repositories = [f"{project}/app-{person}" for person, project in enumerate(projects)]
        wanted = [(crowd.name_of(n), [f"repository:{name}:pull,push"]) for n, name in enumerate(repositories)]
        tokens = asyncio.run(issue(self.people.data, wanted))
        asked = cycle(
            token_request(self.server.port, person, secret, f"{crowd.project_of(person)}/app")
            for person, secret in enumerate(self.people.secrets)
        )
        pairs = list(zip(repositories, tokens, strict=True))
        with closing(OpenLoop(self.server.port, pairs, askers, asked)) as loop:
            yield loop

    def _slow_writes(self) -> int:
        """Return how many writes have taken longer than `LONGEST_WAIT_SECONDS` since the server started."""
        with closing(http.client.HTTPConnection(HOST, self.server.port)) as connection:
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        counts = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(f"{DURATION.name}_"))
        quick = counts[f'{DURATION.name}_bucket{{le="{LONGEST_WAIT_SECONDS}"}}']
        return int(float(counts[f"{DURATION.name}_count"]) - float(quick))


def _sample(times_ms: Sequence[float], cpu_seconds: float | None = None) -> Sample:
    """Return the 99th percentile of a round, and its median beside it."""
    p99 = percentile(times_ms, 0.99)
    return Sample(p99, cpu_seconds, percentile(times_ms, 0.5), p99)
