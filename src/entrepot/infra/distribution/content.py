# SPDX-License-Identifier: Apache-2.0
"""What is copied, and where it is copied from and to."""

from abc import ABC
from abc import abstractmethod
from collections.abc import AsyncIterator
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from entrepot.infra.distribution.flow import Flow
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName


@dataclass(frozen=True)
class Fetched:
    """A manifest, byte for byte, whose digest was checked."""

    payload: bytes
    media_type: str
    digest: Digest

    @cached_property
    def manifest(self) -> Manifest:
        """What it says. Raises `ManifestInvalid`."""
        return parse_manifest(self.payload, self.media_type)

    @property
    def descriptor(self) -> Descriptor:
        """How an index points at it."""
        kind = self.manifest.effective_artifact_type if self.manifest.subject is not None else None
        return Descriptor(self.media_type, self.digest, len(self.payload), artifact_type=kind)


@dataclass(frozen=True, slots=True)
class Opened:
    """A blob that is read, from `start` on: at or before what was asked for."""

    start: int
    chunks: AsyncIterator[bytes]


class Outcome(StrEnum):
    """What became of a blob."""

    COPIED = "copied"
    MOUNTED = "mounted"
    THERE = "there"


class Source(ABC):
    """What can be copied from. Errors that pass are those that `is_passing` knows."""

    @abstractmethod
    async def manifest(self, reference: Digest | TagName) -> Fetched:
        """Return a manifest. Raises `ContentMissing` and `ContentWrong`."""

    @abstractmethod
    def blob(self, descriptor: Descriptor, start: int, end: int) -> AbstractAsyncContextManager[Opened]:
        """Open the bytes of a blob from `start` up to `end`, or more of them on either side."""

    @abstractmethod
    async def referrers(self, subject: Digest) -> Sequence[Descriptor]:
        """Return what refers to a manifest here."""

    @abstractmethod
    async def tags(self) -> Sequence[TagName]:
        """Return every tag."""

    @property
    def mountable(self) -> tuple[str, RepositoryName] | None:
        """The registry and repository it is, where blobs can be mounted from."""
        return None

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections and files."""


class Target(ABC):
    """What can be copied to. What was stored of a blob stays, for the next time."""

    @abstractmethod
    async def has_manifest(self, digest: Digest) -> bool:
        """Tell whether a manifest is there."""

    @abstractmethod
    async def has_blob(self, descriptor: Descriptor) -> bool:
        """Tell whether a blob is there."""

    @abstractmethod
    async def put_blob(self, descriptor: Descriptor, source: Source, flow: Flow) -> Outcome:
        """Copy a blob, unless it is there. Raises as `Source`, and `ContentWrong`."""

    @abstractmethod
    async def put_manifest(self, fetched: Fetched, tag: TagName | None = None) -> None:
        """Store a manifest whose content is there, under its digest or a tag."""

    @abstractmethod
    async def finish(self) -> None:
        """Make what was stored visible, after all of it is there."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections and files, whatever came of it."""
