# SPDX-License-Identifier: Apache-2.0
"""A core with content, and the derivation of facts on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from entrepot.features.artifacts import store
from entrepot.features.artifacts.derive import DerivePayload
from entrepot.features.artifacts.derive import FactsDerivation
from entrepot.features.artifacts.derive import ManifestInRepository
from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import Job
from entrepot.oci.digest import Digest
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core


@dataclass(frozen=True, slots=True)
class Derivation:
    """The derivation on a running core, whose jobs nobody runs."""

    running: RunningCore
    facts: FactsDerivation

    async def derive(self, *digests: Digest) -> None:
        """Derive the facts of manifests of `REPOSITORY`."""
        await self.facts.derive([(REPOSITORY, digest) for digest in digests])

    async def known(self, digest: Digest) -> ArtifactFacts | None:
        """Return the facts that are stored."""
        return await self.running.database.read(store.find, digest)

    async def request(self, *wanted: ManifestInRepository, is_urgent: bool = True) -> None:
        """Ask for facts."""
        await self.running.database.write(self.facts.request, wanted, is_urgent=is_urgent)

    async def jobs(self) -> list[Job]:
        """Return the jobs that wait, oldest first."""
        return (await self.running.database.read(queue.list_jobs, 1_000))[::-1]

    async def requested(self) -> list[list[ManifestInRepository]]:
        """Return what each job was given."""
        return [msgspec.json.decode(job.payload, type=DerivePayload).manifests for job in await self.jobs()]


@pytest.fixture
def derivation(tmp_path: Path) -> Iterator[Derivation]:
    """Hold a derivation on an empty core whose clock stands still."""
    with a_core(tmp_path) as running:
        yield Derivation(running, FactsDerivation(running.database, running.pull, running.clock))
