# SPDX-License-Identifier: Apache-2.0
"""Tell what an artifact is from the media types that tools give its parts.

Each family names where its media types are documented. A type is compared by
its beginning, so that later versions of it are recognised too.
"""

from collections.abc import Mapping

from entrepot.features.artifacts.models import ArtifactType
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.media_types import BUILDKIT_CACHE_CONFIG
from entrepot.oci.media_types import DOCKER_CONFIG
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.signatures import SIGNATURE_TYPES

_FAMILIES: Mapping[ArtifactType, tuple[str, ...]] = {
    ArtifactType.CHART: (
        # Helm, HIP-0017.
        "application/vnd.cncf.helm.",
    ),
    ArtifactType.WASM: (
        # CNCF TAG Runtime, "Wasm OCI Artifact layout".
        "application/wasm",
        "application/vnd.wasm.",
        # Solo.io and Istio, "Wasm Artifact Image Specification".
        "application/vnd.module.wasm.",
        # Bytecode Alliance (runwasi).
        "application/vnd.bytecodealliance.",
        # Spin, and providers of wasmCloud.
        "application/vnd.fermyon.spin.",
        "application/vnd.wasmcloud.",
    ),
    ArtifactType.SBOM: (
        # IANA and Cosign's SBOM specification, which writes one type without its "application/".
        "application/spdx",
        "text/spdx",
        "spdx+",
        "application/vnd.cyclonedx",
        "application/vnd.syft",
        "application/vnd.dev.cosign.artifact.sbom.",
        # Harbor's accessory.
        "application/vnd.goharbor.harbor.sbom.",
    ),
    ArtifactType.SIGNATURE: SIGNATURE_TYPES,
    ArtifactType.ATTESTATION: (
        # in-toto attestation framework; DSSE; BuildKit's attestation storage.
        "application/vnd.in-toto",
        "application/vnd.dsse.envelope.",
        "application/vnd.docker.attestation.manifest.",
        # Cosign, ATTESTATION_SPEC.
        "application/vnd.dev.cosign.artifact.att.",
        # OpenVEX, "Attesting".
        "application/vnd.openvex",
    ),
    ArtifactType.MODEL: (
        # ModelPack, model-spec.
        "application/vnd.cncf.model.",
        # KitOps, ModelKit specification.
        "application/vnd.kitops.",
        # Docker Model Runner, model-spec.
        "application/vnd.docker.ai.",
        # Ollama's manifests, which have the configuration type of Docker images.
        "application/vnd.ollama.image.",
    ),
    ArtifactType.POLICY_BUNDLE: (
        # Open Policy Agent bundles, as Conftest, Trivy and Gatekeeper's gator push them.
        "application/vnd.cncf.openpolicyagent.",
        # Kyverno's CLI.
        "application/vnd.cncf.kyverno.",
    ),
    ArtifactType.CONFIGURATION: (
        # Flux, RFC-0003; Timoni's modules; CNAB bundles.
        "application/vnd.cncf.flux.",
        "application/vnd.timoni.",
        "application/vnd.cnab.",
        # Docker Compose applications, and Dev Container features and templates.
        "application/vnd.docker.compose.",
        "application/vnd.devcontainers",
        # OpenTofu and Bicep modules.
        "application/vnd.opentofu.modulepkg",
        "application/vnd.ms.bicep.module.",
    ),
}
_IMAGE_CONFIGS = frozenset({OCI_CONFIG, DOCKER_CONFIG})
_FILESYSTEM_LAYERS = ("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.")

# Kubewarden's policies are Wasm modules that say only here that they are policies.
_KUBEWARDEN_ANNOTATIONS = "io.kubewarden.policy."

# Cosign, BUNDLE_SPEC: a signature is a bundle around a message signature, or around this statement.
_SIGSTORE_BUNDLE = "application/vnd.dev.sigstore.bundle"
_BUNDLE_CONTENT = "dev.sigstore.bundle.content"
_BUNDLE_PREDICATE = "dev.sigstore.bundle.predicateType"
_SIGNATURE_PREDICATE = "https://sigstore.dev/cosign/sign/"


def recognise(manifest: Manifest) -> ArtifactType:
    """Tell what `manifest` is.

    Its artifact type decides, then its configuration, then its layers: an image
    has an image's configuration and file system layers, if it has any layers.
    """
    if any(name.startswith(_KUBEWARDEN_ANNOTATIONS) for name in manifest.annotations):
        return ArtifactType.POLICY_BUNDLE
    config = "" if manifest.config is None else manifest.config.media_type
    for media_type in (manifest.artifact_type or "", config):
        if family := _family_of(media_type, manifest.annotations):
            return family
    if manifest.kind is ManifestKind.INDEX:
        return ArtifactType.OTHER if _is_build_cache(manifest) else ArtifactType.INDEX
    layers = [layer.media_type for layer in manifest.layers]
    if config in _IMAGE_CONFIGS and (not layers or any(layer.startswith(_FILESYSTEM_LAYERS) for layer in layers)):
        return ArtifactType.IMAGE
    families = (_family_of(layer, manifest.annotations) for layer in layers)
    return next((family for family in families if family), ArtifactType.OTHER)


def _family_of(media_type: str, annotations: Mapping[str, str]) -> ArtifactType | None:
    lowered = media_type.lower()
    if lowered.startswith(_SIGSTORE_BUNDLE):
        return _bundle_content(annotations)
    families = (family for family, beginnings in _FAMILIES.items() if lowered.startswith(beginnings))
    return next(families, None)


def _bundle_content(annotations: Mapping[str, str]) -> ArtifactType:
    is_statement = annotations.get(_BUNDLE_CONTENT) == "dsse-envelope"
    is_about_signing = annotations.get(_BUNDLE_PREDICATE, "").startswith(_SIGNATURE_PREDICATE)
    return ArtifactType.ATTESTATION if is_statement and not is_about_signing else ArtifactType.SIGNATURE


def _is_build_cache(manifest: Manifest) -> bool:
    return any(child.media_type == BUILDKIT_CACHE_CONFIG for child in manifest.children)
