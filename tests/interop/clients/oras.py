# SPDX-License-Identifier: Apache-2.0
"""oras: copies images between layouts and the registry; attaches and discovers artifacts; needs `--plain-http`."""

import shutil
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.interop.layout import Layout
from tests.interop.target import Bench

FROM, TO = "--from", "--to"


@dataclass(frozen=True, slots=True)
class Oras:
    """The oras program, with a file of credentials of its own."""

    bench: Bench

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run oras and return what it prints."""
        return run([str(self.bench.programs["oras"]), *arguments], stdin=stdin)

    def _plain(self, side: str = "-") -> list[str]:
        """Return the flags for a registry without TLS, on one side of a copy or of a command with no sides."""
        return [f"{side}-plain-http", f"{side}-registry-config={self.bench.scratch / 'credentials.json'}"]

    @property
    def pulled(self) -> Path:
        """The layout that images are pulled into."""
        return self.bench.scratch / "pulled"

    def login(self, password: str) -> None:
        """Log in with Basic credentials."""
        target = self.bench.target
        self("login", *self._plain(), f"--username={target.user}", "--password-stdin", target.authority, stdin=password)

    def push(self, image: str, name: str) -> str:
        """Copy from a layout."""
        self("cp", "--from-oci-layout", f"{self.bench.images.path}:{image}", *self._plain(TO), name)
        return self.bench.images.config(image)

    def forget(self) -> None:
        """Remove the layout."""
        shutil.rmtree(self.pulled, ignore_errors=True)

    def pull(self, name: str) -> str:
        """Copy into a layout."""
        self("cp", *self._plain(FROM), name, "--to-oci-layout", f"{self.pulled}:pulled")
        return Layout(self.pulled).intact_config("pulled")

    pull_again = pull

    def copy(self, source: str, destination: str) -> None:
        """Copy every platform."""
        self("cp", *self._plain(FROM), source, *self._plain(TO), destination)

    republish = copy

    def tags(self, repository: str) -> list[str]:
        """List the tags."""
        return self("repo", "tags", *self._plain(), repository).split()

    def delete(self, name: str) -> None:
        """Delete the manifest that the tag points at."""
        self("manifest", "delete", *self._plain(), "--force", name)

    def attach(self, name: str, file: Path) -> None:
        """Attach a file."""
        kind = "--artifact-type=application/vnd.example.note"
        self("attach", *self._plain(), kind, "--disable-path-validation", name, f"{file}:text/plain")

    def discover(self, name: str) -> str:
        """List the referrers."""
        return self("discover", *self._plain(), "--format=json", name)


def start(bench: Bench) -> AbstractContextManager[Oras]:
    """Make oras ready."""
    return nullcontext(Oras(bench))
