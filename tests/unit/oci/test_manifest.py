# SPDX-License-Identifier: Apache-2.0
"""Reading manifests."""

import json

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.errors import ManifestTooLarge
from entrepot.oci.manifest import MAX_DESCRIPTORS
from entrepot.oci.manifest import MAX_MANIFEST_BYTES
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import BUILDKIT_CACHE_CONFIG
from entrepot.oci.media_types import DOCKER_LIST
from entrepot.oci.media_types import DOCKER_MANIFEST
from entrepot.oci.media_types import DOCKER_SCHEMA1
from entrepot.oci.media_types import DOCKER_SCHEMA1_SIGNED
from entrepot.oci.media_types import OCI_ARTIFACT_MANIFEST
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import a_manifest
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

UNKNOWN = "application/vnd.example.unknown.v7+json"
LAYERS = [a_descriptor(b"one"), a_descriptor(b"two")]


def refusal_of(built: BuiltManifest, content_type: str | None = None) -> str:
    """Return why a manifest is refused."""
    with pytest.raises(ManifestInvalid) as caught:
        parse_manifest(built.payload, content_type or built.media_type)
    return caught.value.message


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, DOCKER_MANIFEST])
def test_an_image_has_a_configuration_and_layers(media_type: str) -> None:
    """OCI image manifests and Docker schema 2 are read alike."""
    manifest = parse_manifest(an_image_manifest(layers=LAYERS, media_type=media_type).payload, media_type)

    assert manifest.kind is ManifestKind.IMAGE
    assert manifest.media_type == media_type
    assert manifest.config is not None
    assert manifest.config.digest == digest_of(A_CONFIG)
    assert [layer.digest for layer in manifest.layers] == [digest_of(b"one"), digest_of(b"two")]
    assert manifest.children == ()


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_an_index_has_children(media_type: str) -> None:
    """OCI indexes and Docker manifest lists are read alike, platforms included."""
    image = an_image_manifest()
    child = image.descriptor(platform={"os": "linux", "architecture": "arm64"})

    manifest = parse_manifest(an_index(child, media_type=media_type).payload, media_type)

    assert manifest.kind is ManifestKind.INDEX
    assert [(child.digest, str(child.platform)) for child in manifest.children] == [(image.digest, "linux/arm64")]
    assert manifest.config is None
    assert manifest.layers == ()


def test_an_index_may_be_empty_or_list_anything() -> None:
    """No children, indexes and blobs (as BuildKit's cache export lists them) are children like any other."""
    nested = an_index()
    blobs = [a_descriptor(b"layer"), a_descriptor(b"{}", BUILDKIT_CACHE_CONFIG)]
    built = an_index(nested.descriptor(), *blobs)

    assert parse_manifest(nested.payload, OCI_INDEX).children == ()
    assert len(parse_manifest(built.payload, OCI_INDEX).children) == 3


@pytest.mark.parametrize("layers", [[], None])
def test_an_image_may_have_no_layers(layers: object) -> None:
    """An empty array is accepted, and so is null, which is how Go writes one."""
    document = {"schemaVersion": 2, "config": a_descriptor(A_CONFIG), "layers": layers}

    assert parse_manifest(a_manifest(document, OCI_MANIFEST).payload, OCI_MANIFEST).layers == ()


def test_subject_annotations_and_artifact_type_are_read() -> None:
    """A referrer says what it is about, of what type it is, and more."""
    subject = an_image_manifest()
    built = an_image_manifest(subject=subject.descriptor(), annotations={"a": "b"}, artifactType="application/x")

    manifest = parse_manifest(built.payload, built.media_type)

    assert manifest.subject is not None
    assert manifest.subject.digest == subject.digest
    assert manifest.annotations == {"a": "b"}
    assert manifest.artifact_type == "application/x"


def test_parameters_and_case_of_the_content_type_do_not_matter() -> None:
    """`charset` and capitals change nothing about what is stored."""
    built = an_image_manifest()

    assert parse_manifest(built.payload, f"{OCI_MANIFEST.title()}; charset=utf-8").media_type == OCI_MANIFEST


@pytest.mark.parametrize("content_type", [None, "", "; charset=utf-8"])
def test_without_a_content_type_the_body_decides(content_type: str | None) -> None:
    """The body's own media type counts when no header states one."""
    built = an_image_manifest(media_type=DOCKER_MANIFEST)

    assert parse_manifest(built.payload, content_type).media_type == DOCKER_MANIFEST


@pytest.mark.parametrize(
    ("document", "media_type"),
    [
        ({"schemaVersion": 2, "config": a_descriptor(A_CONFIG), "layers": LAYERS}, OCI_MANIFEST),
        ({"schemaVersion": 2, "manifests": []}, OCI_INDEX),
    ],
)
def test_without_any_media_type_the_shape_decides(document: dict[str, object], media_type: str) -> None:
    """An OCI manifest need not name its type anywhere."""
    assert parse_manifest(json.dumps(document).encode(), None).media_type == media_type


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"schemaVersion": 2, "layers": LAYERS},
        {"schemaVersion": 2, "config": a_descriptor(A_CONFIG), "layers": LAYERS, "manifests": []},
    ],
)
def test_a_body_of_no_clear_type_is_refused(document: dict[str, object]) -> None:
    """Without a media type, a body that is like nothing known, or like two things, is refused."""
    assert refusal_of(a_manifest(document, "")) == "The type of the manifest is not known."


def test_header_and_body_must_agree() -> None:
    """A manifest sent as one type that says it is another is refused, naming both."""
    message = refusal_of(an_image_manifest(), DOCKER_MANIFEST)

    assert OCI_MANIFEST in message
    assert DOCKER_MANIFEST in message


@pytest.mark.parametrize("content_type", ["text", "a/b/c", "a/b\r\nx: y", f"application/{'x' * 200}"])
def test_a_content_type_must_be_one(content_type: str) -> None:
    """What would be sent back in a header must follow the grammar of media types."""
    assert "is not a media type" in refusal_of(a_manifest({}, content_type))


@pytest.mark.parametrize("media_type", [7, [], "not a media type"])
def test_the_media_type_in_the_body_must_be_one(media_type: object) -> None:
    """A media type that is no text, or not of the grammar, is refused."""
    assert "is not a media type" in refusal_of(a_manifest({"mediaType": media_type}, UNKNOWN))


@pytest.mark.parametrize(
    ("document", "content_type"),
    [
        ({}, DOCKER_SCHEMA1),
        ({}, DOCKER_SCHEMA1_SIGNED),
        ({"mediaType": DOCKER_SCHEMA1}, None),
        ({"schemaVersion": 1, "fsLayers": []}, None),
        ({"schemaVersion": 1}, None),
    ],
)
def test_schema_1_is_refused_with_what_to_do(document: dict[str, object], content_type: str | None) -> None:
    """Whoever pushes Docker schema 1 reads its name and how to push instead."""
    with pytest.raises(ManifestInvalid, match="Docker schema 1") as caught:
        parse_manifest(json.dumps(document).encode(), content_type)

    assert "application/vnd.docker.distribution.manifest.v1+" in caught.value.message
    assert "Push again with" in caught.value.hint


@pytest.mark.parametrize("version", [1, 3, "2", 2.0, True, None])
def test_the_schema_version_must_be_2(version: object) -> None:
    """Any other value is refused; an absent one is not."""
    image = an_image_manifest()
    document = json.loads(image.payload)
    del document["schemaVersion"]

    assert parse_manifest(json.dumps(document).encode(), OCI_MANIFEST).kind is ManifestKind.IMAGE
    assert refusal_of(an_image_manifest(schemaVersion=version)) == "schemaVersion must be 2."


@pytest.mark.parametrize(
    ("media_type", "document", "message"),
    [
        (OCI_MANIFEST, {"layers": []}, "must have config"),
        (OCI_MANIFEST, {"config": a_descriptor()}, "must have layers"),
        (OCI_MANIFEST, {"config": None, "layers": []}, "config must be an object."),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": {}}, "layers must be an array."),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": [None]}, "layers[0] must be an object."),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": [], "manifests": []}, "must not have manifests"),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": [], "fsLayers": []}, "must not have fsLayers"),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": [], "Layers": []}, "'Layers' differs from 'layers'"),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": [], "subject": []}, "subject must be an object."),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": [], "annotations": {"a": 1}}, "annotations must map"),
        (OCI_MANIFEST, {"config": a_descriptor(), "layers": [], "artifactType": 1}, "artifactType must be"),
        (OCI_INDEX, {}, "must have manifests"),
        (OCI_INDEX, {"manifests": {}}, "manifests must be an array."),
        (OCI_INDEX, {"manifests": [a_descriptor(), {}]}, "manifests[1].mediaType is missing."),
        (OCI_INDEX, {"manifests": [], "layers": []}, "must not have layers"),
        (DOCKER_LIST, {"manifests": [], "config": {}}, "must not have config"),
        (DOCKER_LIST, {"manifests": [], "MANIFESTS": []}, "'MANIFESTS' differs from 'manifests'"),
    ],
)
def test_an_ambiguous_or_misshapen_manifest_is_refused(
    media_type: str, document: dict[str, object], message: str
) -> None:
    """What clients could read in two ways, or not at all, is refused with the place (CVE-2021-41190)."""
    assert message in refusal_of(a_manifest(document, media_type))


def test_a_manifest_of_4_mib_is_accepted_and_no_larger() -> None:
    """The limit is exact, and going beyond it is 413."""
    padding = MAX_MANIFEST_BYTES - len(an_image_manifest(annotations={"a": ""}).payload)

    assert parse_manifest(an_image_manifest(annotations={"a": "x" * padding}).payload, OCI_MANIFEST).annotations
    with pytest.raises(ManifestTooLarge) as caught:
        parse_manifest(an_image_manifest(annotations={"a": "x" * (padding + 1)}).payload, OCI_MANIFEST)
    assert caught.value.status == 413


def test_the_number_of_descriptors_is_bounded() -> None:
    """As many descriptors as documented are accepted, one more is refused."""
    descriptors = [a_descriptor(str(number).encode()) for number in range(MAX_DESCRIPTORS + 1)]

    assert len(parse_manifest(an_index(*descriptors[1:]).payload, OCI_INDEX).children) == MAX_DESCRIPTORS
    assert "10001 descriptors" in refusal_of(an_index(*descriptors))
    assert "10001 descriptors" in refusal_of(a_manifest({"layers": descriptors[1:], "blobs": [1]}, UNKNOWN))


def test_the_old_artifact_manifest_is_understood() -> None:
    """The deprecated artifact manifest lists blobs, all of them needed, and may have a subject."""
    subject = an_image_manifest()
    document = {"mediaType": OCI_ARTIFACT_MANIFEST, "blobs": LAYERS, "subject": subject.descriptor()}
    built = a_manifest(document | {"artifactType": "application/x"}, OCI_ARTIFACT_MANIFEST)

    manifest = parse_manifest(built.payload, built.media_type)

    assert manifest.kind is ManifestKind.OTHER
    assert [blob.digest for blob in manifest.required_blobs] == [digest_of(b"one"), digest_of(b"two")]
    assert manifest.subject is not None
    assert manifest.effective_artifact_type == "application/x"


def test_an_unknown_type_is_understood_as_far_as_it_looks_familiar() -> None:
    """Fields of the right shape are read, others and bad entries are passed over, and nothing is required."""
    document = {
        "schemaVersion": 9,
        "config": a_descriptor(A_CONFIG),
        "layers": [a_descriptor(b"one"), "not a descriptor", {}],
        "manifests": [an_index().descriptor()],
        "subject": "not a descriptor",
        "annotations": {"a": 1},
        "Layers": 3,
    }

    manifest = parse_manifest(a_manifest(document, UNKNOWN).payload, UNKNOWN)

    assert manifest.kind is ManifestKind.OTHER
    assert manifest.required_blobs == ()
    assert [blob.digest for blob in manifest.optional_blobs] == [digest_of(A_CONFIG), digest_of(b"one")]
    assert [child.digest for child in manifest.children] == [an_index().digest]
    assert (manifest.subject, manifest.annotations) == (None, {})


def test_an_empty_object_of_unknown_type_is_accepted() -> None:
    """Any JSON object may be a manifest when its type is not known here."""
    assert parse_manifest(b"{}", UNKNOWN).media_type == UNKNOWN
