# SPDX-License-Identifier: Apache-2.0
"""What the database answered last, for the time that it is away: pulls go on, and their answers say that they are old.

Every pull asks the database. Only when that cannot answer, what this process was
told before counts, until the grace is over. What it never was told is not known:
then the answer is 503, never 404.
"""

import time
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from typing import Concatenate
from typing import Generic
from typing import ParamSpec
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.recent import Recent
from entrepot.kernel.request_facts import about_request
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store.blobs import LinkedBlob
from entrepot.registry.store.manifests import ManifestRow

MAX_REMEMBERED = 20_000
"""Of manifests, and of blobs: about 10 MiB each."""

K = TypeVar("K")
P = ParamSpec("P")
V = TypeVar("V")


class Outage:
    """Since when the database has been away, as far as pulls have noticed, and for how long that is bridged."""

    def __init__(self, grace_seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._grace_seconds = grace_seconds
        self._monotonic = monotonic
        self.since: float | None = None
        """Set back to None by whoever gets an answer."""

    def is_bridged(self) -> bool:
        """Take note that the database did not answer; tell whether former answers may be given."""
        now = self._monotonic()
        if self.since is None:
            self.since = now
        return now - self.since < self._grace_seconds


class LastKnown(Generic[K, V]):
    """Asks the database, and remembers what was found; the answer used longest ago makes room."""

    def __init__(self, database: Database, outage: Outage, capacity: int) -> None:
        self._database = database
        self._outage = outage
        self._capacity = capacity
        self._values: dict[K, V] = {}

    async def read(
        self, key: K, work: Callable[Concatenate[Connection, P], V | None], *args: P.args, **kwargs: P.kwargs
    ) -> V | None:
        """Return what `Database.read` returns; while the database is away, what it returned last if that was something.

        Raises `DatabaseUnavailable`.
        """
        try:
            value = await self._database.read(work, *args, **kwargs)
        except DatabaseUnavailable:
            known = self._values.get(key) if self._outage.is_bridged() else None
            if known is None:
                raise
            about_request().is_stale = True
            return known
        self._outage.since = None
        values = self._values
        values.pop(key, None)
        if value is not None:
            if len(values) >= self._capacity:
                del values[next(iter(values))]
            values[key] = value
        return value

    def forget(self, key: K) -> None:
        """Take note that the former answer is no longer true."""
        self._values.pop(key, None)


class LastAnswers:
    """Manifests and blobs as pulls ask for them."""

    def __init__(self, database: Database, outage: Outage, capacity: int = MAX_REMEMBERED) -> None:
        self._manifests: LastKnown[tuple[str, str], ManifestRow] = LastKnown(database, outage, capacity)
        self._blobs: LastKnown[tuple[str, str], LinkedBlob] = LastKnown(database, outage, capacity)

    async def manifest(self, repository: RepositoryName, reference: Digest | TagName) -> ManifestRow | None:
        """Return the manifest of that tag or digest. Raises `DatabaseUnavailable`."""
        key = (repository, reference)
        if ":" in reference:
            return await self._manifests.read(key, manifests.by_digest, repository, Digest(reference))
        return await self._manifests.read(key, manifests.by_tag, repository, TagName(reference))

    async def blob(self, repository: RepositoryName, digest: Digest) -> LinkedBlob | None:
        """Return the blob, and where its bytes are. Raises `DatabaseUnavailable`."""
        return await self._blobs.read((repository, digest), blobs.find, repository, digest)

    def forget(self, repository: RepositoryName, references: Iterable[str]) -> None:
        """Take note that tags, manifests or blobs of a repository were changed or deleted by this process."""
        for reference in references:
            self._manifests.forget((repository, reference))
            self._blobs.forget((repository, reference))


async def read_or_recall(recent: Recent[K, V], key: K, read: Callable[[], Awaitable[V]], grace_ms: int) -> V:
    """Read and remember a value; while the database is away, return the remembered one if it is not older than that.

    Raises `DatabaseUnavailable`.
    """
    try:
        value = await read()
    except DatabaseUnavailable:
        known = recent.recall(key, grace_ms)
        if known is None:
            raise
        about_request().is_stale = True
        return known
    recent.put(key, value)
    return value
