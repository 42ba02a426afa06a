# SPDX-License-Identifier: Apache-2.0
"""Gets the pinned clients and the conformance suites onto this machine, and says which versions they are."""

import fcntl
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import StepError
from tests.interop.commands import run
from tests.server import ROOT

PINS = Path(__file__).with_name("pins.toml")
SUITE = Path(__file__).with_name("suite")
"""A Go module without code: the pinned suite and everything that it is built from, with their sums."""

CACHE = ROOT / ".cache" / "interop"
BUILD_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class PinnedSuitePin:
    """The suite that is run by default: its Go module and version, and what `PinnedSuite` holds it to."""

    module: str
    version: str
    specs: int
    exceptions: dict[str, str]


@dataclass(frozen=True, slots=True)
class NewestSuitePin:
    """The suite of the main branch: its Go module, what to ask for, and the fewest checks that may pass."""

    module: str
    version: str
    least_passes: int


@dataclass(frozen=True, slots=True)
class GoPin:
    """A program in Go: its module, the package of its program, its version, and the sum of the module's files."""

    module: str
    package: str
    version: str
    sum: str
    tags: str = ""
    """The build tags, separated by commas."""


@dataclass(frozen=True, slots=True)
class PythonPin:
    """A client in Python: what is required, and the lock file with that and everything that it needs."""

    requirement: str
    lock: Path

    @property
    def version(self) -> str:
        """The pinned version."""
        return self.requirement.partition("==")[2]


@dataclass(frozen=True, slots=True)
class NpmPin:
    """A program of an npm package: its version, and the folder with the lock file of everything that it needs."""

    version: str
    program: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Pins:
    """What pins.toml says: both suites, each Debian package's program, and what comes from Go, Python and npm."""

    pinned: PinnedSuitePin
    newest: NewestSuitePin
    packages: dict[str, Path]
    go: dict[str, GoPin]
    python: dict[str, PythonPin]
    npm: dict[str, NpmPin]


def load_pins() -> Pins:
    """Read pins.toml."""
    pins = tomllib.loads(PINS.read_text())
    suites = pins["conformance"]
    return Pins(
        PinnedSuitePin(**suites["pinned"]),
        NewestSuitePin(**suites["newest"]),
        packages={name: Path(program) for name, program in pins["debian"].items()},
        go={name: GoPin(**pin) for name, pin in pins["go"].items()},
        python={name: PythonPin(pin["requirement"], PINS.parent / pin["lock"]) for name, pin in pins["python"].items()},
        npm={
            name: NpmPin(pin["version"], pin["program"], PINS.parent / pin["folder"])
            for name, pin in pins["npm"].items()
        },
    )


def install_packages(packages: Mapping[str, Path]) -> None:
    """Install the Debian packages whose program is missing, and print the version of each.

    Raises `StepError` where they cannot be installed: another system, no root, no network.
    """
    missing = [name for name, program in packages.items() if not program.exists()]
    if missing:
        print(f"installing {', '.join(missing)} with apt-get", flush=True)
        _apt_get("update")
        _apt_get("install", "--yes", "--no-install-recommends", *missing)
    for name in packages:
        print(f"{name} {package_version(name)}", flush=True)


def package_version(name: str) -> str:
    """Return the version of an installed Debian package."""
    return run(["dpkg-query", "--show", "--showformat=${Version}", name])


def _apt_get(*arguments: str) -> None:
    """Run apt-get, keeping packages from starting their services: the tests start what they need themselves.

    Another run of tests in this clone waits for its turn, which the locks of apt do not let it do for `update`.
    """
    environment = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "apt.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        run(["apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments], environment=environment, timeout_seconds=900)


def build_pinned(pin: PinnedSuitePin) -> Path:
    """Return the pinned suite's program, built once from the committed sums and kept in the cache."""
    program = CACHE / pin.version / "conformance"
    if program.exists():
        return program
    print(f"building the conformance suite {pin.module} {pin.version}", flush=True)
    partial = program.with_suffix(".partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    flags = ["-c", "-mod=readonly", "-trimpath", "-vet=off", "-buildvcs=false"]
    command = [go_tool(), "-C", str(SUITE), "test", *flags, "-o", str(partial), pin.module]
    run(command, environment={"GOWORK": "off"}, timeout_seconds=BUILD_SECONDS)
    partial.rename(program)
    return program


def build_newest(pin: NewestSuitePin) -> Path:
    """Return the newest suite's program, built once for each version and kept in the cache."""
    version = _resolve(f"{pin.module}@{pin.version}")
    program = CACHE / version / "conformance"
    if not program.exists():
        print(f"building the conformance suite {pin.module} {version}", flush=True)
        environment = {"GOBIN": str(program.parent), "GOFLAGS": "-mod=mod"}
        run([go_tool(), "install", f"{pin.module}@{version}"], environment=environment, timeout_seconds=BUILD_SECONDS)
    return program


def go_tool() -> str:
    """Return where the Go tool is."""
    go = shutil.which("go")
    if go is None:
        raise StepError("this is built from Go sources and `go` is not on the PATH: install Go 1.26 or newer")
    return go


def _resolve(query: str) -> str:
    """Turn a module query into the exact version that the Go module proxy serves for it."""
    with tempfile.TemporaryDirectory(prefix="entrepot-go-") as scratch:
        Path(scratch, "go.mod").write_text("module interop\n\ngo 1.24\n")
        command = [go_tool(), "-C", scratch, "list", "-m", "-f", "{{.Version}}", query]
        try:
            return run(command, environment={"GOFLAGS": "-mod=mod"}, timeout_seconds=BUILD_SECONDS).strip()
        except StepError as error:
            hint = "give a program built from the same sources with --suite PROGRAM"
            raise StepError(f"the Go module {query} is not to be had here; {hint}\n{error}") from error
