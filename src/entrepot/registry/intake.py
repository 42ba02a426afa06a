# SPDX-License-Identifier: Apache-2.0
"""Taking in what another registry has: everything goes the ways that clients go, so that all rules hold as for a push.

A blob is mounted where whoever asks may pull it from somewhere here, and uploaded otherwise: what arrived before an
upload broke off, or before the process died, is not asked for again. A manifest is pushed once its blobs are here.
"""

from collections.abc import AsyncGenerator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.errors import BlobUploadUnknown
from entrepot.oci.errors import Denied
from entrepot.oci.errors import RangeInvalid
from entrepot.oci.manifest import Manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.held_upload import Chunk
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.mounts import MAX_CANDIDATES
from entrepot.registry.mounts import Mounts
from entrepot.registry.push import ManifestPush
from entrepot.registry.push import Push
from entrepot.registry.rights import Rights
from entrepot.registry.rights import right_to_set
from entrepot.registry.rights import rights_to_store
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.uploads import Announced
from entrepot.registry.uploads import Uploads

WHOLE_BYTES = 1024 * 1024
"""Blobs of up to this size are taken in one step, of which nothing is kept if it breaks off."""
TURNS = 5
"""How often an upload is begun anew that another request, or its end, has taken away."""

Read = Callable[[int], AsyncGenerator[bytes, None]]
"""Yields the bytes of a blob from an offset to its end."""
Note = Callable[[Ulid], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Arriving:
    """A blob that is to be taken in: which upload was begun for it, and who notes the next one that is."""

    digest: Digest
    size: int
    upload: Ulid | None
    note: Note


@dataclass(frozen=True, slots=True)
class Held:
    """A manifest that a repository has."""

    payload: bytes
    media_type: str


class Intake:
    """The use cases. Those that change something raise `RefusedByMode`, and `Denied` from a gate."""

    def __init__(self, core: Core, rights: Rights) -> None:
        self._core = core
        self._rights = rights
        self._uploads = Uploads(core)
        self._mounts = Mounts(core)
        self._push = Push(core)

    async def require(self, caller: Caller, target: RepositoryName) -> None:
        """Do nothing if whoever asks may store something in the target, and make it where it is not there.

        Raises as `Rights.require`, and `RefusedByMode`.
        """
        principal = caller.principal
        await self._rights.require_any(principal, (Action.PUSH, Action.SIGN), target)
        may_make = await self._rights.may(principal, Action.CREATE, target)
        if not may_make and not await self._core.database.read(repositories.visible_among, [target]):
            await self._rights.require(principal, Action.CREATE, target)
        await self._core.modes.require_changing(target)

    async def objection(self, caller: Caller, target: RepositoryName, size: int) -> str:
        """Say why so many bytes could not be stored there now, empty if nothing is known against it."""
        about = GateContext(Operation.UPLOAD_START, caller.principal, target, address=caller.address, size=size)
        try:
            await self._core.gates.check(about)
        except Denied as denied:
            return denied.message
        return ""

    async def tagged(self, target: RepositoryName, names: Sequence[TagName]) -> dict[TagName, Digest]:
        """Return what tags of a repository point at, of those that it has."""
        return await self._core.database.snapshot(_tagged, target, names)

    async def tags_after(self, target: RepositoryName, after: str, limit: int) -> list[tuple[TagName, Digest]]:
        """Return tags of a repository and what they point at, in the order of their names."""
        return await self._core.database.snapshot(_tags_after, target, after, limit)

    async def held(self, target: RepositoryName, digest: Digest) -> Held | None:
        """Return a manifest that the repository has."""
        return await self._core.database.snapshot(_held, target, digest)

    async def holding(self, target: RepositoryName, digests: Sequence[Digest]) -> set[Digest]:
        """Return those manifests that the repository has."""
        return await self._core.database.snapshot(_holding, target, digests)

    async def has_blob(self, target: RepositoryName, digest: Digest) -> bool:
        """Tell whether the repository has a blob."""
        return await self._core.database.read(blobs.find, target, digest) is not None

    async def is_near(self, caller: Caller, target: RepositoryName, digest: Digest) -> bool:
        """Tell whether a blob is in the repository, or in one that whoever asks may pull it from."""
        if await self.has_blob(target, digest):
            return True
        store, limit = self._core.default_store, MAX_CANDIDATES
        candidates = await self._core.database.read(blobs.holders, digest, store, limit)
        return bool(await self._core.authorizer.readable(caller.principal, candidates, Action.PULL))

    async def content(self, target: RepositoryName, digest: Digest, max_bytes: int) -> bytes | None:
        """Return a blob of the repository, None for one that is not there or has more bytes."""
        found = await self._core.database.read(blobs.find, target, digest)
        if found is None or found.size > max_bytes:
            return None
        return b"".join([part async for part in self._core.stores[found.store_id].read(found.object_key)])

    async def mount(self, caller: Caller, target: RepositoryName, digest: Digest) -> bool:
        """Give the repository a blob that whoever asks may pull from another one; tell whether there was one."""
        await self._require_storing(caller, target)
        return await self._mounts.mount(caller, target, digest, None)

    async def take(self, caller: Caller, target: RepositoryName, arriving: Arriving, read: Read) -> None:
        """Upload a blob, from where it stands on.

        Raises `DigestInvalid` for other bytes, and whatever `read` raises: then what has arrived stays, to go on with.
        """
        await self._require_storing(caller, target)
        upload, offset = await self._standing(target, arriving.upload, arriving.size)
        for turn in range(TURNS):
            if upload is None:
                upload, offset = await self._begun(caller, target, arriving), 0
            try:
                await self._bring(caller, target, (upload, offset), arriving, read)
            except (RangeInvalid, BlobUploadUnknown):
                if turn == TURNS - 1:
                    raise
                upload, offset = await self._standing(target, upload, arriving.size)
            else:
                return

    async def store(
        self, caller: Caller, target: RepositoryName, what: tuple[Digest, bytes, Manifest], named: Sequence[TagName]
    ) -> list[str]:
        """Push a manifest whose blobs are here, and set tags; return what gates warn of. Raises as `Push.manifest`."""
        digest, payload, manifest = what
        for action in rights_to_store(manifest, named):
            await self._rights.require(caller.principal, action, target)
        ordinary = [tag for tag in named if is_ordinary_tag(tag)]
        if ordinary:
            await self._rights.require_tags(caller.principal, Action.TAG, target, ordinary)
        for tag in named:
            if not is_ordinary_tag(tag):
                await self._rights.require(caller.principal, right_to_set(tag), target)
        return await self._push.manifest(caller, ManifestPush(target, digest, payload, manifest, tuple(named)))

    async def _require_storing(self, caller: Caller, target: RepositoryName) -> None:
        await self._rights.require_any(caller.principal, (Action.PUSH, Action.SIGN), target)

    async def _standing(self, target: RepositoryName, upload: Ulid | None, size: int) -> tuple[Ulid | None, int]:
        """Return where an upload stands; None for one that is over, or has more than there is."""
        if upload is None:
            return None, 0
        try:
            session = await self._uploads.status(target, upload)
        except BlobUploadUnknown:
            return None, 0
        return (upload, session.offset) if session.offset <= size else (None, 0)

    async def _begun(self, caller: Caller, target: RepositoryName, arriving: Arriving) -> Ulid:
        told = Announced(arriving.digest, arriving.size)
        session = await self._uploads.start(caller, target, algorithm_of(arriving.digest), told)
        await arriving.note(session.id)
        return session.id

    async def _bring(
        self, caller: Caller, target: RepositoryName, at: tuple[Ulid, int], arriving: Arriving, read: Read
    ) -> None:
        upload, offset = at
        left = arriving.size - offset
        if left > WHOLE_BYTES:
            async with aclosing(read(offset)) as body:
                session = await self._uploads.append(target, upload, Chunk(body, offset, left))
            offset = session.offset
            left = arriving.size - offset
        async with aclosing(read(offset) if left else _nothing()) as body:
            await self._uploads.finish(caller, target, upload, arriving.digest, Chunk(body, offset, left))


async def _nothing() -> AsyncGenerator[bytes, None]:
    """Yield no byte."""
    for each in b"":
        yield bytes([each])


def _tagged(connection: Connection, target: RepositoryName, names: Sequence[TagName]) -> dict[TagName, Digest]:
    found = {name: manifests.by_tag(connection, target, name) for name in names}
    return {name: row.digest for name, row in found.items() if row is not None}


def _tags_after(connection: Connection, target: RepositoryName, after: str, limit: int) -> list[tuple[TagName, Digest]]:
    repository = repositories.find(connection, target)
    if repository is None or not repository.is_visible:
        return []
    return tags.set_after(connection, repository.id, after, limit)


def _held(connection: Connection, target: RepositoryName, digest: Digest) -> Held | None:
    row = manifests.by_digest(connection, target, digest)
    payload = None if row is None else manifests.payload(connection, row.repo_id, digest)
    return None if row is None or payload is None else Held(payload, row.media_type)


def _holding(connection: Connection, target: RepositoryName, digests: Sequence[Digest]) -> set[Digest]:
    return {digest for digest in digests if manifests.by_digest(connection, target, digest) is not None}
