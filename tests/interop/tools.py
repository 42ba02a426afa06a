# SPDX-License-Identifier: Apache-2.0
"""Gets the pinned clients and the conformance suite onto this machine, and says which versions they are."""

import os
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import StepError
from tests.interop.commands import run
from tests.server import ROOT

PINS = Path(__file__).with_name("pins.toml")
CACHE = ROOT / ".cache" / "interop"
BUILD_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Pins:
    """What pins.toml says: the suite's Go module, version and size, and each Debian package's program."""

    module: str
    version: str
    least_passes: int
    packages: dict[str, Path]


def load_pins(*, newest: bool) -> Pins:
    """Read pins.toml; with `newest`, take the suite from the head of its main branch."""
    pins = tomllib.loads(PINS.read_text())
    suite = pins["conformance"]
    packages = {name: Path(program) for name, program in pins["debian"].items()}
    return Pins(suite["module"], "main" if newest else suite["version"], suite["least_passes"], packages)


def install_packages(packages: dict[str, Path]) -> None:
    """Install the Debian packages whose program is missing, and print the version of each.

    Raises `StepError` where they cannot be installed: another system, no root, no network.
    """
    missing = [name for name, program in packages.items() if not program.exists()]
    if missing:
        print(f"installing {', '.join(missing)} with apt-get", flush=True)
        _apt_get("update")
        _apt_get("install", "--yes", "--no-install-recommends", *missing)
    for name in packages:
        print(f"{name} {run(['dpkg-query', '--show', '--showformat=${Version}', name])}", flush=True)


def _apt_get(*arguments: str) -> None:
    """Run apt-get, keeping packages from starting their services: the tests start what they need themselves."""
    environment = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    run(["apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments], environment=environment, timeout_seconds=900)


def build_suite(pins: Pins) -> Path:
    """Return the conformance suite's program, built once for each version and kept in the cache."""
    go = shutil.which("go")
    if go is None:
        message = "the conformance suite is a Go program and `go` is not on the PATH: install Go 1.24 or newer"
        raise StepError(message)
    cached = CACHE / f"conformance-{pins.version}" / "conformance"
    if pins.version != "main" and cached.exists():
        return cached
    version = _resolve(go, f"{pins.module}@{pins.version}")
    print(f"conformance suite {pins.module} {version}", flush=True)
    program = CACHE / f"conformance-{version}" / "conformance"
    if not program.exists():
        environment = {"GOBIN": str(program.parent), "GOFLAGS": "-mod=mod"}
        run([go, "install", f"{pins.module}@{version}"], environment=environment, timeout_seconds=BUILD_SECONDS)
    if pins.version != "main" and program != cached:
        cached.parent.mkdir(parents=True, exist_ok=True)
        os.link(program, cached)
    return program


def _resolve(go: str, query: str) -> str:
    """Turn a module query into the exact version that the Go module proxy serves for it."""
    with tempfile.TemporaryDirectory(prefix="entrepot-go-") as scratch:
        Path(scratch, "go.mod").write_text("module interop\n\ngo 1.24\n")
        command = [go, "-C", scratch, "list", "-m", "-f", "{{.Version}}", query]
        try:
            return run(command, environment={"GOFLAGS": "-mod=mod"}, timeout_seconds=BUILD_SECONDS).strip()
        except StepError as error:
            hint = "give a program built from the same sources with --suite PROGRAM"
            raise StepError(f"the Go module {query} is not to be had here; {hint}\n{error}") from error
