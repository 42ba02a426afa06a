# SPDX-License-Identifier: Apache-2.0
"""Gather the facts about an artifact from its manifest and configuration.

The configuration is data from strangers: whatever has the wrong type, is too
large or cannot be read is passed over, and no text is taken in full length.
"""

from collections.abc import Mapping
from datetime import UTC
from datetime import datetime

from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.models import Layer
from entrepot.features.artifacts.recognise import recognise
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.durations import InvalidDuration
from entrepot.kernel.durations import parse_duration
from entrepot.oci.descriptor import MAX_SIZE_BYTES
from entrepot.oci.descriptor import Platform
from entrepot.oci.document import parse_object
from entrepot.oci.errors import ManifestInvalid
from entrepot.oci.manifest import Manifest

RULES_VERSION = 3
"""Grows whenever the same content would give other facts, so that stored ones are derived again."""

MAX_CONFIG_BYTES = 4 * 1024 * 1024
"""Largest configuration that is read; of a larger one nothing is known but its digest."""

MAX_TEXT_CHARACTERS = 4096
MAX_LABELS = 500
MAX_PLATFORMS = 200

Json = Mapping[str, object]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = "unknown"
_RUNNABLE = frozenset({ArtifactType.IMAGE, ArtifactType.WASM})

# image-spec, "Pre-Defined Annotation Keys".
_CREATED = "org.opencontainers.image.created"
_TITLE = "org.opencontainers.image.title"
_DESCRIPTION = "org.opencontainers.image.description"
_VERSION = "org.opencontainers.image.version"

_EXPIRES_AFTER = ("entrepot.expires-after", "quay.expires-after")


def facts_of(manifest: Manifest, config: bytes | None) -> ArtifactFacts:
    """Gather what `manifest` and `config` say. Never raises, whatever `config` holds.

    `config` is the content that `manifest.config` describes, or None when there
    is none, it is not here, or it has more than `MAX_CONFIG_BYTES`.
    """
    artifact_type = recognise(manifest)
    document = _read(config)
    labels = _texts(_object(document.get("config")).get("Labels")) if artifact_type in _RUNNABLE else {}
    said = {**labels, **manifest.annotations}
    chart = document if artifact_type is ArtifactType.CHART else {}
    chart_name = _text(chart.get("name"))
    chart_version = _text(chart.get("version"))
    return ArtifactFacts(
        type=artifact_type,
        platforms=_platforms(manifest, document if artifact_type in _RUNNABLE else {}),
        created=_moment(document.get("created") or manifest.annotations.get(_CREATED)),
        labels=labels,
        annotations=_texts(manifest.annotations),
        config_digest=None if manifest.config is None else manifest.config.digest,
        layers=_layers(manifest, document),
        total_size=_total_size(manifest),
        chart_name=chart_name,
        chart_version=chart_version,
        title=_text(said.get(_TITLE)) or chart_name,
        description=_text(said.get(_DESCRIPTION)) or _text(chart.get("description")),
        version=_text(said.get(_VERSION)) or chart_version,
        expires_after=_expires_after(said),
    )


def _read(config: bytes | None) -> Json:
    if config is None or len(config) > MAX_CONFIG_BYTES:
        return {}
    try:
        return parse_object(config)
    except ManifestInvalid:
        return {}


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    # PostgreSQL cannot store NUL in text.
    return value[:MAX_TEXT_CHARACTERS].replace("\0", "") if isinstance(value, str) else ""


def _texts(value: object) -> dict[str, str]:
    named = ((_text(name), text) for name, text in _object(value).items() if isinstance(text, str))
    return {name: _text(text) for name, text in list(named)[:MAX_LABELS]}


def _moment(value: object) -> Milliseconds | None:
    """Read an RFC 3339 time; Go's zero time and anything else before 1970 means that it is not known."""
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    if moment.tzinfo is None or moment < _EPOCH:
        return None
    return Milliseconds(int((moment - _EPOCH).total_seconds() * 1000))


def _expires_after(said: Mapping[str, str]) -> int | None:
    """Return the first of the durations that can be read."""
    for name in _EXPIRES_AFTER:
        try:
            return parse_duration(_text(said.get(name)))
        except InvalidDuration:
            continue
    return None


def _platforms(manifest: Manifest, document: Json) -> tuple[Platform, ...]:
    """List the platforms of an index's children, or that of an image, each once and without `unknown`."""
    own = Platform(
        os=_text(document.get("os")),
        architecture=_text(document.get("architecture")),
        variant=_text(document.get("variant")),
        os_version=_text(document.get("os.version")),
    )
    stated = [child.platform for child in manifest.children if child.platform is not None] or [own]
    known = [
        Platform(_text(one.os), _text(one.architecture), _text(one.variant), _text(one.os_version))
        for one in stated
        if str(one) and _UNKNOWN not in (one.os, one.architecture)
    ]
    return tuple(dict.fromkeys(known))[:MAX_PLATFORMS]


def _layers(manifest: Manifest, document: Json) -> tuple[Layer, ...]:
    """List the layers with the commands that made them.

    The history of an image has one entry for each layer and others marked as empty
    (image-spec, "Image Configuration", `history`). When the count differs, nobody
    knows which command made which layer, and none is shown.
    """
    history = _objects(document.get("history"))
    commands = [_text(entry.get("created_by")) for entry in history if entry.get("empty_layer") is not True]
    if len(commands) != len(manifest.layers):
        commands = [""] * len(manifest.layers)
    return tuple(
        Layer(layer.digest, layer.size, layer.media_type, command)
        for layer, command in zip(manifest.layers, commands, strict=True)
    )


def _total_size(manifest: Manifest) -> int:
    blobs = (*manifest.required_blobs, *manifest.optional_blobs)
    return min(sum(blob.size for blob in blobs), MAX_SIZE_BYTES)
