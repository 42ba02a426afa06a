# SPDX-License-Identifier: Apache-2.0
"""Clients in processes of their own, collectors that are killed, and what has to be true afterwards."""

import asyncio
import random
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.verify import Options as VerifyOptions
from entrepot.registry.verify import verify_report
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.databases import a_database
from tests.builders.databases import dropping
from tests.builders.databases import place_of
from tests.collection.broken import WITHOUT_FOREIGN_KEYS
from tests.collection.client import Client
from tests.collection.client import Record
from tests.collection.collector import collect_until_killed
from tests.collection.collector import counts_of
from tests.collection.place import Place
from tests.collection.place import drop_foreign_keys
from tests.unit.registry.collecting import Collecting

CLIENT_PROCESSES, CLIENTS_PER_PROCESS = 2, 4
COLLECTORS = 2
SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 6.0
END_DAYS = 140
"""Every lease, window, hold and upload has ended after these."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long, the seed of everything random, and the order to break, if any."""

    seconds: float
    seed: int
    broken: str = ""


def stress(options: Options) -> Record:
    """Let clients and collectors work against each other; return what happened, audited."""
    with tempfile.TemporaryDirectory(prefix="entrepot-collection-") as scratch, dropping():
        folder = Path(scratch)
        database = a_database(folder)
        has_foreign_keys = options.broken not in WITHOUT_FOREIGN_KEYS
        if not has_foreign_keys:
            drop_foreign_keys(database)
        address = place_of(database)
        database.close()
        place = Place(address, folder, time.time(), options.seed, options.broken, has_foreign_keys)
        record = _under_fire(place, options)
        record.counts += counts_of(folder)
        asyncio.run(_audit(place, record))
    return record


def _under_fire(place: Place, options: Options) -> Record:
    """Run the clients for as long as they take, and kill collectors meanwhile."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    pipes = [_start_clients(context, place, number, options.seconds) for number in range(CLIENT_PROCESSES)]
    dice, record = random.Random(options.seed), Record()
    collectors = [_start_collector(context, place, dice) for _ in range(COLLECTORS)]
    while not any(pipe.poll() for pipe in pipes):
        time.sleep(dice.uniform(SHORTEST_SECONDS, LONGEST_SECONDS) / COLLECTORS)
        killed = collectors.pop(0)
        if not killed.is_alive():
            record.bad.append(f"a collector ended by itself, status {killed.exitcode}")
        _kill(killed)
        record.counts["collectors killed"] += 1
        collectors.append(_start_collector(context, place, dice))
    for pipe in pipes:
        try:
            found = pipe.recv()
        except EOFError:
            record.bad.append("clients ended by themselves")
            continue
        record.counts += found.counts
        record.bad += found.bad
        record.live += found.live
    for collector in collectors:
        _kill(collector)
    return record


def _start_collector(context: ForkServerContext, place: Place, dice: random.Random) -> BaseProcess:
    process = context.Process(target=collect_until_killed, args=(place, dice.randrange(1_000_000)), daemon=True)
    process.start()
    return process


def _kill(process: BaseProcess) -> None:
    process.kill()
    process.join()


def _start_clients(context: ForkServerContext, place: Place, number: int, seconds: float) -> "Pipe[None, Record]":
    here, there = context.Pipe(duplex=False)
    context.Process(target=_be_clients, args=(place, number, seconds, there), daemon=True).start()
    there.close()
    return here


def _be_clients(place: Place, number: int, seconds: float, pipe: "Pipe[Record, None]") -> None:
    """Be a process with clients; those of the first one have leases that last."""
    pipe.send(asyncio.run(_clients(place, number, seconds)))
    pipe.close()


async def _clients(place: Place, number: int, seconds: float) -> Record:
    running = place.open() if number == 0 else place.open(lease_hours=0)
    clients = [
        Client(running, place.seed + 100 * number + each, keys_by_digest=place.broken == "digest-keys")
        for each in range(CLIENTS_PER_PROCESS)
    ]
    total = Record()
    for record in await asyncio.gather(*(client.run(time.time() + seconds) for client in clients)):
        total.counts += record.counts
        total.bad += record.bad
        total.live += record.live
    await _close(running)
    return total


async def _audit(place: Place, record: Record) -> None:
    """Pull what must be there, verify all of it, then delete everything and find that everything is freed."""
    running = place.open()
    reader = Client(running, place.seed)
    for artifact in record.live:
        await reader.check(artifact, "in the end")
    record.counts["artifacts audited"] = len(record.live)
    record.bad += reader.record.bad
    report = await verify_report(running.database, running.core.stores, running.clock, VerifyOptions(is_deep=True))
    record.bad += [f"verify --deep: {found.rule} {found.subject} {found.message}" for found in report.findings]
    for name, digest in await running.database.read(_live_manifests):
        with suppress(ManifestUnknown):
            await running.delete.manifest(EVERYBODY, name, digest)
    await _close(running)
    await _free_everything(replace(place, began=place.began - END_DAYS * 86_400 / place.rate).open(), record)


async def _free_everything(running: RunningCore, record: Record) -> None:
    await running.uploads.expire(10_000)
    collecting = Collecting(running)
    await collecting.collect()
    record.bad += [f"{count} rows left in {table}" for table, count in (await collecting.left()).items()]
    record.bad += [f"{key} left in the storage" for key in await collecting.stored()]
    await _close(running)


async def _close(running: RunningCore) -> None:
    running.database.close()
    await running.storage.close()


def _live_manifests(connection: Connection) -> list[tuple[RepositoryName, Digest]]:
    live = select(repositories.c.name, manifests.c.digest).join(manifests).where(manifests.c.deleted_at.is_(None))
    return [(row.name, row.digest) for row in connection.execute(live)]
