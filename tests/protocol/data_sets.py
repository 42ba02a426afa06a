# SPDX-License-Identifier: Apache-2.0
"""What clients push, as sets: the blobs, the manifests in an order that works, and the tags on them."""

import json
from base64 import b64encode
from dataclasses import dataclass
from dataclasses import field

from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_EMPTY
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import Json
from tests.builders.manifests import a_manifest

TYPE_ONE = "application/vnd.example.protocol.one.v1"
AMD64: Json = {"os": "linux", "architecture": "amd64"}
ARM64: Json = {"os": "linux", "architecture": "arm64"}


@dataclass(slots=True)
class DataSet:
    """A set under construction. Every descriptor is of `algorithm`; `extra` goes into every document."""

    algorithm: str = "sha256"
    embeds_data: bool = False
    extra: dict[str, object] = field(default_factory=dict)
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    manifests: list[BuiltManifest] = field(default_factory=list)
    tags: dict[str, BuiltManifest] = field(default_factory=dict)

    def blob(self, content: bytes, media_type: str, **fields: object) -> Json:
        """Add a blob and describe it."""
        self.blobs[digest_of(content, self.algorithm)] = content
        return self.absent(content, media_type, **self._data(content), **fields)

    def absent(self, content: bytes, media_type: str, **fields: object) -> Json:
        """Describe content that is not pushed."""
        digest = digest_of(content, self.algorithm)
        return {"mediaType": media_type, "digest": digest, "size": len(content), **fields}

    def config(self, media_type: str = OCI_CONFIG, platform: Json = AMD64, name: str = "") -> Json:
        """Add the configuration of an image."""
        document = {**platform, "author": name, "rootfs": {"type": "layers", "diff_ids": []}, **self.extra}
        return self.blob(json.dumps(document).encode(), media_type)

    def empty(self) -> Json:
        """Add the empty object that artifacts have for a configuration."""
        return self.blob(b"{}", OCI_EMPTY)

    def layer(self, name: str, media_type: str = OCI_LAYER_GZIP) -> Json:
        """Add a layer whose bytes depend on `name`."""
        return self.blob(name.encode() * 40, media_type)

    def manifest(self, document: Json, media_type: str, *tags: str) -> BuiltManifest:
        """Add a manifest with tags."""
        built = a_manifest({"schemaVersion": 2, "mediaType": media_type, **document, **self.extra}, media_type)
        built = built._replace(digest=digest_of(built.payload, self.algorithm))
        self.manifests.append(built)
        self.tags |= dict.fromkeys(tags, built)
        return built

    def image(self, *tags: str, name: str = "app", platform: Json = AMD64, **fields: object) -> BuiltManifest:
        """Add an image of two layers."""
        layers = [self.layer(f"{name} one"), self.layer(f"{name} two")]
        document = {"config": self.config(platform=platform, name=name), "layers": layers, **fields}
        return self.manifest(document, OCI_MANIFEST, *tags)

    def artifact(self, *tags: str, kind: str = TYPE_ONE, name: str = "artifact", **fields: object) -> BuiltManifest:
        """Add an artifact of one layer."""
        document = {"artifactType": kind, "config": self.empty(), "layers": [self.layer(name, kind)], **fields}
        return self.manifest(document, OCI_MANIFEST, *tags)

    def index(self, *tags: str, children: list[Json] | None = None, **fields: object) -> BuiltManifest:
        """Add an index, of two images unless told otherwise."""
        if children is None:
            built = [self.image(name=f"{fields}", platform=platform) for platform in (AMD64, ARM64)]
            children = [self.describe(child) for child in built]
        return self.manifest({"manifests": children, **fields}, OCI_INDEX, *tags)

    def describe(self, built: BuiltManifest, **fields: object) -> dict[str, object]:
        """Describe a manifest of this set."""
        data = self._data(built.payload)
        return {"mediaType": built.media_type, "digest": built.digest, "size": len(built.payload), **data, **fields}

    def _data(self, content: bytes) -> dict[str, object]:
        return {"data": b64encode(content).decode()} if self.embeds_data else {}
