# SPDX-License-Identifier: Apache-2.0
"""An OCI image layout as what is copied from (image-spec, "OCI Image Layout"): a folder, or a tar of one."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Opened
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import PlaceUnusable
from entrepot.infra.distribution.files import Files
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.descriptor import parse_descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import encoded_of
from entrepot.oci.document import parse_object
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.errors import TagInvalid
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_tag

LAYOUT_FILE = "oci-layout"
INDEX_FILE = "index.json"
VERSION = "1.0.0"
REF_NAME = "org.opencontainers.image.ref.name"
MAX_INDEX_BYTES = 64 * 1024 * 1024

_READ_BYTES = 1024 * 1024


def blob_name(digest: Digest) -> str:
    """Return where a layout has the content of a digest."""
    return f"blobs/{algorithm_of(digest)}/{encoded_of(digest)}"


def index_entries(files: Files, where: str) -> list[dict[str, Any]]:
    """Return the entries of `index.json` as they are. Raises `PlaceUnusable`."""
    payload = files.whole(INDEX_FILE, MAX_INDEX_BYTES)
    if payload is None:
        raise PlaceUnusable(f"{where} is not an OCI image layout: it has no {INDEX_FILE}")
    try:
        entries = parse_object(payload).get("manifests")
    except ManifestInvalid as error:
        raise PlaceUnusable(f"{where}/{INDEX_FILE} cannot be read: {error.message}") from error
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise PlaceUnusable(f"{where}/{INDEX_FILE} lists no manifests")
    return entries


def tag_of(entry: Mapping[str, Any]) -> TagName | None:
    """Return the tag of an entry; of the whole name of an image, which some tools write, the tag in it."""
    annotations = entry.get("annotations")
    name = annotations.get(REF_NAME) if isinstance(annotations, dict) else None
    if not isinstance(name, str):
        return None
    try:
        return parse_tag(name.rpartition(":")[2] if "/" in name or ":" in name else name)
    except TagInvalid:
        return None


class LayoutSource(Source):
    """A layout that is copied from."""

    def __init__(self, files: Files, where: str) -> None:
        """Read its index, which blocks. Raises `PlaceUnusable`."""
        self._files = files
        self._where = where
        try:
            payload = index_entries(files, where)
            self._listed = [(tag_of(each), _descriptor(each)) for each in payload]
        except ManifestInvalid as error:
            raise PlaceUnusable(f"{where}/{INDEX_FILE} cannot be read: {error.message}") from error
        self._subjects: dict[Digest, list[Descriptor]] | None = None

    async def manifest(self, reference: Digest | TagName) -> Fetched:
        """See `Source`."""
        listed = self._found(reference)
        if listed is None and ":" not in reference:
            raise ContentMissing(f"{self._where} has no {reference}")
        digest = Digest(reference) if listed is None else listed.digest
        return await asyncio.to_thread(self._manifest, digest, listed.media_type if listed else None)

    @asynccontextmanager
    async def blob(self, descriptor: Descriptor, start: int, end: int) -> AsyncIterator[Opened]:
        """See `Source`."""
        name = blob_name(descriptor.digest)
        size = await asyncio.to_thread(self._files.size, name)
        if size is None:
            raise ContentMissing(f"{self._where} does not have {descriptor.digest}")
        if size != descriptor.size:
            raise ContentWrong(f"{self._where} has {descriptor.digest} with {size} bytes, not {descriptor.size}")
        yield Opened(start, self._read(name, start, end))

    async def referrers(self, subject: Digest) -> Sequence[Descriptor]:
        """See `Source`."""
        if self._subjects is None:
            self._subjects = await asyncio.to_thread(self._by_subject)
        return self._subjects.get(subject, [])

    async def tags(self) -> Sequence[TagName]:
        """See `Source`."""
        return list(dict.fromkeys(tag for tag, _ in self._listed if tag is not None))

    async def untagged(self) -> Sequence[Digest]:
        """Return what the index lists without a tag, and that refers to nothing else."""
        digests = {each.digest for tag, each in self._listed if tag is None}
        if self._subjects is None:
            self._subjects = await asyncio.to_thread(self._by_subject)
        referring = {each.digest for found in self._subjects.values() for each in found}
        return sorted(digests - referring)

    async def close(self) -> None:
        """See `Source`. Nothing is held."""

    async def _read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        at = start
        while at < end:
            part = await asyncio.to_thread(self._files.read, name, at, min(_READ_BYTES, end - at))
            if not part:
                raise ContentWrong(f"{self._where}/{name} ends early")
            at += len(part)
            yield part

    def _found(self, reference: Digest | TagName) -> Descriptor | None:
        """Return the newest entry of a name: tools that append leave older ones before it."""
        for tag, each in reversed(self._listed):
            if reference in (tag, each.digest):
                return each
        return None

    def _manifest(self, digest: Digest, media_type: str | None) -> Fetched:
        payload = self._files.whole(blob_name(digest), MAX_MANIFEST_BYTES)
        if payload is None:
            raise ContentMissing(f"{self._where} does not have {digest}")
        if digest_of(payload, algorithm_of(digest)) != digest:
            raise ContentWrong(f"{self._where} has other content under {digest}")
        return Fetched(payload, parse_manifest(payload, media_type).media_type, digest)

    def _by_subject(self) -> dict[Digest, list[Descriptor]]:
        found: dict[Digest, dict[Digest, Descriptor]] = {}
        for _, each in self._listed:
            try:
                subject = self._manifest(each.digest, each.media_type).manifest.subject
            except (ContentMissing, ManifestInvalid):
                continue
            if subject is not None:
                found.setdefault(subject.digest, {})[each.digest] = each
        return {subject: list(each.values()) for subject, each in found.items()}


def _descriptor(entry: Mapping[str, Any]) -> Descriptor:
    return parse_descriptor(dict(entry), INDEX_FILE)
