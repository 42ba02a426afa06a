# SPDX-License-Identifier: Apache-2.0
"""Where it happens: a database and a folder that many processes share, on a clock that races."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event

from entrepot.entry.everything import Everything
from entrepot.entry.wiring import build_core
from entrepot.infra.database.engine import Database
from entrepot.infra.database.postgresql import PostgresqlDatabase
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Storage
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.pull_facts import Fact
from entrepot.registry.pull_facts import PullFacts
from entrepot.registry.settings import RegistrySettings
from tests.builders.buckets import REAL
from tests.builders.buckets import real_bucket
from tests.builders.core import RunningCore
from tests.builders.databases import SERVER
from tests.builders.databases import opened
from tests.builders.databases import sqlite_of
from tests.fakes.faulty_storage import FaultyStorage
from tests.fakes.settable_clock import SettableClock

START_MS = 1_800_000_000_000
RATE, RATE_OF_SERVERS, RATE_OF_BUCKETS = 200_000, 50_000, 10_000
"""How much faster time goes by: a day lasts 0.4 s, the five minutes of a lease that settles 1.5 ms.

A push to a database server takes longer, one to a bucket longer still, and each has to end within its lease.
"""

LEASE_HOURS = 24
UPLOAD_HOURS = 1_000
"""On that clock they are 18 seconds or more, which no upload takes unless it was left."""
CRASH_IN_STATEMENT, CRASH_IN_STORAGE = 0.004, 0.04


class CrashError(Exception):
    """A process that dies right here, as far as what it was doing is concerned."""


class RacingClock(SettableClock):
    """The same moment in every process that knows when it began."""

    def __init__(self, began: float, rate: int) -> None:
        super().__init__()
        self._began = began
        self._rate = rate

    def __call__(self) -> Milliseconds:
        """Tell the moment."""
        return Milliseconds(START_MS + int((time.time() - self._began) * 1_000 * self._rate))


@dataclass(frozen=True, slots=True)
class Place:
    """What a process needs to know to take part."""

    database: str
    folder: Path
    began: float
    seed: int
    broken: str = ""
    """The order that is broken on purpose, if any."""
    has_foreign_keys: bool = True

    @property
    def rate(self) -> int:
        """How much faster time goes by here."""
        if REAL:
            return RATE_OF_BUCKETS
        return RATE_OF_SERVERS if SERVER else RATE

    def open(self, *, lease_hours: int = LEASE_HOURS, crashes: random.Random | None = None) -> RunningCore:
        """Open the registry as a process of its own does, one that crashes now and then if `crashes` is given."""
        database = opened(self.database)
        engine = _prepared(database, has_foreign_keys=self.has_foreign_keys)
        storage = self._storage()
        if crashes is not None:
            storage = CrashingStorage(storage, crashes)
        # Beyond what an administrator may choose: as hostile as can be.
        beyond = {"lease_hours": lease_hours, "upload_hours": UPLOAD_HOURS}
        chosen = RegistrySettings(manifest_cache_mib=0, undelete_days=1).model_copy(update=beyond)
        built = build_core(database, storage, Everything(), settings=chosen)
        if crashes is not None:
            _let_crash(engine, crashes)
        clock = RacingClock(self.began, self.rate)
        return RunningCore(replace(built, clock=clock, facts=PullFacts(_drop)), clock)

    def _storage(self) -> Storage:
        """Open the storage as a process of its own does."""
        return (
            real_bucket(REAL, self.folder, prefix=self.folder.name)
            if REAL
            else FilesystemStorage.open(self.folder / "blobs")
        )


class CrashingStorage(FaultyStorage):
    """A storage that a collector dies in, before it deletes something or after."""

    def __init__(self, inner: Storage, crashes: random.Random) -> None:
        super().__init__(inner)
        self._crashes = crashes

    async def delete(self, key: ObjectKey) -> None:
        """Delete, or die."""
        _crash(self._crashes, CRASH_IN_STORAGE)
        await super().delete(key)
        _crash(self._crashes, CRASH_IN_STORAGE)


def drop_foreign_keys(database: Database) -> None:
    """Take away what stands behind the collector's questions; SQLite is told by each connection."""
    if database.engine_name == "postgresql":
        database.write_now(
            lambda connection: connection.exec_driver_sql(
                "DO $$ DECLARE each record; BEGIN FOR each IN SELECT conrelid::regclass AS place, conname "
                "FROM pg_constraint WHERE contype = 'f' AND confdeltype <> 'c' LOOP "
                "EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.place, each.conname); END LOOP; END $$"
            ).close()
        )


def _prepared(database: Database, *, has_foreign_keys: bool) -> Engine:
    if isinstance(database, PostgresqlDatabase):
        return database._engine.sync_engine
    engine = sqlite_of(database).engine
    pragmas = ["synchronous=OFF", f"foreign_keys={'ON' if has_foreign_keys else 'OFF'}"]

    @event.listens_for(engine, "connect")
    def configure(driver: Any, _record: Any) -> None:
        for pragma in pragmas:
            driver.execute(f"PRAGMA {pragma}").close()

    return engine


def _let_crash(engine: Engine, dice: random.Random) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def die(*arguments: Any) -> None:
        if str(arguments[2]).startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            _crash(dice, CRASH_IN_STATEMENT)


def _crash(dice: random.Random, chance: float) -> None:
    if dice.random() < chance:
        raise CrashError


async def _drop(_facts: Mapping[Fact, int]) -> None:
    """Forget facts about use, which nobody reads here."""
