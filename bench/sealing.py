# SPDX-License-Identifier: Apache-2.0
"""The row of how soon what happened is in the chain of the audit log, while many push.

On PostgreSQL if `ENTREPOT_TEST_POSTGRESQL` names a server, in a database of its own, else on SQLite.
"""

from collections.abc import Callable
from contextlib import closing
from threading import Event
from threading import Thread

from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import at_most
from bench.measurement import measure
from bench.pushes import CLIENTS
from bench.pushes import IMAGES
from bench.pushes import push_images
from bench.pushes import user_of
from bench.servers import entrepot
from bench.workspace import Workspace
from bench.workspace import first_start
from entrepot.features.audit.sealing import Sealer
from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import system_clock
from tests.builders.databases import a_database
from tests.builders.databases import dropping
from tests.builders.databases import place_of

LOOK_SECONDS = 0.05
MOST_SECONDS = 10
PUSHES = f"{CLIENTS} clients push"


def sealing(workspace: Workspace, rounds: int) -> Outcome:
    """Watch the oldest change that is not sealed yet, while images are pushed."""
    data = workspace.fresh("sealing")
    data.mkdir()
    with dropping(), closing(a_database(data)) as database:
        place = {"ENTREPOT_DATABASE__URL": place_of(database)} if database.engine_name == "postgresql" else {}
        password = first_start(data, place)
        with entrepot(data, more=place) as server:
            push = push_images(server, user_of(server, password))
            samples = measure({PUSHES: _watched(database, push)}, rounds)
        engine = database.engine_name
    conditions = {
        "database": engine,
        "images a round": IMAGES,
        "clients": CLIENTS,
        "value": f"the longest that a change waited in a round, looked at every {LOOK_SECONDS * 1_000:.0f} ms",
    }
    longest = at_most("longest until sealed", [sample.value for sample in samples[PUSHES]], MOST_SECONDS, "s")
    return Outcome("sealing", "s", samples, [], conditions, [longest])


def _watched(database: Database, push: Round) -> Round:
    def run(number: int) -> Sample:
        longest, over = [0.0], Event()
        watcher = Thread(target=_watch, args=(database, longest.append, over))
        watcher.start()
        push(number)
        while not over.is_set() and _waiting_seconds(database):
            over.wait(LOOK_SECONDS)
        over.set()
        watcher.join()
        return Sample(max(longest))

    return run


def _watch(database: Database, note: Callable[[float], None], over: Event) -> None:
    while not over.wait(LOOK_SECONDS):
        note(_waiting_seconds(database))


def _waiting_seconds(database: Database) -> float:
    """Tell how long the oldest change waits that the sealer has not seen, 0 if none does."""
    [lag] = [each for each in database.snapshot_now(outbox.lag) if each.name == Sealer.name]
    return 0.0 if lag.waiting_since is None else (system_clock() - lag.waiting_since) / SECOND_MS
