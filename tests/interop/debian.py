# SPDX-License-Identifier: Apache-2.0
"""A whole Debian root file system as one layer: made by debootstrap, once, and kept in the cache."""

import gzip
import hashlib
import io
import shutil
import tarfile
import tempfile
from pathlib import Path

from tests.interop.commands import run
from tests.interop.images import LAYER_GZIP
from tests.interop.images import Layer
from tests.interop.images import add_image
from tests.interop.layout import Layout
from tests.interop.tools import CACHE

RELEASE = "bookworm"
ARCHIVE = CACHE / "debian" / f"{RELEASE}.tar.gz"
BOOTSTRAP_SECONDS = 1_200.0
CHUNK = 1 << 20


def add_debian(layout: Layout) -> None:
    """Add the image `debian` to a layout."""
    layout.name(add_image(layout, "amd64", [_layer(layout)]), "debian")


def _layer(layout: Layout) -> Layer:
    if not ARCHIVE.exists():
        _bootstrap()
    diff_id = hashlib.sha256()
    with gzip.open(ARCHIVE) as file:
        while chunk := file.read(CHUNK):
            diff_id.update(chunk)
    with ARCHIVE.open("rb") as file:
        return layout.add(LAYER_GZIP, iter(lambda: file.read(CHUNK), b"")), f"sha256:{diff_id.hexdigest()}"


def _bootstrap() -> None:
    """Install Debian's smallest system into a folder, and archive it without device nodes."""
    print(f"installing Debian {RELEASE} into a folder with debootstrap", flush=True)
    ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="entrepot-debian-") as scratch:
        root = Path(scratch) / "root"
        run(["nice", "debootstrap", "--variant=minbase", RELEASE, str(root)], timeout_seconds=BOOTSTRAP_SECONDS)
        shutil.rmtree(root / "var" / "cache" / "apt" / "archives")
        partial = ARCHIVE.with_suffix(".partial")
        with partial.open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb", compresslevel=5, mtime=0) as packed:
            _archive(root, packed)
        partial.rename(ARCHIVE)


def _archive(root: Path, into: io.BufferedIOBase) -> None:
    with tarfile.open(fileobj=into, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(root.rglob("*")):
            if not (path.is_char_device() or path.is_block_device()):
                archive.add(path, arcname=str(path.relative_to(root)), recursive=False)
