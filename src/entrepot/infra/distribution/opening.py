# SPDX-License-Identifier: Apache-2.0
"""Opening places by their names."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.credentials import Logins
from entrepot.infra.distribution.docker_archive import DockerArchiveSource
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.files import FolderFiles
from entrepot.infra.distribution.files import TarFiles
from entrepot.infra.distribution.layout import LAYOUT_FILE
from entrepot.infra.distribution.layout import LayoutSource
from entrepot.infra.distribution.layout_writing import PARTIAL
from entrepot.infra.distribution.layout_writing import LayoutTarget
from entrepot.infra.distribution.notes import UploadNotes
from entrepot.infra.distribution.nothing_there import NothingThere
from entrepot.infra.distribution.packing import ArchiveTarget
from entrepot.infra.distribution.persistence import Persistence
from entrepot.infra.distribution.place_name import FilePlace
from entrepot.infra.distribution.place_name import Place
from entrepot.infra.distribution.place_name import RegistryPlace
from entrepot.infra.distribution.place_name import Transport
from entrepot.infra.distribution.registry import RegistrySource
from entrepot.infra.distribution.registry import RegistryTarget
from entrepot.infra.distribution.repository import Repository
from entrepot.infra.distribution.session import Session
from entrepot.infra.distribution.ways import Ways
from entrepot.infra.http.outbound.url import parse_url
from entrepot.infra.remote.address import authority_of
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.reference import TagName


@dataclass(frozen=True, slots=True)
class Chosen:
    """What in a source is copied, and the tag that it has there."""

    reference: Digest | TagName
    tag: TagName | None


class Registries:
    """The registries that a copy has to do with, each asked by the login that there is for it."""

    def __init__(self, ways: Ways, logins: Logins, persistence: Persistence) -> None:
        self._ways = ways
        self._logins = logins
        self._persistence = persistence
        self._sessions: dict[str, Session] = {}

    async def session(self, address: str, host: str) -> Session:
        """Return the session with a registry at an address, whose login is that for `host`."""
        url = parse_url(address)
        if url.origin not in self._sessions:
            login = await self._logins.login_for(host)
            self._sessions[url.origin] = Session(url, login, self._ways, self._persistence)
        return self._sessions[url.origin]

    async def repository(self, address: str, place: RegistryPlace, *, writes: bool) -> Repository:
        """Return a repository of the registry at an address."""
        host = place.host or authority_of(address)
        return Repository(await self.session(address, host), place.repository, writes=writes)


async def open_file_source(place: FilePlace) -> Source:
    """Open a layout or an archive. Raises `PlaceUnusable`."""
    path = Path(place.path)
    if place.transport is Transport.DOCKER_ARCHIVE:
        return await asyncio.to_thread(DockerArchiveSource, path)
    if place.transport is Transport.LAYOUT_ARCHIVE:
        return await asyncio.to_thread(lambda: LayoutSource(TarFiles(path), place.path))
    return await asyncio.to_thread(lambda: LayoutSource(FolderFiles(path), place.path))


async def open_file_target(place: FilePlace, *, is_dry: bool) -> Target:
    """Open a layout, or an archive that does not exist; to look at it alone, nothing is made.

    Raises `PlaceUnusable` and `PlaceBusy`.
    """
    return await asyncio.to_thread(_file_target, place, is_dry=is_dry)


def _file_target(place: FilePlace, *, is_dry: bool) -> Target:
    path = Path(place.path)
    if place.transport is Transport.LAYOUT:
        return NothingThere() if is_dry and not (path / LAYOUT_FILE).exists() else LayoutTarget(path)
    if is_dry and not path.with_name(path.name + PARTIAL).exists():
        return NothingThere()
    return ArchiveTarget(path, place.name, names_images=place.transport is Transport.DOCKER_ARCHIVE)


def registry_source(repository: Repository) -> Source:
    """Return a repository as what is copied from."""
    return RegistrySource(repository)


def registry_target(repository: Repository, notes: UploadNotes) -> Target:
    """Return a repository as what is copied to."""
    return RegistryTarget(repository, notes)


async def chosen(source: Source, place: Place, *, takes_all: bool) -> list[Chosen]:
    """Return what in a source is meant: what is named, or all of it. Raises `PlaceInvalid` and `ContentMissing`."""
    is_named = place.tag is not None or place.digest is not None
    if takes_all:
        if is_named:
            raise PlaceInvalid("all of it is to be copied, and one thing is named", hint="Leave out the tag.")
        return await _all(source)
    if isinstance(source, DockerArchiveSource) and isinstance(place, FilePlace):
        reference = source.chosen(place.name, place.tag)
        return [Chosen(reference, place.tag or _only_tag(source, reference))]
    if place.digest is not None:
        return [Chosen(place.digest, place.tag)]
    if place.tag is not None:
        return [Chosen(place.tag, place.tag)]
    if isinstance(place, RegistryPlace):
        return [Chosen(TagName("latest"), TagName("latest"))]
    return [_the_one(await _all(source))]


async def _all(source: Source) -> list[Chosen]:
    if isinstance(source, DockerArchiveSource):
        return [
            Chosen(TagName(str(number)), tag)
            for number, image in enumerate(source.images)
            for tag in source.tags_of(image) or (None,)
        ]
    found = [Chosen(tag, tag) for tag in await source.tags() if is_ordinary_tag(tag)]
    if isinstance(source, LayoutSource):
        found += [Chosen(digest, None) for digest in await source.untagged()]
    return found


def _only_tag(source: DockerArchiveSource, reference: Digest | TagName) -> TagName | None:
    tags = source.tags_of(source.images[int(reference)])
    return tags[0] if tags else None


def _the_one(found: list[Chosen]) -> Chosen:
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(each.reference) for each in found[:20]) or "none"
    raise PlaceInvalid(f"there are {len(found)} images in it", hint=f"Name one of them, or add --all: {names}")
