# SPDX-License-Identifier: Apache-2.0
"""Media types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.oci.media_types import DOCKER_FOREIGN_LAYER_GZIP
from entrepot.oci.media_types import DOCKER_LIST
from entrepot.oci.media_types import DOCKER_MANIFEST
from entrepot.oci.media_types import DOCKER_SCHEMA1
from entrepot.oci.media_types import DOCKER_SCHEMA1_SIGNED
from entrepot.oci.media_types import MAX_MEDIA_TYPE_CHARACTERS
from entrepot.oci.media_types import OCI_FOREIGN_LAYER
from entrepot.oci.media_types import OCI_FOREIGN_LAYER_ZSTD
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.media_types import is_foreign_layer
from entrepot.oci.media_types import is_image_manifest
from entrepot.oci.media_types import is_index
from entrepot.oci.media_types import is_media_type
from entrepot.oci.media_types import is_schema1
from entrepot.oci.media_types import without_parameters


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_indexes_are_recognised(media_type: str) -> None:
    """OCI indexes and Docker manifest lists are indexes and nothing else."""
    assert is_index(media_type)
    assert not is_image_manifest(media_type)


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, DOCKER_MANIFEST])
def test_image_manifests_are_recognised(media_type: str) -> None:
    """OCI image manifests and Docker schema 2 are image manifests and nothing else."""
    assert is_image_manifest(media_type)
    assert not is_index(media_type)


@pytest.mark.parametrize("media_type", [DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED])
def test_schema_1_is_recognised(media_type: str) -> None:
    """Both forms of Docker schema 1 are recognised, and are not taken for images."""
    assert is_schema1(media_type)
    assert not is_image_manifest(media_type)


@pytest.mark.parametrize("media_type", [OCI_FOREIGN_LAYER, OCI_FOREIGN_LAYER_ZSTD, DOCKER_FOREIGN_LAYER_GZIP])
def test_foreign_layers_are_recognised(media_type: str) -> None:
    """Nondistributable and foreign layers may be kept elsewhere; ordinary ones may not."""
    assert is_foreign_layer(media_type)
    assert not is_foreign_layer(OCI_LAYER_GZIP)


@pytest.mark.parametrize(
    ("content_type", "media_type"),
    [
        (OCI_MANIFEST, OCI_MANIFEST),
        (f"{OCI_MANIFEST}; charset=utf-8", OCI_MANIFEST),
        (f"  {OCI_MANIFEST} ;a=b;c=d", OCI_MANIFEST),
        (OCI_MANIFEST.upper(), OCI_MANIFEST),
        ("application/vnd.Private.Type", "application/vnd.Private.Type"),
        ("", ""),
    ],
)
def test_parameters_are_dropped(content_type: str, media_type: str) -> None:
    """The type comes back alone: manifests in their registered spelling, others as written."""
    assert without_parameters(content_type) == media_type


@pytest.mark.parametrize("text", ["a/b", "application/vnd.x+json", "1/2", f"{'a' * 127}/{'b' * 127}", "a/b!#$&-^_.+c"])
def test_media_types_of_the_grammar_are_accepted(text: str) -> None:
    """Type and subtype have up to 127 characters each (RFC 6838 section 4.2)."""
    assert is_media_type(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "/", "a/", "/b", "a/b/c", "a/b;c=d", "a/ b", "a/b\n", ".a/b", "é/b", f"{'a' * 128}/b", "a/b\r\nX: y"],
)
def test_other_texts_are_not_media_types(text: str) -> None:
    """Anything else, header injections too, is no media type."""
    assert not is_media_type(text)


@given(st.text("aA0!+./;\r\n é", max_size=300))
def test_a_media_type_fits_into_its_column_and_header(text: str) -> None:
    """What passes is printable ASCII of at most 255 characters."""
    assert not is_media_type(text) or (text.isascii() and text.isprintable() and len(text) <= MAX_MEDIA_TYPE_CHARACTERS)
