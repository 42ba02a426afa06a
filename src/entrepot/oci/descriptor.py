# SPDX-License-Identifier: Apache-2.0
"""Descriptors: how a manifest points at content (image-spec, "OCI Content Descriptors")."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.digest import digest_of
from entrepot.oci.digest import parse_digest
from entrepot.oci.document import fields_by_fold
from entrepot.oci.document import refuse_lookalikes
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.media_types import MAX_MEDIA_TYPE_CHARACTERS

MAX_SIZE_BYTES = 2**63 - 1
"""Largest size a descriptor may state: sizes are int64 in the specification and in databases."""

_FIELDS = fields_by_fold("mediaType", "digest", "size", "urls", "annotations", "data", "artifactType", "platform")


@dataclass(frozen=True, slots=True)
class Platform:
    """Where an image runs (image-spec, "Image Index", `platform`). What is not stated is empty."""

    os: str = ""
    architecture: str = ""
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write it the way clients take it: `linux/arm64/v8`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One piece of content: what it is, its address and its size in bytes."""

    media_type: str
    digest: Digest
    size: int
    artifact_type: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    platform: Platform | None = None
    urls: tuple[str, ...] = ()


def parse_descriptor(value: object, where: str) -> Descriptor:
    """Read a descriptor from decoded JSON, or raise `ManifestInvalid` naming the place.

    `where` is the path of the value in its document, such as `layers[3]`. Fields
    that the specification does not define are ignored. Content embedded in `data`
    must be what `digest` and `size` say, so that nobody is served something else.
    """
    fields = _object(value, where)
    refuse_lookalikes(fields, _FIELDS, where)
    media_type = parse_media_type(fields.get("mediaType"), f"{where}.mediaType")
    if media_type is None:
        raise ManifestInvalid(f"{where}.mediaType is missing.")
    descriptor = Descriptor(
        media_type=media_type,
        digest=_digest(fields.get("digest"), where),
        size=_size(fields.get("size"), where),
        artifact_type=parse_media_type(fields.get("artifactType"), f"{where}.artifactType"),
        annotations=parse_annotations(fields.get("annotations"), f"{where}.annotations"),
        platform=_platform(fields.get("platform"), f"{where}.platform"),
        urls=_texts(fields.get("urls"), f"{where}.urls"),
    )
    _check_data(fields.get("data"), descriptor, where)
    return descriptor


def parse_media_type(value: object, where: str) -> str | None:
    """Read a media type; null, absent and empty are None. Raises `ManifestInvalid`.

    Of other people's content, anything printable of at most 255 characters is
    accepted: tools write parameters and private forms here.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_MEDIA_TYPE_CHARACTERS or not value.isprintable():
        raise ManifestInvalid(f"{where} must be a media type of at most {MAX_MEDIA_TYPE_CHARACTERS} characters.")
    return value


def parse_annotations(value: object, where: str) -> Mapping[str, str]:
    """Read a map from text to text; null and absent are empty. Raises `ManifestInvalid`."""
    if value is None:
        return {}
    annotations = _object(value, where)
    for text in annotations.values():
        if not isinstance(text, str):
            raise ManifestInvalid(f"{where} must map strings to strings.")
    return {name: str(text) for name, text in annotations.items()}


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ManifestInvalid(f"{where} must be an object.")
    return value


def _digest(value: object, where: str) -> Digest:
    if not isinstance(value, str):
        raise ManifestInvalid(f"{where}.digest must be a digest.")
    try:
        return parse_digest(value)
    except DigestInvalid as error:
        raise ManifestInvalid(f"{where}.digest: {error.message}", hint=error.hint) from error


def _size(value: object, where: str) -> int:
    # type() and not isinstance(): true is an int to Python.
    if type(value) is not int or not 0 <= value <= MAX_SIZE_BYTES:
        raise ManifestInvalid(f"{where}.size must be a non-negative integer below 2^63.")
    return value


def _text(value: object, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ManifestInvalid(f"{where} must be a string.")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ManifestInvalid(f"{where} must be an array of strings.")
    return tuple(value)


def _platform(value: object, where: str) -> Platform | None:
    if value is None:
        return None
    fields = _object(value, where)
    return Platform(
        os=_text(fields.get("os"), f"{where}.os"),
        architecture=_text(fields.get("architecture"), f"{where}.architecture"),
        variant=_text(fields.get("variant"), f"{where}.variant"),
        os_version=_text(fields.get("os.version"), f"{where}.os.version"),
        os_features=_texts(fields.get("os.features"), f"{where}.os.features"),
    )


def _check_data(value: object, descriptor: Descriptor, where: str) -> None:
    encoded = _text(value, f"{where}.data")
    if not encoded:
        return
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ManifestInvalid(f"{where}.data is not base64.") from error
    if len(content) != descriptor.size or digest_of(content, algorithm_of(descriptor.digest)) != descriptor.digest:
        raise ManifestInvalid(f"{where}.data is not the content that digest and size describe.")
