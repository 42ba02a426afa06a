# SPDX-License-Identifier: Apache-2.0
"""Makes the bundle, from which a machine without a network installs and upgrades: `python -m dev.bundle`.

The same commit gives the same bytes: what depends on the time takes `SOURCE_DATE_EPOCH`, by default that of the commit.
The console has to be built. Wheels are fetched as the machine's pip is set up to fetch them, and are what the lock
file says by their hashes.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from dev.sbom import Release
from dev.sbom import Unlocked
from dev.sbom import bill_of_materials
from entrepot import __version__

ROOT = Path(__file__).resolve().parents[1]
LOCK = Path("requirements/runtime.lock")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")
SYSTEMS = (*(f"manylinux_2_{minor}" for minor in range(28, 16, -1)), "manylinux2014")
"""glibc 2.28 or older: Debian 10, Ubuntu 20.04, RHEL 8 and whatever is newer."""

TAKEN = (".dockerignore", "LICENSE", "CHANGELOG.md", str(LOCK), "deploy", "docs")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def main() -> None:
    """Write `dist/entrepot-VERSION-bundle.tar.gz` and its checksum, and say where they are."""
    made_at = int(os.environ.get("SOURCE_DATE_EPOCH") or _output("git", "log", "-1", "--format=%ct"))
    name = f"entrepot-{__version__}"
    with tempfile.TemporaryDirectory(prefix="entrepot-bundle-") as scratch:
        place = Path(scratch) / name
        place.mkdir()
        _copy_committed(place)
        _fetch_wheels(place / "wheels")
        _build_wheel(place / "wheels", made_at)
        release = Release(__version__, made_at, place / LOCK, ROOT / "web/package-lock.json", place / "wheels")
        (place / "sbom.cdx.json").write_text(f"{json.dumps(bill_of_materials(release), indent=1)}\n")
        (place / "SHA256SUMS").write_text(checksums(place))
        archive = ROOT / "dist" / f"{name}-bundle.tar.gz"
        archive.parent.mkdir(exist_ok=True)
        pack(place, archive, made_at)
    digest = _sha256(archive)
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n")
    print(f"{archive.relative_to(ROOT)}  {archive.stat().st_size / 1_000_000:.0f} MB  sha256:{digest}")


def _copy_committed(place: Path) -> None:
    """Copy what git knows of, as it is in the working tree, and put the installer in front."""
    for each in _output("git", "ls-files", "--", *TAKEN).splitlines():
        (place / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, place / each)
    shutil.move(place / "deploy/install.sh", place / "install.sh")


def _fetch_wheels(place: Path) -> None:
    """Fetch the locked packages for each Python and machine, and nothing that would have to be compiled."""
    for machine in MACHINES:
        for python in PYTHONS:
            print(f"wheels for CPython {python} on {machine}", flush=True)
            target = [f"--platform={system}_{machine}" for system in SYSTEMS]
            target += ["--implementation=cp", f"--python-version={python}", "--only-binary=:all:", "--no-deps"]
            _run(*PIP, "download", "--quiet", "--require-hashes", *target, "-r", str(LOCK), "-d", str(place))


def _build_wheel(place: Path, made_at: int) -> None:
    if not (ROOT / "src/entrepot/_ui/index.html").is_file():
        raise Unlocked("the console is not built: run `make bundle`, which does that first")
    os.environ["SOURCE_DATE_EPOCH"] = str(made_at)
    _run(*PIP, "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", str(place), ".")


def checksums(folder: Path) -> str:
    """Return a line for each file below `folder`, as `sha256sum` reads it."""
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    return "".join(f"{_sha256(each)}  {each.relative_to(folder)}\n" for each in files)


def pack(folder: Path, archive: Path, made_at: int) -> None:
    """Archive `folder` so that who made it, where and when does not show: names in order, nobody's, of one moment."""
    with archive.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=made_at) as packed:
        _archive(folder, packed, made_at)


def _archive(folder: Path, into: io.BufferedIOBase, made_at: int) -> None:
    def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = made_at
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with tarfile.open(fileobj=into, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in (folder, *sorted(folder.rglob("*"))):
            archive.add(path, str(path.relative_to(folder.parent)), recursive=False, filter=anonymous)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    try:
        main()
    except (Unlocked, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
