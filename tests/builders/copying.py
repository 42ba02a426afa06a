# SPDX-License-Identifier: Apache-2.0
"""Copies between places, as the command line makes them, without its waits."""

import asyncio
import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import AsyncIterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit

from entrepot.infra.distribution.closure import Gathering
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.copying import Copying
from entrepot.infra.distribution.copying import Report
from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.files import FolderFiles
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.layout import LayoutSource
from entrepot.infra.distribution.layout_writing import LayoutTarget
from entrepot.infra.distribution.notes import UploadNotes
from entrepot.infra.distribution.opening import Registries
from entrepot.infra.distribution.pace import Pace
from entrepot.infra.distribution.persistence import Persistence
from entrepot.infra.distribution.place_name import RegistryPlace
from entrepot.infra.distribution.registry import RegistrySource
from entrepot.infra.distribution.registry import RegistryTarget
from entrepot.infra.distribution.repository import Repository
from entrepot.infra.distribution.ways import Ways
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.oci.digest import Digest
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_repository_name
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import a_manifest

NAME = parse_repository_name("team/app")
TAG = TagName("1.0")


class Pauses:
    """Waits for nothing, and notes for how long it should have."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Take note."""
        self.seconds.append(seconds)
        await asyncio.sleep(0.01)


@dataclass(slots=True)
class Traveller:
    """Somebody who copies: their logins by host, their notes, and how long they waited."""

    logins: Mapping[str, Login] = field(default_factory=dict)
    notes: UploadNotes = field(default_factory=lambda: UploadNotes(None))
    pauses: Pauses = field(default_factory=Pauses)
    attempts: int = 10

    async def login_for(self, host: str) -> Login | None:
        """See `Logins`."""
        return self.logins.get(host)

    def flow(self) -> Flow:
        """Begin a copy."""
        return Flow(Pace(), Persistence(self.attempts, 0.001, 0.01, self.pauses))

    @asynccontextmanager
    async def registries(self, *, is_guarded: bool = False) -> AsyncIterator[Registries]:
        """Hold the ways to registries open."""
        ways = Ways(Outbound(OutgoingSettings(connect_seconds=5, read_seconds=10)), is_guarded=is_guarded)
        try:
            yield Registries(ways, self, self.flow().persistence)
        finally:
            await ways.close()

    async def repository(
        self, registries: Registries, url: str, name: str = NAME, *, writes: bool = True
    ) -> Repository:
        """Return a repository of the registry at an address."""
        place = RegistryPlace(urlsplit(url).netloc, parse_repository_name(name))
        return await registries.repository(url, place, writes=writes)


async def copy_all(
    source: Source, target: Target, flow: Flow, *references: TagName | Digest, parallel: int = 2
) -> Report:
    """Copy what the references name, under the tags that they are."""
    gathering = Gathering(source)
    for each in references:
        await gathering.add(each, None if ":" in each else TagName(each))
    return await Copying(source, target, flow, parallel).run(gathering.closure)


async def push_to(traveller: Traveller, source: Source, url: str, *references: TagName | Digest) -> Report:
    """Copy from anywhere to the repository of a registry."""
    async with traveller.registries() as registries:
        target = RegistryTarget(await traveller.repository(registries, url), traveller.notes)
        return await copy_all(source, target, traveller.flow(), *references)


async def pull_from(traveller: Traveller, url: str, target: Target, *references: TagName | Digest) -> Report:
    """Copy from the repository of a registry to anywhere."""
    async with traveller.registries() as registries:
        source = RegistrySource(await traveller.repository(registries, url, writes=False))
        try:
            return await copy_all(source, target, traveller.flow(), *references)
        finally:
            await target.close()


async def opened_target(folder: Path) -> LayoutTarget:
    """Open a layout to copy to."""
    return await asyncio.to_thread(LayoutTarget, folder)


async def opened_layout(folder: Path) -> LayoutSource:
    """Open a layout to copy from."""
    return await asyncio.to_thread(lambda: LayoutSource(FolderFiles(folder), folder.name))


def some_bytes(size: int, seed: int = 1) -> bytes:
    """Make bytes that do not repeat, the same each time."""
    return random.Random(seed).randbytes(size)


def an_image(*layers: bytes, config: bytes = b"{}", **fields: object) -> BuiltManifest:
    """Build an image of these layers."""
    described = {"config": a_descriptor(config, OCI_CONFIG), "layers": [a_descriptor(each) for each in layers]}
    return a_manifest({"schemaVersion": 2, "mediaType": OCI_MANIFEST, **described, **fields}, OCI_MANIFEST)


def a_layout(folder: Path, built: BuiltManifest, *blobs: bytes, tag: str = TAG) -> Path:
    """Write a layout by hand, of one manifest."""
    entry = built.descriptor(annotations={"org.opencontainers.image.ref.name": tag})
    (folder / "blobs" / "sha256").mkdir(parents=True)
    for content in (built.payload, *blobs):
        (folder / "blobs" / "sha256" / hashlib.sha256(content).hexdigest()).write_bytes(content)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return folder


def a_docker_archive(path: Path, *layers: bytes, names: tuple[str, ...] = ("team/app:1.0",)) -> Path:
    """Write what `docker save` wrote for a long time: layers as they are unpacked, each in a folder; one is a link."""
    diff_ids = [f"sha256:{hashlib.sha256(_unpacked(each)).hexdigest()}" for each in layers]
    rootfs = {"type": "layers", "diff_ids": [*diff_ids, diff_ids[0]]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()
    files = {f"{number}/layer.tar": each for number, each in enumerate(layers)}
    entry = {"Config": "config.json", "RepoTags": list(names), "Layers": [*files, "link/layer.tar"]}
    with tarfile.open(path, "w") as tar:
        for name, content in {**files, "config.json": config, "manifest.json": json.dumps([entry]).encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("link/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../0/layer.tar"
        tar.addfile(link)
    return path


def _unpacked(layer: bytes) -> bytes:
    return gzip.decompress(layer) if layer.startswith(b"\x1f\x8b") else layer
