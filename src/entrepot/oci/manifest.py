# SPDX-License-Identifier: Apache-2.0
"""Manifests: what a registry must understand of them (image-spec, "Image Manifest" and "Image Index")."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any
from typing import TypeVar

from entrepot.oci.descriptor import Descriptor
from entrepot.oci.descriptor import parse_annotations
from entrepot.oci.descriptor import parse_descriptor
from entrepot.oci.descriptor import parse_media_type
from entrepot.oci.digest import Digest
from entrepot.oci.document import fields_by_fold
from entrepot.oci.document import parse_object
from entrepot.oci.document import refuse_lookalikes
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.errors import ManifestTooLarge
from entrepot.oci.media_types import DOCKER_SCHEMA1
from entrepot.oci.media_types import OCI_ARTIFACT_MANIFEST
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import OCI_MANIFEST
from entrepot.oci.media_types import is_foreign_layer
from entrepot.oci.media_types import is_image_manifest
from entrepot.oci.media_types import is_index
from entrepot.oci.media_types import is_media_type
from entrepot.oci.media_types import is_schema1
from entrepot.oci.media_types import without_parameters

MAX_MANIFEST_BYTES = 4 * 1024 * 1024
"""Largest manifest accepted. The specification asks for at least 4 MB, and common clients read no more than 4 MiB."""

MAX_DESCRIPTORS = 10_000
"""Most descriptors in one manifest: far beyond any image or index, and few enough for one transaction."""

_FIELDS = fields_by_fold(
    "schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations", "fsLayers"
)
_SHOWN_CHARACTERS = 80

T = TypeVar("T")


class ManifestKind(StrEnum):
    """How a manifest is built."""

    IMAGE = "image"
    """A configuration and layers: OCI image manifest, Docker schema 2."""
    INDEX = "index"
    """A list of other manifests: OCI index, Docker manifest list."""
    OTHER = "other"
    """Any other JSON object: kept byte-exact, and understood as far as its fields look familiar."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says. The bytes themselves are kept elsewhere, unchanged.

    `layers` of the deprecated artifact manifest are its `blobs`. `children` are
    the entries of an index, which may be blobs too (BuildKit's cache exports).
    """

    media_type: str
    kind: ManifestKind
    artifact_type: str | None = None
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    children: tuple[Descriptor, ...] = ()
    subject: Descriptor | None = None
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def required_blobs(self) -> tuple[Descriptor, ...]:
        """The configuration and layers without which the manifest is of no use, each digest once.

        Layers that may be kept elsewhere (foreign ones and those with `urls`) are
        not required, nor is anything that a manifest of an unknown type lists.
        """
        if self.kind is not ManifestKind.IMAGE and self.media_type != OCI_ARTIFACT_MANIFEST:
            return ()
        config = () if self.config is None else (self.config,)
        return _each_digest_once(config + tuple(layer for layer in self.layers if not _is_kept_elsewhere(layer)))

    @property
    def optional_blobs(self) -> tuple[Descriptor, ...]:
        """The other blobs that the manifest lists: kept while it is, but it may be pushed without them."""
        required = {descriptor.digest for descriptor in self.required_blobs}
        config = () if self.config is None else (self.config,)
        return _each_digest_once(
            tuple(descriptor for descriptor in config + self.layers if descriptor.digest not in required)
        )

    @property
    def effective_artifact_type(self) -> str | None:
        """The type that the referrers API states and filters by (distribution-spec, "Listing Referrers").

        The manifest's own, else of an image the media type of its configuration.
        """
        if self.artifact_type is None and self.kind is ManifestKind.IMAGE and self.config is not None:
            return self.config.media_type
        return self.artifact_type

    def referrer_descriptor(self, digest: Digest, size: int) -> dict[str, Any]:
        """Describe this manifest the way the referrers API lists it, as data for JSON.

        `digest` and `size` are those of the manifest's bytes. Without an artifact
        type, and without annotations, the field is left out.
        """
        descriptor: dict[str, Any] = {"mediaType": self.media_type, "digest": digest, "size": size}
        if self.effective_artifact_type is not None:
            descriptor["artifactType"] = self.effective_artifact_type
        if self.annotations:
            descriptor["annotations"] = dict(self.annotations)
        return descriptor


def parse_manifest(payload: bytes, content_type: str | None) -> Manifest:
    """Read a manifest as pushed, or raise `ManifestInvalid` or `ManifestTooLarge` saying what to change.

    The media type is that of `content_type` without its parameters, else the
    body's own, else it follows from the body's shape. Images and indexes are read
    strictly, and what clients could read in two ways is refused; any other media
    type needs only to be a JSON object. Fields not in the specification are ignored.
    """
    if len(payload) > MAX_MANIFEST_BYTES:
        raise ManifestTooLarge(
            f"The manifest has {len(payload)} bytes; at most {MAX_MANIFEST_BYTES} are accepted.",
            hint="Shorten its annotations, or move embedded data into a layer.",
        )
    document = parse_object(payload)
    media_type = _media_type(document, content_type)
    _check_count(document)
    if is_image_manifest(media_type):
        return _parse_image(document, media_type)
    if is_index(media_type):
        return _parse_index(document, media_type)
    return _parse_other(document, media_type)


def _media_type(document: Mapping[str, object], content_type: str | None) -> str:
    declared = _known_grammar(without_parameters(content_type or ""), "Content-Type")
    stated = _known_grammar(document.get("mediaType"), "mediaType")
    if declared and stated and declared != stated:
        raise ManifestInvalid(
            f"The manifest was sent as {declared!r} but its mediaType says {stated!r}.",
            hint="Send the manifest's own mediaType as Content-Type.",
        )
    media_type = declared or stated or _inferred(document)
    if is_schema1(media_type):
        raise ManifestInvalid(
            f"Docker schema 1 manifests ({media_type}) are not accepted: no current client can pull them.",
            hint="Push again with Docker 1.10 or later, Podman, Skopeo or any other client that makes OCI or schema 2.",
        )
    return media_type


def _known_grammar(value: object, where: str) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not is_media_type(value):
        raise ManifestInvalid(f"{where} {str(value)[:_SHOWN_CHARACTERS]!r} is not a media type.")
    return without_parameters(value)


def _inferred(document: Mapping[str, object]) -> str:
    is_like_index = document.get("manifests") is not None
    is_like_image = document.get("config") is not None and document.get("layers") is not None
    if document.get("fsLayers") is not None or document.get("schemaVersion") == 1:
        return DOCKER_SCHEMA1
    if is_like_index != is_like_image:
        return OCI_INDEX if is_like_index else OCI_MANIFEST
    raise ManifestInvalid("The type of the manifest is not known.", hint="Send its media type as Content-Type.")


def _check_count(document: Mapping[str, object]) -> None:
    lists = [document.get(name) for name in ("layers", "blobs", "manifests")]
    count = sum(len(items) for items in lists if isinstance(items, list))
    if count > MAX_DESCRIPTORS:
        raise ManifestInvalid(f"The manifest lists {count} descriptors; at most {MAX_DESCRIPTORS} are accepted.")


def _parse_image(document: Mapping[str, object], media_type: str) -> Manifest:
    _check_shape(document, media_type, required=("config", "layers"), forbidden=("manifests", "fsLayers"))
    return Manifest(
        media_type=media_type,
        kind=ManifestKind.IMAGE,
        artifact_type=parse_media_type(document.get("artifactType"), "artifactType"),
        config=parse_descriptor(document["config"], "config"),
        layers=_descriptors(document["layers"], "layers"),
        subject=_subject(document),
        annotations=parse_annotations(document.get("annotations"), "annotations"),
    )


def _parse_index(document: Mapping[str, object], media_type: str) -> Manifest:
    _check_shape(document, media_type, required=("manifests",), forbidden=("config", "layers", "fsLayers"))
    return Manifest(
        media_type=media_type,
        kind=ManifestKind.INDEX,
        artifact_type=parse_media_type(document.get("artifactType"), "artifactType"),
        children=_descriptors(document["manifests"], "manifests"),
        subject=_subject(document),
        annotations=parse_annotations(document.get("annotations"), "annotations"),
    )


def _check_shape(
    document: Mapping[str, object], media_type: str, *, required: tuple[str, ...], forbidden: tuple[str, ...]
) -> None:
    refuse_lookalikes(document, _FIELDS, "")
    version = document.get("schemaVersion", 2)
    if type(version) is not int or version != 2:
        raise ManifestInvalid("schemaVersion must be 2.")
    for name in required:
        if name not in document:
            raise ManifestInvalid(f"A manifest of type {media_type} must have {name}.")
    for name in forbidden:
        if document.get(name) is not None:
            raise ManifestInvalid(
                f"A manifest of type {media_type} must not have {name}: clients disagree on what such a manifest is."
            )


def _descriptors(value: object, where: str) -> tuple[Descriptor, ...]:
    # Go writes an array without elements as null.
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ManifestInvalid(f"{where} must be an array.")
    return tuple(parse_descriptor(item, f"{where}[{position}]") for position, item in enumerate(value))


def _subject(document: Mapping[str, object]) -> Descriptor | None:
    value = document.get("subject")
    return None if value is None else parse_descriptor(value, "subject")


def _parse_other(document: Mapping[str, object], media_type: str) -> Manifest:
    return Manifest(
        media_type=media_type,
        kind=ManifestKind.OTHER,
        artifact_type=_if_familiar(parse_media_type, document.get("artifactType")),
        config=_if_familiar(parse_descriptor, document.get("config")),
        layers=_familiar(document.get("layers")) + _familiar(document.get("blobs")),
        children=_familiar(document.get("manifests")),
        subject=_if_familiar(parse_descriptor, document.get("subject")),
        annotations=_if_familiar(parse_annotations, document.get("annotations")) or {},
    )


def _if_familiar(parse: Callable[[object, str], T], value: object) -> T | None:
    try:
        return parse(value, "")
    except ManifestInvalid:
        return None


def _familiar(value: object) -> tuple[Descriptor, ...]:
    items = value if isinstance(value, list) else []
    descriptors = (_if_familiar(parse_descriptor, item) for item in items)
    return tuple(descriptor for descriptor in descriptors if descriptor is not None)


def _is_kept_elsewhere(layer: Descriptor) -> bool:
    return bool(layer.urls) or is_foreign_layer(layer.media_type)


def _each_digest_once(descriptors: tuple[Descriptor, ...]) -> tuple[Descriptor, ...]:
    return tuple({descriptor.digest: descriptor for descriptor in descriptors}.values())
