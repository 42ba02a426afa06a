# SPDX-License-Identifier: Apache-2.0
"""What a real docker-registry has left in a folder or a bucket is Entrepot's, byte for byte."""

import os
import random
import subprocess
import time
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest

from entrepot.oci.digest import Digest
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.scale.distribution import ROOT_IN_BUCKET
from tests.scale.distribution import Client
from tests.scale.distribution import docker_registry
from tests.scale.distribution import in_bucket
from tests.scale.distribution import in_folder
from tests.scale.object_stores import BUCKET
from tests.scale.object_stores import KEY_ID
from tests.scale.object_stores import REGION
from tests.scale.object_stores import seaweedfs
from tests.server import ENTREPOT
from tests.server import ROOT
from tests.server import running_server

REPOSITORIES = ["team/app", "team/app/sub", "team/app-x", "alpine"]
LARGE_BYTES = 300_000


@dataclass(slots=True)
class Place:
    """Where the old registry keeps everything, and how Entrepot is told of it."""

    old: Mapping[str, object]
    environment: dict[str, str]
    folder: Path
    content: dict[tuple[str, str], dict[Digest, bytes]] = field(default_factory=dict)
    """What has to be pulled, by repository and tag."""

    def adopt(self, *arguments: str) -> str:
        """Run `entrepot adopt` and return what it says."""
        return self.run("adopt", *arguments)

    def run(self, *arguments: str) -> str:
        """Run a command of Entrepot's and return what it says."""
        command = [str(ENTREPOT), *arguments, "--data", str(self.folder / "data")]
        done = subprocess.run(command, env=self._environment(), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill_adopting(self, seconds: float) -> None:
        """Begin to adopt, and kill it."""
        command = [str(ENTREPOT), "adopt", "--data", str(self.folder / "data")]
        process = subprocess.Popen(command, env=self._environment(), cwd=ROOT, stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        process.kill()
        process.wait()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty place for a registry."""
    if request.param == "folder":
        root = tmp_path / "old"
        yield Place(in_folder(root), {"ENTREPOT_STORAGE__URL": root.as_uri()}, tmp_path)
        return
    with seaweedfs() as s3:
        environment = {
            "ENTREPOT_STORAGE__URL": f"s3://{BUCKET}/{ROOT_IN_BUCKET}",
            "ENTREPOT_STORAGE__S3__ENDPOINT": s3.url,
            "ENTREPOT_STORAGE__S3__REGION": REGION,
            "ENTREPOT_STORAGE__S3__ACCESS_KEY_ID": KEY_ID,
            "ENTREPOT_STORAGE__S3__SECRET_ACCESS_KEY": s3.secret,
        }
        yield Place(in_bucket(s3), environment, tmp_path)


def push_image(client: Client, repository: str, seed: int, *tags: str) -> BuiltManifest:
    """Push an image of a layer of its own and one that others have."""
    config = f'{{"number": {seed}}}'.encode()
    layers = [b"what all have in common" * 1_000, random.Random(seed).randbytes(LARGE_BYTES)]
    for content in (config, *layers):
        client.put_blob(repository, content)
    built = an_image_manifest(config=a_descriptor(config), layers=[a_descriptor(layer) for layer in layers])
    for reference in tags or (built.digest,):
        client.put_manifest(repository, built, reference)
    return built


def fill(client: Client, place: Place, number: int) -> None:
    """Push images and an index to every repository, and pull them."""
    for place_in_list, repository in enumerate(REPOSITORIES):
        seed = 100 * number + 10 * place_in_list
        children = [push_image(client, repository, seed + each) for each in range(2)]
        index = an_index(*(child.descriptor() for child in children))
        client.put_manifest(repository, index, "multi")
        push_image(client, repository, seed + 5, f"v{number}", "latest")
    for repository in REPOSITORIES:
        for tag in ("multi", "latest", *(f"v{each}" for each in range(number + 1))):
            place.content[repository, tag] = client.pull(repository, tag)


def require_all(client: Client, place: Place) -> None:
    """Every tag is pulled as it was pushed."""
    for (repository, tag), content in place.content.items():
        assert client.pull(repository, tag) == content, (repository, tag)


def test_a_registry_is_taken_over_while_it_runs(place: Place) -> None:
    """Adopted, killed, adopted again after more was pushed; then the old one is gone, and things are deleted."""
    with running_server(place.folder / "data", environment=place.environment) as server:
        new = Client(server.authority, server.user, server.password)
        with docker_registry(place.folder, place.old) as old:
            fill(old, place, 0)
            place.adopt("--dry-run")
            for seconds in (0.8, 1.6):
                place.kill_adopting(seconds)
            place.adopt("--check", "digests")
            require_all(new, place)
            fill(old, place, 1)
            place.adopt()
            require_all(new, place)
            assert "Adopted: 0 manifests, 0 tags and 0 blobs" in place.adopt()
        place.adopt("--finish")
        go_on_alone(new, place)
        require_all(new, place)
        assert "0 violations" in place.run("verify", "--deep")


def go_on_alone(new: Client, place: Place) -> None:
    """Push beside what was adopted, with a layer that is mounted, and delete a part of that for good."""
    app = place.content["team/app", "v0"]
    layer = next(digest for digest, content in app.items() if len(content) == LARGE_BYTES)
    assert new.mount("team/new", layer, "team/app")
    push_image(new, "team/new", 5, "1")
    place.content["team/new", "1"] = new.pull("team/new", "1")
    for tag in ("v0", "v1", "multi"):
        content = place.content.pop(("team/app-x", tag))
        freed = new.free("team/app-x", next(iter(content)))
        assert freed >= (LARGE_BYTES if tag == "v0" else 0), freed
    place.content.pop(("team/app-x", "latest"))
