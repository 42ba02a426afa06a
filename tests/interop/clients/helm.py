# SPDX-License-Identifier: Apache-2.0
"""helm: pushes and pulls charts as artifacts; needs `--plain-http`."""

from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.interop.target import Bench


@dataclass(frozen=True, slots=True)
class Helm:
    """The helm program, with everything that it keeps below the scratch directory."""

    bench: Bench

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run helm and return what it prints."""
        places = {"CACHE": "cache", "CONFIG": "config", "DATA": "data"}
        environment = {f"HELM_{kind}_HOME": str(self.bench.scratch / name) for kind, name in places.items()}
        environment["HELM_REGISTRY_CONFIG"] = str(self.bench.scratch / "registry.json")
        return run([str(self.bench.programs["helm"]), *arguments], environment=environment, stdin=stdin)

    def login(self, password: str) -> None:
        """Log in with Basic credentials."""
        target = self.bench.target
        flags = ["--plain-http", f"--username={target.user}", "--password-stdin"]
        self("registry", "login", *flags, target.authority, stdin=password)

    def push_chart(self, chart: Path, folder: str) -> None:
        """Push; helm adds the chart's name to the folder and takes its version as the tag."""
        self("push", "--plain-http", str(chart), f"oci://{folder}")

    def pull_chart(self, name: str, version: str, into: Path) -> Path:
        """Pull the packaged chart."""
        self("pull", "--plain-http", f"oci://{name}", f"--version={version}", f"--destination={into}")
        return into / f"{name.rpartition('/')[2]}-{version}.tgz"


def start(bench: Bench) -> AbstractContextManager[Helm]:
    """Make helm ready."""
    return nullcontext(Helm(bench))
