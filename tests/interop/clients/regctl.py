# SPDX-License-Identifier: Apache-2.0
"""regctl: is told once that a registry has no TLS; copies images, and resumes what broke."""

import shutil
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.interop.layout import Layout
from tests.interop.target import Bench


@dataclass(frozen=True, slots=True)
class Regctl:
    """The regctl program, with a configuration of its own."""

    bench: Bench

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run regctl and return what it prints."""
        environment = {"REGCTL_CONFIG": str(self.bench.scratch / "regctl.json")}
        return run([str(self.bench.programs["regctl"]), *arguments], environment=environment, stdin=stdin)

    @property
    def pulled(self) -> Path:
        """The layout that images are pulled into."""
        return self.bench.scratch / "pulled"

    def login(self, password: str) -> None:
        """Say that the registry has no TLS, and log in."""
        target = self.bench.target
        self("registry", "set", "--tls=disabled", target.authority)
        self("registry", "login", f"--user={target.user}", "--pass-stdin", target.authority, stdin=password)

    def push(self, image: str, name: str) -> str:
        """Copy from a layout."""
        self("image", "copy", f"ocidir://{self.bench.images.path}:{image}", name)
        return self.bench.images.config(image)

    def forget(self) -> None:
        """Remove the layout."""
        shutil.rmtree(self.pulled, ignore_errors=True)

    def pull(self, name: str) -> str:
        """Copy into a layout."""
        self("image", "copy", name, f"ocidir://{self.pulled}:pulled")
        return Layout(self.pulled).intact_config("pulled")

    resume = pull
    pull_again = pull

    def copy(self, source: str, destination: str) -> None:
        """Copy every platform."""
        self("image", "copy", source, destination)

    republish = copy

    def tags(self, repository: str) -> list[str]:
        """List the tags."""
        return self("tag", "ls", repository).split()

    def delete(self, name: str) -> None:
        """Delete the tag."""
        self("tag", "delete", name)

    def attach(self, name: str, file: Path) -> None:
        """Put an artifact whose subject is the image."""
        kind = "--artifact-type=application/vnd.example.note"
        self("artifact", "put", kind, f"--subject={name}", f"--file={file}", "--file-media-type=text/plain")

    def discover(self, name: str) -> str:
        """List the referrers."""
        return self("artifact", "list", name)


def start(bench: Bench) -> AbstractContextManager[Regctl]:
    """Make regctl ready."""
    return nullcontext(Regctl(bench))
