# SPDX-License-Identifier: Apache-2.0
"""OCI image layouts on disk (image-spec, image-layout.md): writing one, and reading back what a client wrote."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.interop.commands import expect

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
REF_NAME = "org.opencontainers.image.ref.name"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """A directory in the OCI image layout."""

    path: Path

    def create(self) -> None:
        """Make an empty layout."""
        self.blobs.mkdir(parents=True)
        (self.path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        self._write_index([])

    @property
    def blobs(self) -> Path:
        """Where the blobs are, one file each, named by the hex part of their sha256 digest."""
        return self.path / "blobs" / "sha256"

    def add(self, media_type: str, chunks: Iterable[bytes]) -> Json:
        """Store a blob of any size, given in pieces, and return its descriptor."""
        digest, size = hashlib.sha256(), 0
        partial = self.blobs / "partial"
        with partial.open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
        partial.rename(self.blobs / digest.hexdigest())
        return {"mediaType": media_type, "digest": f"sha256:{digest.hexdigest()}", "size": size}

    def add_json(self, media_type: str, document: Json) -> Json:
        """Store a JSON document and return its descriptor."""
        return self.add(media_type, [json.dumps(document, indent=2).encode()])

    def name(self, descriptor: Json, name: str) -> None:
        """Let `name` refer to `descriptor`."""
        entry = {**descriptor, "annotations": {REF_NAME: name}}
        self._write_index([*self._entries(), entry])

    def descriptor(self, name: str) -> Json:
        """Return the descriptor that `name` refers to."""
        named = [entry for entry in self._entries() if entry.get("annotations", {}).get(REF_NAME) == name]
        expect(len(named) == 1, f"{self.path} has {len(named)} manifests named {name}")
        return named[0]

    def document(self, name: str) -> Json:
        """Return the manifest or index that `name` refers to."""
        document: Json = json.loads(self.read(self.descriptor(name)["digest"]))
        return document

    def alone(self, name: str, path: Path) -> Path:
        """Make a layout at `path` in which `name` is all there is, over the same blobs, for clients that want that."""
        path.mkdir(parents=True)
        (path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        (path / "blobs").symlink_to(self.path / "blobs")
        Layout(path)._write_index([self.descriptor(name)])
        return path

    def config(self, name: str = "") -> str:
        """Return the digest of an image's configuration; without a name, of the last image."""
        descriptor = self.descriptor(name) if name else self._entries()[-1]
        digest: str = json.loads(self.read(descriptor["digest"]))["config"]["digest"]
        return digest

    def intact_config(self, name: str = "") -> str:
        """Return what `config` does, once every blob of the image has proved intact."""
        descriptor = self.descriptor(name) if name else self._entries()[-1]
        self.expect_intact(self.reachable(descriptor["digest"]))
        return self.config(name)

    def read(self, digest: str) -> bytes:
        """Return the bytes of a small blob."""
        return self.file(digest).read_bytes()

    def reachable(self, digest: str) -> set[str]:
        """Return the digests of a manifest and of everything that it names, children included."""
        document = json.loads(self.read(digest))
        found = {digest}
        for child in document.get("manifests", []):
            found |= self.reachable(child["digest"])
        found |= {layer["digest"] for layer in document.get("layers", [])}
        if "config" in document:
            found.add(document["config"]["digest"])
        return found

    def expect_intact(self, digests: Iterable[str]) -> None:
        """Raise `StepError` unless every blob is there and hashes to its name: equal digests are equal bytes."""
        for digest in digests:
            expect(self.file(digest).is_file(), f"{self.path} lacks {digest}")
            with self.file(digest).open("rb") as file:
                actual = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
            expect(actual == digest, f"{self.path}: the bytes of {digest} hash to {actual}")

    def file(self, digest: str) -> Path:
        """Return where a blob is, or would be."""
        return self.blobs / digest.removeprefix("sha256:")

    def _entries(self) -> list[Json]:
        entries: list[Json] = json.loads((self.path / "index.json").read_text())["manifests"]
        return entries

    def _write_index(self, entries: list[Json]) -> None:
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        (self.path / "index.json").write_text(json.dumps(index))
