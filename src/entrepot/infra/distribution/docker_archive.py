# SPDX-License-Identifier: Apache-2.0
"""What `docker save` writes, as what is copied from."""

import asyncio
import hashlib
import json
import zlib
from collections.abc import AsyncIterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import asynccontextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Opened
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.errors import ContentMissing
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.errors import PlaceUnusable
from entrepot.infra.distribution.files import Files
from entrepot.infra.distribution.files import FolderFiles
from entrepot.infra.distribution.files import TarFiles
from entrepot.infra.distribution.place_name import parse_registry_place
from entrepot.kernel.errors import AppError
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.document import parse_object
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.reference import TagName

MANIFEST_FILE = "manifest.json"
MAX_IMAGES = 1_000
MAX_LAYERS = 1_000
LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"

_GZIP_BEGIN = b"\x1f\x8b"
_ZSTD_BEGIN = b"\x28\xb5\x2f\xfd"
_READ_BYTES = 1024 * 1024
_GZIP_WINDOW = 31
"""zlib's own header of gzip: it has no time and no name, so the same layer has the same digest each time."""


@dataclass(frozen=True, slots=True)
class ArchivedImage:
    """An image of the archive: its names, and where its configuration and layers lie."""

    names: tuple[str, ...]
    config: str
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a blob lies."""

    files: Files
    name: str


class DockerArchiveSource(Source):
    """An archive that is copied from. Layers that are not compressed are, with gzip, in a folder that goes again."""

    def __init__(self, path: Path) -> None:
        """Read what is in it, which blocks. Raises `PlaceUnusable`."""
        self._path = path
        self._files = TarFiles(path)
        self.images = _images(self._files, path)
        self._scratch = TemporaryDirectory(prefix="entrepot-layers-")
        self._blobs: dict[Digest, _Place] = {}
        self._layers: dict[str, Descriptor] = {}
        self._built: dict[int, Fetched] = {}

    def chosen(self, name: str, tag: TagName | None) -> Digest | TagName:
        """Return what `manifest` takes for the image of a name, or for the only one. Raises `PlaceInvalid`."""
        if not name:
            if len(self.images) == 1:
                return TagName("0")
            names = ", ".join(each for image in self.images for each in image.names) or "none of them has a name"
            raise PlaceInvalid(f"{self._path} has {len(self.images)} images", hint=f"Name one of them: {names}")
        for number, image in enumerate(self.images):
            if any(_is_named(each, name, tag) for each in image.names):
                return TagName(str(number))
        raise ContentMissing(f"{self._path} has no {name}:{tag}")

    def tags_of(self, image: ArchivedImage) -> tuple[TagName, ...]:
        """Return the tags in the names of an image; names that are none are left out."""
        found: dict[TagName, None] = {}
        for each in image.names:
            with suppress(AppError):
                found[parse_registry_place(each).tag or TagName("latest")] = None
        return tuple(found)

    async def manifest(self, reference: Digest | TagName) -> Fetched:
        """See `Source`. Images are called by their number, as `chosen` returns it."""
        for each in self._built.values():
            if each.digest == reference:
                return each
        if not reference.isdigit() or int(reference) >= len(self.images):
            raise ContentMissing(f"{self._path} has no {reference}")
        number = int(reference)
        if number not in self._built:
            self._built[number] = await asyncio.to_thread(self._build, self.images[number])
        return self._built[number]

    @asynccontextmanager
    async def blob(self, descriptor: Descriptor, start: int, end: int) -> AsyncIterator[Opened]:
        """See `Source`."""
        place = self._blobs.get(descriptor.digest)
        if place is None:
            raise ContentMissing(f"{self._path} does not have {descriptor.digest}")
        yield Opened(start, self._read(place, start, end))

    async def referrers(self, subject: Digest) -> Sequence[Descriptor]:
        """See `Source`. Archives hold none."""
        return ()

    async def tags(self) -> Sequence[TagName]:
        """See `Source`. The tags are in the names of the images."""
        return ()

    async def close(self) -> None:
        """See `Source`."""
        await asyncio.to_thread(self._scratch.cleanup)

    async def _read(self, place: _Place, start: int, end: int) -> AsyncIterator[bytes]:
        at = start
        while at < end:
            part = await asyncio.to_thread(place.files.read, place.name, at, min(_READ_BYTES, end - at))
            if not part:
                raise ContentWrong(f"{self._path} has less of {place.name} than it says")
            at += len(part)
            yield part

    def _build(self, image: ArchivedImage) -> Fetched:
        """Make the manifest that the archive does not have."""
        config = self._files.whole(image.config, MAX_MANIFEST_BYTES)
        if config is None:
            raise PlaceUnusable(f"{self._path} lacks {image.config}")
        digest = digest_of(config)
        self._blobs[digest] = _Place(self._files, image.config)
        unpacked = _diff_ids(config) or [""] * len(image.layers)
        if len(unpacked) != len(image.layers):
            raise ContentWrong(f"{image.config} speaks of {len(unpacked)} layers, and there are {len(image.layers)}")
        layers = [self._layer(name, diff_id) for name, diff_id in zip(image.layers, unpacked, strict=True)]
        document = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": OCI_CONFIG, "digest": digest, "size": len(config)},
            "layers": [{"mediaType": each.media_type, "digest": each.digest, "size": each.size} for each in layers],
        }
        payload = json.dumps(document, separators=(",", ":")).encode()
        return Fetched(payload, OCI_MANIFEST, digest_of(payload))

    def _layer(self, name: str, diff_id: str) -> Descriptor:
        if name in self._layers:
            return self._layers[name]
        size = self._files.size(name)
        if size is None:
            raise PlaceUnusable(f"{self._path} lacks {name}")
        begin = self._files.read(name, 0, len(_ZSTD_BEGIN))
        if begin.startswith(_GZIP_BEGIN) or begin == _ZSTD_BEGIN:
            digest = _hashed(self._files, name, size)
            found = Descriptor(LAYER_ZSTD if begin == _ZSTD_BEGIN else OCI_LAYER_GZIP, digest, size)
            self._blobs[digest] = _Place(self._files, name)
        else:
            found = self._compressed(name, size, diff_id)
        self._layers[name] = found
        return found

    def _compressed(self, name: str, size: int, diff_id: str) -> Descriptor:
        """Compress a layer, and see that it is the one that the configuration means."""
        plain, packed, length = hashlib.sha256(), hashlib.sha256(), 0
        to = f"{len(self._layers)}.tar.gz"
        packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP_WINDOW)
        with (Path(self._scratch.name) / to).open("wb") as file:
            for at in range(0, max(size, 1), _READ_BYTES):
                part = self._files.read(name, at, _READ_BYTES)
                plain.update(part)
                out = packer.compress(part) + (packer.flush() if at + _READ_BYTES >= size else b"")
                packed.update(out)
                length += file.write(out)
        if f"sha256:{plain.hexdigest()}" != diff_id:
            raise ContentWrong(f"{self._path} has other content in {name} than its configuration says")
        digest = Digest(f"sha256:{packed.hexdigest()}")
        self._blobs[digest] = _Place(FolderFiles(Path(self._scratch.name)), to)
        return Descriptor(OCI_LAYER_GZIP, digest, length)


def _images(files: Files, path: Path) -> tuple[ArchivedImage, ...]:
    payload = files.whole(MANIFEST_FILE, MAX_MANIFEST_BYTES)
    if payload is None:
        raise PlaceUnusable(f"{path} is not what docker save writes: it has no {MANIFEST_FILE}")
    try:
        # The document is an array, and every other one that we read is an object.
        listed = parse_object(b'{"images":' + payload + b"}")["images"]
        assert isinstance(listed, list)  # noqa: S101 - told below
        images = tuple(_image(each) for each in listed)
    except (AppError, AssertionError, KeyError, TypeError) as error:
        raise PlaceUnusable(f"{path} has a {MANIFEST_FILE} that cannot be read") from error
    if not 0 < len(images) <= MAX_IMAGES:
        raise PlaceUnusable(f"{path} has {len(images)} images, and 1 to {MAX_IMAGES} are read")
    return images


def _image(entry: Mapping[str, Any]) -> ArchivedImage:
    layers, names = entry["Layers"] or (), entry.get("RepoTags") or ()
    if len(layers) > MAX_LAYERS:
        raise TypeError("too many layers")
    return ArchivedImage(tuple(map(str, names)), str(entry["Config"]), tuple(map(str, layers)))


def _diff_ids(config: bytes) -> list[str]:
    try:
        rootfs = parse_object(config).get("rootfs")
        listed = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    except AppError as error:
        raise PlaceUnusable(f"the configuration of the image cannot be read: {error.message}") from error
    return [str(each) for each in listed] if isinstance(listed, list) else []


def _hashed(files: Files, name: str, size: int) -> Digest:
    hasher = hashlib.sha256()
    for at in range(0, size, _READ_BYTES):
        hasher.update(files.read(name, at, _READ_BYTES))
    return Digest(f"sha256:{hasher.hexdigest()}")


def _is_named(name: str, wanted: str, tag: TagName | None) -> bool:
    """Tell whether a name of an image is the one that is meant, which may leave out Docker Hub."""
    try:
        found, meant = parse_registry_place(name), parse_registry_place(f"{wanted}:{tag}")
    except AppError:
        return False
    return (_full(found.host), found.repository.removeprefix("library/"), found.tag) == (
        _full(meant.host),
        meant.repository.removeprefix("library/"),
        meant.tag,
    )


def _full(host: str) -> str:
    return host or "docker.io"
