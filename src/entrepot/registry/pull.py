# SPDX-License-Identifier: Apache-2.0
"""Reading manifests and blobs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Redirect
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import after
from entrepot.kernel.request_facts import about_request
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.hooks import OriginBlob
from entrepot.registry.origin_stream import OriginBroken
from entrepot.registry.origin_stream import verified
from entrepot.registry.pull_facts import Fact
from entrepot.registry.readable_blob import check_readable
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store.blobs import LinkedBlob
from entrepot.registry.store.manifests import ManifestRow
from entrepot.registry.store.repositories import RepositoryId

LEASE_REFRESH_MS = 12 * HOUR_MS


@dataclass(frozen=True, slots=True)
class PulledManifest:
    """A manifest to hand out. `payload` is None when only its description was asked for."""

    digest: Digest
    media_type: str
    size: int
    payload: bytes | None
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class PulledBlob:
    """A blob to hand out, from the store or, with `origin`, from somewhere else."""

    digest: Digest
    size: int
    linked: LinkedBlob | None
    origin: AsyncIterator[bytes] | None
    warnings: list[str]


class Pull:
    """The reading use cases. The caller has been authorised before."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def manifest(
        self, caller: Caller, repository: RepositoryName, reference: Digest | TagName, *, is_head: bool
    ) -> PulledManifest:
        """Return a manifest by tag or digest (end-3); a HEAD needs no bytes.

        Raises `ManifestUnknown`, `NameUnknown`, and `Denied` from a gate.
        """
        tag = None if ":" in reference else TagName(reference)
        row = await self._core.last_answers.manifest(repository, reference)
        if row is None:
            return await self._manifest_elsewhere(caller, repository, reference, is_head=is_head)
        warnings: list[str] = []
        if self._core.gates.watches(Operation.MANIFEST_READ):
            warnings = await self._check_manifest(caller, repository, row.digest, tag)
        payload = None if is_head else await self._payload(row)
        await self._record(caller, (repository, row.repo_id), row.digest, tag, pulled=None if is_head else row.size)
        return PulledManifest(row.digest, row.media_type, row.size, payload, warnings)

    async def blob(self, caller: Caller, repository: RepositoryName, digest: Digest) -> PulledBlob:
        """Return a blob (end-2). Raises `BlobUnknown`, and `Denied` from a gate."""
        found = await self._core.last_answers.blob(repository, digest)
        if found is not None:
            return PulledBlob(
                digest, found.size, found, None, await check_readable(self._core, caller, repository, found)
            )
        for origin in self._core.origins:
            brought = await origin.blob(caller.principal, repository, digest)
            if brought is not None:
                return await self._blob_elsewhere(caller, repository, digest, brought)
        raise BlobUnknown(detail={"digest": digest})

    async def deliver(self, caller: Caller, blob: LinkedBlob, span: ByteRange) -> Delivery:
        """Say how the bytes of `span` reach the caller: configurations, and where `may_redirect` says no, from here.

        Raises `BlobUnknown` when the store lost them, and records that, so that
        the next push of the blob heals it.
        """
        self.count_sent(caller, blob, span.length)
        store, address = self._core.stores[blob.store_id], "" if blob.is_large_config else caller.address
        try:
            delivery = await store.deliver(blob.object_key, span, blob.size, address)
            if isinstance(delivery, Redirect) and not await self._core.may_redirect(blob.namespace):
                return await store.deliver(blob.object_key, span, blob.size)
            return delivery
        except ObjectMissing as error:
            raise await self._lost(blob) from error

    def count_sent(self, caller: Caller, blob: LinkedBlob, size: int) -> None:
        """Count bytes of a blob that a client is given."""
        if caller.principal.is_client and not caller.is_looking:
            self._core.sent.add(blob.repo_id, size)

    async def content(self, blob: LinkedBlob) -> bytes:
        """Return all bytes of a blob that is small. Raises `BlobUnknown` when the store lost them, as `deliver`."""
        try:
            return b"".join([chunk async for chunk in self.read(blob, ByteRange(0, blob.size))])
        except ObjectMissing as error:
            raise await self._lost(blob) from error

    async def _lost(self, blob: LinkedBlob) -> BlobUnknown:
        """Record that the bytes of a blob are missing, unless the mode is against it; return what to tell."""
        if await self._core.modes.allows_changing():
            await self._core.database.write_locked(blobs.mark_missing, blob.object_key)
        return BlobUnknown(
            "the bytes of this blob are missing from the storage",
            hint="Push the image again to heal it, or ask an administrator to run entrepot verify.",
            detail={"digest": blob.digest},
        )

    def read(self, blob: LinkedBlob, span: ByteRange) -> AsyncIterator[bytes]:
        """Yield the bytes of `span`, all of them or an error."""
        return self._core.stores[blob.store_id].read(blob.object_key, span)

    async def keep_for_push(self, caller: Caller, blob: LinkedBlob) -> None:
        """Before a pusher is told that it need not upload the blob: make sure of its bytes and of its lease.

        Nothing is done where nobody can push: in a mode that forbids it, and while the database is away.
        Raises `BlobUnknown` when the bytes are missing.
        """
        if about_request().is_stale or not await self._core.modes.allows_changing():
            return
        if await self._core.stores[blob.store_id].size(blob.object_key) != blob.size:
            await self._core.database.write_locked(blobs.mark_missing, blob.object_key)
            raise BlobUnknown(detail={"digest": blob.digest})
        now = self._core.clock()
        if blob.lease_until >= after(now, LEASE_REFRESH_MS):
            return
        if not await self._core.database.write_locked(blobs.extend_lease, blob, self._core.lease(caller, now)):
            raise BlobUnknown(detail={"digest": blob.digest})

    async def _payload(self, row: ManifestRow) -> bytes:
        cached = self._core.manifest_cache.get(row.digest)
        if cached is not None:
            return cached
        payload = await self._core.database.read(manifests.payload, row.repo_id, row.digest)
        if payload is None:
            raise ManifestUnknown(detail={"digest": row.digest})
        self._core.manifest_cache.put(row.digest, payload)
        return payload

    async def _check_manifest(
        self, caller: Caller, repository: RepositoryName, digest: Digest, tag: TagName | None
    ) -> list[str]:
        context = GateContext(
            Operation.MANIFEST_READ,
            caller.principal,
            repository,
            digest=digest,
            manifest_digest=digest,
            tag=tag,
            address=caller.address,
        )
        return await self._core.gates.check(context)

    async def _record(
        self,
        caller: Caller,
        place: tuple[RepositoryName, RepositoryId | None],
        digest: Digest,
        tag: TagName | None,
        *,
        pulled: int | None,
    ) -> None:
        """Record a use; `pulled` is how many bytes were handed out, None for a description only."""
        if caller.is_looking or not caller.principal.is_client:
            return
        name, repo_id = place
        if pulled is not None and repo_id is not None:
            self._core.sent.add(repo_id, pulled)
        identity = caller.principal.identity
        client = caller.address, caller.agent, caller.principal.credential
        self._core.facts.record(Fact(repo_id, name, digest, tag, pulled is not None, identity, *client))
        if self._core.facts.is_strict:
            await self._core.facts.flush()

    async def _manifest_elsewhere(
        self, caller: Caller, repository: RepositoryName, reference: Digest | TagName, *, is_head: bool
    ) -> PulledManifest:
        for origin in self._core.origins:
            brought = await origin.manifest(caller.principal, repository, reference)
            if brought is None:
                continue
            is_tag = ":" not in reference
            digest = digest_of(brought.payload, "sha256" if is_tag else algorithm_of(Digest(reference)))
            if not is_tag and digest != reference:
                raise OriginBroken("the upstream sent another manifest than it was asked for")
            tag = TagName(reference) if is_tag else None
            warnings = await self._check_manifest(caller, repository, digest, tag)
            pulled = None if is_head else len(brought.payload)
            await self._record(caller, (repository, None), digest, tag, pulled=pulled)
            return PulledManifest(digest, brought.media_type, len(brought.payload), brought.payload, warnings)
        known = await self._core.database.read(repositories.find, repository)
        if known is None or not known.is_visible:
            raise NameUnknown(detail={"name": repository})
        raise ManifestUnknown(detail={"reference": reference})

    async def _blob_elsewhere(
        self, caller: Caller, repository: RepositoryName, digest: Digest, brought: OriginBlob
    ) -> PulledBlob:
        context = GateContext(Operation.BLOB_READ, caller.principal, repository, digest=digest, address=caller.address)
        warnings = await self._core.gates.check(context)
        chunks = verified(brought.chunks, digest, brought.size)
        return PulledBlob(digest, brought.size, None, chunks, warnings)
