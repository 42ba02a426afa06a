# SPDX-License-Identifier: Apache-2.0
"""The bundle: made, the same when it is made again, whole, and enough for a machine without a network."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dev.bundle import LOCK
from dev.bundle import MACHINES
from dev.bundle import PYTHONS
from dev.bundle import SYSTEMS
from dev.bundle import checksums
from dev.bundle import pack
from entrepot import __version__
from tests.deploy.tools import Tools
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.report import Report
from tests.server import ROOT

ARCHIVE = ROOT / "dist" / f"entrepot-{__version__}-bundle.tar.gz"
SECONDS = 1_800.0
BUILT_FROM = ("LICENSE", "README.md", "hatch_build.py", "pyproject.toml", "dev", "src")
NEWER = "99.0"


def make_bundle() -> Path:
    """Make the bundle of this tree. Raises `StepError`."""
    run([sys.executable, "-m", "dev.bundle"], timeout_seconds=SECONDS)
    return ARCHIVE


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a bundle and return its only folder."""
    into.mkdir()
    run(["tar", "--extract", "--file", str(archive), "--directory", str(into)])
    (folder,) = into.iterdir()
    return folder


def check_bundle(tools: Tools, report: Report) -> None:
    """Make it, look into it, and install it twice."""
    with report.step("bundle", "is made"):
        make_bundle()
    if report.rows[-1].evidence:
        return
    with tempfile.TemporaryDirectory(prefix="entrepot-bundle-") as scratch:
        bundle = unpack(ARCHIVE, Path(scratch) / "old")
        with report.step("bundle", "made again it has the same bytes"):
            _require_the_same(bundle, Path(scratch))
        with report.step("bundle", "its bill of materials is valid and knows each wheel"):
            _require_materials(tools, bundle)
        for machine in MACHINES:
            for python in PYTHONS:
                with report.step("bundle", f"has all that CPython {python} on {machine} needs"):
                    _require_wheels(bundle, machine, python)
        with report.step("bundle", "does not install what was altered"):
            _require_refusal(bundle, Path(scratch))
        with report.step("bundle", "installs, serves and upgrades without a network"):
            newer = _newer(bundle, Path(scratch))
            story = ["sh", str(Path(__file__).with_name("offline.sh")), str(bundle), str(newer), f"{scratch}/machine"]
            (Path(scratch) / "machine").mkdir()
            run(["unshare", "--net", *story], timeout_seconds=SECONDS)


def _require_the_same(bundle: Path, scratch: Path) -> None:
    """Build the wheel and the archive once more."""
    (wheel,) = (bundle / "wheels").glob("entrepot-*.whl")
    made_at = int(wheel.stat().st_mtime)
    again = _wheel(ROOT, scratch / "again", made_at)
    expect(again.read_bytes() == wheel.read_bytes(), f"the wheel {again.name} differs")
    other = scratch / "other.tar.gz"
    pack(bundle, other, made_at)
    expect(_digest(other) == _digest(ARCHIVE), "the archive differs")
    other.unlink()


def _wheel(source: Path, into: Path, made_at: int) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(made_at)}
    subprocess.run([*command, "--wheel-dir", str(into), str(source)], check=True, env=environment)
    (wheel,) = into.glob("entrepot-*.whl")
    return wheel


def _require_materials(tools: Tools, bundle: Path) -> None:
    text = (bundle / "sbom.cdx.json").read_text()
    tools.require_cyclonedx(text)
    document = json.loads(text)
    known = set(re.findall(r"wheels/[^\"]+", text))
    there = {f"wheels/{file.name}" for file in (bundle / "wheels").iterdir()}
    expect(known == there, f"these are not in both: {sorted(known ^ there)}")
    without = [each["name"] for each in document["components"] if "licenses" not in each]
    expect(not without, f"these have no licence: {without}")


def _require_wheels(bundle: Path, machine: str, python: str) -> None:
    """Resolve the lock file for another machine from the bundle alone, and install nothing."""
    target = [f"--platform={system}_{machine}" for system in SYSTEMS]
    target += ["--implementation=cp", f"--python-version={python}", "--only-binary=:all:", "--no-deps"]
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--quiet", "--dry-run"]
    source = ["--no-index", f"--find-links={bundle / 'wheels'}", "--require-hashes", f"--target={bundle / 'nowhere'}"]
    run([*pip, *source, *target, "-r", str(bundle / LOCK)])


def _require_refusal(bundle: Path, scratch: Path) -> None:
    licence = bundle / "LICENSE"
    whole = licence.read_bytes()
    licence.write_bytes(whole + b" ")
    message = failure_of(lambda: run(["sh", str(bundle / "install.sh"), str(scratch / "altered")]))
    licence.write_bytes(whole)
    expect("LICENSE" in message and "fetch it again" in message, message)
    expect(not list(scratch.glob("altered*")), "something was installed")


def _newer(bundle: Path, scratch: Path) -> Path:
    """Return a bundle of the next version, which is this one by another name."""
    source = scratch / "source"
    source.mkdir()
    for name in BUILT_FROM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    init = source / "src/entrepot/__init__.py"
    init.write_text(init.read_text().replace(__version__, NEWER))
    newer = scratch / "newer"
    shutil.copytree(bundle, newer)
    next((newer / "wheels").glob("entrepot-*.whl")).unlink()
    shutil.copy(_wheel(source, scratch / "built", 0x60000000), newer / "wheels")
    (newer / "SHA256SUMS").unlink()
    (newer / "SHA256SUMS").write_text(checksums(newer))
    return newer


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
