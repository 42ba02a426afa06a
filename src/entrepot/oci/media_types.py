# SPDX-License-Identifier: Apache-2.0
"""Media types of manifests, configurations and layers, and the questions asked about them."""

import re

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_ARTIFACT_MANIFEST = "application/vnd.oci.artifact.manifest.v1+json"
"""Deprecated: in image-spec 1.1 release candidates only, but still pushed by old clients."""
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_FOREIGN_LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar"
OCI_FOREIGN_LAYER_GZIP = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
OCI_FOREIGN_LAYER_ZSTD = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip"
DOCKER_FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar"
DOCKER_FOREIGN_LAYER_GZIP = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"

DOCKER_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_SCHEMA1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"

BUILDKIT_CACHE_CONFIG = "application/vnd.buildkit.cacheconfig.v0"

IMAGE_MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})
SCHEMA1 = frozenset({DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED})
FOREIGN_LAYERS = frozenset(
    {
        OCI_FOREIGN_LAYER,
        OCI_FOREIGN_LAYER_GZIP,
        OCI_FOREIGN_LAYER_ZSTD,
        DOCKER_FOREIGN_LAYER,
        DOCKER_FOREIGN_LAYER_GZIP,
    }
)
_REGISTERED = IMAGE_MANIFESTS | INDEXES | SCHEMA1 | {OCI_ARTIFACT_MANIFEST}

MAX_MEDIA_TYPE_CHARACTERS = 255
_RESTRICTED_NAME = r"[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}"
_GRAMMAR = re.compile(f"{_RESTRICTED_NAME}/{_RESTRICTED_NAME}", re.ASCII)


def is_media_type(text: str) -> bool:
    """Tell whether `text` is `type/subtype` without parameters, each at most 127 characters (RFC 6838 section 4.2)."""
    return _GRAMMAR.fullmatch(text) is not None


def is_index(media_type: str) -> bool:
    """Tell whether this manifest lists other manifests (OCI index, Docker manifest list)."""
    return media_type in INDEXES


def is_image_manifest(media_type: str) -> bool:
    """Tell whether this manifest has a configuration and layers (OCI image manifest, Docker schema 2)."""
    return media_type in IMAGE_MANIFESTS


def is_schema1(media_type: str) -> bool:
    """Tell whether this is Docker's first manifest format, which no current client can pull."""
    return media_type in SCHEMA1


def is_foreign_layer(media_type: str) -> bool:
    """Tell whether the layer may be kept elsewhere (nondistributable in OCI, foreign in Docker)."""
    return media_type in FOREIGN_LAYERS


def without_parameters(content_type: str) -> str:
    """Return the media type of a Content-Type header.

    Parameters are dropped. Media types ignore case (RFC 9110 section 8.3.1): those
    that this registry interprets come back as registered, others as written.
    """
    media_type = content_type.partition(";")[0].strip()
    lowered = media_type.lower()
    return lowered if lowered in _REGISTERED else media_type
