# SPDX-License-Identifier: Apache-2.0
"""A core with content, and its usage."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from entrepot.features.usage.service import Usage
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import repositories
from entrepot.registry.store import usage
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.usage import Delta
from entrepot.registry.store.usage import UsageKind
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core

A_BLOB = digest_of(b"a blob")


@dataclass(frozen=True, slots=True)
class Metered:
    """A core whose clock stands still, and whose usage is added up when a test says so."""

    running: RunningCore
    usage: Usage

    async def repository(self, name: str) -> RepositoryId:
        """Return a repository that is listed, making it if it is new."""
        database, core, now = self.running.database, self.running.core, self.running.clock()
        made = await database.write(repositories.ensure, RepositoryName(name), core.default_store, now)
        await database.write(repositories.reveal, made.id, now)
        return made.id

    async def note(
        self, kind: UsageKind, name: str = REPOSITORY, *, size: int = 0, count: int = 1, digest: Digest = A_BLOB
    ) -> None:
        """Append a delta; `size` is that of one."""
        repo_id = await self.repository(name)
        delta = Delta(kind, RepositoryName(name), repo_id, digest, size * count, count)
        await self.running.database.write(usage.add, [delta], self.running.clock())

    async def pull(self, name: str, count: int = 1) -> None:
        """Append so many pulls."""
        await self.note(UsageKind.PULL, name, count=count)

    async def pulls(self) -> list[tuple[str, int]]:
        """Return the busiest repositories and their pulls."""
        return [(each.name, each.pulls) for each in await self.usage.top_repositories(limit=10)]


@pytest.fixture
def metered(tmp_path: Path) -> Iterator[Metered]:
    """Hold the usage of an empty core, on a machine on which nothing takes any time."""
    with a_core(tmp_path) as running:
        yield Metered(running, Usage(running.database, running.clock, lambda: 0.0))
