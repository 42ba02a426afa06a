# SPDX-License-Identifier: Apache-2.0
"""skopeo: copies between layouts, archives and the registry, byte for byte; lists, deletes, logs in."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.layout import Layout
from tests.interop.report import Report
from tests.interop.target import Bench

CLIENT = "skopeo"
REPOSITORY = "interop/skopeo"
COPIED = "interop/skopeo-copy"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
COPY_SECONDS = 600.0
AS_IT_IS = ("--preserve-digests", "--dest-oci-accept-uncompressed-layers")
"""Keep skopeo from compressing layers on the way, which it does unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Skopeo:
    """The skopeo program, logged in through a credentials file of its own."""

    bench: Bench

    @property
    def login_file(self) -> Path:
        """The credentials file that `login` writes and every other command reads."""
        return self.bench.scratch / "skopeo-auth.json"

    def login(self, password: str) -> None:
        """Log in with Basic credentials."""
        target = self.bench.target
        flags = ["--tls-verify=false", f"--authfile={self.login_file}", f"--username={target.user}"]
        run(["skopeo", "login", *flags, "--password-stdin", target.authority], stdin=password)

    def copy(self, source: str, destination: str, *flags: str) -> None:
        """Copy an image; the registry's side is plain HTTP."""
        plain = ["--src-tls-verify=false", "--dest-tls-verify=false", f"--authfile={self.login_file}"]
        run(["skopeo", "copy", *plain, *flags, source, destination], timeout_seconds=COPY_SECONDS)

    def ask(self, command: str, name: str, *flags: str) -> str:
        """Run `inspect`, `list-tags` or `delete` on `name` and return what it prints."""
        return run(["skopeo", command, "--tls-verify=false", f"--authfile={self.login_file}", *flags, name])

    def inspect_anonymously(self, repository: str, reference: str) -> str:
        """Read a manifest without credentials."""
        return run(["skopeo", "inspect", "--tls-verify=false", "--no-creds", self.remote(repository, reference)])

    def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository in the order that the registry gives them."""
        tags: list[str] = json.loads(self.ask("list-tags", self.remote(repository)))["Tags"]
        return tags

    def remote(self, repository: str, reference: str = "") -> str:
        """Return the transport name of an image in the registry."""
        return f"docker://{self.bench.target.name(repository, reference)}"

    def push(self, name: str, *flags: str) -> None:
        """Push one of the prepared images as a tag of the same name."""
        self.copy(f"oci:{self.bench.images.path}:{name}", self.remote(REPOSITORY, f":{name}"), *AS_IT_IS, *flags)

    def pull_and_compare(self, name: str, repository: str, *flags: str) -> None:
        """Pull a tag into a new layout: the same manifest digest, and every blob intact."""
        pulled = Layout(self.bench.scratch / f"skopeo-{repository.rpartition('/')[2]}-{name}")
        self.copy(self.remote(repository, f":{name}"), f"oci:{pulled.path}:{name}", *AS_IT_IS, *flags)
        wanted, actual = self.bench.digest(name), pulled.descriptor(name)["digest"]
        expect(actual == wanted, f"pushed {wanted}, pulled {actual}")
        pulled.expect_intact(self.bench.images.reachable(wanted))


def exercise(bench: Bench, report: Report) -> None:
    """Try everything that skopeo is used for against a registry."""
    skopeo = Skopeo(bench)
    with report.step(CLIENT, "login"):
        skopeo.login(bench.target.password)
    with report.step(CLIENT, "login with a wrong password is refused"):
        failure_of(lambda: skopeo.login(f"not-{bench.target.password}"))
        skopeo.login(bench.target.password)
    for name, flags in {"image": (), "multi": ("--all",), "zstd": (), "large": (), "artifact": ()}.items():
        with report.step(CLIENT, f"push {name}"):
            skopeo.push(name, *flags)
        with report.step(CLIENT, f"pull {name}, byte-identical"):
            skopeo.pull_and_compare(name, REPOSITORY, *flags)
    with report.step(CLIENT, "push image again (everything exists)"):
        skopeo.push("image")
    with report.step(CLIENT, "copy multi to another repository"):
        skopeo.copy(skopeo.remote(REPOSITORY, ":multi"), skopeo.remote(COPIED, ":multi"), "--all")
        skopeo.pull_and_compare("multi", COPIED, "--all")
    with report.step(CLIENT, "push and pull a docker-archive (Docker schema 2)"):
        _docker_archive(skopeo)
    with report.step(CLIENT, "list-tags is complete and in byte order"):
        listed = skopeo.tags(REPOSITORY)
        expect(listed == ["archive", "artifact", "image", "large", "multi", "zstd"], f"listed {listed}")
    with report.step(CLIENT, "inspect --raw by digest gives the manifest's bytes"):
        raw = skopeo.ask("inspect", skopeo.remote(REPOSITORY, f"@{bench.digest('image')}"), "--raw")
        expect(raw.encode() == bench.images.read(bench.digest("image")), f"another manifest:\n{raw}")
    with report.step(CLIENT, "pull without credentials is refused"):
        failure_of(lambda: skopeo.inspect_anonymously(REPOSITORY, ":image"))
    with report.step(CLIENT, "delete removes the image"):
        _delete(skopeo)


def _docker_archive(skopeo: Skopeo) -> None:
    bench = skopeo.bench
    archive = bench.scratch / "image.tar"
    skopeo.copy(f"oci:{bench.images.path}:image", f"docker-archive:{archive}:interop:archive")
    skopeo.copy(f"docker-archive:{archive}", skopeo.remote(REPOSITORY, ":archive"), "--format=v2s2")
    pulled = bench.scratch / "skopeo-archive"
    skopeo.copy(skopeo.remote(REPOSITORY, ":archive"), f"dir:{pulled}")
    manifest = json.loads((pulled / "manifest.json").read_bytes())
    expect(manifest["mediaType"] == DOCKER_MANIFEST, f"the media type is {manifest['mediaType']}")
    for descriptor in [manifest["config"], *manifest["layers"]]:
        name = descriptor["digest"].removeprefix("sha256:")
        actual = hashlib.sha256((pulled / name).read_bytes()).hexdigest()
        expect(actual == name, f"the bytes of {name} hash to {actual}")


def _delete(skopeo: Skopeo) -> None:
    doomed = skopeo.remote("interop/skopeo-doomed", ":image")
    skopeo.copy(f"oci:{skopeo.bench.images.path}:image", doomed)
    skopeo.ask("delete", doomed)
    failure_of(lambda: skopeo.ask("inspect", doomed, "--raw"))
    skopeo.pull_and_compare("image", REPOSITORY)
