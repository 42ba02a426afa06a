# SPDX-License-Identifier: Apache-2.0
"""crane: talks plain HTTP to loopback addresses by itself; `--insecure` is for others."""

import shutil
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.interop.layout import Layout
from tests.interop.target import Bench


@dataclass(frozen=True, slots=True)
class Crane:
    """The crane program, with a Docker configuration of its own."""

    bench: Bench

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run crane and return what it prints."""
        environment = {"DOCKER_CONFIG": str(self.bench.scratch / "docker")}
        return run([str(self.bench.programs["crane"]), *arguments], environment=environment, stdin=stdin)

    @property
    def pulled(self) -> Path:
        """The layout that images are pulled into."""
        return self.bench.scratch / "pulled"

    def login(self, password: str) -> None:
        """Keep the credentials; crane does not ask the registry whether they are good."""
        target = self.bench.target
        self("auth", "login", f"--username={target.user}", "--password-stdin", target.authority, stdin=password)

    def push(self, image: str, name: str) -> str:
        """Push from a layout."""
        alone = self.bench.images.alone(image, self.bench.scratch / image)
        self("push", str(alone), name)
        return Layout(alone).config()

    def forget(self) -> None:
        """Remove the layout."""
        shutil.rmtree(self.pulled, ignore_errors=True)

    def pull(self, name: str) -> str:
        """Pull into a layout."""
        self("pull", "--format=oci", f"--cache_path={self.pulled}-cache", name, str(self.pulled))
        return Layout(self.pulled).intact_config()

    pull_again = pull

    def copy(self, source: str, destination: str) -> None:
        """Copy every platform."""
        self("copy", source, destination)

    republish = copy

    def tags(self, repository: str) -> list[str]:
        """List the tags."""
        return self("ls", repository).split()

    def delete(self, name: str) -> None:
        """Delete the tag."""
        self("delete", name)


def start(bench: Bench) -> AbstractContextManager[Crane]:
    """Make crane ready."""
    return nullcontext(Crane(bench))
