# SPDX-License-Identifier: Apache-2.0
"""podman: loads, pushes, pulls and builds manifest lists with storage of its own; runs nothing."""

import json
from contextlib import AbstractContextManager
from contextlib import nullcontext
from pathlib import Path

from tests.interop.clients.containers_storage import PLAIN
from tests.interop.clients.containers_storage import StorageClient
from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.report import Report
from tests.interop.target import Bench

CLIENT = "podman"
REPOSITORY = "interop/podman"
COMMAND_SECONDS = 600.0


class Podman(StorageClient):
    """The podman program with everything that it keeps below the scratch directory."""

    __slots__ = ()

    @property
    def login_file(self) -> Path:
        """The credentials file; podman wants the file that REGISTRY_AUTH_FILE names to exist, except for logging in."""
        return self.bench.scratch / "podman-auth.json"

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run podman and return what it prints."""
        home = self.bench.scratch / "podman"
        storage = [f"--root={home / 'root'}", f"--runroot={home / 'run'}", f"--tmpdir={home / 'tmp'}"]
        quiet = ["--storage-driver=vfs", "--events-backend=none", "--cgroup-manager=cgroupfs"]
        environment = {"REGISTRY_AUTH_FILE": str(self.login_file)}
        command = ["podman", *storage, *quiet, *arguments]
        return run(command, environment=environment, timeout_seconds=COMMAND_SECONDS, stdin=stdin)

    def name(self, reference: str) -> str:
        """Return the name of an image in the registry."""
        return self.bench.target.name(REPOSITORY, reference)

    def image_id(self, name: str) -> str:
        """Return the image's id: the digest of its configuration."""
        return self("image", "inspect", "--format={{.Id}}", name).strip()

    def tags(self, repository: str) -> list[str]:
        """List the tags, as far as `search` does."""
        found = json.loads(self("search", PLAIN, "--list-tags", "--limit=100", "--format=json", repository))
        return [tag for entry in found for tag in entry["Tags"]]


def start(bench: Bench) -> AbstractContextManager[Podman]:
    """Make podman ready, logged in nowhere."""
    podman = Podman(bench)
    podman.login_file.write_text("{}")
    return nullcontext(podman)


def exercise(bench: Bench, report: Report) -> None:
    """Try everything that podman is used for against a registry."""
    podman = Podman(bench)
    with report.step(CLIENT, "login"):
        podman.login(bench.target.password)
    for name in ("image", "large"):
        with report.step(CLIENT, f"push {name}"):
            podman.push(name, podman.name(f":{name}"))
        with report.step(CLIENT, f"pull {name}, the same image"):
            _pull_again(podman, f":{name}", _config(bench, name))
    with report.step(CLIENT, "push a manifest list of two platforms"):
        _manifest_list(podman)
    with report.step(CLIENT, "search finds the repository"):
        found = podman("search", PLAIN, "--format={{.Name}}", f"{bench.target.authority}/{REPOSITORY}")
        expect(podman.name("") in found.split(), f"found {found.split()}")
    with report.step(CLIENT, "pull zstd layers pushed by skopeo"):
        name = bench.target.name("interop/skopeo", ":zstd")
        podman("rmi", "--all", "--force")
        podman("pull", PLAIN, name)
        expect(podman.image_id(name) == _config(bench, "image"), "another image")
    with report.step(CLIENT, "pull from what skopeo pushed, by digest"):
        name = bench.target.name("interop/skopeo", f"@{bench.digest('multi')}")
        podman("pull", PLAIN, name)
        expect(podman.image_id(name) == _config(bench, "image"), "another image")


def _config(bench: Bench, name: str) -> str:
    """Return the hex digest of an image's configuration, which is what podman calls its id."""
    manifest = json.loads(bench.images.read(bench.digest(name)))
    digest: str = manifest["config"]["digest"]
    return digest.removeprefix("sha256:")


def _pull_again(podman: Podman, reference: str, image_id: str) -> None:
    """Forget an image, pull it, and expect the same id (and so the same configuration and layers)."""
    podman("rmi", "--all", "--force")
    podman("pull", PLAIN, podman.name(reference))
    actual = podman.image_id(podman.name(reference))
    expect(actual == image_id, f"pushed {image_id}, pulled {actual}")


def _manifest_list(podman: Podman) -> None:
    bench = podman.bench
    children = json.loads(bench.images.read(bench.digest("multi")))["manifests"]
    names = [bench.target.name("interop/skopeo", f"@{child['digest']}") for child in children]
    podman("manifest", "create", "interop-list")
    for name in names:
        podman("manifest", "add", PLAIN, "interop-list", f"docker://{name}")
    podman("manifest", "push", "--all", PLAIN, "interop-list", f"docker://{podman.name(':list')}")
    pushed = json.loads(Skopeo(bench).ask("inspect", podman.name(":list"), "--raw"))
    expect(
        [child["digest"] for child in pushed["manifests"]] == [child["digest"] for child in children],
        f"the pushed list is {pushed}",
    )
