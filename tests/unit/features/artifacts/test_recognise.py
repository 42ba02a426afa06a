# SPDX-License-Identifier: Apache-2.0
"""Telling what an artifact is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.recognise import recognise
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import BUILDKIT_CACHE_CONFIG
from entrepot.oci.media_types import DOCKER_CONFIG
from entrepot.oci.media_types import DOCKER_LAYER_GZIP
from entrepot.oci.media_types import DOCKER_LIST
from entrepot.oci.media_types import DOCKER_MANIFEST
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_EMPTY
from entrepot.oci.media_types import OCI_FOREIGN_LAYER
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import a_manifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
IN_TOTO = "application/vnd.in-toto+json"
WASM_LAYER = "application/vnd.wasm.content.layer.v1+wasm"


def type_of(built: BuiltManifest) -> ArtifactType:
    """Recognise what a builder made."""
    return recognise(parse_manifest(built.payload, built.media_type))


def made_of(config: str, *layers: str, **fields: object) -> BuiltManifest:
    """Build a manifest whose configuration and layers have the media types given."""
    described = [a_descriptor(str(number).encode(), layer) for number, layer in enumerate(layers)]
    return a_manifest({"config": a_descriptor(b"{}", config), "layers": described, **fields}, OCI_MANIFEST)


@pytest.mark.parametrize(
    "built",
    [
        made_of(OCI_CONFIG, OCI_LAYER_GZIP),
        made_of(OCI_CONFIG),
        made_of(OCI_CONFIG, OCI_FOREIGN_LAYER, OCI_LAYER_GZIP),
        made_of(OCI_CONFIG, "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"),
        made_of(OCI_CONFIG, OCI_LAYER_GZIP, IN_TOTO),
        made_of(OCI_CONFIG, OCI_LAYER_GZIP, artifactType="application/vnd.example"),
        an_image_manifest(
            config=a_descriptor(b"{}", DOCKER_CONFIG),
            layers=[a_descriptor(b"1", DOCKER_LAYER_GZIP)],
            media_type=DOCKER_MANIFEST,
        ),
    ],
)
def test_an_image_has_an_image_configuration_and_file_system_layers(built: BuiltManifest) -> None:
    """OCI and Docker images are images, with foreign, encrypted or no layers too."""
    assert type_of(built) is ArtifactType.IMAGE


@pytest.mark.parametrize(
    ("config", "layer", "artifact_type"),
    [
        (
            "application/vnd.cncf.helm.config.v1+json",
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            ArtifactType.CHART,
        ),
        ("application/vnd.cncf.helm.config.v1+json", "application/tar+gzip", ArtifactType.CHART),
        ("application/vnd.wasm.config.v0+json", "application/wasm", ArtifactType.WASM),
        ("application/vnd.wasm.config.v1+json", WASM_LAYER, ArtifactType.WASM),
        (OCI_CONFIG, "application/vnd.fermyon.spin.application.v1+config", ArtifactType.WASM),
        (OCI_CONFIG, "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm", ArtifactType.WASM),
        (OCI_EMPTY, "application/vnd.module.wasm.content.layer.v1+wasm", ArtifactType.WASM),
        (OCI_EMPTY, "application/spdx+json", ArtifactType.SBOM),
        (OCI_CONFIG, "text/spdx", ArtifactType.SBOM),
        (OCI_CONFIG, "spdx+json", ArtifactType.SBOM),
        (OCI_CONFIG, "application/vnd.cyclonedx+xml", ArtifactType.SBOM),
        (OCI_EMPTY, "application/vnd.CycloneDX+json; version=1.6", ArtifactType.SBOM),
        (OCI_CONFIG, "application/vnd.syft+json", ArtifactType.SBOM),
        (OCI_CONFIG, "application/vnd.dev.cosign.simplesigning.v1+json", ArtifactType.SIGNATURE),
        ("application/vnd.cncf.notary.signature", "application/jose+json", ArtifactType.SIGNATURE),
        (OCI_CONFIG, "application/vnd.dsse.envelope.v1+json", ArtifactType.ATTESTATION),
        (OCI_CONFIG, IN_TOTO, ArtifactType.ATTESTATION),
        (OCI_EMPTY, "application/vnd.openvex+json", ArtifactType.ATTESTATION),
        (
            "application/vnd.cncf.model.config.v1+json",
            "application/vnd.cncf.model.weight.v1.tar",
            ArtifactType.MODEL,
        ),
        (
            "application/vnd.kitops.modelkit.config.v1+json",
            "application/vnd.kitops.modelkit.model.v1.tar+gzip",
            ArtifactType.MODEL,
        ),
        ("application/vnd.docker.ai.model.config.v0.1+json", "application/vnd.docker.ai.gguf.v3", ArtifactType.MODEL),
        (DOCKER_CONFIG, "application/vnd.ollama.image.model", ArtifactType.MODEL),
        (DOCKER_CONFIG, "application/vnd.ollama.image.tensor; name=input; dtype=F32", ArtifactType.MODEL),
        (OCI_CONFIG, "application/vnd.cncf.openpolicyagent.data.layer.v1+json", ArtifactType.POLICY_BUNDLE),
        (
            "application/vnd.unknown.config.v1+json",
            "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego",
            ArtifactType.POLICY_BUNDLE,
        ),
        (
            "application/vnd.cncf.kyverno.config.v1+json",
            "application/vnd.cncf.kyverno.policy.layer.v1+yaml",
            ArtifactType.POLICY_BUNDLE,
        ),
        (
            "application/vnd.cncf.flux.config.v1+json",
            "application/vnd.cncf.flux.content.v1.tar+gzip",
            ArtifactType.CONFIGURATION,
        ),
        (
            "application/vnd.timoni.config.v1+json",
            "application/vnd.timoni.content.v1.tar+gzip",
            ArtifactType.CONFIGURATION,
        ),
        ("application/vnd.cnab.config.v1+json", OCI_LAYER_GZIP, ArtifactType.CONFIGURATION),
        ("application/vnd.devcontainers", "application/vnd.devcontainers.layer.v1+tar", ArtifactType.CONFIGURATION),
        (
            "application/vnd.ms.bicep.module.config.v1+json",
            "application/vnd.ms.bicep.module.layer.v1+json",
            ArtifactType.CONFIGURATION,
        ),
        (OCI_EMPTY, "application/octet-stream", ArtifactType.OTHER),
        (OCI_EMPTY, OCI_LAYER_GZIP, ArtifactType.OTHER),
        (OCI_CONFIG, "application/vnd.example.layer", ArtifactType.OTHER),
        ("application/vnd.docker.plugin.v1+json", DOCKER_LAYER_GZIP, ArtifactType.OTHER),
        (BUILDKIT_CACHE_CONFIG, OCI_LAYER_GZIP, ArtifactType.OTHER),
    ],
)
def test_configuration_and_layers_tell(config: str, layer: str, artifact_type: ArtifactType) -> None:
    """What each tool pushes is recognised by the media types that the tool gives it."""
    assert type_of(made_of(config, layer)) is artifact_type


@pytest.mark.parametrize(
    ("declared", "artifact_type"),
    [
        ("application/vnd.dev.cosign.artifact.sbom.v1+json", ArtifactType.SBOM),
        ("application/vnd.goharbor.harbor.sbom.v1", ArtifactType.SBOM),
        ("application/vnd.dev.cosign.artifact.sig.v1+json", ArtifactType.SIGNATURE),
        ("application/vnd.cncf.notary.signature", ArtifactType.SIGNATURE),
        ("application/vnd.docker.attestation.manifest.v1+json", ArtifactType.ATTESTATION),
        ("application/vnd.dev.cosign.artifact.att.v1+json", ArtifactType.ATTESTATION),
        ("application/vnd.cncf.model.manifest.v1+json", ArtifactType.MODEL),
        ("application/vnd.cncf.openpolicyagent.config.v1+json", ArtifactType.POLICY_BUNDLE),
        ("application/vnd.docker.compose.project", ArtifactType.CONFIGURATION),
        ("application/vnd.opentofu.modulepkg", ArtifactType.CONFIGURATION),
        ("application/vnd.example", ArtifactType.OTHER),
    ],
)
def test_the_artifact_type_tells_first(declared: str, artifact_type: ArtifactType) -> None:
    """A known artifact type decides, whatever the layers are."""
    assert type_of(made_of(OCI_EMPTY, "application/octet-stream", artifactType=declared)) is artifact_type


@pytest.mark.parametrize(
    ("annotations", "artifact_type"),
    [
        ({"dev.sigstore.bundle.content": "message-signature"}, ArtifactType.SIGNATURE),
        (
            {
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
            },
            ArtifactType.SIGNATURE,
        ),
        (
            {
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1",
            },
            ArtifactType.ATTESTATION,
        ),
        ({"dev.sigstore.bundle.content": "dsse-envelope"}, ArtifactType.ATTESTATION),
        ({}, ArtifactType.SIGNATURE),
    ],
)
def test_a_bundle_is_a_signature_or_an_attestation(annotations: dict[str, str], artifact_type: ArtifactType) -> None:
    """A bundle with a statement attests, unless the statement is that Cosign signed."""
    assert type_of(made_of(OCI_EMPTY, BUNDLE, artifactType=BUNDLE, annotations=annotations)) is artifact_type
    assert type_of(made_of(OCI_EMPTY, BUNDLE, annotations=annotations)) is artifact_type


def test_a_wasm_module_may_be_a_policy() -> None:
    """Kubewarden's policies differ from other modules by their annotations only."""
    annotations = {"io.kubewarden.policy.title": "no-latest"}

    assert type_of(made_of("application/vnd.wasm.config.v1+json", WASM_LAYER, annotations=annotations)) is (
        ArtifactType.POLICY_BUNDLE
    )


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_a_list_of_manifests_is_an_index(media_type: str) -> None:
    """Indexes are indexes, empty ones too, whatever their children are."""
    chart = made_of("application/vnd.cncf.helm.config.v1+json")

    assert type_of(an_index(media_type=media_type)) is ArtifactType.INDEX
    assert type_of(an_index(chart.descriptor(), media_type=media_type)) is ArtifactType.INDEX


def test_an_index_with_a_known_artifact_type_is_of_that_type() -> None:
    """An index may say what it is."""
    built = an_index(artifactType="application/vnd.cncf.model.manifest.v1+json")

    assert type_of(built) is ArtifactType.MODEL


def test_a_build_cache_is_no_index_of_images() -> None:
    """BuildKit exports caches as indexes of layers with a configuration of their own."""
    built = an_index(a_descriptor(b"layer"), a_descriptor(b"{}", BUILDKIT_CACHE_CONFIG))

    assert type_of(built) is ArtifactType.OTHER


def test_the_old_artifact_manifest_is_recognised_too() -> None:
    """The deprecated artifact manifest is told by its artifact type or its blobs."""
    media_type = "application/vnd.oci.artifact.manifest.v1+json"
    typed = {"artifactType": "application/vnd.cncf.notary.signature", "blobs": []}
    untyped = {"blobs": [a_descriptor(b"{}", "application/spdx+json")]}

    assert type_of(a_manifest(typed, media_type)) is ArtifactType.SIGNATURE
    assert type_of(a_manifest(untyped, media_type)) is ArtifactType.SBOM


media_types = st.text(max_size=20) | st.sampled_from([OCI_CONFIG, OCI_LAYER_GZIP, BUNDLE, IN_TOTO, WASM_LAYER, ""])
descriptors = st.builds(Descriptor, media_type=media_types, digest=st.just(digest_of(b"")), size=st.just(0))


@given(
    st.builds(
        Manifest,
        media_type=media_types,
        kind=st.sampled_from(ManifestKind),
        artifact_type=st.none() | media_types,
        config=st.none() | descriptors,
        layers=st.lists(descriptors, max_size=3).map(tuple),
        children=st.lists(descriptors, max_size=3).map(tuple),
    )
)
def test_every_manifest_has_a_type(manifest: Manifest) -> None:
    """Whatever the media types are, the answer is one type, and the same one again."""
    assert recognise(manifest) in ArtifactType
    assert recognise(manifest) is recognise(manifest)
