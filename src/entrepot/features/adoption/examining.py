# SPDX-License-Identifier: Apache-2.0
"""Reading manifests of a tree, and finding out whether it has what they list."""

import asyncio
import hashlib
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TypeVar

from entrepot.features.adoption.models import Flawed
from entrepot.infra.storage.adopted import adopted_key
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.tree import FileTooLong
from entrepot.infra.storage.tree import Tree
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import parse_digest
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.adoption import Image
from entrepot.registry.push import ManifestPush

READ_AT_ONCE = 16
MAX_LINK_BYTES = 256

T = TypeVar("T")
R = TypeVar("R")

Sizes = Callable[[Sequence[Digest]], Awaitable[dict[Digest, int]]]
"""Tells the sizes of those blobs that Entrepot has already."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of some manifests: those to adopt, why others cannot be, and blobs that only the tree has."""

    images: list[Image] = field(default_factory=list)
    flawed: dict[Digest, str] = field(default_factory=dict)
    new_blobs: dict[Digest, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examiner:
    """Reads a tree. `may_be_sparse`: images may lack blobs, by configuration."""

    tree: Tree
    sizes: Sizes
    is_deep: bool
    may_be_sparse: bool

    async def tag(self, path: str) -> Digest:
        """Return what a link of a tag says. Raises `Flawed`."""
        try:
            said = await self.tree.read(path, MAX_LINK_BYTES)
            return parse_digest(said.decode("ascii", "replace").strip())
        except (ObjectMissing, FileTooLong, OciError) as error:
            raise Flawed(f"its link cannot be followed: {error.message}") from error

    async def manifests(self, name: RepositoryName, digests: Sequence[Digest], layers: Collection[Digest]) -> Examined:
        """Read manifests of a repository that has links to `layers`, and look for their blobs."""
        examined = Examined()
        read: dict[Digest, tuple[bytes, Manifest]] = {}
        for digest, found in zip(digests, await all_of(self._read, digests), strict=True):
            if isinstance(found, Flawed):
                examined.flawed[digest] = found.message
            else:
                read[digest] = found
        listed = {each.digest for _, manifest in read.values() for each in _blobs_of(manifest)} & set(layers)
        known = await self.sizes(sorted(listed))
        new = sorted(listed - known.keys())
        flaws: dict[Digest, str] = {}
        for digest, size in zip(new, await all_of(self._size, new), strict=True):
            if isinstance(size, Flawed):
                flaws[digest] = size.message
            else:
                known[digest] = examined.new_blobs[digest] = size
        for digest, (payload, manifest) in read.items():
            if why := self._flaw(manifest, known, flaws):
                examined.flawed[digest] = why
            else:
                push = ManifestPush(name, digest, payload, manifest, ())
                examined.images.append(Image(push, _held(manifest, known)))
        return examined

    def _flaw(self, manifest: Manifest, known: Mapping[Digest, int], flaws: Mapping[Digest, str]) -> str:
        """Tell why a manifest is not taken over; empty if it is."""
        for blob in manifest.required_blobs:
            size = known.get(blob.digest)
            if size is None and not self.may_be_sparse:
                return f"it needs {blob.digest}: {flaws.get(blob.digest, 'the repository has no link to it')}"
            if size not in (None, blob.size):
                return f"it needs {blob.digest} of {blob.size} bytes, and there are {size}"
        return ""

    async def _read(self, digest: Digest) -> tuple[bytes, Manifest]:
        path = adopted_key(digest)
        size = await self.tree.size(path)
        if size is None:
            raise Flawed("its bytes are not there, or may not be read")
        if size > MAX_MANIFEST_BYTES:
            raise Flawed(f"it has {size} bytes; at most {MAX_MANIFEST_BYTES} are accepted")
        try:
            payload = await self.tree.read(path, MAX_MANIFEST_BYTES)
            if digest_of(payload, algorithm_of(digest)) != digest:
                raise Flawed("its bytes have another digest")
            return payload, parse_manifest(payload, None)
        except (ObjectMissing, FileTooLong, OciError) as error:
            raise Flawed(error.message) from error

    async def _size(self, digest: Digest) -> int:
        """Return the size of a blob that only the tree has, once its bytes were read if they are to be."""
        size = await self.tree.size(adopted_key(digest))
        if size is None:
            raise Flawed("its bytes are not there, or may not be read")
        if self.is_deep and not await self._is_whole(digest):
            raise Flawed("its bytes have another digest")
        return size

    async def _is_whole(self, digest: Digest) -> bool:
        hasher = hashlib.new(algorithm_of(digest))
        try:
            async for chunk in self.tree.chunks(adopted_key(digest)):
                await asyncio.to_thread(hasher.update, chunk)
        except ObjectMissing:
            return False
        return digest == f"{algorithm_of(digest)}:{hasher.hexdigest()}"


def _blobs_of(manifest: Manifest) -> Iterable[Descriptor]:
    """Yield what a manifest lists that may be a blob: entries of an index too, as BuildKit's caches have them."""
    return (*manifest.required_blobs, *manifest.optional_blobs, *manifest.children)


def _held(manifest: Manifest, known: Mapping[Digest, int]) -> dict[Digest, int]:
    """Return the blobs that come with a manifest: those that have the size that it says."""
    return {each.digest: each.size for each in _blobs_of(manifest) if known.get(each.digest) == each.size}


async def all_of(work: Callable[[T], Awaitable[R]], items: Iterable[T]) -> list[R | Flawed]:
    """Do work on each, some at once; what is `Flawed` is returned, and anything else that is raised ends all."""
    slots = asyncio.Semaphore(READ_AT_ONCE)

    async def one(item: T) -> R | Flawed:
        """Do one of them."""
        async with slots:
            try:
                return await work(item)
            except Flawed as error:
                return error

    return await asyncio.gather(*map(one, items))
