# SPDX-License-Identifier: Apache-2.0
"""oras-py: a Python library for artifacts of any kind, here in a virtual environment of its own.

With its `token` authentication it asks for one token and keeps it, so it cannot pull and then push: a registry that
grants what is asked for refuses the push. With `basic` it sends the credentials themselves, which `/v2` takes too.
"""

import hashlib
import json
import shutil
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import expect
from tests.interop.commands import run
from tests.interop.target import Bench

SCRIPT = """
import hashlib, json, os, sys
import oras.client, oras.container, oras.oci
target, verb, *arguments = json.loads(sys.argv[1])
client = oras.client.OrasClient(hostname=target["authority"], insecure=True, auth_backend="basic")
client.login(hostname=target["authority"], username=target["user"], password=target["password"])

def push(name, files, config=None, subject=None):
    quiet = {"disable_path_validation": True, "quiet": True}
    client.push(target=name, files=files, manifest_config=config, subject=subject, **quiet)

def pull(name, folder):
    image = client.get_manifest(name)
    for layer in [image["config"], *image["layers"]]:
        client.download_blob(name, layer["digest"], os.path.join(folder, layer["digest"]))
    print(image["config"]["digest"])

def attach(name, file):
    container = oras.container.Container(name)
    manifest = client.do_request(f"{client.prefix}://{container.manifest_url()}").content
    digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
    subject = oras.oci.Subject(json.loads(manifest)["mediaType"], digest, len(manifest))
    push(name + "-attached", [file], subject=subject)

def tags(name):
    print(" ".join(client.get_tags(name)))

def delete(name, tag):
    assert client.delete_tags(name, [tag]) == [tag]

if verb != "login":
    {"push": push, "pull": pull, "attach": attach, "tags": tags, "delete": delete}[verb](*arguments)
"""
"""What is run for every command: the registry and its user, a verb, and what that takes."""


@dataclass(frozen=True, slots=True)
class OrasPy:
    """The library, driven by a short script."""

    bench: Bench

    def __call__(self, verb: str, *arguments: object, password: str = "") -> str:
        """Let the library do something, and return what the script prints."""
        target = self.bench.target
        signed_in = {"authority": target.authority, "user": target.user, "password": password or target.password}
        command = [str(self.bench.programs["oras-py"]), "-c", SCRIPT, json.dumps([signed_in, verb, *arguments])]
        return run(command, environment={"HOME": str(self.bench.scratch)})

    @property
    def pulled(self) -> Path:
        """The folder that blobs are pulled into."""
        return self.bench.scratch / "pulled"

    def login(self, password: str) -> None:
        """Keep the credentials; the library does not ask the registry whether they are good."""
        self("login", password=password)

    def push(self, image: str, name: str) -> str:
        """Push the blobs of an image under a new manifest: the library writes its own."""
        images = self.bench.images
        manifest = json.loads(images.read(self.bench.digest(image)))
        layers = [f"{images.file(layer['digest'])}:{layer['mediaType']}" for layer in manifest["layers"]]
        config = manifest["config"]
        self("push", name, layers, f"{images.file(config['digest'])}:{config['mediaType']}")
        digest: str = config["digest"]
        return digest

    def forget(self) -> None:
        """Empty the folder."""
        shutil.rmtree(self.pulled, ignore_errors=True)

    def pull(self, name: str) -> str:
        """Pull the blobs of an image, whose bytes the library checks not: that is done here."""
        self.pulled.mkdir(exist_ok=True)
        digest = self("pull", name, str(self.pulled)).strip()
        for file in self.pulled.iterdir():
            actual = hashlib.sha256(file.read_bytes()).hexdigest()
            expect(file.name == f"sha256:{actual}", f"the bytes of {file.name} hash to {actual}")
        return digest

    def tags(self, repository: str) -> list[str]:
        """List the tags."""
        return self("tags", repository).split()

    def delete(self, name: str) -> None:
        """Delete the manifest that the tag points at."""
        repository, _, tag = name.rpartition(":")
        self("delete", repository, tag)

    def attach(self, name: str, file: Path) -> None:
        """Push a file whose subject is the image."""
        self("attach", name, f"{file}:text/plain")


def start(bench: Bench) -> AbstractContextManager[OrasPy]:
    """Make the library ready."""
    return nullcontext(OrasPy(bench))
