# SPDX-License-Identifier: Apache-2.0
"""Manifests for tests: valid unless a test says otherwise."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.media_types import OCI_MANIFEST

Json = Mapping[str, object]

A_CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
A_LAYER = b"what a layer holds"


class BuiltManifest(NamedTuple):
    """The bytes of a manifest, the Content-Type to push them with, and their digest."""

    payload: bytes
    media_type: str
    digest: Digest

    def descriptor(self, **fields: object) -> dict[str, object]:
        """Describe it, as an index or a `subject` field does."""
        return a_descriptor(self.payload, self.media_type, **fields)


def a_descriptor(content: bytes = A_LAYER, media_type: str = OCI_LAYER_GZIP, **fields: object) -> dict[str, object]:
    """Describe `content`. `fields` are added, or replace what would be there."""
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content), **fields}


def an_image_manifest(
    *,
    config: Json | None = None,
    layers: Sequence[Json] | None = None,
    media_type: str = OCI_MANIFEST,
    **fields: object,
) -> BuiltManifest:
    """Build an image manifest with `A_CONFIG` and `A_LAYER`, or the descriptors given."""
    document = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": a_descriptor(A_CONFIG, OCI_CONFIG) if config is None else config,
        "layers": [a_descriptor()] if layers is None else layers,
        **fields,
    }
    return a_manifest(document, media_type)


def an_index(*children: Json, media_type: str = OCI_INDEX, **fields: object) -> BuiltManifest:
    """Build an index of the descriptors given."""
    return a_manifest({"schemaVersion": 2, "mediaType": media_type, "manifests": children, **fields}, media_type)


def a_manifest(document: Json, media_type: str) -> BuiltManifest:
    """Encode any document as a manifest."""
    payload = json.dumps(document).encode()
    return BuiltManifest(payload, media_type, digest_of(payload))
