# SPDX-License-Identifier: Apache-2.0
"""How people name what is copied: registries, layouts and archives, with the prefixes that they know from elsewhere."""

import re
from dataclasses import dataclass
from enum import StrEnum

from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.http.authority import parse_authority
from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag

MAX_CHARACTERS = 4_096
DOCKER_HUB = "docker.io"
_SHOWN = 200
_IS_HOST = re.compile(r"localhost|.*[.:].*", re.DOTALL)


class Transport(StrEnum):
    """What kind of place it is, as the prefix before it says."""

    REGISTRY = "docker"
    LAYOUT = "oci"
    LAYOUT_ARCHIVE = "oci-archive"
    DOCKER_ARCHIVE = "docker-archive"


@dataclass(frozen=True, slots=True)
class RegistryPlace:
    """A repository in a registry, and what in it. `host` is empty for the server logged in to last."""

    host: str
    repository: RepositoryName
    tag: TagName | None = None
    digest: Digest | None = None

    def __str__(self) -> str:
        """Write it as docker takes it."""
        tag = "" if self.tag is None else f":{self.tag}"
        digest = "" if self.digest is None else f"@{self.digest}"
        return f"{self.host}{'/' if self.host else ''}{self.repository}{tag}{digest}"


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A folder or file, and what in it: a tag or a digest of a layout, the name and tag of a docker archive."""

    transport: Transport
    path: str
    name: str = ""
    tag: TagName | None = None
    digest: Digest | None = None

    def __str__(self) -> str:
        """Write it as it is given."""
        if self.digest is not None:
            return f"{self.transport}:{self.path}@{self.digest}"
        inner = ":".join(part for part in (self.name, self.tag) if part)
        return f"{self.transport}:{self.path}{':' if inner else ''}{inner}"


Place = RegistryPlace | FilePlace


def parse_place(text: str) -> Place:
    """Read the name of a place; without a prefix it is in a registry.

    Raises `PlaceInvalid`, `NameInvalid`, `TagInvalid` and `DigestInvalid`.
    """
    if len(text) > MAX_CHARACTERS or not text.isprintable():
        raise PlaceInvalid(f"the place has more than {MAX_CHARACTERS} characters, or some that cannot be shown")
    prefix, colon, rest = text.partition(":")
    if colon and prefix == Transport.REGISTRY and rest.startswith("//"):
        return parse_registry_place(rest[2:])
    if colon and prefix in (Transport.LAYOUT, Transport.LAYOUT_ARCHIVE):
        return _layout(Transport(prefix), rest)
    if colon and prefix == Transport.DOCKER_ARCHIVE:
        return _docker_archive(rest)
    return parse_registry_place(text)


def parse_registry_place(text: str) -> RegistryPlace:
    """Read `host/name:tag`, `host/name@digest` or both; without a host the server logged in to is meant.

    Raises `PlaceInvalid`, `NameInvalid`, `TagInvalid` and `DigestInvalid`.
    """
    if "://" in text:
        raise PlaceInvalid(f"{text[:_SHOWN]!r} is an address", hint="Write the name without https:// before it.")
    first, slash, rest = text.partition("/")
    host, name = (first, rest) if slash and _IS_HOST.fullmatch(first) else ("", text)
    if host and parse_authority(host) is None:
        raise PlaceInvalid(f"{host[:_SHOWN]!r} is not the name of a server")
    name, at, digest = name.partition("@")
    repository, colon, tag = name.rpartition(":")
    if not colon:
        repository, tag = name, ""
    if host == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return RegistryPlace(
        host,
        parse_repository_name(repository),
        parse_tag(tag) if colon else None,
        parse_digest(digest) if at else None,
    )


def _layout(transport: Transport, rest: str) -> FilePlace:
    path, at, digest = rest.partition("@sha")
    if at:
        return FilePlace(transport, _path(path), digest=parse_digest(f"sha{digest}"))
    path, colon, tag = rest.partition(":")
    return FilePlace(transport, _path(path), tag=parse_tag(tag) if colon else None)


def _docker_archive(rest: str) -> FilePlace:
    path, colon, reference = rest.partition(":")
    if not colon:
        return FilePlace(Transport.DOCKER_ARCHIVE, _path(path))
    named = parse_registry_place(reference)
    if named.digest is not None:
        raise PlaceInvalid("a docker archive knows names and tags, and no digests")
    name = f"{named.host}{'/' if named.host else ''}{named.repository}"
    return FilePlace(Transport.DOCKER_ARCHIVE, _path(path), name, named.tag or TagName("latest"))


def _path(path: str) -> str:
    if not path:
        raise PlaceInvalid("the path is missing")
    return path
