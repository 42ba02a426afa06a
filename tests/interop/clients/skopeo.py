# SPDX-License-Identifier: Apache-2.0
"""skopeo: copies between layouts, archives and the registry, byte for byte; lists, deletes, logs in."""

import hashlib
import json
import shutil
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.layout import Layout
from tests.interop.registry import copy_inside
from tests.interop.report import Report
from tests.interop.target import Bench

CLIENT = "skopeo"
REPOSITORY = "interop/skopeo"
COPIED = "interop/skopeo-copy"
INSIDE = "interop-released/skopeo"
"""In another project, where nothing was pushed."""
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
COPY_SECONDS = 600.0
AS_IT_IS = ("--all", "--preserve-digests", "--dest-oci-accept-uncompressed-layers")
"""Every platform, and layers as they are: skopeo compresses on the way unless told otherwise."""


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

    def transfer(self, source: str, destination: str, *flags: str) -> None:
        """Copy between any two transports; the registry's side is plain HTTP."""
        plain = ["--src-tls-verify=false", "--dest-tls-verify=false", f"--authfile={self.login_file}"]
        run(["skopeo", "copy", *plain, *flags, source, destination], timeout_seconds=COPY_SECONDS)

    def ask(self, command: str, name: str, *flags: str) -> str:
        """Run `inspect`, `list-tags` or `delete` on an image in the registry and return what it prints."""
        plain = ["--tls-verify=false", f"--authfile={self.login_file}"]
        return run(["skopeo", command, *plain, *flags, f"docker://{name}"])

    def inspect_anonymously(self, name: str) -> str:
        """Read a manifest without credentials."""
        return run(["skopeo", "inspect", "--tls-verify=false", "--no-creds", f"docker://{name}"])

    @property
    def pulled(self) -> Path:
        """The layout that images are pulled into."""
        return self.bench.scratch / "skopeo-pulled"

    def put(self, image: str, name: str) -> None:
        """Push one of the prepared images, whatever it is, byte for byte."""
        self.transfer(f"oci:{self.bench.images.path}:{image}", f"docker://{name}", *AS_IT_IS)

    def push(self, image: str, name: str) -> str:
        """Push a prepared image of one platform."""
        self.put(image, name)
        return self.bench.images.config(image)

    def forget(self) -> None:
        """Remove the layout."""
        shutil.rmtree(self.pulled, ignore_errors=True)

    def pull(self, name: str) -> str:
        """Pull into the layout."""
        self.transfer(f"docker://{name}", f"oci:{self.pulled}:pulled", *AS_IT_IS)
        return Layout(self.pulled).intact_config("pulled")

    pull_again = pull

    def copy(self, source: str, destination: str) -> None:
        """Copy every platform."""
        self.transfer(f"docker://{source}", f"docker://{destination}", "--all")

    republish = copy

    def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository in the order that the registry gives them."""
        tags: list[str] = json.loads(self.ask("list-tags", repository))["Tags"]
        return tags

    def delete(self, name: str) -> None:
        """Delete the manifest that the tag points at."""
        self.ask("delete", name)


def start(bench: Bench) -> AbstractContextManager[Skopeo]:
    """Make skopeo ready."""
    return nullcontext(Skopeo(bench))


def exercise(bench: Bench, report: Report) -> None:
    """Try everything that skopeo is used for against a registry."""
    skopeo, name = Skopeo(bench), bench.target.name
    with report.step(CLIENT, "login"):
        skopeo.login(bench.target.password)
    with report.step(CLIENT, "login with a wrong password is refused"):
        failure_of(lambda: skopeo.login(f"not-{bench.target.password}"))
        skopeo.login(bench.target.password)
    for image in ("image", "multi", "zstd", "large", "artifact"):
        with report.step(CLIENT, f"push {image}"):
            skopeo.put(image, name(REPOSITORY, f":{image}"))
        with report.step(CLIENT, f"pull {image}, byte-identical"):
            _pull_and_compare(skopeo, image, REPOSITORY)
    with report.step(CLIENT, "push image again (everything exists)"):
        skopeo.push("image", name(REPOSITORY, ":image"))
    with report.step(CLIENT, "copy multi to another repository"):
        skopeo.copy(name(REPOSITORY, ":multi"), name(COPIED, ":multi"))
        _pull_and_compare(skopeo, "multi", COPIED)
    with report.step(CLIENT, "pull what was copied inside the registry, byte-identical"):
        for image in ("multi", "artifact"):
            copy_inside(bench.target, REPOSITORY, INSIDE, image)
            _pull_and_compare(skopeo, image, INSIDE)
    with report.step(CLIENT, "push and pull a docker-archive (Docker schema 2)"):
        _docker_archive(skopeo)
    with report.step(CLIENT, "list-tags is complete and in byte order"):
        listed = skopeo.tags(name(REPOSITORY))
        expect(listed == ["archive", "artifact", "image", "large", "multi", "zstd"], f"listed {listed}")
    with report.step(CLIENT, "inspect --raw by digest gives the manifest's bytes"):
        raw = skopeo.ask("inspect", name(REPOSITORY, f"@{bench.digest('image')}"), "--raw")
        expect(raw.encode() == bench.images.read(bench.digest("image")), f"another manifest:\n{raw}")
    with report.step(CLIENT, "pull without credentials is refused"):
        failure_of(lambda: skopeo.inspect_anonymously(name(REPOSITORY, ":image")))
    with report.step(CLIENT, "delete removes the image"):
        _delete(skopeo)


def _pull_and_compare(skopeo: Skopeo, image: str, repository: str) -> None:
    """Pull a tag into a new layout: the same manifest digest, and every blob intact."""
    bench = skopeo.bench
    pulled = Layout(bench.scratch / f"skopeo-{repository.rpartition('/')[2]}-{image}")
    source = f"docker://{bench.target.name(repository, f':{image}')}"
    skopeo.transfer(source, f"oci:{pulled.path}:{image}", *AS_IT_IS)
    wanted, actual = bench.digest(image), pulled.descriptor(image)["digest"]
    expect(actual == wanted, f"pushed {wanted}, pulled {actual}")
    pulled.expect_intact(bench.images.reachable(wanted))


def _docker_archive(skopeo: Skopeo) -> None:
    bench = skopeo.bench
    archive = bench.scratch / "image.tar"
    remote = f"docker://{bench.target.name(REPOSITORY, ':archive')}"
    skopeo.transfer(f"oci:{bench.images.path}:image", f"docker-archive:{archive}:interop:archive")
    skopeo.transfer(f"docker-archive:{archive}", remote, "--format=v2s2")
    pulled = bench.scratch / "skopeo-archive"
    skopeo.transfer(remote, f"dir:{pulled}")
    manifest = json.loads((pulled / "manifest.json").read_bytes())
    expect(manifest["mediaType"] == DOCKER_MANIFEST, f"the media type is {manifest['mediaType']}")
    for descriptor in [manifest["config"], *manifest["layers"]]:
        name = descriptor["digest"].removeprefix("sha256:")
        actual = hashlib.sha256((pulled / name).read_bytes()).hexdigest()
        expect(actual == name, f"the bytes of {name} hash to {actual}")


def _delete(skopeo: Skopeo) -> None:
    doomed = skopeo.bench.target.name("interop/skopeo-doomed", ":image")
    skopeo.push("image", doomed)
    skopeo.delete(doomed)
    failure_of(lambda: skopeo.ask("inspect", doomed, "--raw"))
    shutil.rmtree(skopeo.bench.scratch / "skopeo-skopeo-image")
    _pull_and_compare(skopeo, "image", REPOSITORY)
