# SPDX-License-Identifier: Apache-2.0
"""The images that the clients push: real files in real layers, made on this machine without a network.

One layout holds them all: `image` (three layers of Debian's files, a symbolic link and a whiteout among them),
`multi` (an index of it for amd64 and of a sibling for arm64), `zstd` (the image with zstd layers), `large` (one
incompressible layer of 300 MB), and `artifact` (no image at all, with `image` as its subject).
"""

import gzip
import hashlib
import io
import json
import random
import tarfile
import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.layout import INDEX
from tests.interop.layout import MANIFEST
from tests.interop.layout import Json
from tests.interop.layout import Layout

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
LAYER_TAR = "application/vnd.oci.image.layer.v1.tar"
EMPTY = "application/vnd.oci.empty.v1+json"
CREATED = "2026-01-01T00:00:00Z"
MEBIBYTE = 1 << 20
LARGE_MEBIBYTES = 300

Layer = tuple[Json, str]
"""A layer's descriptor, and the digest of its uncompressed bytes (its diff id)."""


def build_images(path: Path) -> Layout:
    """Make a layout with every image at `path` (a few seconds, about 330 MB)."""
    layout = Layout(path)
    layout.create()
    system = _gzip_layer(layout, _packaged_files("base-files", "libc6"))
    tools = _gzip_layer(layout, _packaged_files("dash", "coreutils"))
    amd64 = add_image(layout, "amd64", [system, tools, _gzip_layer(layout, _application("amd64"))])
    arm64 = add_image(layout, "arm64", [system, tools, _gzip_layer(layout, _application("arm64"))])
    platforms = [{**amd64, "platform": _platform("amd64")}, {**arm64, "platform": _platform("arm64")}]
    layout.name(amd64, "image")
    layout.name(layout.add_json(INDEX, _manifest(INDEX, manifests=platforms)), "multi")
    layout.name(add_image(layout, "amd64", [_large_layer(layout)]), "large")
    layout.name(_artifact(layout, amd64), "artifact")
    _add_zstd(layout)
    return layout


def _platform(architecture: str) -> Json:
    return {"os": "linux", "architecture": architecture}


def _manifest(media_type: str, **fields: object) -> Json:
    return {"schemaVersion": 2, "mediaType": media_type, **fields}


def add_image(layout: Layout, architecture: str, layers: list[Layer]) -> Json:
    """Store the configuration and manifest of an image, and return the manifest's descriptor."""
    config = {
        **_platform(architecture),
        "created": CREATED,
        "config": {"Cmd": ["/bin/sh"], "Env": ["PATH=/usr/bin:/bin"], "Labels": {"org.example.purpose": "interop"}},
        "rootfs": {"type": "layers", "diff_ids": [diff_id for _, diff_id in layers]},
        "history": [{"created": CREATED, "created_by": "COPY /"} for _ in layers],
    }
    descriptor = layout.add_json(CONFIG, config)
    fields = {"config": descriptor, "layers": [layer for layer, _ in layers]}
    return layout.add_json(MANIFEST, _manifest(MANIFEST, **fields))


def _artifact(layout: Layout, subject: Json) -> Json:
    statement = layout.add("application/vnd.example.statement+json", [json.dumps({"verdict": "good"}).encode()])
    fields = {
        "artifactType": "application/vnd.example.statement",
        "config": layout.add(EMPTY, [b"{}"]),
        "layers": [statement],
        "subject": subject,
        "annotations": {"org.opencontainers.image.created": CREATED},
    }
    return layout.add_json(MANIFEST, _manifest(MANIFEST, **fields))


def _add_zstd(layout: Layout) -> None:
    """Add `image` with layers that skopeo compressed; in a layout of its own, lest it takes the gzip ones."""
    with tempfile.TemporaryDirectory(prefix="entrepot-zstd-") as scratch:
        other = f"oci:{scratch}/layout:zstd"
        run(["skopeo", "copy", "--dest-compress-format=zstd", f"oci:{layout.path}:image", other])
        run(["skopeo", "copy", "--preserve-digests", other, f"oci:{layout.path}:zstd"])
    manifest = layout.read(layout.descriptor("zstd")["digest"])
    expect(manifest.count(b"tar+zstd") == 3, f"three layers should be zstd: {manifest!r}")


def _packaged_files(*packages: str) -> bytes:
    """Archive every file of installed Debian packages: directories, modes and symbolic links as they are."""
    listed = run(["dpkg-query", "--listfiles", *packages]).splitlines()
    files = [Path(line) for line in listed if line.startswith("/") and line != "/."]
    # A package may list /lib/libc.so where the system has /usr/lib/libc.so and a link /lib: follow the parents' links.
    paths = sorted({file.parent.resolve() / file.name for file in files})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in paths:
            if path.exists():
                archive.add(path, arcname=str(path).lstrip("/"), recursive=False)
    return buffer.getvalue()


def _application(architecture: str) -> bytes:
    """Archive a small last layer: a script, a link to it, and the removal of a file from a layer below."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        script = tarfile.TarInfo("opt/application/run")
        script.mode = 0o755
        content = f"#!/bin/sh\necho 'hello from {architecture}, Grüße'\n".encode()
        script.size = len(content)
        archive.addfile(script, io.BytesIO(content))
        link = tarfile.TarInfo("opt/application/start")
        link.type, link.linkname = tarfile.SYMTYPE, "run"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("etc/.wh.debian_version"))
    return buffer.getvalue()


def _gzip_layer(layout: Layout, archive: bytes) -> Layer:
    diff_id = f"sha256:{hashlib.sha256(archive).hexdigest()}"
    return layout.add(LAYER_GZIP, [gzip.compress(archive, compresslevel=5, mtime=0)]), diff_id


def _large_layer(layout: Layout) -> Layer:
    descriptor = layout.add(LAYER_TAR, _large_archive())
    return descriptor, descriptor["digest"]


def _large_archive() -> Iterator[bytes]:
    header = tarfile.TarInfo("data/random")
    header.size = LARGE_MEBIBYTES * MEBIBYTE
    yield header.tobuf()
    yield from _noise()
    yield bytes(2 * tarfile.BLOCKSIZE)


def _noise() -> Iterable[bytes]:
    source = random.Random(300)
    return (source.randbytes(MEBIBYTE) for _ in range(LARGE_MEBIBYTES))
