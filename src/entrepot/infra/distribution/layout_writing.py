# SPDX-License-Identifier: Apache-2.0
"""An OCI image layout as what is copied to: a folder that is whole at any moment."""

import asyncio
import fcntl
import json
import os
import tempfile
from contextlib import aclosing
from contextlib import suppress
from pathlib import Path
from typing import Any

from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import PlaceBusy
from entrepot.infra.distribution.errors import PlaceUnusable
from entrepot.infra.distribution.feed import Feed
from entrepot.infra.distribution.files import FolderFiles
from entrepot.infra.distribution.files import unusable
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.layout import INDEX_FILE
from entrepot.infra.distribution.layout import LAYOUT_FILE
from entrepot.infra.distribution.layout import REF_NAME
from entrepot.infra.distribution.layout import VERSION
from entrepot.infra.distribution.layout import blob_name
from entrepot.infra.distribution.layout import index_entries
from entrepot.infra.distribution.layout import tag_of
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import new_hasher
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.reference import TagName

PARTIAL = ".partial"
_READ_BYTES = 1024 * 1024


class LayoutTarget(Target):
    """A layout that is copied to.

    A blob grows in a file with `.partial` after its name, and gets its own once its digest is right. The index is
    written when everything that it lists is there. Nobody else copies to the folder meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder, and make it where it is missing, which blocks. Raises `PlaceUnusable` and `PlaceBusy`."""
        self.folder = folder
        self._files = FolderFiles(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise unusable(folder, error) from error
        try:
            self._prepare()
        except BaseException:
            os.close(self._lock)
            raise
        self._new: dict[Digest, tuple[Fetched, set[TagName]]] = {}

    async def has_manifest(self, digest: Digest) -> bool:
        """See `Target`."""
        return await asyncio.to_thread(self._files.size, blob_name(digest)) is not None

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """See `Target`."""
        return await asyncio.to_thread(self._files.size, blob_name(descriptor.digest)) == descriptor.size

    async def put_blob(self, descriptor: Descriptor, source: Source, flow: Flow) -> Outcome:
        """See `Target`."""
        if await self.has_blob(descriptor):
            flow.tally.reached(descriptor.digest, descriptor.size)
            return Outcome.THERE
        path = self.folder / blob_name(descriptor.digest)
        partial = path.with_name(path.name + PARTIAL)
        hasher, size = await asyncio.to_thread(_taken_up, partial, descriptor)
        flow.tally.reached(descriptor.digest, size)
        try:
            await self._fill(partial, Feed(source, descriptor, flow, hasher, size), size)
        except ContentWrong:
            await asyncio.to_thread(partial.unlink)
            if not size:
                raise
            # What an earlier run left was not what this source has.
            flow.tally.reached(descriptor.digest, 0)
            try:
                await self._fill(partial, Feed(source, descriptor, flow), 0)
            except ContentWrong:
                await asyncio.to_thread(partial.unlink)
                raise
        await asyncio.to_thread(_put_in_place, partial, path)
        flow.tally.reached(descriptor.digest, descriptor.size)
        return Outcome.COPIED

    async def put_manifest(self, fetched: Fetched, tag: TagName | None = None) -> None:
        """See `Target`."""
        await asyncio.to_thread(_write, self.folder / blob_name(fetched.digest), fetched.payload)
        _, tags = self._new.setdefault(fetched.digest, (fetched, set()))
        if tag is not None:
            tags.add(tag)

    async def finish(self) -> None:
        """See `Target`."""
        await asyncio.to_thread(self._list)

    async def close(self) -> None:
        """See `Target`."""
        with suppress(OSError):
            os.close(self._lock)

    def _prepare(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PlaceBusy(f"somebody else is copying to {self.folder}") from error
        if self._files.size(LAYOUT_FILE) is None:
            if any(self.folder.iterdir()):
                hint = "Name an empty folder, or one that does not exist."
                raise PlaceUnusable(f"{self.folder} holds something, and is no OCI image layout", hint=hint)
            _write(self.folder / LAYOUT_FILE, json.dumps({"imageLayoutVersion": VERSION}).encode())
        for algorithm in ("sha256", "sha512"):
            (self.folder / "blobs" / algorithm).mkdir(parents=True, exist_ok=True)

    async def _fill(self, partial: Path, feed: Feed, start: int) -> None:
        try:
            file = await asyncio.to_thread(partial.open, "ab")
            try:
                async with aclosing(feed.piece(start, feed.descriptor.size)) as chunks:
                    async for chunk in chunks:
                        await asyncio.to_thread(file.write, chunk)
                await feed.finish()
            finally:
                await asyncio.to_thread(file.close)
        except OSError as error:
            raise unusable(partial, error) from error

    def _list(self) -> None:
        """Write the index: tags that moved, and what nothing else in it leads to."""
        entries = index_entries(self._files, str(self.folder)) if self._files.size(INDEX_FILE) is not None else []
        moved = {tag for _, tags in self._new.values() for tag in tags}
        entries = [each for each in entries if tag_of(each) not in moved or tag_of(each) is None]
        children = {each.digest for fetched, _ in self._new.values() for each in fetched.manifest.children}
        known = {each.get("digest") for each in entries}
        for digest, (fetched, tags) in self._new.items():
            entries += [_entry(fetched, tag) for tag in sorted(tags)]
            if not tags and digest not in known and digest not in children:
                entries.append(_entry(fetched, None))
        document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        _write(self.folder / INDEX_FILE, json.dumps(document, indent=2).encode())


def _entry(fetched: Fetched, tag: TagName | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "mediaType": fetched.media_type,
        "digest": fetched.digest,
        "size": len(fetched.payload),
    }
    if fetched.descriptor.artifact_type is not None:
        entry["artifactType"] = fetched.descriptor.artifact_type
    if tag is not None:
        entry["annotations"] = {REF_NAME: tag}
    return entry


def _taken_up(partial: Path, descriptor: Descriptor) -> tuple[Hasher, int]:
    """Hash what an earlier run left of a blob; return that, and how much it is."""
    hasher, size = new_hasher(algorithm_of(descriptor.digest)), 0
    try:
        with partial.open("rb") as file:
            while part := file.read(_READ_BYTES):
                hasher.update(part)
                size += len(part)
    except FileNotFoundError:
        return hasher, 0
    except OSError as error:
        raise unusable(partial, error) from error
    if size <= descriptor.size:
        return hasher, size
    partial.unlink()
    return new_hasher(algorithm_of(descriptor.digest)), 0


def _put_in_place(partial: Path, path: Path) -> None:
    try:
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise unusable(path, error) from error


def _write(path: Path, content: bytes) -> None:
    """Write a file in one step."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".entrepot-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), 0o644)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise unusable(path, error) from error
