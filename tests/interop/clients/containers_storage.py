# SPDX-License-Identifier: Apache-2.0
"""What podman and buildah have in common: one storage of images, and the same commands to fill and empty it.

Both need `--tls-verify=false` for a registry without TLS, on loopback too.
"""

from abc import ABC
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from tests.interop.target import Bench

PLAIN = "--tls-verify=false"


@dataclass(frozen=True, slots=True)
class StorageClient(ABC):
    """A program with images, state and credentials of its own; the id of an image is its configuration's digest."""

    bench: Bench
    pull_flags: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run the program and return what it prints."""

    def login(self, password: str) -> None:
        """Log in with Basic credentials."""
        target = self.bench.target
        self("login", PLAIN, f"--username={target.user}", "--password-stdin", target.authority, stdin=password)

    def push(self, image: str, name: str) -> str:
        """Bring a prepared image into the storage, and push it."""
        image_id = self("pull", "--quiet", f"oci:{self.bench.images.path}:{image}").strip()
        self("push", PLAIN, image_id, f"docker://{name}")
        return f"sha256:{image_id}"

    def forget(self) -> None:
        """Empty the storage."""
        self("rmi", "--all", "--force")

    def pull(self, name: str) -> str:
        """Pull into the storage."""
        return f"sha256:{self('pull', PLAIN, *self.pull_flags, '--quiet', name).strip()}"

    def pull_again(self, name: str) -> str:
        """Pull what is there."""
        return self.pull(name)

    def copy(self, source: str, destination: str) -> None:
        """Make a list of the source's images, and push it with all of them."""
        self("manifest", "create", "copied")
        self("manifest", "add", "--all", PLAIN, "copied", f"docker://{source}")
        self("manifest", "push", "--all", PLAIN, "copied", f"docker://{destination}")

    def republish(self, source: str, destination: str) -> None:
        """Pull from one repository, push to another."""
        image_id = self.pull(source).removeprefix("sha256:")
        self("push", PLAIN, image_id, f"docker://{destination}")
