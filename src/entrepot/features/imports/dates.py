# SPDX-License-Identifier: Apache-2.0
"""When artifacts were made, as far as they say so themselves: by an annotation, or in their configuration."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from entrepot.features.imports.models import DateSource
from entrepot.infra.distribution.content import Fetched
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.descriptor import Descriptor
from entrepot.oci.document import parse_object
from entrepot.oci.errors import ManifestInvalid

MAX_CONFIG_BYTES = 4 * 1024 * 1024
CREATED = "org.opencontainers.image.created"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CHARACTERS = 64
_ATTESTATION = "vnd.docker.reference.type"

ReadConfig = Callable[[Descriptor], Awaitable[bytes | None]]
ReadChild = Callable[[Descriptor], Awaitable[Fetched | None]]


@dataclass(frozen=True, slots=True)
class Made:
    """When an artifact was made, and what says so."""

    at: Milliseconds | None = None
    source: DateSource = DateSource.UNKNOWN


async def date_of(fetched: Fetched, config: ReadConfig, child: ReadChild) -> Made:
    """Return when an artifact was made: an index without an annotation when the first image that it lists was."""
    manifest = fetched.manifest
    annotated = parse_moment(manifest.annotations.get(CREATED))
    if annotated is not None:
        return Made(annotated, DateSource.ANNOTATION)
    if manifest.config is not None and 0 < manifest.config.size <= MAX_CONFIG_BYTES:
        return _of_config(await config(manifest.config))
    first = _first_image(manifest.children)
    found = None if first is None else await child(first)
    if found is None or found.manifest.children:
        return Made()
    return await date_of(found, config, child)


def parse_moment(text: object) -> Milliseconds | None:
    """Read an RFC 3339 time; what is none, and what is before 1970 as Go's zero time is, means that none is known."""
    if not isinstance(text, str) or len(text) > _MAX_CHARACTERS:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    try:
        seconds = (moment - _EPOCH).total_seconds()
    except OverflowError:
        return None
    return Milliseconds(int(seconds * 1000)) if seconds >= 0 else None


def _of_config(content: bytes | None) -> Made:
    if content is None:
        return Made()
    try:
        created = parse_moment(parse_object(content).get("created"))
    except ManifestInvalid:
        return Made()
    return Made() if created is None else Made(created, DateSource.CONFIG)


def _first_image(children: Sequence[Descriptor]) -> Descriptor | None:
    images = [each for each in children if _ATTESTATION not in (each.annotations or {})]
    return images[0] if images else None
