# SPDX-License-Identifier: Apache-2.0
"""Descriptors."""

import base64

import pytest

from entrepot.oci.descriptor import MAX_SIZE_BYTES
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.descriptor import Platform
from entrepot.oci.descriptor import parse_descriptor
from entrepot.oci.digest import digest_of
from entrepot.oci.errors import ManifestInvalid
from tests.builders.manifests import a_descriptor

TYPE = "application/vnd.example.v1"
CONTENT = b"some content"
WINDOWS = {"os": "windows", "architecture": "amd64", "variant": "v2", "os.version": "10.0.1", "os.features": ["win32k"]}
EMBEDDED = base64.b64encode(CONTENT).decode()


def test_a_descriptor_is_read_whole() -> None:
    """Every field of the specification arrives."""
    value = a_descriptor(
        CONTENT,
        TYPE,
        artifactType="application/vnd.example.artifact",
        annotations={"org.example.key": "value"},
        urls=["https://example.com/layer"],
        platform=WINDOWS,
    )

    assert parse_descriptor(value, "layers[0]") == Descriptor(
        media_type=TYPE,
        digest=digest_of(CONTENT),
        size=len(CONTENT),
        artifact_type="application/vnd.example.artifact",
        annotations={"org.example.key": "value"},
        urls=("https://example.com/layer",),
        platform=Platform("windows", "amd64", "v2", "10.0.1", ("win32k",)),
    )


def test_media_type_digest_and_size_suffice() -> None:
    """What is absent, null or empty where it may be is as if it were not there."""
    bare = parse_descriptor(a_descriptor(CONTENT, TYPE), "config")
    value = a_descriptor(
        CONTENT, TYPE, artifactType="", annotations=None, urls=None, platform=None, data=None, unknown=[{}]
    )

    assert bare == Descriptor(TYPE, digest_of(CONTENT), len(CONTENT))
    assert parse_descriptor(value, "config") == bare


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mediaType": None}, "layers[3].mediaType is missing."),
        ({"mediaType": 7}, "layers[3].mediaType must be a media type"),
        ({"mediaType": "a/b\n"}, "layers[3].mediaType must be a media type"),
        ({"mediaType": "x" * 256}, "layers[3].mediaType must be a media type of at most 255 characters."),
        ({"digest": None}, "layers[3].digest must be a digest."),
        ({"digest": "sha256:abc"}, "layers[3].digest: 'sha256:abc' is not a digest"),
        ({"digest": f"blake3:{'0' * 64}"}, "layers[3].digest: The digest algorithm 'blake3' is not supported."),
        ({"size": None}, "layers[3].size must be a non-negative integer"),
        ({"size": -1}, "layers[3].size must be a non-negative integer"),
        ({"size": 1.0}, "layers[3].size must be a non-negative integer"),
        ({"size": True}, "layers[3].size must be a non-negative integer"),
        ({"size": "12"}, "layers[3].size must be a non-negative integer"),
        ({"size": MAX_SIZE_BYTES + 1}, "layers[3].size must be a non-negative integer"),
        ({"artifactType": []}, "layers[3].artifactType must be a media type"),
        ({"annotations": []}, "layers[3].annotations must be an object."),
        ({"annotations": {"a": 1}}, "layers[3].annotations must map strings to strings."),
        ({"urls": "https://example.com"}, "layers[3].urls must be an array of strings."),
        ({"urls": [1]}, "layers[3].urls must be an array of strings."),
        ({"platform": "linux"}, "layers[3].platform must be an object."),
        ({"platform": {"os": 1}}, "layers[3].platform.os must be a string."),
        ({"platform": {"os.features": "x"}}, "layers[3].platform.os.features must be an array of strings."),
        ({"data": 1}, "layers[3].data must be a string."),
        ({"data": "!"}, "layers[3].data is not base64."),
        ({"data": "\u00e9"}, "layers[3].data is not base64."),
        ({"data": "AAAA"}, "layers[3].data is not the content that digest and size describe."),
        ({"Digest": "sha256:abc"}, "'Digest' in layers[3] differs from 'digest' only in case"),
    ],
)
def test_the_message_names_the_place(fields: dict[str, object], message: str) -> None:
    """Whoever wrote a bad descriptor reads which field of which descriptor to mend."""
    with pytest.raises(ManifestInvalid) as caught:
        parse_descriptor(a_descriptor(CONTENT, TYPE, **fields), "layers[3]")

    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("value", [None, "text", 1, [], [a_descriptor()]])
def test_only_an_object_is_a_descriptor(value: object) -> None:
    """Any other JSON value is refused."""
    with pytest.raises(ManifestInvalid, match=r"^config must be an object\.$"):
        parse_descriptor(value, "config")


@pytest.mark.parametrize("size", [0, 1, MAX_SIZE_BYTES])
def test_sizes_up_to_int64_are_accepted(size: int) -> None:
    """A descriptor may state any size that a database column holds."""
    assert parse_descriptor(a_descriptor(CONTENT, TYPE, size=size), "config").size == size


def test_embedded_content_must_be_what_the_digest_says() -> None:
    """Data is accepted when it has the size and the digest stated, and refused when either differs."""
    assert parse_descriptor(a_descriptor(CONTENT, TYPE, data=EMBEDDED), "config").size == len(CONTENT)

    for lie in (a_descriptor(CONTENT[::-1], TYPE), a_descriptor(CONTENT, TYPE, size=1)):
        with pytest.raises(ManifestInvalid, match="data is not the content"):
            parse_descriptor({**lie, "data": EMBEDDED}, "config")


def test_descriptors_can_be_kept_in_sets() -> None:
    """Equal descriptors are one element of a set."""
    value = a_descriptor(CONTENT, TYPE, annotations={"a": "b"})

    assert len({parse_descriptor(value, "a"), parse_descriptor(value, "b")}) == 1


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        (Platform("linux", "arm64", "v8"), "linux/arm64/v8"),
        (Platform("linux", "amd64"), "linux/amd64"),
        (Platform("windows", "amd64", os_version="10.0"), "windows/amd64"),
        (Platform(), ""),
    ],
)
def test_a_platform_is_written_as_clients_take_it(platform: Platform, text: str) -> None:
    """Operating system, architecture and variant are joined by slashes."""
    assert str(platform) == text
