# SPDX-License-Identifier: Apache-2.0
"""buildah: pushes and pulls with storage of its own, as podman does, and builds nothing here."""

from contextlib import AbstractContextManager
from contextlib import nullcontext

from tests.interop.clients.containers_storage import StorageClient
from tests.interop.commands import run
from tests.interop.target import Bench

COMMAND_SECONDS = 600.0


class Buildah(StorageClient):
    """The buildah program with everything that it keeps below the scratch directory."""

    __slots__ = ()
    pull_flags = ("--policy=always",)
    """Ask the registry even when there is an image of that name already, as podman does."""

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run buildah and return what it prints."""
        home = self.bench.scratch
        storage = [f"--root={home / 'root'}", f"--runroot={home / 'run'}", "--storage-driver=vfs"]
        environment = {"REGISTRY_AUTH_FILE": str(home / "credentials.json")}
        command = ["buildah", *storage, *arguments]
        return run(command, environment=environment, timeout_seconds=COMMAND_SECONDS, stdin=stdin)


def start(bench: Bench) -> AbstractContextManager[Buildah]:
    """Make buildah ready."""
    return nullcontext(Buildah(bench))
