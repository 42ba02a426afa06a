# SPDX-License-Identifier: Apache-2.0
"""Archives as what is copied to: a layout is filled beside the file, and packed into it when it is whole."""

import asyncio
import io
import json
import os
import shutil
import tarfile
from contextlib import suppress
from pathlib import Path

from entrepot.infra.distribution.content import Fetched
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.errors import PlaceUnusable
from entrepot.infra.distribution.files import unusable
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.layout import INDEX_FILE
from entrepot.infra.distribution.layout import LAYOUT_FILE
from entrepot.infra.distribution.layout import blob_name
from entrepot.infra.distribution.layout_writing import PARTIAL
from entrepot.infra.distribution.layout_writing import LayoutTarget
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.digest import encoded_of
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.reference import TagName


class ArchiveTarget(Target):
    """A tar that is copied to: `<file>.partial` beside it is a layout, which goes when the tar is written.

    With `names_images`, it is what `docker load` takes: `name` is what its images are called.
    """

    def __init__(self, path: Path, name: str = "", *, names_images: bool = False) -> None:
        """Take the folder beside it, which blocks. Raises `PlaceUnusable` and `PlaceBusy`."""
        if path.exists():
            raise PlaceUnusable(f"{path} exists", hint="Name another file, or remove it: archives are written once.")
        self._path = path
        self._name = name
        self._names_images = names_images
        self._layout = LayoutTarget(path.with_name(path.name + PARTIAL))
        self._blobs: set[str] = set()
        """The files of what was copied: others may lie in the folder, of a copy that broke off."""
        self._images: dict[Digest, tuple[Fetched, list[TagName]]] = {}

    async def has_manifest(self, digest: Digest) -> bool:
        """See `Target`."""
        return await self._layout.has_manifest(digest)

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """See `Target`."""
        return await self._layout.has_blob(descriptor)

    async def put_blob(self, descriptor: Descriptor, source: Source, flow: Flow) -> Outcome:
        """See `Target`."""
        self._blobs.add(blob_name(descriptor.digest))
        return await self._layout.put_blob(descriptor, source, flow)

    async def put_manifest(self, fetched: Fetched, tag: TagName | None = None) -> None:
        """See `Target`. Raises `PlaceInvalid` for an index, which docker's archives have no place for."""
        if self._names_images and fetched.manifest.kind is not ManifestKind.IMAGE:
            hint = "Choose one with --platform, such as linux/amd64, or write an oci-archive."
            raise PlaceInvalid("a docker archive holds images of one platform", hint=hint)
        self._blobs.add(blob_name(fetched.digest))
        await self._layout.put_manifest(fetched, tag)
        _, tags = self._images.setdefault(fetched.digest, (fetched, []))
        if tag is not None:
            tags.append(tag)

    async def finish(self) -> None:
        """See `Target`."""
        await self._layout.finish()
        await asyncio.to_thread(self._pack)

    async def close(self) -> None:
        """See `Target`."""
        await self._layout.close()

    def _pack(self) -> None:
        folder = self._layout.folder
        temporary = self._path.with_name(f".{self._path.name}.writing")
        try:
            with temporary.open("wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                if self._names_images:
                    self._add_images(tar, folder)
                else:
                    for name in (LAYOUT_FILE, INDEX_FILE, *sorted(self._blobs)):
                        _add(tar, name, folder / name)
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(self._path)
            shutil.rmtree(folder)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise unusable(self._path, error) from error

    def _add_images(self, tar: tarfile.TarFile, folder: Path) -> None:
        entries = []
        added: set[str] = set()
        for fetched, tags in self._images.values():
            manifest = fetched.manifest
            assert manifest.config is not None, "it is an image"  # noqa: S101 - put_manifest sees to that
            config = f"{encoded_of(manifest.config.digest)}.json"
            layers = [f"{encoded_of(each.digest)}.tar{_suffix(each)}" for each in manifest.layers]
            named = [(config, manifest.config), *zip(layers, manifest.layers, strict=True)]
            for name, each in named:
                if name not in added:
                    added.add(name)
                    _add(tar, name, folder / blob_name(each.digest))
            names = [f"{self._name}:{tag}" for tag in tags] if self._name else []
            entries.append({"Config": config, "RepoTags": names, "Layers": layers})
        document = json.dumps(entries).encode()
        tar.addfile(_member("manifest.json", len(document)), io.BytesIO(document))


def _suffix(layer: Descriptor) -> str:
    """Return what the name of a layer ends with, for people: readers look at how it begins."""
    if layer.media_type.endswith("gzip"):
        return ".gz"
    return ".zst" if layer.media_type.endswith("zstd") else ""


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        tar.addfile(_member(name, path.stat().st_size), file)


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Describe a file by its content alone, so that the same images make the same archive."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member
