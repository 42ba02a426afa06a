# SPDX-License-Identifier: Apache-2.0
"""What holds for every manifest, and for everything that is none."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from entrepot.oci.digest import ALGORITHMS
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import OciError
from entrepot.oci.manifest import Manifest
from entrepot.oci.manifest import ManifestKind
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import FOREIGN_LAYERS
from entrepot.oci.media_types import IMAGE_MANIFESTS
from entrepot.oci.media_types import INDEXES
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.oci.media_types import OCI_LAYER_GZIP
from entrepot.oci.media_types import is_foreign_layer

Json = dict[str, Any]

FIELDS = [
    "schemaVersion", "mediaType", "artifactType", "config", "layers", "blobs", "manifests", "subject", "annotations",
    "fsLayers", "Layers", "digest", "size", "urls", "data", "platform",
]  # fmt: skip
types = st.sampled_from([*sorted(IMAGE_MANIFESTS), *sorted(INDEXES), "application/vnd.example+json"])
layer_types = st.sampled_from([OCI_LAYER_GZIP, OCI_CONFIG, *sorted(FOREIGN_LAYERS)])
annotations = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
descriptors = st.builds(
    lambda content, algorithm, optional: {"digest": digest_of(content, algorithm), "size": len(content), **optional},
    st.binary(max_size=3),
    st.sampled_from(sorted(ALGORITHMS)),
    st.fixed_dictionaries(
        {"mediaType": layer_types},
        optional={"urls": st.just(["https://example.com"]) | st.just([]), "annotations": annotations},
    ),
)
images = st.fixed_dictionaries(
    {"schemaVersion": st.just(2), "config": descriptors, "layers": st.lists(descriptors, max_size=5)},
    optional={"subject": descriptors, "annotations": annotations, "artifactType": st.sampled_from(["", "a/b"])},
)
indexes = st.fixed_dictionaries(
    {"schemaVersion": st.just(2), "manifests": st.lists(descriptors, max_size=5)},
    optional={"subject": descriptors, "annotations": annotations, "artifactType": st.sampled_from(["", "a/b"])},
)
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | types | descriptors
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=6),
    max_leaves=15,
)
misshapen = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=8)


def encoded(document: Json) -> bytes:
    """Write a document as a client would."""
    return json.dumps(document).encode()


def manifest_or_status(payload: bytes, content_type: str | None) -> Manifest | int:
    """Return the manifest, or the HTTP status of the refusal."""
    try:
        return parse_manifest(payload, content_type)
    except OciError as error:
        return error.status


def describes_itself(answer: Manifest | int) -> bool:
    """Tell whether it is a manifest that the referrers API could list."""
    assert isinstance(answer, Manifest)
    listed = json.dumps(answer.referrer_descriptor(digest_of(b""), 1), ensure_ascii=False).encode()
    return bool(json.loads(listed)["mediaType"] == answer.media_type)


@given(st.binary(max_size=300), st.none() | types | st.text(max_size=20))
def test_any_bytes_are_read_or_refused(payload: bytes, content_type: str | None) -> None:
    """Whatever is pushed, the answer is a manifest or a client error."""
    answer = manifest_or_status(payload, content_type)

    assert isinstance(answer, Manifest) or answer == 400


@given(misshapen | images | indexes, st.none() | types)
def test_any_object_is_read_or_refused(document: Json, content_type: str | None) -> None:
    """Fields of the right names with anything in them never cause anything but a client error."""
    answer = manifest_or_status(encoded(document), content_type)

    assert answer == 400 or describes_itself(answer)


@given(images, st.sampled_from(sorted(IMAGE_MANIFESTS)))
def test_every_image_is_read_faithfully(document: Json, media_type: str) -> None:
    """Each descriptor arrives, in order."""
    manifest = parse_manifest(encoded(document), media_type)

    assert manifest.kind is ManifestKind.IMAGE
    assert manifest.config is not None
    listed = [document["config"], *document["layers"]]
    assert [(blob.digest, blob.size) for blob in (manifest.config, *manifest.layers)] == [
        (blob["digest"], blob["size"]) for blob in listed
    ]


@given(images)
def test_every_blob_is_required_or_optional(document: Json) -> None:
    """The two lists share no digest, name each once, and together are all that the manifest lists."""
    manifest = parse_manifest(encoded(document), None)

    required = [blob.digest for blob in manifest.required_blobs]
    optional = [blob.digest for blob in manifest.optional_blobs]
    assert manifest.config is not None
    assert sorted(required + optional) == sorted({manifest.config.digest, *(blob.digest for blob in manifest.layers)})


@given(images)
def test_layers_kept_elsewhere_are_never_required(document: Json) -> None:
    """No required blob is a foreign layer or has addresses, except the configuration."""
    manifest = parse_manifest(encoded(document), None)

    for blob in manifest.required_blobs[1:]:
        assert not is_foreign_layer(blob.media_type)
        assert not blob.urls


@given(images | indexes, st.dictionaries(st.text("xyz.-", min_size=1), anything, max_size=4))
def test_unknown_fields_change_nothing(document: Json, unknown: Json) -> None:
    """A manifest means the same with fields that the specification does not know."""
    assert parse_manifest(encoded(unknown | document), None) == parse_manifest(encoded(document), None)


@given(images | indexes)
def test_the_body_may_name_its_type(document: Json) -> None:
    """Naming the type that the shape implies, in the body, the header or both, changes nothing."""
    inferred = parse_manifest(encoded(document), None)
    named = encoded({**document, "mediaType": inferred.media_type})

    assert parse_manifest(named, None) == inferred
    assert parse_manifest(named, inferred.media_type) == inferred
    assert parse_manifest(encoded(document), f"{inferred.media_type}; charset=utf-8") == inferred
