# SPDX-License-Identifier: Apache-2.0
"""The pushes: images, indexes and referrers with tags that are overwritten and deleted in between.

Push number n of a seed is always the same, whichever client does it.
"""

import hashlib
import json
import random
from dataclasses import dataclass
from dataclasses import field

from tests.crash.client import Client
from tests.crash.client import require
from tests.crash.upload import Blob
from tests.crash.upload import Form
from tests.crash.upload import Uploader

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
EMPTY = "application/vnd.oci.empty.v1+json"
SIGNATURE = "application/vnd.example.signature"
REPOSITORIES = tuple(f"crash/app-{number}" for number in range(4))
SMALLEST, LARGEST = 10 * 1024, 2 * 1024 * 1024
SHARED_LAYERS = 24

Descriptor = dict[str, object]


@dataclass(slots=True)
class Push:
    """One push by one client: everything random about it comes from the seed and the push's number."""

    client: Client
    seed: int
    number: int
    repository: str = field(init=False)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(f"{self.seed}-{self.number}")
        self.repository = self._dice.choice(REPOSITORIES)

    def run(self) -> None:
        """Push an image, an index of two, or an image and a referrer to it; tag it; perhaps delete another tag."""
        kind = self._dice.choices(["image", "index", "referrer"], [70, 15, 15])[0]
        if kind == "index":
            children = [self._push_image(), self._push_image()]
            pushed = self._document(INDEX, manifests=children)
        elif kind == "referrer":
            pushed = self._push_with_referrer()
        else:
            pushed = self._image()
        for tag in self._tags():
            self._put_manifest(pushed, tag)
        if self._dice.random() < 0.25:
            self._delete_tag(f"v{self._dice.randrange(self.number + 1)}")

    def _tags(self) -> list[str]:
        """Choose tags: one of its own, perhaps one that every client fights over, perhaps one that moves."""
        contested = ["latest"] if self._dice.random() < 0.5 else []
        moving = [f"moving-{self._dice.randrange(6)}"] if self._dice.random() < 0.4 else []
        return [f"v{self.number}", *contested, *moving]

    def _image(self) -> bytes:
        """Push the blobs of a new image and return its manifest."""
        layers = [self._layer() for _ in range(self._dice.randint(1, 3))]
        config = Blob(json.dumps({"os": "linux", "architecture": "amd64", "push": self._dice.random()}).encode())
        for blob in [*layers, config]:
            self._push_blob(blob)
        described = [_describe(LAYER, layer.content) for layer in layers]
        return self._document(MANIFEST, config=_describe(CONFIG, config.content), layers=described)

    def _push_image(self) -> Descriptor:
        manifest = self._image()
        self._put_manifest(manifest, _digest(manifest))
        return _describe(MANIFEST, manifest)

    def _push_with_referrer(self) -> bytes:
        """Push an image and a referrer to it, the referrer first in half of the cases."""
        image = self._image()
        for blob in (Blob(b"{}"), Blob(image)):
            self._push_blob(blob)
        referrer = self._document(
            MANIFEST,
            artifactType=SIGNATURE,
            config=_describe(EMPTY, b"{}"),
            layers=[_describe("application/octet-stream", image)],
            subject=_describe(MANIFEST, image),
        )
        if self._dice.random() < 0.5:
            self._put_manifest(image, _digest(image))
        self._put_manifest(referrer, _digest(referrer))
        return image

    def _layer(self) -> Blob:
        """Make a layer: small ones are more likely, and some are shared by many images."""
        if self._dice.random() < 0.3:
            shared = self._dice.randrange(SHARED_LAYERS)
            return Blob.noise(f"{self.seed}-shared-{shared}", SMALLEST * (1 + shared))
        size = int(SMALLEST * (LARGEST / SMALLEST) ** self._dice.random())
        return Blob.noise(f"{self.seed}-{self.number}-{self._dice.random()}", size)

    def _push_blob(self, blob: Blob) -> None:
        Uploader(self.client, self.repository, self._dice.choice(REPOSITORIES)).push(
            blob, self._dice.choice(list(Form))
        )

    def _document(self, media_type: str, **fields: object) -> bytes:
        annotations = {"org.example.push": f"{self.number}"}
        document = {"schemaVersion": 2, "mediaType": media_type, **fields, "annotations": annotations}
        return json.dumps(document).encode()

    def _put_manifest(self, manifest: bytes, reference: str) -> None:
        """Push a manifest by tag or by its digest, until that is acknowledged."""
        ledger, digest = self.client.ledger, _digest(manifest)
        if reference == digest:
            self._send_manifest(manifest, reference)
        else:
            with ledger.tag_write(self.repository, reference, digest):
                self._send_manifest(manifest, reference)
        ledger.manifest(self.repository, digest, manifest)

    def _send_manifest(self, manifest: bytes, reference: str) -> None:
        headers = {"Content-Type": json.loads(manifest)["mediaType"]}
        path = f"/v2/{self.repository}/manifests/{reference}"
        require(self.client.until_answered("PUT", path, manifest, headers), (201,), f"PUT {path}")

    def _delete_tag(self, tag: str) -> None:
        """Delete a tag, until that is acknowledged; a repeated delete finds it gone."""
        path = f"/v2/{self.repository}/manifests/{tag}"
        with self.client.ledger.tag_write(self.repository, tag, None):
            require(self.client.until_answered("DELETE", path), (202, 404), f"DELETE {path}")


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _describe(media_type: str, content: bytes) -> Descriptor:
    return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}
