# SPDX-License-Identifier: Apache-2.0
"""What is there now, as far as quotas count it: artifacts and tags outside the bin, and the blobs that those hold."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.models import parted
from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

T = TypeVar("T")

AT_ONCE = 200
"""How many keys one statement names."""

Place = tuple[int, str]
"""A repository by its id, and a digest or a tag in it."""


@dataclass(frozen=True, slots=True)
class Room:
    """A repository as quotas see it."""

    repo_id: int
    project: Subject
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Artifact:
    """A manifest, in the bin or not."""

    place: Place
    size: int
    owner: Subject
    is_live: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A blob that an artifact holds."""

    artifact: Place
    digest: str
    size: int


_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_ROOMS = select(
    repositories.c.name, repositories.c.id, repositories.c.namespace, repositories.c.visible_at.is_not(None)
)
_BY_NAME = _ROOMS.where(repositories.c.name.in_(_KEYS))
_IN_PROJECTS = _ROOMS.where(repositories.c.namespace.in_(_KEYS))
_BY_ID = _ROOMS.where(repositories.c.id.in_(_KEYS))
_ARTIFACTS = select(
    manifests.c.repo_id, manifests.c.digest, manifests.c.size, manifests.c.pushed_by, manifests.c.deleted_at.is_(None)
).where(tuple_(manifests.c.repo_id, manifests.c.digest).in_(_KEYS))
_TAGS = select(tags.c.repo_id, tags.c.name, tags.c.updated_by).where(
    tuple_(tags.c.repo_id, tags.c.name).in_(_KEYS), tags.c.digest.is_not(None)
)
_HELD = (
    select(manifest_blobs.c.repo_id, manifest_blobs.c.manifest, blobs.c.digest, blobs.c.size)
    .join(blobs, blobs.c.digest == manifest_blobs.c.link)
    .where(tuple_(manifest_blobs.c.repo_id, manifest_blobs.c.manifest).in_(_KEYS))
)
_HOLDERS = select(manifest_blobs.c.repo_id, manifest_blobs.c.manifest).where(
    tuple_(manifest_blobs.c.repo_id, manifest_blobs.c.link).in_(_KEYS)
)
_USED = (
    select(blobs.c.digest, blobs.c.size)
    .select_from(repo_blobs)
    .join(repositories, repositories.c.id == repo_blobs.c.repo_id)
    .join(
        manifest_blobs,
        and_(manifest_blobs.c.repo_id == repo_blobs.c.repo_id, manifest_blobs.c.link == repo_blobs.c.digest),
    )
    .join(
        manifests,
        and_(manifests.c.repo_id == manifest_blobs.c.repo_id, manifests.c.digest == manifest_blobs.c.manifest),
    )
    .join(blobs, blobs.c.digest == repo_blobs.c.digest)
    .where(repo_blobs.c.digest.in_(_KEYS), manifests.c.deleted_at.is_(None))
    .distinct()
)
_USED_IN_PROJECT = _USED.where(repositories.c.namespace == bindparam("name"))
_USED_BY_OWNER = _USED.where(manifests.c.pushed_by == bindparam("name"))


def portions(keys: Iterable[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Yield keys in so many as one statement names."""
    left = list(keys)
    for start in range(0, len(left), size):
        yield left[start : start + size]


def rooms_named(connection: Connection, names: Collection[str]) -> dict[str, Room]:
    """Return repositories by their names, visible or not."""
    return {row[0]: _room(row) for row in _rows(connection, _BY_NAME, names)}


def rooms_in(connection: Connection, projects: Collection[str]) -> dict[str, Room]:
    """Return every repository of projects."""
    return {row[0]: _room(row) for row in _rows(connection, _IN_PROJECTS, projects)}


def rooms_of(connection: Connection, ids: Collection[int]) -> dict[int, Room]:
    """Return repositories by their ids."""
    return {row[1]: _room(row) for row in _rows(connection, _BY_ID, ids)}


def artifacts(connection: Connection, places: Collection[Place]) -> dict[Place, Artifact]:
    """Return what there is in these places, in the bin or not; what was purged is left out."""
    found = (
        Artifact((repo_id, digest), size, Subject(owner), bool(is_live))
        for repo_id, digest, size, owner, is_live in _rows(connection, _ARTIFACTS, places)
    )
    return {each.place: each for each in found}


def tags_set(connection: Connection, places: Collection[Place]) -> dict[Place, Subject]:
    """Return those of the tags that are set, with who set each."""
    return {(repo_id, name): Subject(owner) for repo_id, name, owner in _rows(connection, _TAGS, places)}


def held_by(connection: Connection, places: Collection[Place]) -> list[Held]:
    """Return the blobs that manifests hold, in the bin or not."""
    return [Held((row[0], row[1]), row[2], row[3]) for row in _rows(connection, _HELD, places)]


def holders_of(connection: Connection, places: Collection[Place]) -> set[Place]:
    """Return the manifests that hold blobs, each named by its repository and digest."""
    return {(row[0], row[1]) for row in _rows(connection, _HOLDERS, places)}


def used_by(connection: Connection, subject: Subject, digests: Collection[str]) -> dict[str, int]:
    """Return those of the blobs that artifacts of a subject hold which are not in the bin, with their sizes."""
    kind, name = parted(subject)
    is_project = kind is SubjectKind.PROJECT
    statement, named = (_USED_IN_PROJECT, name) if is_project else (_USED_BY_OWNER, subject)
    return {row[0]: row[1] for row in _rows(connection, statement, digests, name=named)}


def _rows(connection: Connection, statement: Any, keys: Iterable[Any], **values: object) -> Iterator[Any]:
    for some in portions(keys):
        yield from connection.execute(statement, {"keys": some, **values})


def _room(row: Any) -> Room:
    return Room(row[1], of_project(row[2]), bool(row[3]))
