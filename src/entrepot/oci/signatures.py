# SPDX-License-Identifier: Apache-2.0
"""How a manifest that holds a signature is told from others."""

from collections.abc import Iterable

from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.manifest import Manifest

SIGNATURE_TYPES = (
    # Cosign, SIGNATURE_SPEC and BUNDLE_SPEC.
    "application/vnd.dev.cosign.simplesigning.",
    "application/vnd.dev.cosign.artifact.sig.",
    "application/vnd.dev.sigstore.bundle",
    # Notary Project, signature specification.
    "application/vnd.cncf.notary.signature",
)
"""How the media types of signatures begin, in lower case."""

_TAG_SUFFIX = "sig"


def is_signature(manifest: Manifest, tags: Iterable[str]) -> bool:
    """Tell whether a manifest is a signature, by its types or by a tag such as `sha256-<hex>.sig`."""
    config = "" if manifest.config is None else manifest.config.media_type
    media_types = (manifest.artifact_type or "", config, *(layer.media_type for layer in manifest.layers))
    if any(media_type.lower().startswith(SIGNATURE_TYPES) for media_type in media_types):
        return True
    return any(map(is_signature_tag, tags))


def is_signature_tag(tag: str) -> bool:
    """Tell whether a tag is such as `sha256-<hex>.sig`, under which Cosign keeps signatures."""
    derived = subject_of_fallback_tag(tag)
    return derived is not None and derived.suffix == _TAG_SUFFIX
