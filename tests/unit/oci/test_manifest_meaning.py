# SPDX-License-Identifier: Apache-2.0
"""What follows from a manifest: the blobs it needs, and how the referrers API lists it."""

import pytest

from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import DOCKER_FOREIGN_LAYER_GZIP
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_FOREIGN_LAYER
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_MANIFEST
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

ONE = a_descriptor(b"one")
DIGEST = digest_of(b"some manifest")


def parsed(built: BuiltManifest) -> Manifest:
    """Read what a builder made."""
    return parse_manifest(built.payload, built.media_type)


def test_configuration_and_layers_are_required() -> None:
    """An image is of no use without its configuration and its layers."""
    manifest = parsed(an_image_manifest(layers=[ONE]))

    assert [blob.digest for blob in manifest.required_blobs] == [digest_of(A_CONFIG), digest_of(b"one")]
    assert manifest.optional_blobs == ()


def test_a_blob_listed_twice_is_required_once() -> None:
    """Repeated layers, or a layer that is the configuration too, name one blob."""
    empty = a_descriptor(b"{}")

    assert len(parsed(an_image_manifest(config=empty, layers=[empty, ONE, empty])).required_blobs) == 2


@pytest.mark.parametrize(
    "layer",
    [
        a_descriptor(b"far", OCI_FOREIGN_LAYER),
        a_descriptor(b"far", DOCKER_FOREIGN_LAYER_GZIP),
        a_descriptor(b"far", urls=["https://example.com/layer"]),
    ],
)
def test_layers_kept_elsewhere_are_optional(layer: dict[str, object]) -> None:
    """Foreign layers and layers with addresses may be pushed or not."""
    manifest = parsed(an_image_manifest(layers=[ONE, layer]))

    assert digest_of(b"far") not in [blob.digest for blob in manifest.required_blobs]
    assert [blob.digest for blob in manifest.optional_blobs] == [digest_of(b"far")]


def test_a_blob_that_is_required_somewhere_is_not_optional() -> None:
    """The same blob listed as a foreign and as an ordinary layer is required."""
    manifest = parsed(an_image_manifest(layers=[ONE, a_descriptor(b"one", OCI_FOREIGN_LAYER)]))

    assert digest_of(b"one") in [blob.digest for blob in manifest.required_blobs]
    assert manifest.optional_blobs == ()


def test_an_index_lists_no_blobs() -> None:
    """Whether a child is a manifest or a blob is for the repository to find out."""
    manifest = parsed(an_index(an_image_manifest().descriptor(), ONE))

    assert manifest.required_blobs == ()
    assert manifest.optional_blobs == ()


@pytest.mark.parametrize(
    ("built", "artifact_type"),
    [
        (an_image_manifest(artifactType="application/x"), "application/x"),
        (an_image_manifest(), OCI_CONFIG),
        (an_image_manifest(artifactType=""), OCI_CONFIG),
        (an_index(artifactType="application/x"), "application/x"),
        (an_index(), None),
    ],
)
def test_the_artifact_type_falls_back_to_the_configuration(built: BuiltManifest, artifact_type: str | None) -> None:
    """An image without one has its configuration's media type, an index has none."""
    assert parsed(built).effective_artifact_type == artifact_type


def test_a_referrer_is_listed_with_all_its_annotations() -> None:
    """The entry has the manifest's type, address and size, its artifact type and every annotation."""
    manifest = parsed(an_image_manifest(artifactType="application/x", annotations={"a": "1", "b": "2"}))

    assert manifest.referrer_descriptor(DIGEST, 17) == {
        "mediaType": OCI_MANIFEST,
        "digest": DIGEST,
        "size": 17,
        "artifactType": "application/x",
        "annotations": {"a": "1", "b": "2"},
    }


def test_a_referrer_is_listed_without_what_it_lacks() -> None:
    """An index without a type has no `artifactType`, and no annotations means no `annotations`."""
    assert parsed(an_index()).referrer_descriptor(DIGEST, 17) == {"mediaType": OCI_INDEX, "digest": DIGEST, "size": 17}
