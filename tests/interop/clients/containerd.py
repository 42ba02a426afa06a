# SPDX-License-Identifier: Apache-2.0
"""containerd: a daemon of our own with the native snapshotter, told what to do by `ctr`; it runs nothing.

`ctr` takes credentials and `--plain-http` with every command.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.interop.layout import Json
from tests.interop.target import Bench
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

COMMAND_SECONDS = 600.0
CONFIGURATION = """\
version = 2
root = "{home}/root"
state = "{home}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.overlayfs"]
[grpc]
address = "{home}/socket"
[ttrpc]
address = "{home}/socket.ttrpc"
"""


@dataclass(frozen=True, slots=True)
class Containerd:
    """A running daemon, through the `ctr` program that belongs to it."""

    bench: Bench
    program: Path
    pull_flags: tuple[str, ...] = ("--snapshotter=native",)

    def __call__(self, *arguments: str) -> str:
        """Run ctr and return what it prints."""
        where = [f"--address={self.bench.scratch / 'socket'}", "--namespace=interop"]
        return run([str(self.program), *where, *arguments], timeout_seconds=COMMAND_SECONDS)

    @property
    def _registry(self) -> list[str]:
        target = self.bench.target
        return ["--plain-http", *([f"--user={target.user}:{target.password}"] if target.user else [])]

    def push(self, image: str, name: str) -> str:
        """Import a prepared image, and push it."""
        archive = self.bench.scratch / f"{image}.tar"
        run(["skopeo", "copy", f"oci:{self.bench.images.path}:{image}", f"oci-archive:{archive}:{name}"])
        self("images", "import", "--snapshotter=native", str(archive))
        archive.unlink()
        self("images", "push", *self._registry, name)
        return self._config(name)

    def forget(self) -> None:
        """Remove every image, and with it the content that no image needs."""
        names = self("images", "list", "--quiet").split()
        if names:
            self("images", "remove", "--sync", *names)

    def pull(self, name: str) -> str:
        """Pull the image of this platform, and unpack it."""
        self("images", "pull", *self._registry, *self.pull_flags, name)
        return self._config(name)

    resume = pull
    pull_again = pull

    def copy(self, source: str, destination: str) -> None:
        """Pull every platform, and push all of it under another name."""
        self("images", "pull", *self._registry, *self.pull_flags, "--all-platforms", source)
        self("images", "push", *self._registry, destination, source)

    def republish(self, source: str, destination: str) -> None:
        """Pull, and push under another name: containerd remembers which repository the layers came from."""
        self.pull(source)
        self("images", "push", *self._registry, destination, source)

    def _config(self, name: str) -> str:
        """Return the digest of the configuration of an image in the store."""
        (line,) = [line for line in self("images", "list", f"name=={name}").splitlines() if line.startswith(name)]
        image: Json = json.loads(self("content", "get", line.split()[2]))
        digest: str = image["config"]["digest"]
        return digest


@contextmanager
def start(bench: Bench) -> Iterator[Containerd]:
    """Run Debian's containerd until the block ends."""
    with daemon(Path("/usr/bin/containerd"), bench.scratch, CONFIGURATION):
        yield Containerd(bench, Path("/usr/bin/ctr"))


@contextmanager
def daemon(program: Path, home: Path, configuration: str) -> Iterator[None]:
    """Run a containerd in a mount namespace of its own until the block ends."""
    file, log = home / "config.toml", home / "daemon.log"
    file.write_text(configuration.format(home=home))
    process = launch(["unshare", "--mount", str(program), "--config", str(file)], log)
    with stopping(process, log):
        wait_until((home / "socket").exists, "containerd to listen", process, log)
        yield
