# SPDX-License-Identifier: Apache-2.0
"""Builds the pinned clients that are no Debian packages: once for each pin, and kept in the cache."""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from dev.console import npm_command
from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.tools import CACHE
from tests.interop.tools import GoPin
from tests.interop.tools import NpmPin
from tests.interop.tools import Pins
from tests.interop.tools import PythonPin
from tests.interop.tools import go_tool
from tests.interop.tools import install_packages
from tests.interop.tools import package_version

BUILD_SECONDS = 1_800.0
REPRODUCIBLE = ("-mod=readonly", "-trimpath", "-buildvcs=false")
GO = {"GOWORK": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0"}


def provide(names: Sequence[str], pins: Pins) -> tuple[dict[str, Path], dict[str, str]]:
    """Install or build what pins.toml has under these names; return their programs and their versions.

    Raises `StepError` where one cannot be had.
    """
    programs: dict[str, Path] = {}
    versions: dict[str, str] = {}
    for name in names:
        if name in pins.go:
            programs[name], versions[name] = build_go(name, pins.go[name]), pins.go[name].version
        elif name in pins.python:
            programs[name], versions[name] = build_python(name, pins.python[name]), pins.python[name].version
        else:
            install_packages({name: pins.packages[name]})
            programs[name], versions[name] = pins.packages[name], package_version(name)
    return programs, versions


def build_go(name: str, pin: GoPin) -> Path:
    """Return the program of a Go module, built where the module cache has its files, from its own go.sum.

    Raises `StepError` when the files are not those that the pin's sum says, or do not build.
    """
    program = CACHE / name / f"{pin.version}-{pin.sum[3:11].replace('/', '_')}" / (Path(pin.package).name or name)
    if program.exists():
        return program
    print(f"building {name} from {pin.module} {pin.version}", flush=True)
    sources = _download(pin)
    partial = program.with_suffix(".partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    flags = [*REPRODUCIBLE, "-tags", pin.tags, "-o", str(partial)]
    command = [go_tool(), "-C", str(sources), "build", *flags, f"./{pin.package}"]
    run(["nice", *command], environment=GO, timeout_seconds=BUILD_SECONDS)
    partial.rename(program)
    return program


def _download(pin: GoPin) -> Path:
    """Return the folder of the module's files; its sum is checked here, so no checksum database needs to know it."""
    command = [go_tool(), "mod", "download", "-json", f"{pin.module}@{pin.version}"]
    module = json.loads(run(command, environment={**GO, "GONOSUMDB": "*"}, timeout_seconds=BUILD_SECONDS))
    expect(module["Sum"] == pin.sum, f"{pin.module} {pin.version} has the sum {module['Sum']}, and pins.toml {pin.sum}")
    return Path(module["Dir"])


def build_python(name: str, pin: PythonPin) -> Path:
    """Return the interpreter of a virtual environment that holds exactly what the lock file says."""
    home = CACHE / name / pin.version
    program = home / "bin" / "python"
    ready = home / "ready"
    if not ready.exists():
        print(f"installing {pin.requirement}", flush=True)
        run([sys.executable, "-m", "venv", "--clear", str(home)])
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        run([str(program), *install, "-r", str(pin.lock)], timeout_seconds=BUILD_SECONDS)
        ready.touch()
    return program


def build_npm(name: str, pin: NpmPin) -> tuple[str, ...]:
    """Return the command of a program in JavaScript, beside exactly what the lock file says; no script of it is run."""
    home, npm = CACHE / name / pin.version, npm_command()
    ready = home / "ready"
    if not ready.exists():
        print(f"installing {name} {pin.version}", flush=True)
        shutil.copytree(pin.folder, home, dirs_exist_ok=True)
        run([*npm, "ci", "--ignore-scripts", "--prefix", str(home)], timeout_seconds=BUILD_SECONDS)
        ready.touch()
    return (*(npm[:-1] or ("node",)), str(home / "node_modules" / ".bin" / pin.program))
