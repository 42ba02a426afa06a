# SPDX-License-Identifier: Apache-2.0
"""Deriving facts from what was pushed, beside the push and never in its way."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from entrepot.features.artifacts import store
from entrepot.features.artifacts.facts import MAX_CONFIG_BYTES
from entrepot.features.artifacts.facts import RULES_VERSION
from entrepot.features.artifacts.facts import facts_of
from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs import queue
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.pull import Pull
from entrepot.registry.store import artifacts
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store.artifacts import Place

DERIVE = "artifacts.derive"
CATCH_UP = "artifacts.catch_up"
PAGE = 500
STRIDE = 10_000
"""How many manifests are compared at once when looking for those without facts."""

ManifestInRepository = tuple[RepositoryName, Digest]
FactsKnown = Callable[[Sequence[Digest]], Awaitable[None]]


class DerivePayload(msgspec.Struct, frozen=True):
    """What a job of the kind `DERIVE` is given: manifests, and a repository in which each was."""

    manifests: list[ManifestInRepository]


class CatchUpPayload(msgspec.Struct, frozen=True):
    """What a job of the kind `CATCH_UP` is given: nothing."""


async def _nobody(_digests: Sequence[Digest]) -> None:
    """Do nothing about facts that are known."""


class FactsDerivation:
    """The use cases behind facts. Whatever is done twice has the same result."""

    def __init__(self, database: Database, pull: Pull, clock: Clock, known: FactsKnown = _nobody) -> None:
        """Tell `known` of which manifests there are facts, once they are stored; of some more than once."""
        self._known = known
        self._database = database
        self._pull = pull
        self._clock = clock

    def request(self, connection: Connection, wanted: Sequence[ManifestInRepository], *, is_urgent: bool) -> None:
        """Enqueue a job for those of `wanted` whose facts are not known by the rules of today, if there are any.

        What is urgent comes before all that is not.
        """
        known = store.types(connection, [digest for _, digest in wanted], since_rules_version=RULES_VERSION)
        missing = [each for each in dict.fromkeys(wanted) if each[1] not in known]
        if missing:
            now = self._clock()
            queue.enqueue(
                connection, DERIVE, DerivePayload(missing), now, run_after=Milliseconds(0) if is_urgent else now
            )

    async def derive(self, wanted: Sequence[ManifestInRepository]) -> None:
        """Derive and store the facts about `wanted`, those whose content is here."""
        derived: dict[Digest, ArtifactFacts] = {}
        for repository, digest in wanted:
            facts = None if digest in derived else await self._facts(repository, digest)
            if facts is not None:
                derived[digest] = facts
        await self._database.write(store.put, derived, rules_version=RULES_VERSION, now=self._clock())
        if derived:
            await self._known(sorted(derived))

    async def catch_up(self, stride: int = STRIDE) -> None:
        """Request the facts that are missing for any manifest: older than this feature, or than its rules.

        Every manifest is looked at, so the database alone compares, `stride` of them at once, and it is done
        once for each version of the rules.
        """
        place = artifacts.BEGINNING
        while place != artifacts.END:
            place, wanted = await self._database.survey(_lacking, place, stride)
            for start in range(0, len(wanted), PAGE):
                await self._database.write(self.request, wanted[start : start + PAGE], is_urgent=False)
        await self._database.write(store.note_caught_up, RULES_VERSION, self._clock())

    def request_catch_up(self, connection: Connection) -> None:
        """Enqueue a `CATCH_UP` unless one waits or runs, or has run to its end since the rules were changed."""
        if store.has_caught_up(connection, RULES_VERSION):
            return
        queue.enqueue(connection, CATCH_UP, CatchUpPayload(), self._clock(), unique_key=CATCH_UP)

    async def _facts(self, repository: RepositoryName, digest: Digest) -> ArtifactFacts | None:
        """Return the facts about one manifest, None when it is gone or the bytes of its configuration are lost."""
        row = await self._database.read(manifests.by_digest, repository, digest)
        payload = None if row is None else await self._database.read(manifests.payload, row.repo_id, digest)
        if row is None or payload is None:
            return None
        try:
            manifest = await asyncio.to_thread(parse_manifest, payload, row.media_type)
        except OciError:
            # Accepted by an earlier version with other rules; it must not keep the rest of its job from going on.
            return ArtifactFacts(ArtifactType.OTHER)
        try:
            config = await self._config(repository, manifest.config)
        except ObjectMissing:
            return None
        return await asyncio.to_thread(facts_of, manifest, config)

    async def _config(self, repository: RepositoryName, described: Descriptor | None) -> bytes | None:
        if described is None:
            return None
        blob = await self._database.read(blobs.find, repository, described.digest)
        if blob is None or blob.size > MAX_CONFIG_BYTES:
            return None
        return b"".join([chunk async for chunk in self._pull.read(blob, ByteRange(0, blob.size))])


def _lacking(connection: Connection, place: Place, stride: int) -> tuple[Place, list[ManifestInRepository]]:
    last = artifacts.step(connection, place, stride)
    return last, artifacts.without(connection, store.known_by(RULES_VERSION), place, last)
