# SPDX-License-Identifier: Apache-2.0
"""Which endpoint a path under `/v2` names.

Paths are read from the right, because a repository may be called `blobs` or
`manifests/tags`: only the last segments say what is asked for. Each segment is
percent-decoded by itself, so that `%2F` never becomes a separator.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_to_bytes

from entrepot.oci.errors import NameInvalid
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name

MAX_PATH_CHARACTERS = 2_048


class Endpoint(StrEnum):
    """The kinds of address below `/v2`."""

    PING = "ping"
    CATALOG = "catalog"
    DISCOVER = "discover"
    TAGS = "tags"
    MANIFEST = "manifest"
    REFERRERS = "referrers"
    BLOB = "blob"
    UPLOADS = "uploads"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint, the repository and the last segment (tag, digest or upload id), where it has them.

    The repository's name has not been checked: `name` does that.
    """

    endpoint: Endpoint
    repository: str = ""
    reference: str = ""

    @property
    def name(self) -> RepositoryName:
        """The repository's name. Raises `NameInvalid`."""
        return parse_repository_name(self.repository)


_PING = Route(Endpoint.PING)
_REFERENCING = {
    "manifests": Endpoint.MANIFEST,
    "blobs": Endpoint.BLOB,
    "referrers": Endpoint.REFERRERS,
}


def route(raw_path: str) -> Route | None:
    """Read a percent-encoded path; None when it is no address of this API. Raises `NameInvalid`."""
    if raw_path in ("/v2/", "/v2"):
        return _PING
    if len(raw_path) > MAX_PATH_CHARACTERS or not raw_path.startswith("/v2/"):
        return None
    segments = raw_path[4:].split("/")
    if "%" in raw_path:
        segments = [_decoded(segment) for segment in segments]
    return _top_level(segments) or _in_repository(segments)


def _decoded(segment: str) -> str:
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        raise NameInvalid("the path is not valid UTF-8") from error
    if "/" in text or "\0" in text:
        raise NameInvalid("an encoded slash is not part of any name")
    return text


def _top_level(segments: list[str]) -> Route | None:
    if segments == ["_catalog"]:
        return Route(Endpoint.CATALOG)
    if segments == ["_oci", "ext", "discover"]:
        return Route(Endpoint.DISCOVER)
    return None


def _in_repository(segments: list[str]) -> Route | None:
    if len(segments) < 3:
        return None
    *_, before, last = segments
    if before in _REFERENCING and last not in ("", "uploads"):
        return Route(_REFERENCING[before], "/".join(segments[:-2]), last)
    if before == "manifests" and last == "uploads":
        return Route(Endpoint.MANIFEST, "/".join(segments[:-2]), last)
    if before == "tags" and last == "list":
        return Route(Endpoint.TAGS, "/".join(segments[:-2]))
    if before == "blobs" and last == "uploads":
        return Route(Endpoint.UPLOADS, "/".join(segments[:-2]))
    if segments[-3] == "blobs" and before == "uploads" and len(segments) > 3:
        name = "/".join(segments[:-3])
        return Route(Endpoint.UPLOAD, name, last) if last else Route(Endpoint.UPLOADS, name)
    if segments[-3:] == ["_oci", "ext", "discover"] and len(segments) > 3:
        return Route(Endpoint.DISCOVER, "/".join(segments[:-3]))
    return None
