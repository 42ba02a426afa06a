# SPDX-License-Identifier: Apache-2.0
"""The registry core on a real database, without features and open to everyone."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.entry.everything import Everything
from entrepot.entry.wiring import build_core
from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.events import outbox
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.copying import Copying
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.delete import Delete
from entrepot.registry.events import Event
from entrepot.registry.events import decode
from entrepot.registry.http.application import RegistryApplication
from entrepot.registry.mounts import Mounts
from entrepot.registry.pull import Pull
from entrepot.registry.pull_facts import Fact
from entrepot.registry.pull_facts import PullFacts
from entrepot.registry.push import ManifestPush
from entrepot.registry.push import Push
from entrepot.registry.rights import Rights
from entrepot.registry.settings import RegistrySettings
from entrepot.registry.store_facts import store_facts
from entrepot.registry.undelete import Undelete
from entrepot.registry.uploads import Uploads
from tests.builders.databases import a_database
from tests.builders.databases import until_final
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.fakes.settable_clock import SettableClock
from tests.interop.core_alone import EverybodyIsKnown

REPOSITORY = RepositoryName("team/app")
EVERYBODY = Caller(Principal(PrincipalKind.USER, "everybody"), "192.0.2.1", "a client/1.0")
"""The caller that `RunningCore.application` takes every request for."""


class RunningCore:
    """A core, its use cases, and short ways to do what most tests need done."""

    def __init__(self, core: Core, clock: SettableClock) -> None:
        self.core = core
        self.clock = clock
        self.database = core.database
        self.storage = core.stores[core.default_store]
        self.uploads = Uploads(core)
        self.mounts = Mounts(core)
        self.push = Push(core)
        self.pull = Pull(core)
        self.delete = Delete(core)
        self.undelete = Undelete(core)
        self.copying = Copying(core, Rights(EverybodyIsKnown(), core.authorizer, core.modes))

    def application(self) -> RegistryApplication:
        """Make the application behind `/v2`, for which every request is `EVERYBODY`'s."""
        rights = Rights(EverybodyIsKnown(), Everything())
        return RegistryApplication(self.core, rights, Challenger("http://registry.example"))

    async def put_blob(
        self, content: bytes, repository: RepositoryName = REPOSITORY, caller: Caller = EVERYBODY
    ) -> Digest:
        """Push a blob in one request."""
        digest = digest_of(content)
        await self.uploads.put(caller, repository, digest, body_of(content))
        return digest

    async def put_manifest(
        self, built: BuiltManifest, *tags: str, repository: RepositoryName = REPOSITORY, caller: Caller = EVERYBODY
    ) -> Digest:
        """Push a manifest by its digest, with tags."""
        names = [TagName(tag) for tag in tags]
        manifest = parse_manifest(built.payload, built.media_type)
        await self.push.manifest(caller, ManifestPush(repository, built.digest, built.payload, manifest, names))
        return built.digest

    async def put_image(self, built: BuiltManifest, *tags: str, repository: RepositoryName = REPOSITORY) -> Digest:
        """Push a manifest of `A_CONFIG` and `A_LAYER`, and those blobs before it."""
        await self.put_blob(A_CONFIG, repository)
        await self.put_blob(A_LAYER, repository)
        return await self.put_manifest(built, *tags, repository=repository)

    async def get_blob(self, digest: Digest, repository: RepositoryName = REPOSITORY) -> bytes:
        """Pull a whole blob."""
        found = await self.pull.blob(EVERYBODY, repository, digest)
        assert found.linked is not None
        stored = self.core.stores[found.linked.store_id].read(found.linked.object_key)
        return b"".join([chunk async for chunk in stored])

    async def events(self) -> list[Event]:
        """Return everything in the outbox, in order."""
        await until_final(self.database)
        return [decode(row) for row in await self.database.read(outbox.read_after, outbox.BEGINNING, 1_000_000)]

    async def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        return await self.database.snapshot(_everything)


async def body_of(*chunks: bytes) -> AsyncIterator[bytes]:
    """Be the body of a request that arrives in these chunks."""
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


@contextmanager
def a_core(
    data: Path,
    storage: Storage | None = None,
    *,
    clock: SettableClock | None = None,
    open_database: Callable[[Path], Database] = a_database,
    **settings: object,
) -> Iterator[RunningCore]:
    """Hold a core on the database in the folder `data`, made with today's schema if there is none.

    Its storage is a new one in memory, its clock stands still, and `settings` are
    those of the section `registry`, unless something else is given.
    """
    data.mkdir(parents=True, exist_ok=True)
    database, clock = open_database(data), clock or SettableClock()
    chosen = RegistrySettings.model_validate(settings)
    built = build_core(database, storage or MemoryStorage(), Everything(), settings=chosen)

    async def write_facts(facts: Mapping[Fact, int]) -> None:
        await database.write(store_facts, facts, chosen.region, clock())

    try:
        yield RunningCore(replace(built, clock=clock, facts=PullFacts(write_facts)), clock)
    finally:
        database.close()


def _everything(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
    }
