# SPDX-License-Identifier: Apache-2.0
"""dockerd: a real daemon of our own loads, pushes and pulls; it runs no container.

It lives in a mount namespace of its own, so that nothing it mounts is left behind, and in the machine's network
namespace without a bridge or packet filter rules, so that it reaches the registry on loopback and changes nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.report import Report
from tests.interop.target import Bench
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

CLIENT = "dockerd"
REPOSITORY = "interop/docker"
COMMAND_SECONDS = 600.0
PROGRAM = "/usr/bin/docker"
"""Debian's client, which fits Debian's daemon; another may come first on the PATH."""

ISOLATION = (
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
    "--ip-masq=false",
    "--storage-driver=vfs",
)


@dataclass(frozen=True, slots=True)
class Docker:
    """The docker client, talking to a daemon of our own, with credentials of its own."""

    bench: Bench

    @property
    def home(self) -> Path:
        """Where the daemon and the client keep everything."""
        return self.bench.scratch / "docker"

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run the client and return what it prints."""
        where = [f"--host=unix://{self.home / 'docker.sock'}", f"--config={self.home / 'client'}"]
        return run([PROGRAM, *where, *arguments], timeout_seconds=COMMAND_SECONDS, stdin=stdin)

    def name(self, reference: str, repository: str = REPOSITORY) -> str:
        """Return the name of an image in the registry."""
        return self.bench.target.name(repository, reference)

    def image_id(self, name: str) -> str:
        """Return the image's id: the digest of its configuration."""
        return self("image", "inspect", "--format={{.Id}}", name).strip()

    def login(self, password: str) -> None:
        """Log in with Basic credentials."""
        target = self.bench.target
        self("login", f"--username={target.user}", "--password-stdin", target.authority, stdin=password)

    def push(self, image: str, name: str) -> str:
        """Bring a prepared image into the daemon, and push it."""
        archive = self.home / f"{image}.tar"
        run(["skopeo", "copy", f"oci:{self.bench.images.path}:{image}", f"docker-archive:{archive}:{name}"])
        self("load", f"--input={archive}")
        archive.unlink()
        self("push", name)
        return self.image_id(name)

    def forget(self) -> None:
        """Remove every image."""
        self("image", "prune", "--all", "--force")

    def pull(self, name: str) -> str:
        """Pull; the id of an image is the digest of its configuration."""
        self("pull", name)
        return self.image_id(name)

    resume = pull
    pull_again = pull

    def republish(self, source: str, destination: str) -> None:
        """Pull, and push under another name: the daemon remembers which repository the layers came from."""
        self.pull(source)
        self("tag", source, destination)
        self("push", destination)

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """Run dockerd, and the containerd that it starts, until the block ends."""
        self.home.mkdir()
        configuration = self.home / "daemon.json"
        configuration.write_text("{}")
        places = [
            f"--host=unix://{self.home / 'docker.sock'}",
            f"--data-root={self.home / 'data'}",
            f"--exec-root={self.home / 'exec'}",
            f"--pidfile={self.home / 'pid'}",
            f"--config-file={configuration}",
        ]
        log = self.home / "daemon.log"
        process = launch(["unshare", "--mount", "/usr/sbin/dockerd", *places, *ISOLATION], log)
        with stopping(process, log):
            wait_until((self.home / "docker.sock").exists, "dockerd to listen", process, log)
            yield


@contextmanager
def start(bench: Bench) -> Iterator[Docker]:
    """Run the daemon until the block ends."""
    docker = Docker(bench)
    with docker.daemon():
        yield docker


def exercise(bench: Bench, report: Report) -> None:
    """Try everything that docker is used for against a registry."""
    docker = Docker(bench)
    with report.step(CLIENT, "whole run"), docker.daemon():
        with report.step(CLIENT, "login"):
            docker.login(bench.target.password)
        for name in ("image", "large"):
            with report.step(CLIENT, f"push {name}"):
                docker.push(name, docker.name(f":{name}"))
            with report.step(CLIENT, f"pull {name}, the same image"):
                _pull_again(docker, docker.name(f":{name}"))
        with report.step(CLIENT, "push image again (everything exists)"):
            said = docker("push", docker.name(":image"))
            expect(said.count("Layer already exists") == 3, said)
        with report.step(CLIENT, "push to another repository mounts the layers"):
            docker("tag", docker.name(":image"), docker.name(":image", f"{REPOSITORY}-copy"))
            said = docker("push", docker.name(":image", f"{REPOSITORY}-copy"))
            expect(said.count(f"Mounted from {REPOSITORY}") == 3, said)
        with report.step(CLIENT, "pull an index pushed by skopeo, by tag and digest"):
            _pull_index(docker)
        with report.step(CLIENT, "pull of a missing tag says so"):
            _missing(docker)


def _pull_again(docker: Docker, name: str) -> None:
    """Forget an image, pull it, and expect the same id (and so the same configuration and layers)."""
    pushed = docker.image_id(name)
    docker("rmi", "--force", pushed)
    docker("pull", name)
    pulled = docker.image_id(name)
    expect(pulled == pushed, f"pushed {pushed}, pulled {pulled}")


def _pull_index(docker: Docker) -> None:
    """Pull skopeo's index: the daemon takes the child of its platform."""
    bench = docker.bench
    wanted = json.loads(bench.images.read(bench.digest("image")))["config"]["digest"]
    for reference in (":multi", f"@{bench.digest('multi')}"):
        name = docker.name(reference, "interop/skopeo")
        docker("pull", name)
        actual = docker.image_id(name)
        expect(actual == wanted, f"{name} is {actual}, not {wanted}")
        docker("rmi", "--force", name)


def _missing(docker: Docker) -> None:
    said = failure_of(lambda: docker("pull", docker.name(":missing")))
    expect("manifest unknown" in said or "not found" in said, said)
